"""The desk in its main states: brand-new, quiet, busy, after the day, in trouble; each served to a real browser."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient

from appliance.desk.errors import StorageFailed
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.card import CardKind, ReaderStatus
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.staff import Permission, StaffRole
from appliance.desk.parts import Condition, Part
from appliance.desk.ports import Silence
from appliance.desk.reception.roster import Seed
from appliance.desk.reception.tallies import TallyEntry
from appliance.store.proof import Finding, Kind, Proof
from tests.fakes import STAFF, FakeProver, FakeStorage, FakeTokens, FakeWorld, build_world
from tests.readable import ReadableReader
from tests.ui.desk.test_browser import House
from tests.ui.first_box import FakeFirstBox
from tests.ui.people import FakeHardware, FakeWellbeing, Person
from ui.desk.app import create_desk_app
from ui.desk.enrolment_pages import Shown
from ui.desk.limits import Limits, Rate

BY = StaffRole.PROMOTION_VOLUNTEER
ENTRY = ConsultationEntry(topics=("phone", "password"), age_band="75to84", outcome="resolved", people=2)
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>'
FOUND = Proof(
    files=5,
    bytes=1_234_567,
    found=(Finding("desk.db", Kind.MY_NUMBER), Finding("log/2026-11-20/desk.log", Kind.PRIVATE_KEY)),
    unread=("a-file-with-a-very-long-name-that-nobody-may-read.db",),
)


class FakeEnrolment:
    """Port `Enrolment` of a box that waits for the office, or does so no longer."""

    def __init__(self, *, is_enrolled: bool) -> None:
        self._shown = Shown(box=7, code="K4TQ-9XWM", is_enrolled=is_enrolled)

    def waits(self) -> bool:
        return not self._shown.is_enrolled

    def shown(self) -> Shown:
        return self._shown

    def picture(self) -> bytes:
        return PICTURE


class BreakableStorage(FakeStorage):
    """Port `Storage` whose log of the day can no longer be read."""

    is_broken = False

    def logged_since(self, wall: datetime) -> Sequence[Consultation]:
        if self.is_broken:
            raise StorageFailed
        return super().logged_since(wall)


@dataclass
class DeskScene:
    """One desk in one state; `holds` are ids of what is there, by the name a rule gives them."""

    name: str
    app: Flask
    world: FakeWorld
    prover: FakeProver
    wellbeing: FakeWellbeing
    house: House
    elsewhere: House
    """The same, for whoever is not at the box's own screen."""
    closer: FlaskClient | None = None
    """Whoever ended the day."""
    holds: dict[str, str] = field(default_factory=dict)
    session_cookie: str = "madoguchi"
    cookie_path: str = "/"
    entrance: str = "/sign-in"
    _clients: dict[Permission, FlaskClient] = field(default_factory=dict)

    def people(self, guard: str) -> Iterable[tuple[str, FlaskClient]]:
        """Everybody whom that guard lets in; whoever is not signed in, where there is none."""
        kind, _, named = guard.partition(":")
        if kind != "staff":
            yield "", self.app.test_client()
        elif not self.world.desk.roster.is_empty:
            for permission in Permission:
                if not named or permission.value in named.split("+"):
                    yield permission.value, self.signed_in(permission)

    def signed_in(self, permission: Permission) -> FlaskClient:
        """Somebody with that permission, who comes once."""
        if permission not in self._clients:
            self._clients[permission] = self.arriving(permission).client
        return self._clients[permission]

    def arriving(self, permission: Permission) -> Person:
        """Somebody with that permission, at another browser each time."""
        person = Person(self.app.test_client())
        assert person.sign_in_as(permission).status_code == 200
        return person

    def url(self, *, is_elsewhere: bool) -> str:
        """Where it is served."""
        return (self.elsewhere if is_elsewhere else self.house).url

    def close(self) -> None:
        """The doors are shut."""
        self.world.desk.board.close()
        self.world.desk.room.stop()
        self.house.pull_out()
        self.elsewhere.pull_out()


def open_desk(name: str, *, roster: Sequence[Seed] = STAFF, stick: str = "", is_enrolled: bool = True) -> DeskScene:
    """A desk where nothing has happened yet."""
    world, prover = build_world(roster=roster, storage=BreakableStorage()), FakeProver()
    world.open_room()
    world.desk.staff_cards.take_keys({"1-test": bytes(32)})
    wellbeing = FakeWellbeing(world)
    app = create_desk_app(
        world.desk,
        practice=world.practice,
        prover=prover,
        tokens=FakeTokens(),
        secret_key=b"secret key of a test",
        hardware=FakeHardware(world),
        wellbeing=wellbeing,
        enrolment=FakeEnrolment(is_enrolled=is_enrolled),
        first_box=FakeFirstBox(stick=stick),
        limits=Limits(sign_ins=Rate(at_once=1_000_000, per_second=1_000_000)),
    )
    return DeskScene(name, app, world, prover, wellbeing, House(app), House(_from_elsewhere(app)))


