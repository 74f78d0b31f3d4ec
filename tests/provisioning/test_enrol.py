"""A box, a stick and an office, each with its own folder: what is granted, and what is refused in which words."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from appliance.config import Preset, load_config
from appliance.content import load_catalogue
from provisioning.certify import Certifier
from provisioning.departing import Departures
from provisioning.enrol import (
    BoxPlace,
    ask,
    device_key,
    facility_of,
    free_number,
    held,
    must_follow,
    must_not_have_left,
    prepare,
    request_of,
    settle,
)
from provisioning.errors import (
    CannotWrite,
    CertificateRefused,
    CertificateReplayed,
    DeviceHasLeft,
    FarewellMissing,
    KitReplaced,
    NotOurCertificate,
    NotPrepared,
    NumberTaken,
    OlderKit,
    OtherKeys,
    OtherKit,
    OtherTown,
    RequestRefused,
    SelfTestFailed,
    UnknownBox,
    UnknownFacility,
    WrongCode,
)
from provisioning.kit import Kit, digest_of
from provisioning.shelf import KitShelf
from provisioning.site import Retention, load_site
from provisioning.stick import EnrolStick, wipe
from sync.admissions import AdmissionFolder
from sync.enrolment import Certificate, Request, code_of
from sync.keys import SigningKey, TownKeys
from sync.leaving import Farewell, Head, Leave, LeavingBook
from sync.receiver.receiver import Receiver
from sync.receiver.store import ReceiverStore
from sync.registry import DeviceRegistry
from tests.provisioning.site import NOON, SITE, a_kit, write_site
from tests.sync.parts import OFFICE_KEY, OTHER_KEY, TOWN_KEYS


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow hash of codes, made fast; how slow it is in earnest is measured in test_enrolment."""
    monkeypatch.setattr("sync.enrolment._CODE_KIBIBYTES", 64)
    monkeypatch.setattr("sync.enrolment._CODE_PASSES", 1)


@dataclass
class Hall:
    """The office, with one kit made."""

    folder: Path
    keys: TownKeys = TOWN_KEYS
    office: SigningKey = OFFICE_KEY
    more: str = ""
    """What its description says besides."""
    at: datetime = NOON
    kit: Kit = field(init=False)
    data: bytes = field(init=False)

    def __post_init__(self) -> None:
        site = load_site(write_site(self.folder / "site", SITE.replace("999997", self.keys.municipality) + self.more))
        self.book = LeavingBook(
            self.folder / "leaving.list", municipality=self.keys.municipality, office=self.office.public
        )
        self.registry = DeviceRegistry(self.folder / "devices.toml", leaving=self.book)
        self.shelf = KitShelf(self.folder / "kits")
        self.kit, self.data = self.shelf.make(site, self.keys, self.office, at=NOON)

    @property
    def certifier(self) -> Certifier:
        return Certifier(
            town=self.keys,
            registry=self.registry,
            kits=self.shelf,
            certificates=self.folder / "certificates",
            office=self.office,
            now=lambda: self.at,
        )

    @property
    def departures(self) -> Departures:
        return Departures(
            municipality=self.keys.municipality, registry=self.registry, book=self.book, office=self.office
        )

    def grant(self, request: bytes) -> bytes:
        return self.certifier.certify(self.certifier.look(request), shown=code_of(request))


@dataclass
class Box:
    """A box as it stands on a table."""

    folder: Path
    number: int

    def __post_init__(self) -> None:
        self.place = BoxPlace(config=self.folder / "etc" / "madoguchi.toml", state=self.folder / "state")
        self.folder.mkdir(parents=True)

    def take(self, hall: Hall, *, facility: str = "kominkan-chuo") -> bytes:
        """Take the kit; what it asks for."""
        self.place.config.parent.mkdir(exist_ok=True)
        must_follow(self.place, hall.kit)
        standing = facility_of(hall.kit, facility)
        prepare(self.place, hall.kit, digest_of(hall.data), facility=standing, box=self.number, desk=1)
        return self.asks

    @property
    def asks(self) -> bytes:
        return request_of(self.place)[1]


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path / "hall")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "box", 7)


