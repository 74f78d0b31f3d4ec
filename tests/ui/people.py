"""People in front of the web side, and the hardware some of them press."""

import re
from collections.abc import Mapping, Sequence

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.card import CardKind
from appliance.desk.facts.staff import Permission
from appliance.desk.lamps import lamp_pattern
from appliance.desk.parts import Condition, Part
from appliance.desk.ports import LampPattern, SimulatedCards, Spoken
from tests.fakes import FACILITY_STAFF_PIN, ICT_SUPPORT_PIN, NOON, PIN, FakeWorld

KEYS = {
    Permission.VOLUNTEER: (1, PIN),
    Permission.FACILITY_STAFF: (2, FACILITY_STAFF_PIN),
    Permission.ICT_SUPPORT: (3, ICT_SUPPORT_PIN),
}
"""Tile and PIN of each."""
PROGRAM = {"Authorization": "Bearer fake-token"}


class FakeHand:
    """Port `SimulatedCards` over the reader of a world."""

    def __init__(self, world: FakeWorld) -> None:
        self._world = world

    def cards(self) -> Sequence[str]:
        return ("transport", "phone")

    def lay_down(self, card: str) -> None:
        self._world.cards.put(CardKind.PHONE if card == "phone" else CardKind.OTHER)

    def lift(self) -> None:
        self._world.cards.lift()


class FakeHardware:
    """Port `VirtualHardware` over two buttons of a desk."""

    def __init__(self, world: FakeWorld) -> None:
        self._world = world
        self.hand: SimulatedCards | None = FakeHand(world)

    def press(self, button: int) -> None:
        self._world.desk.calls.pressed(button, source=CallSource.BUTTON)

    def lamps(self) -> Mapping[int, LampPattern]:
        return {
            button: lamp_pattern(self._world.desk.board.snapshot, button, self._world.clock.now()) for button in (1, 2)
        }

    def spoken(self) -> Sequence[Spoken]:
        return [
            Spoken(at=NOON, sentence=f"ボタン{call.button}", number=call.button)
            for call in self._world.desk.board.snapshot.floor.calls
        ]

    def has_sound(self, number: int) -> bool:
        return number == 1

    def sound(self, number: int) -> bytes | None:
        return b"RIFF" if self.has_sound(number) else None


class FakeWellbeing:
    """Port `Wellbeing` that says what it was told to and remembers what was tried."""

    def __init__(self, world: FakeWorld) -> None:
        now = world.clock.now()
        self.now: list[Part] = [
            Part(condition=condition, since=now, number=1)
            for condition in (Condition.BUTTON_WELL, Condition.LAMP_WELL, Condition.VOICE_SAID)
        ]
        self.said: list[str] = []
        self.lit = 0

    def parts(self) -> Sequence[Part]:
        return self.now

    def try_voice(self, sentence: str) -> None:
        self.said.append(sentence)

    def try_lamps(self) -> None:
        self.lit += 1


class Person:
    """Somebody with a browser that runs no script: reads pages, presses buttons of forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""

    def look(self, path: str) -> TestResponse:
        return self._read(self.client.get(path))

    def hidden(self, name: str) -> str:
        """A hidden value of the page that is open."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, f"the page has no hidden {name}"
        return found[1]

    def press(self, path: str, **entries: object) -> TestResponse:
        """Send the form of the page that is open to `path` and follow where it leads."""
        hidden = {name: self.hidden(name) for name in ("csrf", "once") if f'name="{name}"' in self.page}
        return self._read(self.client.post(path, data=hidden | entries, follow_redirects=True))

    def sign_in(self, pin: str = PIN) -> TestResponse:
        self.look("/sign-in")
        return self.press("/sign-in", pin=pin)

    def sign_in_as(self, permission: Permission) -> TestResponse:
        """Tap the tile of the one person with that permission and type the PIN."""
        number, pin = KEYS[permission]
        self.look("/sign-in")
        return self.press("/sign-in", person=number, pin=pin)

    def _read(self, response: TestResponse) -> TestResponse:
        self.page = response.text
        return response
