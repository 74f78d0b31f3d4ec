"""From a fact of the desk to a sealed record: the one place that knows both."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from appliance.desk.errors import SealingFailed
from appliance.desk.facts.call import Call, CallClosed
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.sealed import ChainHead, SealedEpoch, SealedRecord
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
            signature=parts.signature,
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
            return _consultation(fact)
    return _withdrawal(fact)


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


def _consultation(consultation: Consultation) -> bytes:
    values = {
        "visit": consultation.visit.bytes,
        "topics": consultation.topics,
        "age_band": consultation.age_band,
        "outcome": consultation.outcome,
        "referred_to": consultation.referred_to,
        "minutes": consultation.minutes,
        "honest": consultation.honest,
        "memo": consultation.memo or None,
    }
    return pack("consultation", _moment(consultation.at), values)


def _withdrawal(withdrawal: Withdrawal) -> bytes:
    return pack("withdrawal", _moment(withdrawal.at), {"of": withdrawal.of.bytes})


def _moment(moment: Moment) -> Moment5:
    return Moment5(moment.start, moment.boot, moment.mono_ms, moment.wall_ms, moment.quality)
