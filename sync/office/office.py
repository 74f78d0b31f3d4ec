"""The office as one object: it fetches, opens, counts and tells the desks what it holds."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sync.errors import SyncError
from sync.keys import RecipientKey, SigningKey
from sync.office.dating import JAPAN, milliseconds
from sync.office.errors import PeriodBackwards, SourceAway, UnknownFacility
from sync.office.intake import Intake
from sync.office.opening import Opening
from sync.office.outgoing import list_opened, published, unpublished
from sync.office.pages import Bookmark, next_page
from sync.office.reconcile import Reconciliation, reconcile
from sync.office.scope import Scope
from sync.office.security import SecurityLog, incidents_by_device, security_log
from sync.office.source import Source
from sync.office.staffing import Staffing, staffing
from sync.office.statistics import Statistics, count, topics_seen
from sync.office.store import Storage
from sync.registry import DeviceRegistry

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
"""How long a source found away is not asked again just because somebody looks at a page."""

Now = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """How fresh the office's numbers are."""

    at: datetime | None
    """When the source last answered, aware UTC; None if it never did."""
    reachable: bool
    """Whether it answers now."""


class Office:
    """The inside of the town hall; every method may be called from any thread."""

    def __init__(
        self,
        *,
        municipality: str,
        storage: Storage,
        registry: DeviceRegistry,
        key: RecipientKey,
        signing_key: SigningKey,
        source: Source,
        now: Now = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._municipality = municipality
        self._storage = storage
        self._registry = registry
        self._signing_key = signing_key
        self._source = source
        self._now = now
        self._monotonic = monotonic
        self._away_until = 0.0
        self._lock = threading.Lock()
        opening = Opening(municipality=municipality, registry=registry, key=key)
        self._intake = Intake(storage=storage, opening=opening, today=lambda: self.today)
        self._admitted = self._devices()
        with storage.writing():
            self._intake.try_again(everything=True)
            self._bookmark = Bookmark.read()
        self._answered_at = self._bookmark.asked_at

    @property
    def today(self) -> date:
        """The day in Japan by the office's own clock."""
        return self._now().astimezone(JAPAN).date()

    # ---------------------------------------------------------------------------------------------------------- intake

    def pull(self) -> int:
        """Fetch, open and file until nothing is new, then lay out opened lists; how many records were new.

        `SourceAway` if the source stops answering; what came before that is kept.
        """
        with self._lock:
            try:
                new = self._fetch()
            finally:
                self._list_opened()
            self._publish()
            return new

    def take(self, epochs: Iterable[bytes], records: Iterable[bytes]) -> int:
        """File what came another way, such as on a stick; how many records were new."""
        with self._lock:
            with self._storage.writing():
                new = self._intake.take(epochs, records) + self._intake.try_again(everything=False)
            self._list_opened()
            return new

    def catch_up(self) -> Truth:
        """Pull if the source answers; cheap when nothing is new, and right after the source was found away."""
        if self._monotonic() < self._away_until:
            return Truth(at=self._answered_at, reachable=False)
        try:
            self.pull()
        except SourceAway:
            self._away_until = self._monotonic() + PATIENCE_SECONDS
            return Truth(at=self._answered_at, reachable=False)
        return Truth(at=self._answered_at, reachable=True)

    # -------------------------------------------------------------------------------------------------------- counting

    def statistics(
        self, first: date, last: date, *, facility: str | None = None, topic: str | None = None
    ) -> Statistics:
        """The internal numbers of these days, both included; `PeriodBackwards`, `UnknownFacility`."""
        scope, facilities = self._scope(first, last, facility, topic), self._facility_of_device()
        with self._storage.reading():
            return count(scope, facilities)

    def staffing(self, first: date, last: date, *, facility: str | None = None) -> tuple[Staffing, ...]:
        """How the desks were staffed on these days, by role; `PeriodBackwards`, `UnknownFacility`."""
        scope = self._scope(first, last, facility, None)
        with self._storage.reading():
            return staffing(scope)

    def reconcile(self, first: date, last: date) -> tuple[Reconciliation, ...]:
        """What each device captured and what of it arrived, on these days; `PeriodBackwards`."""
        _check_period(first, last)
        with self._storage.reading():
            return reconcile(first, last)

    def incidents(self) -> Mapping[str, int]:
        """Every device with security events, and how many."""
        with self._storage.reading():
            return incidents_by_device()

    def security(self, device: str, number: int) -> SecurityLog:
        """One page of the security events of a device, newest first."""
        with self._storage.reading():
            return security_log(device, number)

    def facilities(self) -> dict[str, str]:
        """The facilities of all admitted devices: id and name."""
        return {device.facility: device.facility_name for device in self._registry.all()}

    def facility_of(self, device: str) -> str:
        """The facility where a device stands; the device itself if it is not admitted any more."""
        return self._facility_of_device().get(device, device)

    def check(self) -> None:
        """Return if the database answers and the list of devices can be read."""
        self._devices()
        self.topics()

    def topics(self) -> frozenset[str]:
        """Every topic that a record names."""
        with self._storage.reading():
            return topics_seen()

    # ---------------------------------------------------------------------------------------------------------- inside

    def _scope(self, first: date, last: date, facility: str | None, topic: str | None) -> Scope:
        _check_period(first, last)
        devices = None if facility is None else _standing_in(facility, self._facility_of_device())
        return Scope(first=first, last=last, devices=devices, topic=topic)

    def _devices(self) -> frozenset[bytes]:
        return frozenset(device.id for device in self._registry.all())

    def _facility_of_device(self) -> dict[str, str]:
        return {device.id.hex(): device.facility for device in self._registry.all()}

    def _fetch(self) -> int:
        """File every page that the source has, and what had waited for it; how many records were new."""
        new = 0
        admitted = self._devices()
        waits = admitted != self._admitted
        while (taken := self._take_page()) is not None:
            new += taken
            waits = True
        if waits:
            with self._storage.writing():
                new += self._intake.try_again(everything=False)
            self._admitted = admitted
        return new

    def _take_page(self) -> int | None:
        """File the next page; None when there is none."""
        page = next_page(self._source, self._bookmark)
        self._answered_at = self._now()
        if page is None:
            return None
        bookmark = self._bookmark.behind(page)
        with self._storage.writing():
            new = self._intake.take(page.epochs, page.records)
            bookmark.store(self._answered_at)
        self._bookmark = bookmark
        return new

    def _list_opened(self) -> None:
        with self._storage.writing():
            list_opened(municipality=self._municipality, key=self._signing_key, at_ms=milliseconds(self._now()))

    def _publish(self) -> None:
        """Lay out every list that is not; one that is refused, as for a device struck off, stops no other."""
        with self._storage.reading():
            lists = unpublished()
        for opened in lists:
            try:
                self._source.publish(bytes(opened.body))
            except SourceAway:
                raise
            except SyncError as error:
                log.warning("opened list %d for device %s was refused: %s", opened.number, opened.device, error.code)
                continue
            with self._storage.writing():
                published(opened.number)


def _check_period(first: date, last: date) -> None:
    if last < first:
        raise PeriodBackwards(f"{first} to {last}")


def _standing_in(facility: str, facilities: Mapping[str, str]) -> list[str]:
    devices = [device for device, place in facilities.items() if place == facility]
    if not devices:
        raise UnknownFacility(facility)
    return devices
