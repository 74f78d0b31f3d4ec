import random
from dataclasses import replace
from typing import NoReturn
from uuid import uuid4

import pytest

from appliance.desk.errors import SealingFailed
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.sealed import ChainHead, SealedRecord
from appliance.desk.ports import Sealer
from sync.envelope import Record, open_record, parse_epoch, parse_record, record_body, signature_of
from sync.schema import Opened, unpack
from sync.sealing import EPOCH_RECORDS, EPOCH_SECONDS, RecordSealer
from tests.sync.parts import (
    CALL,
    CALL_CLOSED,
    CONSULTATION,
    DEVICE_KEY,
    EMPTY_CHAIN,
    FACTS,
    MEMO,
    RECIPIENT,
    TOWN_KEYS,
    VISIT,
    WITHDRAWAL,
    FixedChance,
)


class FakeMonotonic:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def new_sealer(monotonic: FakeMonotonic | None = None) -> RecordSealer:
    return RecordSealer(TOWN_KEYS, DEVICE_KEY, start=3, monotonic=monotonic or FakeMonotonic(), random=FixedChance())


def after(record: SealedRecord, *, chain: bytes = EMPTY_CHAIN.chain) -> ChainHead:
    return ChainHead(chain=chain, sequence=record.sequence, hash=record.hash, epoch=record.epoch.number)


def travelled(record: SealedRecord) -> Record:
    signature = signature_of(header=record.header, hash=record.hash, key=DEVICE_KEY)
    body = record_body(header=record.header, ciphertext=record.ciphertext, signature=signature)
    return parse_record(body)


def opened(record: SealedRecord) -> Opened:
    epoch = parse_epoch(record.epoch.body)
    epoch.verify(DEVICE_KEY.public)
    arrived = travelled(record)
    arrived.verify(DEVICE_KEY.public)
    return unpack(open_record(arrived, epoch.unwrap(RECIPIENT)))


# ---------------------------------------------------------------------------------------------------------------- facts


def test_the_sealer_fits_the_port() -> None:
    port: Sealer = new_sealer()
    assert port.seal(CALL, on=EMPTY_CHAIN).id == CALL.id


EXPECTED: list[tuple[Fact, str, dict[str, object]]] = [
    (CALL, "call", {"button": 2, "source": "button", "attended": True}),
    (
        CALL_CLOSED,
        "call_closed",
        {
            "call": CALL.id.bytes,
            "state": "answered",
            "waiting_seconds": 60,
            "honest": True,
            "attended": True,
            "by": "promotion_volunteer",
        },
    ),
    (
        VISIT,
        "visit",
        {
            "call": CALL.id.bytes,
            "channel": "in_person",
            "people": 2,
            "language": "ja",
            "waiting_seconds": 60,
            "service_seconds": 900,
            "honest": True,
            "timed": True,
            "began_wall_ms": VISIT.began.wall_ms,
        },
    ),
    (
        CONSULTATION,
        "consultation",
        {
            "visit": VISIT.id.bytes,
            "topics": ("my_number_card", "online_application", "password"),
            "age_band": "75to84",
            "outcome": "referred",
            "referred_to": "hall_child_rearing_allowance",
            "minutes": 15,
            "honest": True,
            "memo": MEMO,
        },
    ),
    (WITHDRAWAL, "withdrawal", {"of": CONSULTATION.id.bytes}),
]


@pytest.mark.parametrize(("fact", "kind", "values"), EXPECTED, ids=[kind for _, kind, _ in EXPECTED])
def test_the_office_reads_what_the_desk_sealed(fact: Fact, kind: str, values: dict[str, object]) -> None:
    record = new_sealer().seal(fact, on=EMPTY_CHAIN)
    said = opened(record)
    assert (said.kind, said.values) == (kind, values)
    assert (said.moment.start, said.moment.boot, said.moment.quality) == (3, 2, "staff")
    assert travelled(record).id == fact.id.bytes


