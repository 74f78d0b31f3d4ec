"""Port `CallButtons` over any contacts: one thread of ours hears them all, whatever they hang on."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from appliance.desk.contact import Contact, ContactHealth, Signal
from appliance.desk.errors import DeviceError

log = logging.getLogger(__name__)

LOOK_MS = 1_000
"""So often every line is read, because a chip that vanishes tells nobody."""
AFTER_FAULT_SECONDS = 0.1

OnEdge = Callable[[int, bool], None]
OnSignal = Callable[[int, Signal], None]


class Contacts(Protocol):
    """Something that buttons hang on: a chip, a USB device, a page."""

    def connect(self, on_edge: OnEdge) -> None:
        """From now on call `on_edge(button, is_down)` at once, from any thread; `DeviceError`."""
        ...

    def levels(self) -> Mapping[int, bool]:
        """Whether each button is down now; `DeviceError` where that cannot be read."""
        ...

    def disconnect(self) -> None:
        """Let go of the hardware; nothing happens where it is gone."""
        ...


class _Group:
    """The buttons of one `Contacts`, which come and go together."""

    def __init__(self, contacts: Contacts, buttons: Sequence[int]) -> None:
        self.contacts = contacts
        self.buttons = buttons
        self.is_there = False
        self.was_told = False
        """Whether the log knows already that it is gone."""


class WatchedContacts:
    """Port `CallButtons`; what is gone is asked for again every second, so that it may come back."""

    def __init__(
        self,
        contacts: Mapping[Contacts, Sequence[int]],
        *,
        now_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
        look_ms: int = LOOK_MS,
    ) -> None:
        """`contacts` with the numbers of their buttons; every line is read each `look_ms`."""
        self._groups = [_Group(one, buttons) for one, buttons in contacts.items()]
        self._contacts = {button: Contact() for group in self._groups for button in group.buttons}
        self._now_ms = now_ms
        self._look_ms = look_ms
        self._edges: queue.SimpleQueue[tuple[int, bool, int] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="buttons", daemon=True)
        self._is_over = False
        self._next_look = 0
        self._on_signal: OnSignal = lambda _button, _signal: None

    def watch(self, on_signal: OnSignal) -> None:
        """See the port; comes on the thread of the buttons."""
        self._on_signal = on_signal
        self._look()
        self._thread.start()

    def health(self) -> Mapping[int, ContactHealth]:
        """See the port."""
        now = self._now_ms()
        return {button: contact.health(now) for button, contact in self._contacts.items()}

    def close(self) -> None:
        """See the port."""
        self._is_over = True
        self._edges.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        for group in self._groups:
            group.contacts.disconnect()

    def _on_edge(self, button: int, is_down: bool) -> None:  # noqa: FBT001 (a callback: a driver names nothing)
        self._edges.put((button, is_down, self._now_ms()))

    def _run(self) -> None:
        while not self._is_over:
            try:
                self._turn()
            except Exception:
                log.exception("the buttons go on after an unexpected fault")
                time.sleep(AFTER_FAULT_SECONDS)

    def _turn(self) -> None:
        """Take one edge, or what falls due while none comes."""
        try:
            edge = self._edges.get(timeout=max(0.0, (self._next_due() - self._now_ms()) / 1_000))
        except queue.Empty:
            self._pass_time()
            return
        if edge is not None:
            button, is_down, at = edge
            self._tell(button, self._contacts[button].change(at, is_down=is_down))
            self._pass_time()

    def _next_due(self) -> int:
        dues = [contact.due for contact in self._contacts.values()]
        return min([self._next_look, *(due for due in dues if due is not None)])

    def _pass_time(self) -> None:
        if not self._edges.empty():
            return  # older than now: what happened first comes first
        now = self._now_ms()
        for button, contact in self._contacts.items():
            self._tell(button, contact.pass_time(now))
        if now >= self._next_look:
            self._look()

    def _look(self) -> None:
        """Read every line: one that is back begins anew, an edge that got lost is made up for."""
        for group in self._groups:
            try:
                self._read(group)
            except DeviceError as error:
                self._lose(group, error)
        self._next_look = self._now_ms() + self._look_ms

    def _read(self, group: _Group) -> None:
        was_there = group.is_there
        if not was_there:
            group.contacts.connect(self._on_edge)
        levels = group.contacts.levels()
        now = self._now_ms()
        group.is_there, group.was_told = True, False
        for button in group.buttons:
            contact = self._contacts[button]
            is_down = levels[button]
            self._tell(
                button, contact.change(now, is_down=is_down) if was_there else contact.look(now, is_down=is_down)
            )

    def _lose(self, group: _Group, error: DeviceError) -> None:
        if not group.was_told:
            log.error("%s; it is asked for again every second, the desk goes on", error)
        group.is_there, group.was_told = False, True
        group.contacts.disconnect()
        for button in group.buttons:
            self._tell(button, self._contacts[button].lose())

    def _tell(self, button: int, signals: Sequence[Signal]) -> None:
        for signal in signals:
            try:
                self._on_signal(button, signal)
            except Exception:
                log.exception("a signal of button %d was not taken", button)
