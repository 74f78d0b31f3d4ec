"""PC/SC, as raw as it comes: the convenient classes of pyscard die with pcscd and miss a card that is swapped."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smartcard import scard

from drivers.card.failures import Busy, Gone, Lifted
from drivers.card.gate import Gate, Transmit
from drivers.card.slot import SlotDown, SlotState, ranked

PLUG = "\\\\?PnP?\\Notification"
"""The name under which PC/SC tells of readers that come and go."""
_WAIT_MS = 2000
"""So late at most a card is found whose event pcscd lost."""
_BUSY_TRIES, _BUSY_SECONDS = 3, 0.2
_CHANGED = scard.SCARD_STATE_CHANGED
_COUNTER = 16
_STALE = (scard.SCARD_E_TIMEOUT, scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE)
"""Answers after which the context is as good as before."""
Context = Any
"""What pyscard calls one: a number, or an object around it."""


class PcscSlot:
    """Port `Slot` on the reader that pcscd offers; a fresh context after every error."""

    def __init__(self, wanted: str = "") -> None:
        """`wanted` is part of the reader's name; empty takes what looks like a contactless one."""
        self._wanted = wanted
        self._watching: Context | None = None
        self._plug = scard.SCARD_STATE_UNAWARE

    def wait(self, seen: SlotState | None) -> SlotState:
        """See `Slot`."""
        try:
            return self._wait(seen)
        except SlotDown:
            self._let_go()
            raise

    def _wait(self, seen: SlotState | None) -> SlotState:
        if self._watching is None:
            self._watching, seen = _context(), None
        readers = ranked(_readers(self._watching), self._wanted)
        if seen is not None and readers[:1] != seen.readers[:1]:
            seen = None
        if seen is not None and readers != seen.readers:
            return seen._replace(readers=readers)
        if not readers:
            return self._wait_for_reader(seen)
        return self._wait_for_card(seen, readers)

    def _wait_for_reader(self, seen: SlotState | None) -> SlotState:
        if seen is not None:
            self._change(_WAIT_MS, [(PLUG, self._plug)])
        return SlotState(counter=0, has_card=False)

    def _wait_for_card(self, seen: SlotState | None, readers: tuple[str, ...]) -> SlotState:
        """At once if nothing was seen before."""
        known = scard.SCARD_STATE_UNAWARE if seen is None else _known(seen)
        states = self._change(_WAIT_MS, [(readers[0], known), (PLUG, self._plug)])
        if not states:
            return seen or SlotState(counter=0, has_card=False, readers=readers)
        return _slot_state(states[0], readers)

    def _change(self, timeout: int, known: list[tuple[str, int]]) -> list[tuple[str, int, list[int]]]:
        """What has changed; empty if nothing has, or if a reader has gone."""
        result, states = scard.SCardGetStatusChange(self._watching, timeout, known)
        if result in _STALE:
            return []
        if result != scard.SCARD_S_SUCCESS:
            raise SlotDown
        for name, state, _atr in states:
            if name == PLUG:
                self._plug = state & ~_CHANGED
        return list(states)

    def _let_go(self) -> None:
        if self._watching is not None:
            scard.SCardReleaseContext(self._watching)
        self._watching = None

    @contextmanager
    def open(self, state: SlotState) -> Iterator[Gate]:
        """See `Slot`."""
        context = _own_context()
        try:
            handle, protocol = _connected(context, state.readers[0])
            try:
                now = _look(context, state.readers)
                if (now.counter, now.atr) != (state.counter, state.atr):
                    raise Gone
                yield Gate(_transmitter(handle, protocol), atr=state.atr)
            finally:
                scard.SCardDisconnect(handle, scard.SCARD_UNPOWER_CARD)
        finally:
            scard.SCardReleaseContext(context)


def _context() -> Context:
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if result != scard.SCARD_S_SUCCESS:
        raise SlotDown
    return context


def _own_context() -> Context:
    try:
        return _context()
    except SlotDown:
        raise Lifted from None


def _readers(context: Context) -> list[str]:
    result, readers = scard.SCardListReaders(context, [])
    if result == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if result != scard.SCARD_S_SUCCESS:
        raise SlotDown
    return list(readers)


def _known(seen: SlotState) -> int:
    """With the counter: without it a card that was swapped meanwhile would never be told of."""
    present = scard.SCARD_STATE_PRESENT if seen.has_card else scard.SCARD_STATE_EMPTY
    return seen.counter << _COUNTER | int(present)


def _slot_state(told: tuple[str, int, list[int]], readers: tuple[str, ...]) -> SlotState:
    _name, state, atr = told
    has_card = bool(state & scard.SCARD_STATE_PRESENT)
    return SlotState(
        counter=state >> _COUNTER & 0xFFFF, has_card=has_card, atr=bytes(atr) if has_card else b"", readers=readers
    )


def _look(context: Context, readers: tuple[str, ...]) -> SlotState:
    result, states = scard.SCardGetStatusChange(context, 0, [(readers[0], scard.SCARD_STATE_UNAWARE)])
    if result != scard.SCARD_S_SUCCESS:
        raise Lifted
    return _slot_state(states[0], readers)


def _connected(context: Context, reader: str) -> tuple[Any, Any]:
    protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    for _ in range(_BUSY_TRIES):
        result, handle, protocol = scard.SCardConnect(context, reader, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        if result == scard.SCARD_S_SUCCESS:
            return handle, protocol
        if result != scard.SCARD_E_SHARING_VIOLATION:
            raise Lifted
        time.sleep(_BUSY_SECONDS)
    raise Busy


def _transmitter(handle: Any, protocol: Any) -> Transmit:
    header = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1

    def transmit(command: bytes) -> tuple[bytes, int]:
        result, answer = scard.SCardTransmit(handle, header, list(command))
        if result != scard.SCARD_S_SUCCESS or len(answer) < 2:  # noqa: PLR2004 (the status word)
            raise Lifted
        return bytes(answer[:-2]), answer[-2] << 8 | answer[-1]

    return transmit
