"""The office as one object: it fetches, opens, counts and tells the desks what it holds."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sync.errors import SyncError
from sync.keys import RecipientKey, SigningKey
from sync.notices import STICKS
from sync.office.dating import JAPAN, milliseconds
from sync.office.errors import OfficeLocked, PeriodBackwards, SourceAway, UnknownFacility
from sync.office.intake import Intake
from sync.office.opening import Opening
from sync.office.outgoing import (
    ADMISSION,
    LEAVING,
    Message,
    Signing,
    has_said,
    is_laid_out,
    laid_out,
    list_opened,
    lists_for,
    nothing_laid_out,
    notices_for,
    sign_notice,
)
from sync.office.pages import Bookmark, next_page
from sync.office.reconcile import Reconciliation, reconcile
from sync.office.scope import Scope
from sync.office.security import SecurityLog, incidents_by_device, security_log
from sync.office.source import Source
from sync.office.staffing import Staffing, staffing
from sync.office.standing import Standing
from sync.office.statistics import Statistics, count, topics_seen
from sync.office.store import Storage
from sync.packs import sticks_body
from sync.registry import DeviceRegistry
from sync.sticks import StickBook

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
"""How long a source found away is not asked again just because somebody looks at a page."""

Now = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class _Unlocked:
    """What needs the keys."""

    intake: Intake
    signing_key: SigningKey


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
        source: Source,
        sticks: StickBook | None = None,
        admissions: Callable[[], Iterable[tuple[int, bytes]]] = tuple,
        key: RecipientKey | None = None,
        signing_key: SigningKey | None = None,
        now: Now = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without its keys the office is locked until somebody unlocks it.

        `sticks`: of these it tells the boxes which were revoked. `admissions`: number and message of each box that a
        receiver elsewhere has to know.
        """
        self._municipality = municipality
        self._storage = storage
        self._registry = registry
        self._source = source
        self._sticks = sticks
        self._admissions = admissions
        self._now = now
        self._monotonic = monotonic
        self._away_until = 0.0
        self._lock = threading.Lock()
        self._unlocked: _Unlocked | None = None
        self._admitted = self._devices()
        with storage.reading():
            self._bookmark = Bookmark.read(source.road)
        self._answered_at = self._bookmark.asked_at
        if key is not None and signing_key is not None:
            self.unlock(key, signing_key)

    @property
    def today(self) -> date:
        """The day in Japan by the office's own clock."""
        return self._now().astimezone(JAPAN).date()

    # ------------------------------------------------------------------------------------------------------------ keys

    def unlock(self, key: RecipientKey, signing_key: SigningKey) -> None:
        """Keep the keys in memory, and open what could not be opened before."""
        opening = Opening(municipality=self._municipality, registry=self._registry, key=key)
        intake = Intake(storage=self._storage, opening=opening, today=lambda: self.today)
        with self._lock:
            with self._storage.writing():
                intake.try_again(everything=True)
            self._unlocked = _Unlocked(intake=intake, signing_key=signing_key)

    def lock(self) -> None:
        """Forget the keys; what was opened before still counts."""
        with self._lock:
            self._unlocked = None

    # ---------------------------------------------------------------------------------------------------------- intake

    def pull(self) -> int:
        """Fetch, open and file until nothing is new, then lay out opened lists; how many records were new.

        `SourceAway` if the source stops answering; what came before that is kept. `OfficeLocked`.
        """
        with self._lock:
            office = self._must_be_unlocked()
            try:
                new = self._fetch(office.intake)
            finally:
                self._sign(office.signing_key)
            self._publish()
            return new

    def publish(self) -> int:
        """Lay out what this source was not told yet, locked or not; how many opened lists. `SourceAway`.

        Besides these: who was admitted, the notices for all desks, and the list of boxes that have left.
        """
        with self._lock:
            return self._publish()

    def announce(self, kind: str, body: bytes) -> int:
        """Say something to all desks in the place of what was said before; its number.

        It is laid out with the next `publish` or `pull` on each road. `OfficeLocked`, `NoticeTooLong`.
        """
        with self._lock:
            office = self._must_be_unlocked()
            with self._storage.writing():
                return sign_notice(self._signing(office.signing_key), kind, body)

    def take(self, epochs: Iterable[bytes], records: Iterable[bytes]) -> int:
        """File what came another way, such as on a stick; how many records were new. `OfficeLocked`."""
        with self._lock:
            office = self._must_be_unlocked()
            with self._storage.writing():
                new = office.intake.take(epochs, records) + office.intake.try_again(everything=False)
            self._sign(office.signing_key)
            return new

    def catch_up(self) -> Truth:
        """Pull if the source answers; cheap when nothing is new, and right after the source was found away.

        `OfficeLocked`.
        """
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
        scope = self._scope(first, last, facility, topic)
        with self._storage.reading():
            return count(scope)

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
        """The facilities where admitted devices stand or stood: id and name."""
        return dict(self._standing().facilities)

    def facility_of(self, device: str) -> str:
        """The facility where a device stands; the device itself if it is not admitted any more."""
        return self._standing().now.get(device, device)

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
        standing = self._standing()
        if facility is not None and facility not in standing.facilities:
            raise UnknownFacility(facility)
        return Scope(first=first, last=last, standing=standing, facility=facility, topic=topic)

    def _devices(self) -> frozenset[bytes]:
        return frozenset(device.id for device in self._registry.all())

    def _standing(self) -> Standing:
        return Standing(self._registry.all())

    def _must_be_unlocked(self) -> "_Unlocked":
        if self._unlocked is None:
            raise OfficeLocked
        return self._unlocked

    def _fetch(self, intake: Intake) -> int:
        """File every page that the source has, and what had waited for it; how many records were new."""
        new = 0
        admitted = self._devices()
        waits = admitted != self._admitted
        while (taken := self._take_page(intake)) is not None:
            new += taken
            waits = True
        if waits:
            with self._storage.writing():
                new += intake.try_again(everything=False)
            self._admitted = admitted
        return new

    def _take_page(self, intake: Intake) -> int | None:
        """File the next page; None when there is none."""
        turned = next_page(self._source, self._bookmark)
        self._answered_at = self._now()
        if turned.page is None:
            return None
        page, bookmark = turned.page, self._bookmark.behind(turned.page)
        with self._storage.writing():
            if turned.forgot:
                nothing_laid_out(self._source.road)
            new = intake.take(page.epochs, page.records)
            bookmark.store(self._answered_at)
        self._bookmark = bookmark
        return new

    def _signing(self, key: SigningKey) -> Signing:
        return Signing(municipality=self._municipality, key=key, at_ms=milliseconds(self._now()))

    def _sign(self, key: SigningKey) -> None:
        """Sign what there is to tell: opened records, revoked sticks."""
        signing, revoked = self._signing(key), self._revoked()
        with self._storage.writing():
            list_opened(signing)
            if revoked or (revoked is not None and has_said(STICKS)):
                sign_notice(signing, STICKS, sticks_body(revoked))

    def _revoked(self) -> frozenset[bytes] | None:
        """The sticks that were revoked; None where nobody can tell."""
        try:
            return self._sticks.revoked() if self._sticks else None
        except SyncError as error:
            log.warning("boxes are not told which sticks were revoked: %s", error)
            return None

    def _publish(self) -> int:
        """Lay out everything that is not, on this road; how many opened lists."""
        road = self._source.road
        with self._storage.reading():
            lists, notices, leaving = lists_for(road), notices_for(road), self._leaving()
            admissions = [one for one in self._admitting() if not is_laid_out(road, one.kind, one.number)]
        for admission in admissions:
            self._lay_out(admission, self._source.admit)
        for notice in notices:
            self._lay_out(notice, self._source.announce)
        if leaving is not None:
            self._lay_out(leaving, self._source.take_leaving)
        return sum([self._lay_out(opened, self._source.publish) for opened in lists])

    def _admitting(self) -> Iterator[Message]:
        for number, body in self._admissions():
            yield Message(kind=ADMISSION, number=number, body=body)

    def _leaving(self) -> Message | None:
        """The list of boxes that have left, where it is not laid out on this road."""
        number, body = self._registry.leaving()
        known = is_laid_out(self._source.road, LEAVING, number)
        return Message(kind=LEAVING, number=number, body=body) if body and not known else None

    def _lay_out(self, message: Message, lay: Callable[[bytes], None]) -> bool:
        """Whether the source has taken it; one that is refused, as for a device struck off, stops no other."""
        try:
            lay(message.body)
        except SourceAway:
            raise
        except SyncError as error:
            log.warning("%s %d was refused: %s", message.kind, message.number, error.code)
            return False
        with self._storage.writing():
            laid_out(self._source.road, message)
        return True


def _check_period(first: date, last: date) -> None:
    if last < first:
        raise PeriodBackwards(f"{first} to {last}")