def new_desk() -> DeskScene:
    """Nobody is on the roster, and the office has not answered yet."""
    return open_desk("brand-new", roster=(), is_enrolled=False)


def quiet_desk() -> DeskScene:
    """Nobody has come, nobody has opened."""
    scene = open_desk("quiet")
    assert isinstance(scene.world.storage, FakeStorage)
    scene.signed_in(Permission.ICT_SUPPORT)
    scene.world.storage.carry()
    scene.world.desk.board.show()
    return scene


def busy_desk() -> DeskScene:
    """It is open: people wait, people are served, everything that is listed has rows."""
    scene = open_desk("busy", stick="999997")
    desk, world = scene.world.desk, scene.world
    desk.opening.open(by=BY)
    saved = desk.consultations.log(ENTRY, by=BY)
    desk.consultations.log(replace(ENTRY, topics=("other",), outcome="partly"), by=BY)
    tally = TallyEntry(
        day=day_of(desk.clock.now().wall), visits=4, people=5, topics={"phone": 3}, age_bands={"75to84": 4}
    )
    desk.tallies.enter(tally, by=BY)
    for button in (1, 2):
        desk.calls.pressed(button, source=CallSource.BUTTON)
    desk.calls.wish_to_cancel(2)
    world.clock.advance(minutes=4)
    visit = desk.consultations.walk_in()
    token, _ = desk.tokens.issue("ホールの掲示板", "board", days=30, by=None)
    desk.tokens.issue("相談室の ボタン", "button", days=1096, by=None)
    world.cards.put(CardKind.OTHER)
    person = desk.roster.members()[0]
    found = {"consultation": saved.id, "visit": visit.id, "person": person.id, "token": token.id}
    scene.holds = {name: str(one) for name, one in found.items()}
    return scene


def card_desk() -> DeskScene:
    """A card that can be read lies on the reader."""
    scene = open_desk("a readable card")
    reader = ReadableReader()
    scene.world.desk.cards.connect(reader)
    reader.lay_down()
    return scene


def closed_desk() -> DeskScene:
    """The day was opened and ended."""
    scene = open_desk("closed")
    desk = scene.world.desk
    desk.opening.open(by=BY)
    desk.consultations.log(ENTRY, by=BY)
    person = scene.arriving(Permission.VOLUNTEER)
    person.look("/closing")
    person.press("/closing")
    scene.closer = person.client
    return scene


def troubled_desk() -> DeskScene:
    """Button, voice, lamp and card reader are broken, the disk cannot be read, a search found what must not be."""
    scene = open_desk("fault")
    world, now = scene.world, scene.world.clock.now()
    for permission in Permission:
        scene.signed_in(permission)
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    visit = world.desk.consultations.walk_in()
    scene.holds = {"visit": str(visit.id), "person": str(world.desk.roster.members()[0].id)}
    why = "nothing sounded: no such device"
    found = (Condition.BUTTON_STUCK, Condition.BUTTON_GONE, Condition.LAMP_BROKEN, Condition.VOICE_FAILED)
    scene.wellbeing.now = [Part(condition=one, since=now, number=number, why=why) for number, one in enumerate(found)]
    scene.prover.proof = FOUND
    world.voice.silent = Silence.QUIET_HOURS
    world.cards.breaks(ReaderStatus.NO_SERVICE)
    world.desk.board.show(broken_buttons=(1, 2), voice_failed=True)
    assert isinstance(world.storage, BreakableStorage)
    world.storage.is_broken = True
    return scene


def without_keys() -> DeskScene:
    """A box whose kit is still to come: practice and set-up only."""
    scene = open_desk("without keys")
    scene.world.desk.board.show(can_seal=False)
    return scene


SCENES: tuple[Callable[[], DeskScene], ...] = (
    new_desk, quiet_desk, busy_desk, card_desk, closed_desk, troubled_desk, without_keys,
)  # fmt: skip


def _from_elsewhere(app: Flask) -> Flask:
    """The same app behind a door through which everybody comes from the network."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return app(environ | {"REMOTE_ADDR": "192.0.2.7"}, start_response)

    return cast("Flask", serve)


@contextmanager
def desk_scenes() -> Iterator[list[DeskScene]]:
    """Every state at once."""
    scenes = [make() for make in SCENES]
    try:
        yield scenes
    finally:
        for scene in scenes:
            scene.close()