def test_the_moment_is_that_of_the_event() -> None:
    moments = [opened(new_sealer().seal(fact, on=EMPTY_CHAIN)).moment for fact in FACTS]
    happened = [CALL.raised, CALL_CLOSED.at, VISIT.ended, CONSULTATION.at, WITHDRAWAL.at]
    assert [moment.wall_ms for moment in moments] == [at.wall_ms for at in happened if at]
    assert [moment.mono_ms for moment in moments] == [at.mono_ms for at in happened if at]


def test_a_walk_in_and_an_empty_memo_say_nothing() -> None:
    sealer = new_sealer()
    assert opened(sealer.seal(replace(VISIT, call=None, waiting_seconds=None), on=EMPTY_CHAIN)).values["call"] is None
    assert opened(sealer.seal(replace(CONSULTATION, memo=""), on=EMPTY_CHAIN)).values["memo"] is None
    assert opened(sealer.seal(replace(CALL_CLOSED, by=None), on=EMPTY_CHAIN)).values["by"] is None


# ---------------------------------------------------------------------------------------------------------------- sizes


def buckets(fact: Fact) -> int:
    return (len(new_sealer().seal(fact, on=EMPTY_CHAIN).ciphertext) - 16) // 256


def test_a_consultation_without_memo_fits_one_bucket() -> None:
    topics = ("phone", "my_number_card", "online_application", "messages", "connection", "password", "fraud", "other")
    assert buckets(replace(CONSULTATION, memo=None)) == 1
    assert buckets(replace(CONSULTATION, memo=None, topics=topics)) == 1


def test_a_memo_of_a_hundred_characters_fits_two_buckets_whatever_it_says() -> None:
    assert len(MEMO) == 100
    assert buckets(CONSULTATION) <= 2
    chance = random.Random(1)
    kanji = "".join(chr(chance.randrange(0x4E00, 0x9FA0)) for _ in range(100))
    assert buckets(replace(CONSULTATION, memo=kanji)) == 2


def test_everything_but_a_consultation_with_a_memo_looks_alike() -> None:
    assert {buckets(fact) for fact in (CALL, CALL_CLOSED, VISIT, WITHDRAWAL)} == {1}


def test_the_longest_memo_a_desk_takes_is_sealed() -> None:
    record = new_sealer().seal(replace(CONSULTATION, memo="𠮷" * 2000), on=EMPTY_CHAIN)
    assert opened(record).values["memo"] == "𠮷" * 2000


# --------------------------------------------------------------------------------------------------------------- chain


def test_records_stand_on_each_other() -> None:
    sealer, head = new_sealer(), EMPTY_CHAIN
    records = []
    for fact in FACTS:
        records.append(sealer.seal(fact, on=head))
        head = after(records[-1])
    assert [record.sequence for record in records] == [1, 2, 3, 4, 5]
    assert [travelled(record).previous_hash for record in records] == [bytes(32), *(r.hash for r in records[:-1])]
    assert {record.epoch.number for record in records} == {1}
    assert all(record.hash == travelled(record).hash for record in records)


def test_a_record_sealed_again_after_a_failed_commit_has_another_nonce() -> None:
    sealer = new_sealer()
    first, again = sealer.seal(CALL, on=EMPTY_CHAIN), sealer.seal(CALL, on=EMPTY_CHAIN)
    assert (first.sequence, first.epoch) == (again.sequence, again.epoch)
    assert travelled(first).nonce != travelled(again).nonce


# --------------------------------------------------------------------------------------------------------------- epochs


def test_an_epoch_begins_with_its_first_record_and_not_before() -> None:
    chance = FixedChance()
    sealer = RecordSealer(TOWN_KEYS, DEVICE_KEY, start=3, monotonic=FakeMonotonic(), random=chance)
    assert chance.asked == 0
    record = sealer.seal(CALL, on=replace(EMPTY_CHAIN, epoch=41))
    assert record.epoch.number == parse_epoch(record.epoch.body).number == travelled(record).epoch == 42
    assert parse_epoch(record.epoch.body).start == 3


