"""The officer whose passphrase unlocks the office at its own page; keys are in memory only, and not for long."""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from appliance.assembly.town import TownFolder, lists_key, office_key
from sync.errors import WrongPassphrase
from sync.office.office import Office

_LOOK_SECONDS = 5.0


class KeyHolder:
    """Ports `OfficeUsers` and `Lock`: whoever knows the passphrase of the key files may look, until nobody does."""

    def __init__(
        self,
        office: Office,
        folder: TownFolder,
        *,
        user: str,
        idle: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """After `idle` without a look at a page the keys are put away."""
        self._office = office
        self._folder = folder
        self._user = user
        self._idle = idle.total_seconds()
        self._monotonic = monotonic
        self._changing = threading.Lock()
        self._used_at = 0.0
        self.opening = ""
        """See the port `Lock`."""

    def allows(self, user: str, pin: str) -> bool:
        """See the port; the right passphrase unlocks the office, a wrong name costs as long as a wrong passphrase."""
        try:
            keys = office_key(self._folder, pin), lists_key(self._folder, pin)
        except WrongPassphrase:
            return False
        if not hmac.compare_digest(user.encode(), self._user.encode()):
            return False
        with self._changing:
            self.use()
            if not self.opening:
                self._office.unlock(*keys)
                self.opening = secrets.token_urlsafe(16)
        return True

    def unlock(self, passphrase: str) -> None:
        """Unlock the office for as long as the program runs. `WrongPassphrase`, `ConfigError`."""
        self._office.unlock(office_key(self._folder, passphrase), lists_key(self._folder, passphrase))

    def use(self) -> None:
        """See the port `Lock`."""
        self._used_at = self._monotonic()

    def leave(self) -> None:
        """See the port `Lock`: the way out puts the keys away."""
        with self._changing:
            self.opening = ""
            self._office.lock()

    def lock_if_idle(self) -> None:
        """Put the keys away if nobody has looked for too long."""
        if self.opening and self._monotonic() - self._used_at >= self._idle:
            self.leave()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Put the keys away in time, and at the end."""
        ending = threading.Event()

        def watch() -> None:
            while not ending.wait(_LOOK_SECONDS):
                self.lock_if_idle()

        thread = threading.Thread(target=watch, name="office-lock", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
            self.leave()
