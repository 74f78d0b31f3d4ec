"""What an auditor may rely on, and what a desk says about itself when it closes."""

from datetime import UTC, datetime, timedelta

from sync.office.reconcile import LastClosed
from sync.office.tables import DayClosed
from sync.schema import Moment5, pack
from tests.sync.office.town import NOON, TODAY, TestDesk, Town

DAY = timedelta(days=1)


def test_events_are_told_newest_first_whatever_the_clock_said(town: Town, desk: TestDesk) -> None:
    desk.incident("set_up", at=NOON)
    desk.incident("sign_in_refused", at=NOON - 900 * DAY)
    desk.incident("signed_in", by=b"\x0a" * 16, about=b"\x0b" * 16, at=NOON - DAY)
    office = town.office()
    office.take(desk.epochs, reversed(desk.bodies))
    log = office.security(desk.device.hex(), 1)
    assert [each.matter for each in log.incidents] == ["signed_in", "sign_in_refused", "set_up"]
    newest = log.incidents[0]
    assert (newest.place, newest.by, newest.about) == ("screen", "0a" * 16, "0b" * 16)
    assert newest.at is not None
    assert newest.at.isoformat() == "2026-11-20T12:00:00+09:00"


def test_events_come_page_by_page_and_device_by_device(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    for _ in range(101):
        desk.incident()
    other.incident("set_up")
    office = town.office()
    for each in (desk, other):
        office.take(each.epochs, each.bodies)
    device = desk.device.hex()
    assert office.incidents() == {device: 101, other.device.hex(): 1}
    pages = [office.security(device, number) for number in (1, 2, 3, 4, 0)]
    assert [(each.number, each.pages, len(each.incidents)) for each in pages] == [
        (1, 3, 50), (2, 3, 50), (3, 3, 1), (3, 3, 1), (1, 3, 50),
    ]  # fmt: skip
    assert [each.matter for each in office.security(other.device.hex(), 1).incidents] == ["set_up"]
    assert office.security("ffff", 1).incidents == ()


def test_an_event_of_an_unsure_clock_says_so(town: Town, desk: TestDesk) -> None:
    desk.quality = "unknown"
    desk.incident(at=datetime(1970, 1, 1, tzinfo=UTC))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert [each.unsure for each in office.security(desk.device.hex(), 1).incidents] == [True]


def test_an_event_whose_clock_no_calendar_reaches_has_no_time(town: Town, desk: TestDesk) -> None:
    values = {"matter": "signed_in", "by": None, "about": None, "place": "lan"}
    desk.payload(pack("security_event", Moment5(1, 1, 1, 2**62, "staff"), values))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert [(each.at, each.unsure) for each in office.security(desk.device.hex(), 1).incidents] == [(None, True)]


def test_the_last_closing_up_to_the_end_of_the_period_is_told_with_what_was_unsent(town: Town, desk: TestDesk) -> None:
    desk.visit(at=NOON - DAY)
    desk.day_closed("2026-11-20", unsent=7, at=NOON - DAY)
    desk.visit()
    desk.day_closed("2026-11-21", unsent=2)
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert office.reconcile(TODAY, TODAY)[0].last_closed == LastClosed(day=TODAY, unsent=2)
    assert office.reconcile(TODAY - DAY, TODAY - DAY)[0].last_closed == LastClosed(day=TODAY - DAY, unsent=7)
    assert DayClosed.select().count() == 2


def test_a_desk_that_never_closed_says_nothing(town: Town, desk: TestDesk) -> None:
    desk.visit()
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert office.reconcile(TODAY, TODAY)[0].last_closed is None


def test_a_call_that_nobody_heard_is_counted_apart_and_waits_for_nobody(town: Town, desk: TestDesk) -> None:
    heard, unheard = desk.call(), desk.call(attended=False)
    desk.close(heard, seconds=60)
    desk.close(unheard, state="unattended", seconds=600, attended=False)
    late = desk.call(attended=False)
    desk.close(late, state="answered", seconds=900, attended=False)
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    found = office.statistics(TODAY, TODAY)
    assert (found.calls, found.calls_unattended) == (3, 2)
    assert (found.waiting_minutes.n, found.waiting_minutes.median) == (1, 1.0)
