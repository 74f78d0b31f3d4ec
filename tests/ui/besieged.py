"""A desk and an office with real databases behind their web side, to be attacked in this process."""

import gc
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import uuid4

from flask import Flask

from appliance.assembly.practice import PracticeRoom
from appliance.content import BUILT_IN
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.card import CardKind, ItemsSecret
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.staff import Permission, StaffRole
from appliance.desk.ports import Tokens
from appliance.desk.practice import Practice
from appliance.desk.reception.roster import Seed
from appliance.desk.reception.tallies import TallyEntry
from appliance.store.store import Store
from sync.envelope import hollow_body, parse_record, record_body
from sync.sealing import RecordSealer
from tests.fakes import STAFF, FakeProver, FakeTokens, FakeWorld, build_world
from tests.readable import PIN as CARD_PIN
from tests.readable import ReadableReader
from tests.sync.parts import DEVICE_KEY, TOWN_KEYS
from tests.ui.first_box import FakeFirstBox
from tests.ui.hostile_api import ApiAttack
from tests.ui.hostile_forms import FormAttack
from tests.ui.judge import Judge
from tests.ui.people import FakeHardware, FakeWellbeing, Person
from tests.ui_office.screens import TOKEN as OFFICE_TOKEN
from tests.ui_office.screens import Screens, open_screens, sign_in
from ui.desk.app import create_desk_app
from ui.desk.limits import Limits, Rate

ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved")
BY = StaffRole.PROMOTION_VOLUNTEER
SIGN_IN = "the sign-in under attack"
CARD_PAGES = ("/card/items", "/card/items/number-b", "/card/items/pin", "/card/items/read", "/card/items/gone")
MOST_OPEN = 6
"""So many calls and visits at most are left for a page to show; a real desk has no more."""


