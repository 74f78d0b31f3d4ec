"""What lies on the card reader: told to screens for a minute, in RAM only, and never written down."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from appliance.desk.card_errors import ReaderUnusable
from appliance.desk.facts.card import CardPhase, CardState, CardVisit, FourItems, ItemsKey
from appliance.desk.ports import CardReader, Clock

SHOWN_FOR = timedelta(seconds=60)
"""So long a screen tells what was found on a card; then it has to be laid down anew."""

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSight:
    """What screens may know of reader and card now; `version` rises with every change."""

    version: int
    state: CardState
    has_faded: bool = False
    """Whether a card still lies there whose check is told no more."""
    was_cut_short: bool = False
    """Whether a card was lifted just now before it was read."""


class CardDesk:
    """The card reader as the desk knows it; screens wait here for its next change, as they do at the board."""

    def __init__(self, *, clock: Clock, checks: bool = True) -> None:
        """`checks`: whether anybody is told how long a card is valid and how many tries are left."""
        self.checks = checks
        self.at_change: list[Callable[[CardState], None]] = []
        """Whoever has to act on each change of the reader, one after the other; none of them may ask a card."""
        self._clock = clock
        self._reader: CardReader | None = None
        self._changed = threading.Condition()
        self._sight = CardSight(version=0, state=CardState())
        self._told_ms: int | None = None
        """Since when something is told that has to fade."""
        self._closed = False

    def connect(self, reader: CardReader) -> None:
        """From now on follow that reader."""
        self._reader = reader
        reader.watch(self._took)

    def close(self) -> None:
        """Let go of the reader; whoever waits goes on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._reader is not None:
            self._reader.close()

    # -------------------------------------------------------------------------------------------------- being told

    @property
    def sight(self) -> CardSight:
        """Reader and card now; a check is forgotten `SHOWN_FOR` after it was made."""
        with self._changed:
            if self._is_stale():
                self._fade()
            return self._sight

    @property
    def version(self) -> int:
        """The version of the sight."""
        return self.sight.version

    @property
    def is_closed(self) -> bool:
        """Whether the desk is stopping and screens should let go."""
        return self._closed

    def newer_than(self, version: int, *, timeout: float) -> CardSight | None:
        """Wait up to `timeout` seconds for a sight newer than `version`; None if none came or the desk stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._sight.version > version, timeout)
            sight = self.sight
            return sight if sight.version > version and not self._closed else None

    def _took(self, state: CardState) -> None:
        """Called by the reader, one after the other."""
        with self._changed:
            before = self._sight
            was_cut_short = state.card is None and (before.was_cut_short or _is_undone(before.state.card))
            is_found = state.card is not None and state.card.phase is CardPhase.CHECKED
            if not (is_found or was_cut_short):
                self._told_ms = None
            elif self._told_ms is None or _stay(state.card) != _stay(before.state.card):
                self._told_ms = self._clock.now().mono_ms
            self._see(state if self.checks else _without_check(state), was_cut_short=was_cut_short)
        for tell in self.at_change:
            tell(state)

    def _is_stale(self) -> bool:
        if self._told_ms is None or self._sight.has_faded:
            return False
        return self._clock.now().mono_ms - self._told_ms >= SHOWN_FOR // _MS

    def _fade(self) -> None:
        lies_there = self._sight.state.card is not None
        if not lies_there:
            self._told_ms = None
        self._see(_without_check(self._sight.state), has_faded=lies_there)

    def _see(self, state: CardState, *, has_faded: bool = False, was_cut_short: bool = False) -> None:
        self._sight = CardSight(
            version=self._sight.version + 1, state=state, has_faded=has_faded, was_cut_short=was_cut_short
        )
        self._changed.notify_all()

    # ----------------------------------------------------------------------------------------------------- asking

    def four_items(self, visit: int, key: ItemsKey, *, last_try: bool = False) -> FourItems:
        """See port `CardReader`."""
        return self._there().four_items(visit, key, last_try=last_try)

    def card_tokens(self, visit: int, keys: Mapping[str, bytes]) -> tuple[str, ...]:
        """See port `CardReader`."""
        return self._there().card_tokens(visit, keys)

    def _there(self) -> CardReader:
        if self._reader is None:
            raise ReaderUnusable
        return self._reader


def _stay(card: CardVisit | None) -> tuple[int, CardPhase] | None:
    return None if card is None else (card.number, card.phase)


def _is_undone(card: CardVisit | None) -> bool:
    return card is not None and card.phase in (CardPhase.CHECKING, CardPhase.UNREADABLE)


def _without_check(state: CardState) -> CardState:
    return state if state.card is None else replace(state, card=replace(state.card, check=None))