def test_a_box_takes_what_the_kit_says(hall: Hall, box: Box) -> None:
    box.take(hall)
    config = load_config(box.place.config)
    assert (config.desk.facility, config.desk.facility_name, config.desk.number) == ("kominkan-chuo", "中央公民館", 1)
    assert (config.devices.buttons, config.devices.button_lines) == ("gpio", {"1": 17})
    assert config.town.receiver == ""
    assert TownKeys.load(config.town.keys) == TOWN_KEYS
    assert config.desk.content is not None
    assert load_catalogue(config.desk.content).words == hall.kit.site.words
    assert config.state.directory == box.place.state
    assert box.place.update_key.read_text("ascii").splitlines()[1] in SITE


def test_a_box_is_told_what_kind_of_house_it_stands_in(hall: Hall, tmp_path: Path) -> None:
    for number, (facility, volume) in enumerate((("kominkan-chuo", 80), ("toshokan", 0)), 1):
        box = Box(tmp_path / facility, number)
        box.take(hall, facility=facility)
        assert load_config(box.place.config).volume == volume, "a library is silent by itself"


_LOUD = """
button_pull = "none"
hid_buttons = {"2" = "/dev/input/by-id/usb-PCsensor_FootSwitch-event-kbd"}
[voice]
volume = 60
quiet = ["20:00-08:00"]
"""


def test_a_box_speaks_and_is_wired_as_the_kit_says_but_no_library_is_loud(tmp_path: Path) -> None:
    hall = Hall(tmp_path / "hall", more=_LOUD)
    for number, (facility, volume) in enumerate((("kominkan-chuo", 60), ("toshokan", 0)), 1):
        box = Box(tmp_path / facility, number)
        box.take(hall, facility=facility)
        config = load_config(box.place.config)
        assert (config.volume, config.voice.quiet, config.voice.speed) == (volume, ("20:00-08:00",), 85)
        assert config.devices.button_pull == "none"
        assert config.devices.hid_buttons == {"2": "/dev/input/by-id/usb-PCsensor_FootSwitch-event-kbd"}


def test_what_people_set_for_the_voice_of_a_box_stays_where_the_kit_says_nothing(hall: Hall, box: Box) -> None:
    box.take(hall)
    with box.place.config.open("a", encoding="utf-8") as config:
        config.write('[voice]\nvolume = 30\nspeed = 75\nsound_card = "plughw:1"\n')
    box.take(hall)
    kept = load_config(box.place.config).voice
    assert (kept.volume, kept.speed, kept.sound_card) == (30, 75, "plughw:1")
    box.take(Hall(box.folder / "louder", more=_LOUD))
    kept = load_config(box.place.config).voice
    assert (kept.volume, kept.speed, kept.sound_card) == (60, 75, "plughw:1"), "what the kit says wins"


def test_a_box_keeps_its_copies_as_long_as_the_kit_says(hall: Hall, box: Box) -> None:
    box.take(hall)
    assert load_config(box.place.config).state.keep_days == 400


@pytest.mark.parametrize(("years", "days"), [(1, 400), (2, 765), (10, 3660), (100, 3660)])
def test_years_of_retention_become_days_within_what_a_box_may_keep(years: int, days: int) -> None:
    assert Retention(daily=years).keep_days == days


@pytest.mark.parametrize(("preset", "away"), [("town", 5), ("city", 15)])
def test_the_preset_stands_in_the_configuration_and_sets_what_is_usual_there(
    hall: Hall, box: Box, preset: str, away: int
) -> None:
    site = replace(hall.kit.site, preset=Preset(preset))
    hall.kit, hall.data = hall.shelf.make(site, hall.keys, hall.office, at=NOON)
    box.take(hall)
    desk = load_config(box.place.config).desk
    assert (desk.preset, desk.away_minutes) == (preset, away)


def test_the_kit_says_what_reads_cards_and_whether_screens_tell_of_them(hall: Hall, box: Box) -> None:
    site = replace(hall.kit.site, devices=replace(hall.kit.site.devices, card="pcsc"), card_check=False)
    hall.kit, hall.data = hall.shelf.make(site, hall.keys, hall.office, at=NOON)
    box.take(hall)
    config = load_config(box.place.config)
    assert (config.devices.card, config.desk.card_check) == ("pcsc", False)


def test_a_library_keeps_its_own_hours(hall: Hall, box: Box) -> None:
    box.take(hall, facility="toshokan")
    assert "10:00-18:00" in (box.place.content / "calendar.toml").read_text(encoding="utf-8")


def test_a_box_without_a_kit_asks_for_nothing(box: Box) -> None:
    for asks in (lambda: request_of(box.place), lambda: device_key(box.place), lambda: settle(box.place, b"")):
        with pytest.raises(NotPrepared):
            asks()