@dataclass(kw_only=True)
class Besieged:
    """A desk under attack, and what keeps its floor as full as a busy desk's."""

    folder: Path
    world: FakeWorld
    practice: Practice
    app: Flask
    person: Person
    cards: ReadableReader
    cards_laid: int = 0
    in_practice: int = 0
    """How often somebody has come to practise."""

    def live(self, chance: Random) -> Mapping[str, object]:
        """Ids and words that are really there."""
        floor, logged = self.world.desk.board.snapshot.floor, self.world.desk.logged_today()
        found: dict[str, object] = {"button": 1, "topics": ["phone"], "age_band": "75to84", "outcome": "resolved"}
        there = {
            "call": [call.id for call in floor.calls],
            "visit": [visit.id for visit in floor.visits],
            "consultation": [row.id for row in logged],
        }
        return found | {name: str(chance.choice(ids)) for name, ids in there.items() if ids}

    def arrive(self) -> Sequence[str]:
        """Somebody signed in who may do everything, with something of each kind before her; where she can begin."""
        self.tidy()
        self.practice.end_all()
        desk = self.world.desk
        if len(desk.board.snapshot.floor.calls) < 2:
            desk.calls.pressed(1, source=CallSource.BUTTON)
        saved = desk.consultations.log(ENTRY, by=BY)
        desk.tallies.enter(TallyEntry(day=day_of(desk.clock.now().wall), visits=1, people=1), by=BY)
        if not desk.board.snapshot.floor.visits:
            desk.consultations.walk_in()
        if not desk.tokens.all():
            desk.tokens.issue("掲示板", "board", days=30, by=None)
        self.enter()
        self.give_card()
        self.let_card_be_read()
        return f"/?saved={saved.id}", "/day", "/people", "/sign-in", "/hardware", "/first-box", "/box", *CARD_PAGES

    def let_card_be_read(self) -> None:
        """A fresh card lies there, and its owner has said yes; every other time somebody has read it."""
        self.cards_laid += 1
        self.cards.lay_down()
        self.world.desk.card_items.ask(SIGN_IN)
        if self.cards_laid % 2:
            self.world.desk.card_items.read(
                SIGN_IN, ItemsSecret.PIN, CARD_PIN, place="screen", press=str(self.cards_laid)
            )

    def arrive_in_practice(self) -> Sequence[str]:
        """The same person, practising; every other time with nobody there, so that she can ask for another resident."""
        self.practice.end_all()
        self.enter()
        self.practice.begin(SIGN_IN)
        self.world.clock.advance(seconds=5)
        rehearsal = self.practice.working(SIGN_IN)
        assert rehearsal is not None
        saved = rehearsal.desk.consultations.log(ENTRY, by=BY)
        self.in_practice += 1
        if self.in_practice % 2:
            rehearsal.desk.consultations.walk_in()
        else:
            for desk in (rehearsal.desk, self.world.desk):
                for call in desk.board.snapshot.floor.calls:
                    desk.calls.cancel(call.id, by=None)
        return "/practice", f"/practice?saved={saved.id}"

    def enter(self) -> None:
        """Sign ICT support in past the PIN, which hostile requests may have changed or locked."""
        member = next(
            one for one in self.world.desk.roster.members() if one.active and one.permission is Permission.ICT_SUPPORT
        )
        with self.person.client.session_transaction() as session:
            session.setdefault("device", "a browser")
            session["sign_in"] = SIGN_IN
        self.world.desk.presence.arrive(SIGN_IN, member, now=self.world.clock.now())

    def give_card(self) -> None:
        """Whoever is signed in has a card, and another one lies there."""
        desk, member = self.world.desk, self.world.desk.presence.whose(SIGN_IN)
        assert member is not None
        by = member.member
        if not desk.staff_cards.has_card(by.id):
            self.world.cards.put(CardKind.OTHER, name=uuid4().bytes)
            desk.staff_cards.enrol(by.id, by=by, place="screen")
        self.world.cards.put(CardKind.OTHER, name=uuid4().bytes)

    def tidy(self) -> None:
        """What hostile requests have opened is closed; each time another minute has passed, now and then a day."""
        desk, floor = self.world.desk, self.world.desk.board.snapshot.floor
        for call in floor.calls[MOST_OPEN:]:
            desk.calls.cancel(call.id, by=None)
        for visit in floor.visits[MOST_OPEN:]:
            desk.consultations.log(ENTRY, by=BY, visit=visit.id)
        for token in desk.tokens.all()[MOST_OPEN:]:
            desk.tokens.revoke(token.id, by=None)
        self.world.clock.advance(minutes=1)
        if len(desk.logged_today()) > 4 * MOST_OPEN:
            self.world.clock.advance(days=1)

    def assert_sound(self) -> None:
        """The database is whole and its chain unbroken."""
        assert_sound_database(self.folder / "desk.db")
        assert_sound_chain(self.folder / "desk.db")

    def close(self) -> None:
        assert isinstance(self.world.storage, Store)
        self.practice.end_all()
        self.world.desk.room.stop()
        self.world.storage.close()


def besieged_desk(folder: Path, *, tokens: Tokens | None = None, roster: Sequence[Seed] = STAFF) -> Besieged:
    """A desk on a database in `folder`, sealed as the real one is; its streams end at once, its sign-in never tires."""
    folder.mkdir()
    store = Store(folder / "desk.db")
    sealer = RecordSealer(TOWN_KEYS, DEVICE_KEY, start=store.run.start)
    world = build_world(storage=store, sealer=sealer, roster=roster)
    world.open_room()
    world.desk.staff_cards.take_keys({"1-besieged": bytes(32)})
    world.clock.advance(minutes=1)
    stopping = threading.Event()
    stopping.set()
    room = PracticeRoom(
        state=folder,
        facility_name=world.desk.facility_name,
        catalogue=world.desk.catalogue,
        content=BUILT_IN,
        clock=world.clock,
    )
    practice = Practice(open_desk=room.open, clock=world.clock, is_here=world.desk.presence.is_here)
    world.cards = cards = ReadableReader()
    world.desk.cards.connect(cards)
    app = create_desk_app(
        world.desk,
        practice=practice,
        prover=FakeProver(),
        tokens=tokens or FakeTokens(),
        secret_key=b"secret key of a test",
        wellbeing=FakeWellbeing(world),
        first_box=FakeFirstBox(),
        hardware=FakeHardware(world),
        stopping=stopping,
        limits=Limits(sign_ins=Rate(at_once=1_000_000, per_second=1_000_000)),
    )
    return Besieged(
        folder=folder, world=world, practice=practice, app=app, cards=cards, person=Person(app.test_client())
    )


