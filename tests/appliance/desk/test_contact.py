import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from appliance.desk.contact import (
    AGAIN_MS,
    LOCKOUT_MS,
    LONG_MS,
    MOST_PRESSES,
    RATE_MS,
    STABLE_MS,
    STUCK_MS,
    Contact,
    ContactFault,
    Signal,
)

PRESSES = {Signal.PRESSED, Signal.PRESSED_AGAIN}
Edge = tuple[int, bool]


class Finger:
    """Drives a contact and keeps everything it said, with the moment at which it was asked."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.contact = Contact()
        self.now = 1_000
        self.said: list[Signal] = self.contact.look(self.now, is_down=is_down)
        self.said = [one for one in self.said if one is not Signal.FAULT]

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds
        self.said += self.contact.pass_time(self.now)

    def edge(self, *, down: bool) -> None:
        self.said += self.contact.change(self.now, is_down=down)

    def press(self, milliseconds: int = 200) -> None:
        self.edge(down=True)
        self.wait(milliseconds)
        self.edge(down=False)

    def bounce(self, times: int = 6, *, down: bool) -> None:
        for _ in range(times):
            self.edge(down=down)
            self.now += 2
            self.edge(down=not down)
            self.now += 1
        self.edge(down=down)

    @property
    def presses(self) -> int:
        return sum(one in PRESSES for one in self.said)


def test_a_press_is_one_and_its_release_changes_nothing() -> None:
    finger = Finger()
    finger.press()
    finger.wait(1_000)
    assert finger.said == [Signal.PRESSED]


def test_a_press_is_told_once_the_line_is_stable_and_not_before() -> None:
    finger = Finger()
    finger.edge(down=True)
    finger.wait(STABLE_MS - 1)
    assert finger.said == []
    finger.wait(1)
    assert finger.said == [Signal.PRESSED]


def test_a_bounce_train_at_both_ends_is_one_press() -> None:
    finger = Finger()
    finger.bounce(down=True)
    finger.wait(150)
    finger.bounce(down=False)
    finger.wait(5_000)
    assert finger.said == [Signal.PRESSED]


def test_spikes_of_ten_milliseconds_are_nothing() -> None:
    finger = Finger()
    for _ in range(500):
        finger.press(10)
        finger.wait(90)
    assert finger.said == []


def test_a_press_of_sixty_milliseconds_is_one() -> None:
    finger = Finger()
    finger.press(60)
    finger.wait(1_000)
    assert finger.said == [Signal.PRESSED]


def test_a_thousand_presses_in_ten_seconds_are_too_short_to_be_any() -> None:
    finger = Finger()
    for _ in range(1_000):
        finger.press(5)
        finger.wait(5)
    finger.wait(60_000)
    assert finger.said == []


def test_hammering_for_ten_seconds_is_a_press_every_lockout() -> None:
    finger = Finger()
    for _ in range(100):
        finger.press(50)
        finger.wait(50)
    assert finger.said == [Signal.PRESSED, *[Signal.PRESSED_AGAIN] * 4]


def test_a_press_in_the_lockout_is_nothing_even_if_it_is_held() -> None:
    finger = Finger()
    finger.press()
    finger.wait(500)
    finger.press(LONG_MS + 100)
    finger.wait(1_000)
    assert finger.said == [Signal.PRESSED]


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (LOCKOUT_MS - 1, []),
        (LOCKOUT_MS, [Signal.PRESSED_AGAIN]),
        (AGAIN_MS, [Signal.PRESSED_AGAIN]),
        (AGAIN_MS + 1, [Signal.PRESSED]),
    ],
)
def test_only_a_second_press_soon_after_the_lockout_may_take_the_first_back(later: int, told: list[Signal]) -> None:
    finger = Finger()
    finger.press(100)
    finger.wait(later - 100)
    finger.press()
    finger.wait(100)
    assert finger.said == [Signal.PRESSED, *told]


@pytest.mark.parametrize(("held", "is_long"), [(LONG_MS - 1, False), (LONG_MS, True), (STUCK_MS - 1, True)])
def test_a_long_press_is_told_when_it_ends(held: int, *, is_long: bool) -> None:
    finger = Finger()
    finger.press(held)
    assert finger.said == [Signal.PRESSED]
    finger.wait(STABLE_MS)
    assert finger.said == [Signal.PRESSED, *([Signal.HELD_LONG] if is_long else [])]


def test_a_stuck_button_is_a_fault_until_it_comes_up_and_never_a_second_call() -> None:
    finger = Finger()
    finger.press(STUCK_MS)
    assert finger.contact.fault is ContactFault.STUCK
    finger.wait(3_600_000)
    assert finger.contact.fault is None
    assert finger.said == [Signal.PRESSED, Signal.FAULT, Signal.FAULT]
    finger.press()
    assert finger.presses == 2


def test_a_button_held_at_the_start_is_a_fault_and_no_call() -> None:
    finger = Finger(is_down=True)
    assert finger.contact.fault is ContactFault.HELD_AT_START
    assert finger.contact.health(finger.now).down_at_start
    finger.wait(60_000)
    finger.edge(down=False)
    finger.wait(STABLE_MS)
    assert finger.contact.fault is None
    assert finger.said == [Signal.FAULT]
    finger.press()
    assert finger.presses == 1


def test_more_presses_than_anybody_needs_are_a_fault_and_then_forgiven() -> None:
    finger = Finger()
    for _ in range(MOST_PRESSES + 3):
        finger.press()
        finger.wait(5_900)
    assert finger.presses == MOST_PRESSES
    assert finger.contact.fault is ContactFault.RESTLESS
    finger.wait(RATE_MS)
    assert finger.contact.fault is None
    finger.press()
    assert finger.presses == MOST_PRESSES + 1


def test_a_line_that_went_is_a_fault_and_nothing_is_heard_of_it_until_it_is_looked_at_again() -> None:
    finger = Finger()
    finger.edge(down=True)
    finger.said += finger.contact.lose()
    finger.wait(20_000)
    finger.edge(down=False)
    finger.edge(down=True)
    finger.wait(20_000)
    assert finger.said == [Signal.FAULT]
    assert finger.contact.fault is ContactFault.GONE
    finger.said += finger.contact.look(finger.now, is_down=False)
    assert finger.contact.fault is None
    finger.press()
    assert finger.presses == 1


def test_health_tells_the_last_real_press() -> None:
    finger = Finger()
    assert finger.contact.health(finger.now).pressed_ms_ago is None
    finger.press(STABLE_MS)
    finger.wait(700)
    assert finger.contact.health(finger.now).pressed_ms_ago == 700


TRAINS = st.lists(st.tuples(st.one_of(st.integers(0, 80), st.integers(0, 15_000)), st.booleans()), max_size=60)


def edges_of(train: list[tuple[int, bool]]) -> list[Edge]:
    now, edges = 1_000, []
    for gap, down in train:
        now += gap
        edges.append((now, down))
    return edges


def said_of(edges: list[Edge], *, looks: list[int], end: int) -> list[Signal]:
    """What a contact says of these edges if somebody also looks at those times."""
    contact = Contact()
    said = contact.look(0, is_down=False)
    for now, down in sorted([*edges, *((look, None) for look in looks)], key=lambda one: one[0]):
        said += contact.pass_time(now) if down is None else contact.change(now, is_down=down)
    return said + contact.pass_time(end)


@given(TRAINS, st.integers(0, 2**32))
def test_how_often_somebody_looks_changes_nothing(train: list[tuple[int, bool]], chance: int) -> None:
    edges = edges_of(train)
    end = (edges[-1][0] if edges else 0) + 100_000
    looks = [random.Random(chance).randrange(end) for _ in range(20)]
    assert said_of(edges, looks=looks, end=end) == said_of(edges, looks=[], end=end)


def closings(edges: list[Edge], end: int) -> list[tuple[int, int]]:
    """The stretches in which the line was down, from and to."""
    found: list[tuple[int, int]] = []
    began: int | None = None
    for now, down in [*edges, (end, False)]:
        if down and began is None:
            began = now
        elif not down and began is not None:
            found.append((began, now))
            began = None
    return found


@given(TRAINS)
def test_there_are_never_more_presses_than_long_enough_closings_and_lockouts(train: list[tuple[int, bool]]) -> None:
    edges = edges_of(train)
    end = (edges[-1][0] if edges else 0) + 100_000
    presses = sum(one in PRESSES for one in said_of(edges, looks=[], end=end))
    believable = [one for one in closings(edges, end) if one[1] - one[0] >= STABLE_MS]
    assert presses <= len(believable)
    assert presses <= end // LOCKOUT_MS + 1
    assert presses >= bool(believable)  # the first finger is always heard


@given(TRAINS)
def test_a_line_at_rest_ends_without_a_fault_and_with_nothing_due(train: list[tuple[int, bool]]) -> None:
    contact = Contact()
    contact.look(0, is_down=False)
    now = 0
    for now, down in edges_of(train):
        contact.change(now, is_down=down)
    contact.change(now + 1, is_down=False)
    contact.pass_time(now + 200_000)
    assert contact.fault is None
    assert contact.due is None


class Slow:
    """The rules once more, applied at every single millisecond, with nothing foreseen."""

    def __init__(self) -> None:
        self.line = self.believed = False
        self.same_for = self.down_for = self.quiet_for = 0
        self.presses: list[int] = []
        self.counts = self.stuck = False
        self.said: list[Signal] = []

    def run(self, edges: list[Edge], end: int) -> list[Signal]:
        at: dict[int, list[bool]] = {}
        for now, down in edges:
            at.setdefault(now, []).append(down)
        for now in range(1, end + 1):
            self._tick(now)
            for down in at.get(now, []):
                self._edge(down)
        return self.said

    def _edge(self, down: bool) -> None:  # noqa: FBT001
        if down is not self.line:
            self.line, self.same_for = down, 0

    def _tick(self, now: int) -> None:
        self.same_for += 1
        self.down_for += 1
        was_quiet, self.quiet_for = self.quiet_for > 0, max(0, self.quiet_for - 1)
        if self.line is not self.believed and self.same_for == STABLE_MS:
            self._settle(now, was_quiet=was_quiet)
        elif was_quiet and not self.quiet_for and not self.stuck:
            self.said.append(Signal.FAULT)
        if self.believed and self.line and self.down_for == STUCK_MS:
            self.stuck = True
            self.said.append(Signal.FAULT)

    def _settle(self, now: int, *, was_quiet: bool) -> None:
        self.believed = self.line
        if self.line:
            self.down_for = STABLE_MS
            self._press(now, was_quiet=was_quiet)
            return
        if self.stuck:
            self.said.append(Signal.FAULT)
        elif self.counts and self.down_for - STABLE_MS >= LONG_MS:
            self.said.append(Signal.HELD_LONG)
        self.stuck = False

    def _press(self, now: int, *, was_quiet: bool) -> None:
        ago = now - self.presses[-1] if self.presses else None
        self.counts = False
        if ago is not None and ago < LOCKOUT_MS:
            return
        if was_quiet or sum(now - one < RATE_MS for one in self.presses) >= MOST_PRESSES:
            self.quiet_for = RATE_MS
            self.said += [] if was_quiet else [Signal.FAULT]
            return
        self.counts = True
        self.presses.append(now)
        self.said.append(Signal.PRESSED_AGAIN if ago is not None and ago <= AGAIN_MS else Signal.PRESSED)


SHORT_TRAINS = st.lists(
    st.tuples(st.one_of(st.integers(0, 80), st.integers(0, 4_000), st.just(11_000)), st.booleans()), max_size=40
)

FINGERS = st.lists(st.tuples(st.integers(1_900, 11_000), st.integers(STABLE_MS - 2, 300)), min_size=6, max_size=14)


def train_of(fingers: list[tuple[int, int]]) -> list[tuple[int, bool]]:
    return [edge for rest, held in fingers for edge in ((rest, True), (held, False))]


@seed(20_261_121)
@settings(max_examples=60, deadline=None)
@given(st.one_of(SHORT_TRAINS, FINGERS.map(train_of)))
def test_it_says_what_the_rules_say_at_every_single_millisecond(train: list[tuple[int, bool]]) -> None:
    edges = edges_of(train)
    end = (edges[-1][0] if edges else 0) + STUCK_MS + 1_000
    assert said_of(edges, looks=[], end=end) == [Signal.FAULT, *Slow().run(edges, end)]