def test_an_epoch_ends_after_sixty_minutes() -> None:
    clock = FakeMonotonic()
    sealer = new_sealer(clock)
    first = sealer.seal(CALL, on=EMPTY_CHAIN)
    clock.seconds += EPOCH_SECONDS - 1
    assert sealer.seal(CALL, on=after(first)).epoch == first.epoch
    clock.seconds += 1
    assert sealer.seal(CALL, on=after(first)).epoch.number == 2
    assert EPOCH_SECONDS == 3600


def test_an_epoch_ends_after_two_hundred_records() -> None:
    sealer, head = new_sealer(), EMPTY_CHAIN
    numbers = []
    for _ in range(2 * EPOCH_RECORDS + 1):
        record = sealer.seal(CALL, on=head)
        numbers.append(record.epoch.number)
        head = after(record)
    assert numbers == [1] * 200 + [2] * 200 + [3]


def test_a_forgotten_epoch_never_comes_back_even_if_its_record_was_not_stored() -> None:
    sealer = new_sealer()
    lost = sealer.seal(CALL, on=EMPTY_CHAIN)
    sealer.forget_epoch()
    kept = sealer.seal(CALL, on=EMPTY_CHAIN)
    assert (lost.epoch.number, kept.epoch.number) == (1, 2)
    assert parse_epoch(lost.epoch.body).commitment != parse_epoch(kept.epoch.body).commitment


def test_another_database_is_another_epoch() -> None:
    sealer = new_sealer()
    here = sealer.seal(CALL, on=EMPTY_CHAIN)
    restored = sealer.seal(CALL, on=replace(EMPTY_CHAIN, chain=b"chain--2", epoch=1))
    assert parse_epoch(restored.epoch.body).chain == travelled(restored).chain == b"chain--2"
    assert restored.epoch.number > here.epoch.number


# ---------------------------------------------------------------------------------------------------------------- doors


def test_what_cannot_be_sealed_fails_without_a_word_of_it() -> None:
    secret = "山田さんの電話番号"
    unsealable: list[Fact] = [
        replace(CONSULTATION, memo=secret + "\ud800"),
        replace(CONSULTATION, memo=secret * 2000),
        replace(CONSULTATION, memo=secret, minutes=-1),
        replace(VISIT, ended=None),
    ]
    for fact in unsealable:
        with pytest.raises(SealingFailed) as caught:
            new_sealer().seal(fact, on=EMPTY_CHAIN)
        assert secret[:2] not in f"{caught.value!r}{caught.value.detail}"
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


def test_a_failure_ends_the_epoch() -> None:
    sealer = new_sealer()
    assert sealer.seal(CALL, on=EMPTY_CHAIN).epoch.number == 1
    with pytest.raises(SealingFailed):
        sealer.seal(CALL, on=replace(EMPTY_CHAIN, hash=b"short"))
    assert sealer.seal(CALL, on=EMPTY_CHAIN).epoch.number == 2


def test_without_chance_nothing_is_sealed() -> None:
    def no_chance(length: int) -> NoReturn:
        raise OSError

    sealer = RecordSealer(TOWN_KEYS, DEVICE_KEY, start=3, random=no_chance)
    with pytest.raises(SealingFailed):
        sealer.seal(CALL, on=EMPTY_CHAIN)


def test_the_real_clock_and_chance_will_do() -> None:
    sealer = RecordSealer(TOWN_KEYS, DEVICE_KEY, start=3)
    record = sealer.seal(replace(CALL, id=uuid4()), on=EMPTY_CHAIN)
    assert opened(record).kind == "call"
    assert DEVICE_KEY.to_bytes().hex() not in repr(vars(sealer))
