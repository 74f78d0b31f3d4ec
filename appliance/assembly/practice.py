"""A desk for practice: sealed under keys that nobody has, written where nothing lasts, thrown away afterwards."""

import os
import secrets
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

from appliance.assembly.access import PinsOnDemand
from appliance.assembly.furnish import furnish
from appliance.content import NOTHING, load_stories
from appliance.desk.facts.calendar import MIDNIGHT, Calendar, Hours
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.ports import ClockSetter
from appliance.desk.practice import PracticeDesk
from appliance.store.faults import disk_words
from appliance.store.store import Store
from drivers.absent import AbsentVoice

MEMORY = Path("/dev/shm")  # noqa: S108 # a private folder in it, under a name that is refused if anybody has taken it
"""Files here are gone when the power is."""


class _NoHolidays:
    """Port `Holidays` for those who practise on any day."""

    def is_holiday(self, day: date) -> bool:  # noqa: ARG002 # the port asks so
        """Never."""
        return False


_ALWAYS_OPEN = Calendar(weekly=((Hours(opens=0, closes=MIDNIGHT),),) * 7, holidays=_NoHolidays())


class PracticeRoom:
    """Where the practice desks of one box stand, one at a time."""

    def __init__(
        self,
        *,
        state: Path,
        facility_name: str,
        catalogue: Catalogue,
        content: Path,
        clock: ClockSetter,
        sent: Mapping[str, str] = NOTHING,
    ) -> None:
        """`state`: the folder of the real desk, by which this room is told apart from that of another box here.

        `sent`: the packs that the town hall has sent, which go before those in `content`.
        """
        self.folder = practice_folder(state)
        self._facility_name = facility_name
        self._catalogue = catalogue
        self._content = content
        self._sent = sent
        self._clock = clock

    def sweep(self) -> None:
        """Delete what a power cut has left behind."""
        if self.folder.exists():
            from shutil import rmtree

            rmtree(self.folder, ignore_errors=True)

    def open(self) -> PracticeDesk:
        """A practice desk with nothing on it; `StorageFull`, `StorageFailed`, `PackError`."""
        stories = load_stories(self._content, words=self._catalogue.words, sent=self._sent)
        self.sweep()
        place = self.folder / secrets.token_hex(8)  # a late request of the practice before finds nothing here
        with disk_words():
            self.folder.mkdir(mode=0o700)
            place.mkdir(mode=0o700)
        try:
            return self._furnished(place, stories)
        except BaseException:
            self.sweep()
            raise

    def _furnished(self, place: Path, stories: tuple[str, ...]) -> PracticeDesk:
        from sync.keys import RecipientKey, SigningKey, TownKeys
        from sync.sealing import RecordSealer

        nobody = TownKeys(
            municipality=self._catalogue.words.code,
            recipient=RecipientKey.generate().public,
            recovery=RecipientKey.generate().public,
            receiver=SigningKey.generate().public,
            office=SigningKey.generate().public,
        )
        store = Store(place / "desk.db")
        pins = PinsOnDemand()
        desk = furnish(
            facility_name=self._facility_name,
            catalogue=self._catalogue,
            calendar=_ALWAYS_OPEN,
            clock=self._clock,
            storage=store,
            sealer=RecordSealer(nobody, SigningKey.generate(), start=store.run.start),
            pins=pins,
            names=pins,
        )
        desk.board.show(staff_present=1)  # whoever practises comes when called
        desk.room.start(lamps={}, voice=AbsentVoice())

        def throw_away() -> None:
            desk.room.stop()
            self.sweep()  # first, so that no late request makes a new file
            store.close()

        return PracticeDesk(desk=desk, stories=stories, throw_away=throw_away)


def practice_folder(state: Path) -> Path:
    """Where the practice desks of the box with that state folder stand: in memory, or among temporary files."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        parent = MEMORY
    else:
        from tempfile import gettempdir

        parent = Path(gettempdir())
    return parent / f"madoguchi-practice-{sha256(str(state.resolve()).encode()).hexdigest()[:16]}"
