"""From a fact of the desk to a sealed record: the one place that knows both."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from appliance.desk.errors import SealingFailed
from appliance.desk.facts.call import Call, CallClosed
from appliance.desk.facts.consultation import Consultation, Correction
from appliance.desk.facts.day import ClockAnchor, DayClosed, Tally
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import Moment, milliseconds
from appliance.desk.facts.sealed import ChainHead, SealedEpoch, SealedRecord
from appliance.desk.facts.security import SecurityEvent
from appliance.desk.facts.shift import Shift
from appliance.desk.facts.visit import Visit
from appliance.desk.facts.withdrawal import Withdrawal
from sync.envelope import OpenEpoch, Random
from sync.errors import MalformedMessage
from sync.keys import SigningKey, TownKeys, device_id
from sync.schema import Moment5, pack

EPOCH_SECONDS = 60 * 60
EPOCH_RECORDS = 200


class RecordSealer:
    """Seals for one town, in epochs that begin with their first record and end soon; called under the writer lock."""

    def __init__(
        self,
        town_keys: TownKeys,
        device_key: SigningKey,
        *,
        start: int,
        monotonic: Callable[[], float] = time.monotonic,
        random: Random = os.urandom,
    ) -> None:
        self._town = town_keys
        self._key = device_key
        self._device = device_id(device_key.public)
        self._start = start
        self._monotonic = monotonic
        self._random = random
        self._last_number = 0
        self._lives: _Life | None = None

    def seal(self, fact: Fact, *, on: ChainHead) -> SealedRecord:
        """The sealed record that follows `on`; `SealingFailed`, which never carries the fact."""
        try:
            return self._sealed(fact, on)
        except Exception as error:  # noqa: BLE001 # the door of sealing: what went wrong may hold a visitor's words
            reason = type(error).__name__
        self.forget_epoch()
        raise SealingFailed(reason)

    def forget_epoch(self) -> None:
        """Throw the data key away; the next record begins a new epoch."""
        self._lives = None

    def _sealed(self, fact: Fact, on: ChainHead) -> SealedRecord:
        payload = payload_of(fact)
        life = self._life(on)
        sequence = on.sequence + 1
        parts = life.epoch.seal(payload, sequence=sequence, record_id=fact.id.bytes, previous_hash=on.hash)
        return SealedRecord(
            id=fact.id,
            sequence=sequence,
            epoch=life.stored,
            header=parts.header,
            ciphertext=parts.ciphertext,
            hash=parts.hash,
        )

    def _life(self, on: ChainHead) -> "_Life":
        now = self._monotonic()
        if self._lives is None or self._lives.is_over(now, on.chain):
            self._lives = self._begin(on, now)
        return self._lives

    def _begin(self, on: ChainHead, now: float) -> "_Life":
        self._last_number = max(on.epoch, self._last_number) + 1
        epoch = OpenEpoch.begin(
            municipality=self._town.municipality,
            device=self._device,
            chain=on.chain,
            start=self._start,
            number=self._last_number,
            recipients=self._town.recipients,
            signing_key=self._key,
            random=self._random,
        )
        return _Life(epoch=epoch, stored=SealedEpoch(number=epoch.number, body=epoch.body), ends=now + EPOCH_SECONDS)


class _Life(NamedTuple):
    """An open epoch, the form in which it is stored, and when it ends."""

    epoch: OpenEpoch
    stored: SealedEpoch
    ends: float

    def is_over(self, now: float, chain: bytes) -> bool:
        return now >= self.ends or self.epoch.sealed_count >= EPOCH_RECORDS or self.epoch.chain != chain


def payload_of(fact: Fact) -> bytes:
    """What the office will read."""
    match fact:
        case Call():
            return _call(fact)
        case CallClosed():
            return _call_closed(fact)
        case Visit():
            return _visit(fact)
        case Consultation():
            return pack("consultation", _moment(fact.at), _consultation(fact))
        case Correction():
            values = {"replaces": fact.replaces.bytes, **_consultation(fact.now)}
            return pack("correction", _moment(fact.now.at), values)
    return _about_the_desk(fact)


def _about_the_desk(fact: Withdrawal | Shift | Tally | ClockAnchor | SecurityEvent | DayClosed) -> bytes:
    match fact:
        case Withdrawal():
            return pack("withdrawal", _moment(fact.at), {"of": fact.of.bytes})
        case Shift():
            return _shift(fact)
        case Tally():
            return _tally(fact)
        case ClockAnchor():
            values = {"said_ms": milliseconds(fact.said), "shown_ms": milliseconds(fact.shown), "by": fact.by}
            return pack("clock_anchor", _moment(fact.at), values)
        case SecurityEvent():
            return _security_event(fact)
        case DayClosed():
            return _day_closed(fact)


def _call(call: Call) -> bytes:
    values = {"button": call.button, "source": call.source, "attended": call.attended}
    return pack("call", _moment(call.raised), values)


def _call_closed(closed: CallClosed) -> bytes:
    values = {
        "call": closed.call.bytes,
        "state": closed.state,
        "waiting_seconds": closed.waiting_seconds,
        "honest": closed.honest,
        "attended": closed.attended,
        "by": closed.by,
    }
    return pack("call_closed", _moment(closed.at), values)


def _visit(visit: Visit) -> bytes:
    if visit.ended is None:
        raise MalformedMessage("a visit is sealed when it has ended")
    served = visit.service_time(visit.ended)
    values = {
        "call": visit.call.bytes if visit.call else None,
        "channel": visit.channel,
        "people": visit.people,
        "language": visit.language,
        "waiting_seconds": visit.waiting_seconds,
        "service_seconds": served.seconds,
        "honest": served.honest,
        "timed": visit.timed,
        "began_wall_ms": visit.began.wall_ms,
    }
    return pack("visit", _moment(visit.ended), values)


def _consultation(consultation: Consultation) -> dict[str, object]:
    return {
        "visit": consultation.visit.bytes,
        "topics": consultation.topics,
        "age_band": consultation.age_band,
        "outcome": consultation.outcome,
        "referred_to": consultation.referred_to,
        "minutes": consultation.minutes,
        "honest": consultation.honest,
        "memo": consultation.memo or None,
    }


def _shift(shift: Shift) -> bytes:
    values = {
        "staff": shift.staff.bytes,
        "role": shift.role,
        "appointments": [str(role) for role in shift.appointments],
        "began_wall_ms": shift.began.wall_ms,
        "minutes": shift.minutes,
        "honest": shift.honest,
    }
    return pack("shift", _moment(shift.at), values)


def _tally(tally: Tally) -> bytes:
    values = {
        "day": tally.day.isoformat(),
        "visits": tally.visits,
        "people": tally.people,
        "topics": tally.topics,
        "age_bands": tally.age_bands,
        "by": tally.by,
    }
    return pack("tally", _moment(tally.at), values)


def _security_event(event: SecurityEvent) -> bytes:
    values = {
        "matter": event.matter,
        "by": event.by.bytes if event.by else None,
        "about": event.about.bytes if event.about else None,
        "place": event.place,
    }
    return pack("security_event", _moment(event.at), values)


def _day_closed(closed: DayClosed) -> bytes:
    values = {
        "day": closed.day.isoformat(),
        "opened_wall_ms": closed.opened.wall_ms if closed.opened else None,
        "visits": closed.visits,
        "people": closed.people,
        "calls_unattended": closed.calls_unattended,
        "unsent": closed.unsent,
    }
    return pack("day_closed", _moment(closed.at), values)


def _moment(moment: Moment) -> Moment5:
    return Moment5(moment.start, moment.boot, moment.mono_ms, moment.wall_ms, moment.quality)