def test_keys_are_born_on_the_box_and_stay_there(hall: Hall, box: Box) -> None:
    asks = box.take(hall)
    secret = box.place.device_key.read_bytes()
    assert secret not in asks
    assert secret not in hall.grant(asks)
    assert box.place.device_key.stat().st_mode & 0o777 == 0o600
    assert Request.from_bytes(box.take(hall)).public_key == Request.from_bytes(asks).public_key


def test_a_facility_must_be_named_where_there_are_several(hall: Hall) -> None:
    for named in (None, "kominkan"):
        with pytest.raises(UnknownFacility, match="toshokan"):
            facility_of(hall.kit, named)
    only = replace(hall.kit, site=replace(hall.kit.site, facilities=hall.kit.site.facilities[:1]))
    assert facility_of(only, None).id == "kominkan-chuo"


def test_a_box_that_fails_its_own_test_asks_for_nothing(hall: Hall, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.self_test.LEAST_FREE_BYTES", 2**62)
    with pytest.raises(SelfTestFailed, match=r"^room$"):
        box.take(hall)
    with pytest.raises(NotPrepared):
        request_of(box.place)


def test_a_library_that_cannot_seal_is_a_failed_test(hall: Hall, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.self_test.OpenEpoch", None)
    with pytest.raises(SelfTestFailed, match=r"^seal$"):
        box.take(hall)


# ------------------------------------------------------------------------------------------------------------- granting


def test_a_granted_box_is_certain_and_the_town_knows_it(hall: Hall, box: Box) -> None:
    certificate = settle(box.place, hall.grant(box.take(hall)))
    assert (certificate.box, certificate.facility, certificate.facility_name) == (7, "kominkan-chuo", "中央公民館")
    assert held(box.place) == certificate
    device = hall.registry.box(7)
    assert device is not None
    assert (device.public_key, device.facility) == (device_key(box.place).public, "kominkan-chuo")
    assert DeviceRegistry(hall.folder / "devices.toml").all() == hall.registry.all()


def test_a_receiver_elsewhere_learns_of_each_box_and_where_it_moved(hall: Hall, box: Box, tmp_path: Path) -> None:
    folder = AdmissionFolder(path=hall.folder / "certificates", office=hall.office.public)
    elsewhere = Receiver(
        municipality=hall.keys.municipality,
        store=ReceiverStore(f"sqlite:///{tmp_path / 'receiver.db'}"),
        registry=DeviceRegistry(tmp_path / "elsewhere.toml", leaving=hall.book),
        signing_key=SigningKey.generate(),
        office=hall.office.public,
    )
    hall.grant(box.take(hall))
    (first,) = folder.all()
    elsewhere.admit(first[1])
    hall.at += timedelta(days=1)
    hall.certifier.move(7, facility="elsewhere", name="べつの館")
    (second,) = folder.all()
    assert second[0] > first[0]
    for message in (second[1], first[1]):
        elsewhere.admit(message)
        (device,) = DeviceRegistry(tmp_path / "elsewhere.toml", leaving=hall.book).all()
        assert (device.public_key, device.facility) == (device_key(box.place).public, "elsewhere")
    (hall.folder / "certificates" / "0007.request").write_bytes(b"")
    assert list(folder.all()) == []


def test_a_code_is_compared_as_people_type_it(hall: Hall, box: Box) -> None:
    asked = hall.certifier.look(box.take(hall))
    assert hall.certifier.certify(asked, shown=asked.code.lower().replace("-", " "))


def test_a_wrong_code_is_refused_and_nothing_is_admitted(hall: Hall, box: Box) -> None:
    asked = hall.certifier.look(box.take(hall))
    for shown in ("", "AAAA-AAAA", asked.code[:-1], code_of(b"another request")):
        with pytest.raises(WrongCode, match="box 7"):
            hall.certifier.certify(asked, shown=shown)
    assert hall.registry.all() == ()


def test_a_request_put_in_the_place_of_another_has_another_code(hall: Hall, box: Box, tmp_path: Path) -> None:
    shown = code_of(box.take(hall))
    swapped = Box(tmp_path / "thief", 7).take(hall)
    with pytest.raises(WrongCode):
        hall.certifier.certify(hall.certifier.look(swapped), shown=shown)


def test_a_request_with_any_bit_changed_is_refused(hall: Hall, box: Box) -> None:
    data = box.take(hall)
    for place in range(len(data)):
        with pytest.raises((RequestRefused, OtherTown)):
            hall.certifier.look(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def test_a_box_prepared_with_a_swapped_kit_is_refused(hall: Hall, box: Box, tmp_path: Path) -> None:
    thief = Hall(tmp_path / "thief", keys=replace(TOWN_KEYS, office=OTHER_KEY.public), office=OTHER_KEY)
    with pytest.raises(OtherKit):
        hall.certifier.look(box.take(thief))


def test_a_kit_that_came_before_the_one_taken_is_refused(hall: Hall, box: Box) -> None:
    old = hall.kit, hall.data
    hall.kit, hall.data = hall.shelf.make(hall.kit.site, hall.keys, hall.office, at=NOON)
    before = box.take(hall)
    hall.kit, hall.data = old
    with pytest.raises(OlderKit, match="number 1, taken was 2"):
        box.take(hall)
    assert box.asks == before


def test_a_box_believes_no_kit_with_other_keys_than_those_it_has(hall: Hall, box: Box, tmp_path: Path) -> None:
    before = box.take(hall)
    thief = Hall(tmp_path / "thief", keys=replace(TOWN_KEYS, office=OTHER_KEY.public), office=OTHER_KEY)
    with pytest.raises(OtherKeys):
        box.take(thief)
    with pytest.raises(OtherTown, match="011002"):
        box.take(Hall(tmp_path / "other", keys=replace(TOWN_KEYS, municipality="011002")))
    assert box.asks == before
    assert TownKeys.load(box.place.town_keys) == TOWN_KEYS


def test_a_box_of_a_kit_with_keys_the_town_has_no_more_is_refused(hall: Hall, box: Box) -> None:
    asks = box.take(hall)
    hall.keys = replace(TOWN_KEYS, receiver=OTHER_KEY.public)
    with pytest.raises(KitReplaced, match="box 7, kit 1"):
        hall.certifier.look(asks)


def test_a_box_of_another_town_is_refused(hall: Hall, box: Box, tmp_path: Path) -> None:
    other = Hall(tmp_path / "other", keys=replace(TOWN_KEYS, municipality="011002"))
    with pytest.raises(OtherTown):
        hall.certifier.look(box.take(other))


def test_a_number_belongs_to_one_box_for_ever(hall: Hall, box: Box, tmp_path: Path) -> None:
    hall.grant(box.take(hall))
    other = Box(tmp_path / "other", 7)
    with pytest.raises(NumberTaken):
        hall.certifier.look(other.take(hall))
    hall.departures.steal(7, [])
    with pytest.raises(NumberTaken):
        hall.certifier.look(other.asks)
    other.number = 8
    assert hall.grant(other.take(hall))


def test_a_box_has_one_number(hall: Hall, box: Box) -> None:
    hall.grant(box.take(hall))
    box.number = 8
    with pytest.raises(NumberTaken, match="number 7 already"):
        hall.certifier.look(box.take(hall))


def test_two_requests_with_one_number_looked_at_together_are_not_both_granted(
    hall: Hall, box: Box, tmp_path: Path
) -> None:
    requests = [box.take(hall), Box(tmp_path / "other", 7).take(hall)]
    first, second = [hall.certifier.look(request) for request in requests]
    hall.certifier.certify(first, shown=first.code)
    with pytest.raises(NumberTaken):
        hall.certifier.certify(second, shown=second.code)


def test_a_request_may_be_granted_again_where_the_stick_was_lost(hall: Hall, box: Box) -> None:
    first, second = hall.grant(box.take(hall)), hall.grant(box.asks)
    assert settle(box.place, second).number > settle_number(first)
    assert hall.certifier.has_answered(box.asks, second)
    assert not hall.certifier.has_answered(box.asks[:-1], second)
    assert not hall.certifier.has_answered(box.asks, None)
    assert not hall.certifier.has_answered(box.asks, b"x")


def settle_number(certificate: bytes) -> int:
    return Certificate.from_bytes(certificate, office=OFFICE_KEY.public).number


def test_a_desk_admitted_the_old_way_gets_a_certificate_too(hall: Hall, box: Box) -> None:
    request = Request.from_bytes(box.take(hall))
    hall.registry.admit(request.public_key, facility="f", facility_name="公民館", at=NOON)
    settle(box.place, hall.grant(box.asks))
    (device,) = hall.registry.all()
    assert (device.box, device.facility) == (7, "kominkan-chuo")


# ------------------------------------------------------------------------------------------------------------ believing


def test_a_certificate_with_any_bit_changed_is_refused(hall: Hall, box: Box) -> None:
    data = hall.grant(box.take(hall))
    for place in range(len(data)):
        with pytest.raises(CertificateRefused):
            settle(box.place, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    assert held(box.place) is None


def test_a_certificate_of_another_box_is_refused(hall: Hall, box: Box, tmp_path: Path) -> None:
    box.take(hall)
    theirs = hall.grant(Box(tmp_path / "other", 8).take(hall))
    with pytest.raises(NotOurCertificate, match="box 8"):
        settle(box.place, theirs)


def test_a_certificate_of_another_office_is_refused(hall: Hall, box: Box, tmp_path: Path) -> None:
    asks = box.take(hall)
    thief = Hall(tmp_path / "thief", keys=replace(TOWN_KEYS, office=OTHER_KEY.public), office=OTHER_KEY)
    forged = replace(Certificate.from_bytes(hall.grant(asks), office=OFFICE_KEY.public), facility="x")
    with pytest.raises(CertificateRefused):
        settle(box.place, forged.to_bytes(thief.office))


def test_a_certificate_from_before_the_box_asked_anew_is_refused(hall: Hall, box: Box) -> None:
    before = hall.grant(box.take(hall))
    settle(box.place, before)
    box.take(hall, facility="toshokan")
    with pytest.raises(NotOurCertificate):
        settle(box.place, before)


def test_a_replayed_certificate_is_refused_after_a_move(hall: Hall, box: Box) -> None:
    before = hall.grant(box.take(hall))
    settle(box.place, before)
    hall.at += timedelta(days=1)
    moved = hall.certifier.move(7, facility="toshokan")
    settle(box.place, moved)
    with pytest.raises(CertificateReplayed):
        settle(box.place, before)
    assert settle(box.place, moved).facility == "toshokan"
    assert load_config(box.place.config).desk.facility == "toshokan"


# --------------------------------------------------------------------------------------------------- moving and leaving


def test_a_moved_box_keeps_what_people_have_set(hall: Hall, box: Box) -> None:
    settle(box.place, hall.grant(box.take(hall)))
    text = box.place.config.read_text(encoding="utf-8")
    box.place.config.write_text(
        text.replace("away_minutes = 5", "away_minutes = 9 # 長め") + "# 終わり\n",
        encoding="utf-8",
    )
    settle(box.place, hall.certifier.move(7, facility="toshokan", name='図書館 "別館"', desk=2))
    config = load_config(box.place.config)
    assert (config.desk.facility, config.desk.facility_name) == ("toshokan", '図書館 "別館"')
    assert (config.desk.number, config.desk.away_minutes) == (2, 9)
    assert "# 長め\n" in box.place.config.read_text(encoding="utf-8")
    device = hall.registry.box(7)
    assert device is not None
    assert (device.facility, device.facility_name, device.desk) == ("toshokan", '図書館 "別館"', 2)


def test_only_a_box_that_is_there_moves_and_only_to_a_known_place(hall: Hall, box: Box) -> None:
    with pytest.raises(UnknownBox):
        hall.certifier.move(7, facility="toshokan")
    hall.grant(box.take(hall))
    with pytest.raises(UnknownFacility):
        hall.certifier.move(7, facility="nowhere")
    hall.departures.steal(7, [])
    with pytest.raises(DeviceHasLeft):
        hall.certifier.move(7, facility="toshokan")


HEAD = Head(chain=b"chain--1", sequence=214, hash=bytes(32))


def test_a_stolen_box_counts_up_to_where_the_town_had_it(hall: Hall, box: Box) -> None:
    hall.grant(box.take(hall))
    hall.departures.steal(7, [replace(HEAD, sequence=200), HEAD])
    device = hall.registry.box(7)
    assert device is not None
    assert device.left is Leave.STOLEN
    assert device.accepts(HEAD.chain, 214)
    assert not device.accepts(HEAD.chain, 215)
    assert not device.accepts(b"chain--2", 1)


def test_a_retired_box_counts_up_to_its_own_last_word(hall: Hall, box: Box) -> None:
    hall.grant(box.take(hall))
    key = device_key(box.place)
    said = Farewell(municipality="999997", device=request_of(box.place)[0].device, head=replace(HEAD, sequence=300))
    assert hall.departures.retire(7, [HEAD], farewell=said.to_bytes(key)) == 300 - 214
    device = hall.registry.box(7)
    assert device is not None
    assert device.left is Leave.RETIRED
    assert device.accepts(HEAD.chain, 300)
    assert not device.accepts(HEAD.chain, 301)


def test_a_box_retires_only_with_its_own_farewell_or_when_it_is_dead(hall: Hall, box: Box) -> None:
    hall.grant(box.take(hall))
    said = Farewell(municipality="999997", device=request_of(box.place)[0].device, head=HEAD)
    key = device_key(box.place)
    wrong = (None, b"x", said.to_bytes(OTHER_KEY), replace(said, municipality="011002").to_bytes(key))
    for farewell in (*wrong, replace(said, device=b"somebody").to_bytes(key)):
        with pytest.raises(FarewellMissing):
            hall.departures.retire(7, [HEAD], farewell=farewell)
    assert hall.book.newest().number == 0
    hall.departures.retire(7, [HEAD], farewell=None, is_dead=True)
    assert [one.how for one in hall.book.newest().departures] == [Leave.RETIRED]


def test_a_box_that_has_left_is_enrolled_no_more(hall: Hall, box: Box) -> None:
    hall.grant(box.take(hall))
    listed = hall.departures.steal(7, [])
    with pytest.raises(DeviceHasLeft, match="stolen"):
        hall.certifier.look(box.asks)
    with pytest.raises(DeviceHasLeft, match="stolen"):
        must_not_have_left(box.place, listed)


def test_a_forged_list_drives_no_box_away(hall: Hall, box: Box, tmp_path: Path) -> None:
    hall.grant(box.take(hall))
    hall.departures.steal(7, [])
    forged = hall.book.newest().to_bytes(OTHER_KEY)
    must_not_have_left(box.place, forged)
    other = Box(tmp_path / "other", 8)
    other.take(hall)
    must_not_have_left(other.place, (hall.folder / "leaving.list").read_bytes())


# --------------------------------------------------------------------------------------------------------------- sticks


def test_boxes_on_one_stick_number_themselves(hall: Hall, tmp_path: Path) -> None:
    stick = EnrolStick(tmp_path / "stick")
    for number in (1, 2, 3):
        box = Box(tmp_path / f"box{number}", free_number(stick))
        box.take(hall)
        ask(stick, *request_of(box.place))
    assert stick.numbers() == {1, 2, 3}
    assert [Request.from_bytes(data).box for _, data in stick.requests()] == [1, 2, 3]


def test_a_box_does_not_write_over_the_request_of_another(hall: Hall, box: Box, tmp_path: Path) -> None:
    stick, other = EnrolStick(tmp_path / "stick"), Box(tmp_path / "other", 7)
    box.take(hall)
    other.take(hall)
    ask(stick, *request_of(box.place))
    ask(stick, *request_of(box.place))
    with pytest.raises(NumberTaken, match="free here: 8"):
        ask(stick, *request_of(other.place))
    stick.put(7, "request", box.asks[:50])
    ask(stick, *request_of(other.place))


def test_a_stick_tells_in_japanese_what_came_of_each_box(tmp_path: Path) -> None:
    stick = EnrolStick(tmp_path)
    stick.tell(None, "キットが 見つかりません。")
    stick.tell(7, "登録できました。")
    told = (tmp_path / "RESULT.txt").read_bytes()
    assert told.startswith(b"\xef\xbb\xbf")
    assert told.count(b"\xef\xbb\xbf") == 1
    assert told.count(b"\n") == told.count(b"\r\n")
    assert (
        told.decode("utf-8-sig").replace("\r\n", "\n")
        == "■ 箱\nキットが 見つかりません。\n\n■ 箱 7番\n登録できました。\n"
    )


def test_a_wiped_kit_is_gone(hall: Hall, tmp_path: Path) -> None:
    kit = tmp_path / "site.kit"
    kit.write_bytes(hall.data)
    same = tmp_path / "same"
    same.hardlink_to(kit)
    wipe(kit)
    assert not kit.exists()
    assert same.read_bytes() == bytes(len(hall.data))
    wipe(kit)


def test_a_stick_that_takes_nothing_is_told_in_words(hall: Hall, box: Box, tmp_path: Path) -> None:
    box.take(hall)
    (tmp_path / "stick").write_bytes(b"")
    with pytest.raises(CannotWrite):
        ask(EnrolStick(tmp_path / "stick"), *request_of(box.place))


def test_a_kit_made_elsewhere_is_not_on_the_shelf(hall: Hall, tmp_path: Path) -> None:
    assert hall.shelf.find(digest_of(a_kit(tmp_path).to_bytes(OTHER_KEY))) is None
