"""Fixed keys, fixed chance and one fact of each kind, so that a test can say which bytes it expects."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from appliance.desk.facts.call import Call, CallClosed, CallSource, CallState
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.sealed import ChainHead
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Channel, Visit
from appliance.desk.facts.withdrawal import Withdrawal
from sync.envelope import OpenEpoch, Record, Sealed, parse_record, record_body, signature_of
from sync.keys import RecipientKey, SigningKey, TownKeys, device_id

MUNICIPALITY = "999997"
CHAIN = b"chain--1"

DEVICE_KEY = SigningKey.from_bytes(b"\x01" * 32)
RECEIVER_KEY = SigningKey.from_bytes(b"\x02" * 32)
OFFICE_KEY = SigningKey.from_bytes(b"\x03" * 32)
OTHER_KEY = SigningKey.from_bytes(b"\x04" * 32)
DEVICE = device_id(DEVICE_KEY.public)

RECIPIENT = RecipientKey.from_seed(b"\x11" * 32)
RECOVERY = RecipientKey.from_seed(b"\x12" * 32)
STRANGER = RecipientKey.from_seed(b"\x13" * 32)

TOWN_KEYS = TownKeys(
    municipality=MUNICIPALITY,
    recipient=RECIPIENT.public,
    recovery=RECOVERY.public,
    receiver=RECEIVER_KEY.public,
    office=OFFICE_KEY.public,
)

EMPTY_CHAIN = ChainHead(chain=CHAIN, sequence=0, hash=bytes(32), epoch=0)


@dataclass
class FixedChance:
    """Chance that comes out the same every time."""

    asked: int = 0

    def __call__(self, length: int) -> bytes:
        self.asked += 1
        return hashlib.shake_256(self.asked.to_bytes(4, "big")).digest(length)


def begin(*, number: int = 1, start: int = 3) -> OpenEpoch:
    return OpenEpoch.begin(
        municipality=MUNICIPALITY,
        device=DEVICE,
        chain=CHAIN,
        start=start,
        number=number,
        recipients=TOWN_KEYS.recipients,
        signing_key=DEVICE_KEY,
        random=FixedChance(),
    )


DATA_KEY = FixedChance()(32)
"""The data key of every epoch that `begin` begins."""


def seal(epoch: OpenEpoch, plaintext: bytes, *, sequence: int = 1, previous_hash: bytes = bytes(32)) -> Sealed:
    record_id = hashlib.sha256(sequence.to_bytes(8, "big")).digest()[:16]
    return epoch.seal(plaintext, sequence=sequence, record_id=record_id, previous_hash=previous_hash)


def travelling(sealed: Sealed) -> Record:
    return parse_record(
        record_body(header=sealed.header, ciphertext=sealed.ciphertext, signature=signature(sealed)),
    )


def signature(sealed: Sealed) -> bytes:
    return signature_of(header=sealed.header, hash=sealed.hash, key=DEVICE_KEY)


# ---------------------------------------------------------------------------------------------------------------- facts


def at(minutes: int) -> Moment:
    return Moment(
        wall=datetime(2026, 11, 21, 1, 0, tzinfo=UTC) + timedelta(minutes=minutes),
        mono_ms=3_723_123 + minutes * 60_000,
        start=3,
        boot=2,
        quality=ClockQuality.STAFF,
    )


MEMO = (
    "暗証番号を三回まちがえてロックされていた。窓口での初期化が必要とわかり、持ち物を紙に書いて渡した。"
    "帰りのバスの時刻も一緒に調べた。お孫さんから届いた動画が開けない件は、容量不足が原因だったので写真を整理した。"
)[:100]

CALL = Call(
    id=UUID(int=1), button=2, source=CallSource.BUTTON, attended=True, raised=at(0), state=CallState.RAISED, closed=None
)
CALL_CLOSED = CallClosed(
    id=UUID(int=2),
    call=CALL.id,
    state=CallState.ANSWERED,
    waiting_seconds=60,
    honest=True,
    attended=True,
    by=StaffRole.PROMOTION_VOLUNTEER,
    at=at(1),
)
VISIT = Visit(
    id=UUID(int=3),
    call=CALL.id,
    channel=Channel.IN_PERSON,
    people=2,
    language="ja",
    waiting_seconds=60,
    timed=True,
    began=at(1),
    ended=at(16),
)
CONSULTATION = Consultation(
    id=UUID(int=4),
    visit=VISIT.id,
    topics=("my_number_card", "online_application", "password"),
    age_band="75to84",
    outcome="referred",
    referred_to="hall_child_rearing_allowance",
    minutes=15,
    honest=True,
    at=at(16),
    memo=MEMO,
)
WITHDRAWAL = Withdrawal(id=UUID(int=5), of=CONSULTATION.id, at=at(17))

FACTS: tuple[Fact, ...] = (CALL, CALL_CLOSED, VISIT, CONSULTATION, WITHDRAWAL)
