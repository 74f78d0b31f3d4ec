"""A desk that began without the municipality's keys begins again once they have come, in the same process."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from appliance.assembly.box import Box
from appliance.assembly.selfcheck import SelfCheck, health
from appliance.assembly.service import Health
from appliance.config import load_config
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.errors import ConfigError, MadoguchiError
from appliance.desk.facts.security import SecurityEvent
from appliance.messages import text

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the keys are looked for, and how long they must have stayed as they are."""
REOPENING_SECONDS = 10.0
"""How long the address of the desk before may take to come free."""

Opened = Callable[[Sequence[SecurityEvent]], Box]
Seen = tuple[tuple[int, int], ...]


class Serving:
    """The desk of this process, or the one after it."""

    def __init__(self, open_box: Opened, config: Path) -> None:
        """Open and start the first one; `open_box` reads the configuration at `config` afresh and is given what waits.

        `ConfigError` as `open_box` and `Box.start`.
        """
        self._open_box = open_box
        self._config = config
        self._seen: Seen = ()
        self._told = ""
        self.box = self._opened(())

    @property
    def waits_for_keys(self) -> bool:
        """Whether only set-up and practice run."""
        return not self.box.desk.board.snapshot.can_seal

    def words(self) -> Iterator[str]:
        """What to tell whoever started it."""
        address = self.box.pages.address
        yield text("waits_for_keys" if self.waits_for_keys else "serving", address=address)
        if self.box.desk.roster.is_empty:
            yield text("set_up", address=address)

    def look_for_keys(self) -> bool:
        """Begin again where the keys have come and can be used; whether it was so. `ConfigError`."""
        if not self._keys_have_come():
            return False
        held_back = self.box.desk.staff.held_back
        self.box.stop()
        self.box.pages.hang_up()
        self.box = self._opened(held_back)
        return True

    def health(self) -> Health:
        """How the desk is, for whoever supervises it."""
        return health(self.box, self._check.look())

    def _opened(self, held_back: Sequence[SecurityEvent]) -> Box:
        box = self._patiently(held_back)
        box.start()
        self._check = SelfCheck(box)
        return box

    def _patiently(self, held_back: Sequence[SecurityEvent]) -> Box:
        """A page server lets go of its address a moment after it was told to."""
        until = time.monotonic() + (REOPENING_SECONDS if self._seen else 0.0)
        while True:
            try:
                return self._open_box(held_back)
            except ConfigError as error:
                if error.key != "server.port" or time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _keys_have_come(self) -> bool:
        """Whether configuration and keys fit together and have not changed since the last look."""
        try:
            before, self._seen = self._seen, self._stamps()
            return bool(self._seen) and self._seen == before
        except MadoguchiError as error:
            self._tell(f"the keys cannot be used yet: {error}")
        return False

    def _stamps(self) -> Seen:
        from appliance.assembly.door import read_town_keys

        config = load_config(self._config)
        if not config.town.keys.exists():
            return ()
        words = load_catalogue(config.desk.content or BUILT_IN).words
        read_town_keys(config.town.keys, words.code)
        stats = (self._config.stat(), config.town.keys.stat())
        return tuple((stat.st_ino, stat.st_mtime_ns) for stat in stats)

    def _tell(self, words: str) -> None:
        if words != self._told:
            log.warning("%s", words)
        self._told = words