def besieged_office(folder: Path) -> Screens:
    """An office that has something to count."""
    folder.mkdir()
    screens = open_screens(folder)
    visit = screens.desk.visit(people=2)
    screens.desk.consultation(visit, topics=("phone",), outcome="resolved")
    screens.desk.close(screens.desk.call())
    screens.bring()
    return screens


def attack_desk_api(desk: Besieged, requests: int, number: int) -> Judge:
    """Programs that go wrong."""
    judge = Judge(desk.app.test_client(use_cookies=False))
    attack = ApiAttack(
        judge, desk.app, "/api/v1/openapi.json", token="fake-token", live=desk.live, tidy=desk.tidy, number=number
    )
    attack.run(requests)
    return judge


def attack_desk_forms(desk: Besieged, requests: int, number: int) -> tuple[Judge, set[str]]:
    """People who go wrong; also the endpoints whose forms were found."""
    judge = Judge(desk.person.client)
    attack = FormAttack(judge, desk.app, arrive=desk.arrive, tidy=desk.tidy, number=number)
    attack.run(requests)
    return judge, attack.endpoints


def attack_practice(desk: Besieged, requests: int, number: int) -> tuple[Judge, set[str]]:
    """People who go wrong while they practise."""
    judge = Judge(desk.person.client)
    attack = FormAttack(judge, desk.app, arrive=desk.arrive_in_practice, tidy=desk.tidy, number=number)
    attack.run(requests)
    return judge, attack.endpoints


def attack_set_up(desk: Besieged, requests: int, number: int) -> tuple[Judge, set[str]]:
    """Nonsense at a box that nobody has set up."""
    judge = Judge(desk.person.client)
    attack = FormAttack(judge, desk.app, arrive=lambda: ["/set-up"], tidy=lambda: None, number=number)
    attack.run(requests)
    return judge, attack.endpoints


def attack_office_api(screens: Screens, requests: int, number: int) -> Judge:
    """Programs that ask for numbers."""
    judge = Judge(screens.app.test_client(use_cookies=False))
    live = {"from": "2026-11-01", "to": "2026-11-30", "facility": "chuo", "topic": "phone"}
    attack = ApiAttack(
        judge, screens.app, "/office/api/v1/openapi.json", token=OFFICE_TOKEN, live=lambda _chance: live,
        tidy=lambda: None, number=number,
    )  # fmt: skip
    attack.run(requests)
    return judge


def attack_office_forms(screens: Screens, requests: int, number: int) -> tuple[Judge, set[str]]:
    """Officers who type nonsense."""
    client = screens.client()
    judge = Judge(client)

    def arrive() -> Sequence[str]:
        screens.monotonic += 120  # whoever guessed PINs has waited
        if client.get("/office/statistics").status_code != 200:
            assert sign_in(client).status_code == 303
        return "/office/statistics", "/office/sign-in"

    attack = FormAttack(judge, screens.app, arrive=arrive, tidy=lambda: None, number=number)
    attack.run(requests)
    return judge, attack.endpoints


def assert_sound_database(path: Path) -> None:
    with sqlite3.connect(path) as database:
        assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]
        assert list(database.execute("PRAGMA foreign_key_check")) == []


NOT_SIGNED_YET = bytes(64)
"""A record is signed when it leaves."""


def assert_sound_chain(path: Path) -> None:
    """Sequences without gaps, each hash standing on the one before, whether or not the record was withdrawn."""
    with sqlite3.connect(path) as database:
        rows = list(database.execute("SELECT header, ciphertext, hash FROM record ORDER BY sequence"))
    before = bytes(32)
    for number, (header, ciphertext, digest) in enumerate(rows, start=1):
        if ciphertext is None:
            body = hollow_body(header=header, signature=NOT_SIGNED_YET, hash=digest)
        else:
            body = record_body(header=header, ciphertext=ciphertext, signature=NOT_SIGNED_YET)
        record = parse_record(body)
        assert (record.sequence, record.previous_hash, record.hash) == (number, before, digest)
        before = digest


def resident_bytes() -> int:
    """The memory this process holds now, once what nobody uses is gone."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


@contextmanager
def quiet_log() -> Iterator[None]:
    """Refusals are logged in words, thousands of them."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
