from pathlib import Path

import pytest

from appliance.config import Pull
from provisioning.errors import KitMissing, KitRefused, KitTooNew
from provisioning.kit import KIT_CONTEXT, KIT_NAME, WITH_CARDS, Kit, digest_of, read_kit
from provisioning.shelf import KitShelf
from provisioning.site import load_site
from sync.wire import Signed, decode, encode
from tests.provisioning.site import NOON, SITE, a_kit, kit_bytes, write_site
from tests.sync.parts import DEVICE_KEY, OFFICE_KEY, OTHER_KEY, RECEIVER_KEY, RECIPIENT, RECOVERY, TOWN_KEYS


def test_a_kit_comes_back_as_it_was_made(tmp_path: Path) -> None:
    kit = a_kit(tmp_path)
    assert Kit.from_bytes(kit.to_bytes(OFFICE_KEY)) == kit


def test_the_same_kit_is_the_same_bytes(tmp_path: Path) -> None:
    assert kit_bytes(tmp_path) == kit_bytes(tmp_path)


def test_a_kit_with_any_bit_changed_is_refused_in_words(tmp_path: Path) -> None:
    data = kit_bytes(tmp_path)
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :]
        with pytest.raises((KitRefused, KitTooNew)) as refused:
            Kit.from_bytes(changed)
        assert "キット" in refused.value.ja


def test_a_kit_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    data = kit_bytes(tmp_path)
    for length in range(0, len(data), 7):
        with pytest.raises(KitRefused):
            Kit.from_bytes(data[:length])
    with pytest.raises(KitRefused):
        Kit.from_bytes(data + b"\0")


def test_a_kit_signed_by_somebody_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KitRefused):
        Kit.from_bytes(a_kit(tmp_path).to_bytes(OTHER_KEY))


def test_what_was_signed_as_something_else_is_no_kit(tmp_path: Path) -> None:
    payload = Signed.from_bytes(kit_bytes(tmp_path)).payload
    for context in (KIT_CONTEXT + b"2", b"madoguchi/v1/opened"):
        with pytest.raises(KitRefused):
            Kit.from_bytes(Signed(payload=payload, signature=OFFICE_KEY.sign(context, payload)).to_bytes())


def test_a_kit_of_a_newer_program_says_so(tmp_path: Path) -> None:
    values = decode(Signed.from_bytes(kit_bytes(tmp_path)).payload)
    assert isinstance(values, list)
    payload = encode([WITH_CARDS + 1, *values[1:]])
    with pytest.raises(KitTooNew):
        Kit.from_bytes(Signed(payload=payload, signature=OFFICE_KEY.sign(KIT_CONTEXT, payload)).to_bytes())


def test_a_kit_says_nothing_that_a_site_could_not(tmp_path: Path) -> None:
    values = decode(Signed.from_bytes(kit_bytes(tmp_path)).payload)
    assert isinstance(values, list)
    for place in range(1, len(values)):
        payload = encode([*values[:place], "?", *values[place + 1 :]])
        if place not in (4, 5):  # texts that only the description itself limits
            with pytest.raises(KitRefused):
                Kit.from_bytes(Signed(payload=payload, signature=OFFICE_KEY.sign(KIT_CONTEXT, payload)).to_bytes())


def test_a_kit_holds_no_secret(tmp_path: Path) -> None:
    data = kit_bytes(tmp_path)
    secrets = [key.seed for key in (RECIPIENT, RECOVERY)]
    secrets += [key.to_bytes() for key in (OFFICE_KEY, RECEIVER_KEY, DEVICE_KEY)]
    for secret in secrets:
        for form in (secret, secret.hex().encode(), secret[:16], secret[16:]):
            assert form not in data
    for word in ("himitsu", "password", "pin", "BEGIN"):
        assert word.encode() not in data
    assert RECIPIENT.public.raw in data
    assert RECOVERY.public.raw in data


def test_a_kit_is_found_in_its_folder_or_by_its_name(tmp_path: Path) -> None:
    data = kit_bytes(tmp_path / "site")
    (tmp_path / KIT_NAME).write_bytes(data)
    for path in (tmp_path, tmp_path / KIT_NAME):
        kit, digest = read_kit(path)
        assert kit.number == 1
        assert digest == digest_of(data)
    with pytest.raises(KitMissing):
        read_kit(tmp_path / "site")
    (tmp_path / KIT_NAME).write_bytes(data + b"\0" * 1_000_000)
    with pytest.raises(KitRefused):
        read_kit(tmp_path)


