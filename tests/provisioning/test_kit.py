from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[devices]", '[devices]\ncard = "pcsc"', ("pcsc", True)),
        ('preset = "town"', 'preset = "town"\ncard_check = false', ("absent", False)),
    ],
)
def test_a_kit_that_speaks_of_cards_says_so_by_its_version(
    tmp_path: Path, old: str, new: str, said: tuple[str, bool]
) -> None:
    site = load_site(write_site(tmp_path, SITE.replace(old, new)))
    assert (site.devices.card, site.card_check) == said
    kit = Kit(site=site, keys=TOWN_KEYS, number=1, made_at=NOON)
    data = kit.to_bytes(OFFICE_KEY)
    assert Kit.from_bytes(data) == kit
    values = decode(Signed.from_bytes(data).payload)
    assert isinstance(values, list)
    assert values[0] == WITH_CARDS
