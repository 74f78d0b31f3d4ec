"""A box is moved: what it recorded before stays with the old facility, what it records afterwards is the new one's."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sync.enrolment import Certificate
from sync.errors import RegistryBroken
from sync.office.errors import UnknownFacility
from sync.office.office import Office
from sync.office.paper import FromPaper
from sync.registry import DeviceRegistry, standing
from tests.sync.office.town import MUNICIPALITY, NOON, TODAY, TestDesk, Town

YESTERDAY = TODAY - timedelta(days=1)


def move(town: Town, desk: TestDesk, facility: str, *, since: datetime) -> None:
    device = town.registry.get(desk.device)
    assert device is not None
    certificate = Certificate(
        municipality=MUNICIPALITY,
        number=device.certificate + 1,
        device=desk.device,
        box=7,
        facility=facility,
        facility_name=f"{facility}の館",
        desk=1,
        request=bytes(32),
    )
    town.registry.change(standing(device, certificate, since=since))


def filed(town: Town, *desks: TestDesk) -> Office:
    office = town.office()
    for desk in desks:
        office.take(desk.epochs, desk.bodies)
    return office


def by_facility(office: Office) -> dict[str, int]:
    return dict(office.statistics(YESTERDAY, TODAY).by_facility)


def test_a_move_changes_nothing_of_the_past(town: Town, desk: TestDesk) -> None:
    desk.served(at=NOON - timedelta(minutes=30), people=2)
    desk.served(at=NOON - timedelta(minutes=20))
    desk.served(at=NOON + timedelta(minutes=1))
    office = filed(town, desk)
    move(town, desk, "toshokan", since=NOON)
    assert by_facility(office) == {"chuo": 2, "toshokan": 1}
    old, new = (office.statistics(TODAY, TODAY, facility=one) for one in ("chuo", "toshokan"))
    assert (old.visits, old.people, old.consultations, old.by_topic) == (2, 3, 2, {"smartphone": 2})
    assert (new.visits, new.people, new.consultations, new.by_topic) == (1, 1, 1, {"smartphone": 1})
    assert office.facilities() == {"chuo": "中央公民館", "toshokan": "toshokanの館"}
    assert office.facility_of(desk.device.hex()) == "toshokan"


def test_what_arrives_after_the_move_but_was_recorded_before_it_is_the_old_ones(town: Town, desk: TestDesk) -> None:
    move(town, desk, "toshokan", since=NOON)
    desk.visit(at=NOON - timedelta(hours=1))
    assert by_facility(filed(town, desk)) == {"chuo": 1}


def test_a_record_is_the_old_ones_by_what_was_said_of_its_clock(town: Town, desk: TestDesk) -> None:
    """The box thinks that it is a day later than it is."""
    desk.quality, shown = "unknown", NOON + timedelta(days=1)
    desk.visit(at=shown - timedelta(minutes=10))
    desk.anchor(NOON, shown=shown)
    desk.visit(at=shown + timedelta(minutes=10))
    move(town, desk, "toshokan", since=NOON)
    assert by_facility(filed(town, desk)) == {"chuo": 1, "toshokan": 1}


def test_a_correction_counts_where_the_first_record_did(town: Town, desk: TestDesk) -> None:
    visit = desk.visit(at=NOON - timedelta(hours=1))
    first = desk.consultation(visit, at=NOON - timedelta(hours=1))
    desk.correction(first, visit, topics=("phone",), at=NOON + timedelta(hours=1))
    move(town, desk, "toshokan", since=NOON)
    office = filed(town, desk)
    assert office.statistics(TODAY, TODAY, facility="chuo").by_topic == {"phone": 1}
    assert office.statistics(TODAY, TODAY, facility="toshokan").consultations == 0


def test_paper_counts_where_the_box_stood_on_that_day(town: Town, desk: TestDesk) -> None:
    for day in (YESTERDAY, TODAY):
        desk.tally(day.isoformat(), visits=day.day, people=day.day)
    move(town, desk, "toshokan", since=NOON)
    office = filed(town, desk)
    assert by_facility(office) == {"chuo": 20, "toshokan": 21}
    assert office.statistics(YESTERDAY, TODAY, facility="chuo").from_paper == FromPaper(visits=20, people=20)


def test_staff_served_where_the_box_stood(town: Town, desk: TestDesk) -> None:
    desk.shift(b"a" * 16, at=NOON - timedelta(hours=1))
    move(town, desk, "toshokan", since=NOON)
    office = filed(town, desk)
    assert [one.shifts for one in office.staffing(TODAY, TODAY, facility="chuo")] == [1]
    assert office.staffing(TODAY, TODAY, facility="toshokan") == ()


def test_a_box_may_come_back_and_move_as_often_as_it_likes(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2, facility="toshokan", facility_name="図書館")
    town.admit(other)
    for hour in range(4):
        desk.visit(at=NOON + timedelta(hours=hour, minutes=-30))
    for hour, facility in enumerate(("toshokan", "chuo", "hoken")):
        move(town, desk, facility, since=NOON + timedelta(hours=hour))
    other.visit(at=NOON)
    office = filed(town, desk, other)
    assert by_facility(office) == {"chuo": 2, "hoken": 1, "toshokan": 2}
    with pytest.raises(UnknownFacility):
        office.statistics(TODAY, TODAY, facility="nowhere")


def test_another_name_alone_is_no_move(town: Town, desk: TestDesk) -> None:
    desk.visit()
    move(town, desk, "chuo", since=NOON)
    device = town.registry.get(desk.device)
    assert device is not None
    assert (device.stood, device.facility_name) == ((), "chuoの館")
    assert by_facility(filed(town, desk)) == {"chuo": 1}


def test_where_a_box_stood_is_in_the_file_and_no_move_lies_before_the_last_one(town: Town, desk: TestDesk) -> None:
    move(town, desk, "toshokan", since=NOON)
    move(town, desk, "chuo", since=NOON - timedelta(days=30))
    path = town.folder / "devices.toml"
    device = DeviceRegistry(path).get(desk.device)
    assert device is not None
    assert [(stood.facility, stood.until) for stood in device.stood] == [("chuo", NOON), ("toshokan", NOON)]
    assert replace(device, stood=()).facility == "chuo"
    text = path.read_text(encoding="utf-8")
    for old, new in ((f"until = {NOON.isoformat()}", "until = 2026"), ("[[device.stood]]", "[device.stood]")):
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RegistryBroken):
            DeviceRegistry(path).all()
