"""The demo on a morning of its own: time passes when it is told to, and visitors come."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from appliance.assembly import box
from appliance.assembly.access import HashedTokens
from appliance.assembly.clock import Machine, MachineClock
from appliance.assembly.demo import (
    FACILITY_STAFF_PIN,
    ICT_SUPPORT_PIN,
    OFFICE_PIN,
    OFFICE_USER,
    STAFF_PIN,
    Demo,
    open_demo,
)
from appliance.config import load_config
from appliance.desk.errors import SignInRefused
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.staff import Employment, Permission, StaffRole
from appliance.desk.reception.lockout import TRIES
from appliance.desk.reception.staffing import Browser
from sync.courier import Route, run

BEGINS = datetime.fromisoformat("2026-11-21T09:58:00+09:00")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who signs in."""

    number: int = 0
    name: str = ""
    pin: str


VOLUNTEER = Person(number=1, pin=STAFF_PIN)
FACILITY_STAFF = Person(number=2, pin=FACILITY_STAFF_PIN)
ICT_SUPPORT = Person(number=3, pin=ICT_SUPPORT_PIN)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody who presses, waits, and is served."""

    waits: int
    stays: int
    entry: ConsultationEntry


def visitor(waits: int, stays: int, topic: str, age_band: str, outcome: str, *, people: int = 1) -> Visitor:
    entry = ConsultationEntry(topics=(topic,), age_band=age_band, outcome=outcome, people=people)
    return Visitor(waits=waits, stays=stays, entry=entry)


FIRST_VISITORS = (
    visitor(1, 14, "phone", "75to84", "resolved"),
    visitor(4, 22, "my_number_card", "65to74", "referred", people=2),
    visitor(2, 9, "messages", "75to84", "continued"),
    visitor(3, 17, "password", "from85", "resolved"),
)


@dataclass
class Uptime:
    """The uptime of a machine on which minutes can pass at once."""

    ahead: timedelta = timedelta()
    began: float = field(default_factory=monotonic)

    def __call__(self) -> int:
        return int((monotonic() - self.began + self.ahead.total_seconds()) * 1000)


@dataclass
class Morning:
    """What happens at the desk of the demo."""

    demo: Demo
    uptime: Uptime
    officer: Person = Person(name=OFFICE_USER, pin=OFFICE_PIN)

    @property
    def desk(self) -> str:
        return self.demo.box.pages.address

    @property
    def town(self) -> str:
        return self.demo.town.address

    def passes(self, *, minutes: int) -> None:
        self.uptime.ahead += timedelta(minutes=minutes)

    def serve(self, one: Visitor) -> None:
        desk = self.demo.box.desk
        call = desk.calls.pressed(1, source=CallSource.BUTTON)
        self.passes(minutes=one.waits)
        desk.calls.answer(call.id, by=StaffRole.PROMOTION_VOLUNTEER)
        self.passes(minutes=one.stays)
        desk.consultations.log(one.entry, by=StaffRole.PROMOTION_VOLUNTEER, call=call.id)

    def serve_whoever_waits(self) -> None:
        desk = self.demo.box.desk
        entry = ConsultationEntry(topics=("connection",), age_band="unknown", outcome="resolved")
        for call in desk.board.snapshot.floor.calls:
            desk.consultations.log(entry, by=StaffRole.PROMOTION_VOLUNTEER, call=call.id)

    def somebody_new(self) -> int:
        """One more volunteer; her number."""
        desk = self.demo.box.desk
        support = next(one for one in desk.roster.members() if one.permission is Permission.ICT_SUPPORT)
        entry = PersonEntry(
            name="もみじ",
            permission=Permission.VOLUNTEER,
            appointments=frozenset({StaffRole.PROMOTION_VOLUNTEER, StaffRole.INSTRUCTOR}),
            employment=Employment.VOLUNTEER,
        )
        member, _ = desk.roster.add(entry, by=support, place="screen")
        return member.number

    def lock(self, number: int) -> None:
        """That person types wrong PINs until nobody tries any more."""
        for _ in range(TRIES):
            with pytest.raises(SignInRefused):
                self.demo.box.desk.staff.sign_in(
                    "000000", browser=Browser(sign_in="wrong", place="screen"), number=number
                )

    def issue_token(self, name: str, scope: str) -> None:
        self.demo.box.desk.tokens.issue(name, scope, days=365, by=None)

    def send(self) -> None:
        """Everything travels to the town."""
        self.passes(minutes=1)
        run(Route(door=self.demo.box.config.door))

    @contextmanager
    def an_empty_desk(self) -> Iterator[str]:
        """The address of another desk, which waits for its first set-up."""
        text = self.demo.config.read_text(encoding="utf-8")
        text = text.replace('directory = "desk"', 'directory = "fresh"').replace("desk/courier", "fresh/courier")
        path = self.demo.config.with_name("fresh.toml")
        path.write_text(text, encoding="utf-8")
        fresh = box.open_box(load_config(path), tokens=HashedTokens({}), said=BEGINS)
        fresh.start()
        yield fresh.pages.address
        fresh.stop()


@contextmanager
def a_morning(folder: Path) -> Iterator[Morning]:
    """The demo in that folder, on a machine whose clock can be moved."""
    uptime = Uptime()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box, "MachineClock", partial(MachineClock, machine=Machine(uptime_ms=uptime)))
        demo = open_demo(folder, port=0, town_port=0, said=BEGINS)
        demo.start()
        yield Morning(demo, uptime)
        demo.stop()