def test_a_shelf_numbers_kits_and_knows_its_own(tmp_path: Path) -> None:
    shelf, site = KitShelf(tmp_path / "kits"), load_site(write_site(tmp_path))
    assert shelf.newest() is None
    (first, data), (second, _) = (shelf.make(site, TOWN_KEYS, OFFICE_KEY, at=NOON) for _ in range(2))
    assert (first.number, second.number) == (1, 2)
    assert shelf.find(digest_of(data)) == first
    assert shelf.newest() == second
    assert shelf.find(digest_of(a_kit(tmp_path).to_bytes(OTHER_KEY))) is None


def test_a_kit_of_this_version_is_still_read_and_made_in_the_same_bytes(tmp_path: Path) -> None:
    golden = (Path(__file__).parent / "golden" / "v1.kit").read_bytes()
    assert Kit.from_bytes(golden) == a_kit(tmp_path)
    assert kit_bytes(tmp_path) == golden


MORE = """
button_pull = "none"
closed_contact = "high"
lamp_lit = "low"
hid_buttons = {"2" = "/dev/input/by-id/usb-PCsensor_FootSwitch-event-kbd"}

[voice]
volume = 60
speed = 90
times = 1
numbers = 20
quiet = ["20:00-08:00", "12:00-13:00"]
"""


def test_a_kit_that_says_how_voices_speak_is_of_its_own_version(tmp_path: Path) -> None:
    kit = a_kit(tmp_path, MORE)
    golden = (Path(__file__).parent / "golden" / "v2.kit").read_bytes()
    assert Kit.from_bytes(golden) == kit
    assert kit.to_bytes(OFFICE_KEY) == golden
    assert (kit.site.voice.volume, kit.site.voice.numbers) == (60, 20)
    assert kit.site.devices.button_pull is Pull.NONE


def test_a_kit_claims_no_voice_that_no_box_could_have(tmp_path: Path) -> None:
    values = decode(Signed.from_bytes(a_kit(tmp_path, MORE).to_bytes(OFFICE_KEY)).payload)
    assert isinstance(values, list)
    assert len(values[-1]) == 9
    for place, wrong in enumerate(("sideways", "high ", "", [["2", "/dev/sda"]], 101, 0, 9, 1000, ["always"])):
        more = [*values[-1][:place], wrong, *values[-1][place + 1 :]]
        payload = encode([*values[:-1], more])
        with pytest.raises(KitRefused):
            Kit.from_bytes(Signed(payload=payload, signature=OFFICE_KEY.sign(KIT_CONTEXT, payload)).to_bytes())


CARDS = """
card = "pcsc"
"""


def test_a_kit_that_says_what_reads_cards_is_of_its_own_version(tmp_path: Path) -> None:
    kit = a_kit(tmp_path, CARDS)
    golden = (Path(__file__).parent / "golden" / "v3.kit").read_bytes()
    assert Kit.from_bytes(golden) == kit
    assert kit.to_bytes(OFFICE_KEY) == golden
    assert (kit.site.devices.card, kit.site.card_check) == ("pcsc", True)


def test_a_kit_that_lets_no_screen_tell_of_cards_says_so(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path, SITE.replace('preset = "town"', 'preset = "town"\ncard_check = false')))
    kit = Kit(site=site, keys=TOWN_KEYS, number=1, made_at=NOON)
    again = Kit.from_bytes(kit.to_bytes(OFFICE_KEY))
    assert (again.site.devices.card, again.site.card_check) == ("absent", False)
    assert again == kit
    values = decode(Signed.from_bytes(kit.to_bytes(OFFICE_KEY)).payload)
    assert isinstance(values, list)
    assert values[0] == WITH_CARDS


def test_a_kit_claims_no_reader_that_no_box_could_have(tmp_path: Path) -> None:
    values = decode(Signed.from_bytes(a_kit(tmp_path, CARDS).to_bytes(OFFICE_KEY)).payload)
    assert isinstance(values, list)
    for wrong in (["teeth", True], ["pcsc", 1], ["pcsc"], ["pcsc", True, True]):
        payload = encode([*values[:-1], wrong])
        with pytest.raises(KitRefused):
            Kit.from_bytes(Signed(payload=payload, signature=OFFICE_KEY.sign(KIT_CONTEXT, payload)).to_bytes())
