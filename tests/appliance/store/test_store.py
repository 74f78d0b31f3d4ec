import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from appliance.desk.errors import (
    SameKeyOtherBody,
    StorageFailed,
    StorageFull,
    UnknownCall,
    UnknownConsultation,
    UnknownVisit,
)
from appliance.desk.facts.call import Call, CallSource, CallState
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.facts.sealed import SealedEpoch, SealedRecord
from appliance.desk.facts.visit import Channel, Visit
from appliance.desk.ports import Once, Storage
from appliance.store.migrations import STEPS
from appliance.store.outgoing import OutgoingRecords
from appliance.store.store import FOLD_AFTER, OutboxRows, Store
from tests.failing_disk import FailingDisk
from tests.fakes import FakeClock, FakeSealer, FakeStorage

NOW = FakeClock().now()
ENTRY = ConsultationEntry(topics=("phone", "password"), age_band="75to84", outcome="resolved", memo="ひみつのメモ")
Open = Callable[[], Storage]


@pytest.fixture(params=["fake", "real"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FakeStorage() if request.param == "fake" else Store(tmp_path / "desk.db")


def add_call(storage: Storage, call: Call | None = None) -> Call:
    call = call or Call.at_the_press(1, source=CallSource.BUTTON, attended=True, now=NOW)
    with storage.writing() as writing:
        writing.outbox.add(FakeSealer().seal(call, on=writing.head), at=NOW)
        writing.calls.add(call)
    return call


def add_consultation(storage: Storage) -> Consultation:
    made = Consultation.of(ENTRY, visit=uuid4(), minutes=7, honest=True, now=NOW)
    with storage.writing() as writing:
        writing.outbox.add(FakeSealer().seal(made, on=writing.head), at=NOW)
        writing.consultations.add(made)
    return made


def test_what_was_committed_is_there(storage: Storage) -> None:
    call = add_call(storage)
    with storage.writing() as writing:
        assert writing.calls.get(call.id) == call
        assert list(writing.calls.waiting()) == [call]
        assert writing.head.sequence == 1
    assert storage.unsent() == 1


def test_an_exception_undoes_everything(storage: Storage) -> None:
    before = add_call(storage)
    with pytest.raises(UnknownVisit), storage.writing() as writing:
        call = Call.at_the_press(2, source=CallSource.API, attended=False, now=NOW)
        writing.outbox.add(FakeSealer().seal(call, on=writing.head), at=NOW)
        writing.calls.add(call)
        writing.visits.get(uuid4())
    with storage.writing() as writing:
        assert list(writing.calls.waiting()) == [before]
        assert writing.head.sequence == 1
    assert storage.unsent() == 1


def test_a_closed_call_waits_no_more(storage: Storage) -> None:
    call = add_call(storage)
    with storage.writing() as writing:
        writing.calls.close(call.close(CallState.ANSWERED, replace(NOW, mono_ms=NOW.mono_ms + 1)))
    with storage.writing() as writing:
        assert list(writing.calls.waiting()) == []
        assert writing.calls.get(call.id).state is CallState.ANSWERED
        assert writing.calls.get(call.id).waiting_time(NOW).time == timedelta(milliseconds=1)


def test_a_visit_is_open_until_it_ends_or_is_withdrawn(storage: Storage) -> None:
    visit = Visit.beginning(call=uuid4(), waiting_seconds=12, timed=True, now=NOW)
    other = Visit.beginning(call=None, waiting_seconds=None, timed=True, now=replace(NOW, wall=NOW.wall + timedelta(1)))
    with storage.writing() as writing:
        writing.visits.add(visit)
        writing.visits.add(other)
    with storage.writing() as writing:
        assert list(writing.visits.open()) == [visit, other]
        assert visit.call is not None
        assert writing.visits.of_call(visit.call) == visit
        assert writing.visits.of_call(uuid4()) is None
        ended = visit.end(channel=Channel.REMOTE, people=2, now=NOW)
        writing.visits.end(ended)
        assert writing.visits.get(visit.id) == ended
        writing.visits.withdraw(other.id)
        writing.visits.withdraw(visit.id)
        assert list(writing.visits.open()) == []
        assert writing.visits.of_call(visit.call) is None


def test_a_consultation_comes_back_without_its_memo(storage: Storage) -> None:
    made = add_consultation(storage)
    with storage.writing() as writing:
        stored = writing.consultations.get(made.id)
        assert stored == made
        assert stored.memo is None
        assert writing.consultations.standing(made.visit) == 1
    assert list(storage.logged_since(NOW.wall)) == [made]
    assert list(storage.logged_since(NOW.wall + timedelta(seconds=1))) == []


def test_a_withdrawn_consultation_counts_no_more(storage: Storage) -> None:
    made = add_consultation(storage)
    with storage.writing() as writing:
        writing.outbox.hollow(made.id)
        writing.consultations.withdraw(made.id)
        assert writing.consultations.get(made.id).withdrawn
        assert writing.consultations.standing(made.visit) == 0
    assert list(storage.logged_since(NOW.wall)) == []


def test_a_corrected_consultation_counts_no_more_until_its_correction_is_withdrawn(storage: Storage) -> None:
    before, after = add_consultation(storage), add_consultation(storage)
    with storage.writing() as writing:
        writing.consultations.supersede(before.id, by=after.id)
        assert writing.consultations.get(before.id).superseded_by == after.id
        assert writing.consultations.superseded(after.id) == before.id
        assert writing.consultations.superseded(before.id) is None
        assert writing.consultations.standing(before.visit) == 0
    assert [one.id for one in storage.logged_since(NOW.wall)] == [after.id]
    with storage.writing() as writing:
        writing.consultations.supersede(before.id, by=None)
        assert writing.consultations.standing(before.visit) == 1


def test_unknown_ids_are_said_to_be_unknown(storage: Storage) -> None:
    with pytest.raises(UnknownCall), storage.writing() as writing:
        writing.calls.get(uuid4())
    with pytest.raises(UnknownConsultation), storage.writing() as writing:
        writing.consultations.get(uuid4())


def test_a_request_is_answered_by_what_it_made(storage: Storage) -> None:
    once, made = Once(key="abc", fingerprint=b"1"), uuid4()
    with storage.writing() as writing:
        assert writing.requests.answered(once) is None
        writing.requests.remember(once, made, now=NOW)
    with storage.writing() as writing:
        assert writing.requests.answered(once) == made
    with pytest.raises(SameKeyOtherBody), storage.writing() as writing:
        writing.requests.answered(replace(once, fingerprint=b"2"))


# ------------------------------------------------------------------------------------------- the real database alone


def test_after_a_restart_a_request_is_still_known_by_its_key(tmp_path: Path) -> None:
    once, made = Once(key="abc", fingerprint=b"1"), uuid4()
    first = Store(tmp_path / "desk.db")
    with first.writing() as writing:
        writing.requests.remember(once, made, now=NOW)
    first.close()
    second = Store(tmp_path / "desk.db")
    with second.writing() as writing:
        assert writing.requests.answered(replace(once, fingerprint=b"made with another key")) == made
    second.forget_old_requests(replace(NOW, wall=NOW.wall + timedelta(hours=49)))
    with second.writing() as writing:
        assert writing.requests.answered(once) is None


def test_a_restart_goes_on_where_the_chain_ended_and_counts_itself(tmp_path: Path) -> None:
    first = Store(tmp_path / "desk.db")
    call = add_call(first)
    with first.writing() as writing:
        head = writing.head
    first.close()
    second = Store(tmp_path / "desk.db")
    with second.writing() as writing:
        assert writing.head == head
        assert writing.calls.get(call.id) == call
    assert second.run.start == first.run.start + 1
    assert second.run.boot == first.run.boot


def test_every_database_has_a_chain_of_its_own(tmp_path: Path) -> None:
    chains = set()
    for name in ("a.db", "b.db"):
        with Store(tmp_path / name).writing() as writing:
            chains.add(writing.head.chain)
    assert len(chains) == 2


def test_the_database_is_durable_and_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.db"
    store = Store(path)
    with store.alone() as database:
        assert database.pragma("synchronous") == 2
        assert database.pragma("journal_mode") == "wal"
        assert database.pragma("page_size") == 4096
        assert database.pragma("mmap_size") in {0, None}
    assert path.stat().st_mode & 0o777 == 0o600
    store.fold_log()


def test_a_database_of_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "desk.db")
    raw.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    raw.close()
    with pytest.raises(StorageFailed, match="install the newer one"):
        Store(tmp_path / "desk.db")


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StorageFailed, match="NOTADB"):
        Store(tmp_path / "desk.db")


def test_a_full_disk_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    add_call(store)
    with store.alone() as database:
        pages = database.pragma("page_count")
    store._writer.pragma("max_page_count", pages)  # noqa: SLF001 (the honest way to a full database without root)
    with pytest.raises(StorageFull):
        for _ in range(200):
            add_call(store)
    store._writer.pragma("max_page_count", pages + 1000)  # noqa: SLF001 (space returns)
    with store.writing() as writing:
        head = writing.head
        stored = list(writing.calls.waiting())
    assert head.sequence == len(stored) == store.unsent()
    add_call(store)


def test_a_record_that_does_not_follow_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    call = add_call(store)
    stranger = Call.at_the_press(1, source=CallSource.BUTTON, attended=True, now=NOW)
    with store.writing() as writing:
        assert isinstance(writing.outbox, OutboxRows)
        outbox, calls = writing.outbox, writing.calls
        with pytest.raises(StorageFailed, match="chain"):
            outbox.add(FakeSealer().seal(stranger, on=replace(writing.head, sequence=0)), at=NOW)
        outbox.add(FakeSealer().seal(stranger, on=writing.head), at=NOW)
        with pytest.raises(StorageFailed, match="own record"):
            calls.add(call)


# --------------------------------------------------------------------------------------------------- on the way out


HOLD = timedelta(seconds=15)
LATER = replace(NOW, mono_ms=NOW.mono_ms + 15_000)


def add_record(store: Store, *, epoch: int = 1) -> SealedRecord:
    with store.writing() as writing:
        uid, body = uuid4(), uuid4().bytes
        record = SealedRecord(
            id=uid,
            sequence=writing.head.sequence + 1,
            epoch=SealedEpoch(number=epoch, body=b"epoch %d" % epoch),
            header=b"h",
            ciphertext=body,
            hash=sha256(body).digest(),
        )
        writing.outbox.add(record, at=NOW)
    return record


def entry(record: SealedRecord) -> tuple[bytes, bytes]:
    return record.id.bytes, record.hash


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "desk.db")


def test_a_young_record_stays_and_an_old_one_goes(store: Store) -> None:
    add_record(store)
    outgoing = OutgoingRecords(store)
    young = replace(NOW, mono_ms=NOW.mono_ms + 14_999)
    assert outgoing.offered(after=0, limit=10, hold=HOLD, now=young).records == ()
    assert len(outgoing.offered(after=0, limit=10, hold=HOLD, now=LATER).records) == 1
    rebooted = replace(NOW, mono_ms=10, boot=2)
    assert len(outgoing.offered(after=0, limit=10, hold=HOLD, now=rebooted).records) == 1


def test_records_are_offered_in_order_with_the_epochs_the_town_cannot_have(store: Store) -> None:
    outgoing = OutgoingRecords(store)
    made = [add_record(store, epoch=number) for number in (1, 1, 2)]
    offer = outgoing.offered(after=0, limit=10, hold=HOLD, now=LATER)
    assert [one.hash for one in offer.records] == [one.hash for one in made]
    assert offer.epochs == (b"epoch 1", b"epoch 2")
    assert [one.sequence for one in outgoing.offered(after=1, limit=1, hold=HOLD, now=LATER).records] == [2]
    outgoing.receiver_is(b"r1", at=LATER)
    assert outgoing.receipted([entry(made[0])], receiver_epoch=b"r1") == 1
    again = outgoing.offered(after=0, limit=10, hold=HOLD, now=LATER)
    assert again.epochs == (b"epoch 2",)
    assert outgoing.waiting() == 2


def test_a_run_on_foot_is_remembered_over_a_restart_until_it_is_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    first, second = b"a" * 16, b"b" * 16
    for nonce in (first, second):
        OutgoingRecords(store).remember_run(nonce)
    store.close()
    outgoing = OutgoingRecords(Store(tmp_path / "desk.db"))
    assert [outgoing.remembers_run(nonce) for nonce in (first, second, b"c" * 16)] == [True, True, False]
    outgoing.forget_run(first)
    assert [outgoing.remembers_run(nonce) for nonce in (first, second)] == [False, True]


def test_so_many_runs_on_foot_and_no_more_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.store.outgoing.MOST_RUNS", 2)
    outgoing = OutgoingRecords(store)
    nonces = [bytes([number]) * 16 for number in range(3)]
    for nonce in nonces:
        outgoing.remember_run(nonce)
    assert [outgoing.remembers_run(nonce) for nonce in nonces] == [False, True, True]


def test_a_receipt_for_another_hash_changes_nothing(store: Store) -> None:
    record = add_record(store)
    outgoing = OutgoingRecords(store)
    assert outgoing.receipted([(record.id.bytes, bytes(32))], receiver_epoch=b"r1") == 0
    assert outgoing.receipted([entry(record)], receiver_epoch=b"r1") == 1
    assert outgoing.receipted([entry(record)], receiver_epoch=b"r1") == 0
    assert outgoing.waiting() == 0


def test_a_restored_receiver_is_offered_everything_that_no_office_opened(store: Store) -> None:
    outgoing = OutgoingRecords(store)
    opened, lost = add_record(store), add_record(store)
    outgoing.receipted([entry(opened), entry(lost)], receiver_epoch=b"r1")
    assert outgoing.opened(3, [entry(opened)]) == 1
    assert outgoing.last_opened() == 3
    assert outgoing.receiver_is(b"r1", at=LATER) == 0
    assert outgoing.receiver_is(b"r2", at=LATER) == 1
    assert [one.hash for one in outgoing.offered(after=0, limit=9, hold=HOLD, now=LATER).records] == [lost.hash]


def test_a_withdrawn_record_is_offered_without_its_body(store: Store) -> None:
    record = add_record(store)
    with store.writing() as writing:
        writing.outbox.hollow(record.id)
    (offered,) = OutgoingRecords(store).offered(after=0, limit=9, hold=HOLD, now=LATER).records
    assert (offered.ciphertext, offered.hash) == (None, record.hash)


def test_a_restored_receiver_is_given_the_epoch_of_what_it_lacks_again(store: Store) -> None:
    outgoing = OutgoingRecords(store)
    outgoing.receiver_is(b"r1", at=LATER)
    opened, lacking = add_record(store), add_record(store)
    outgoing.receipted([entry(opened)], receiver_epoch=b"r1")
    outgoing.opened(1, [entry(opened)])
    outgoing.receiver_is(b"r2", at=LATER)
    offer = outgoing.offered(after=0, limit=9, hold=HOLD, now=LATER)
    assert [one.hash for one in offer.records] == [lacking.hash]
    assert offer.epochs == (b"epoch 1",)


def test_a_record_withdrawn_after_its_receipt_is_offered_hollow(store: Store) -> None:
    outgoing = OutgoingRecords(store)
    record = add_record(store)
    outgoing.receipted([entry(record)], receiver_epoch=b"r1")
    assert store.unsent() == 0
    with store.writing() as writing:
        writing.outbox.hollow(record.id)
    assert store.unsent() == 1
    (offered,) = outgoing.offered(after=0, limit=9, hold=HOLD, now=LATER).records
    assert offered.ciphertext is None
    assert outgoing.receipted([entry(record)], receiver_epoch=b"r1") == 1
    assert store.unsent() == 0


def test_the_receipt_of_a_full_copy_under_way_does_not_count_for_the_hollow_one(store: Store) -> None:
    outgoing = OutgoingRecords(store)
    record = add_record(store)
    assert outgoing.offered(after=0, limit=9, hold=HOLD, now=LATER).records[0].ciphertext is not None
    with store.writing() as writing:
        writing.outbox.hollow(record.id)
    assert outgoing.receipted([entry(record)], receiver_epoch=b"r1") == 0
    outgoing.offered(after=0, limit=9, hold=HOLD, now=LATER)
    assert outgoing.receipted([entry(record)], receiver_epoch=b"r1") == 1


def test_a_long_log_is_folded_beside_the_writer(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    for _ in range(FOLD_AFTER - 1):
        add_call(store)
    assert not store.log_is_long.is_set()
    add_call(store)
    assert store.log_is_long.is_set()
    before = (tmp_path / "desk.db").stat().st_size
    with store.writing() as writing:  # the writer is busy meanwhile
        store.fold_log()
        assert writing.head.sequence == FOLD_AFTER
    assert not store.log_is_long.is_set()
    assert (tmp_path / "desk.db").stat().st_size > before
    store.close()


def test_a_database_of_the_first_version_keeps_its_records(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with sqlite3.connect(path) as raw:
        for statement in STEPS[0]:
            raw.execute(statement)
        raw.execute("PRAGMA user_version = 1")
        raw.execute("INSERT INTO meta VALUES ('chain', ?)", (b"12345678",))
        raw.execute("INSERT INTO epoch VALUES (1, ?)", (b"epoch",))
        raw.execute(
            "INSERT INTO record VALUES (1, ?, 1, ?, ?, ?, ?, 1, 5, 5, NULL, NULL)",
            (b"u" * 16, b"header", b"sealed", b"signed", b"h" * 32),
        )
    raw.close()
    store = Store(path)
    with store.writing() as writing:
        assert (writing.head.sequence, writing.head.hash, writing.head.chain) == (1, b"h" * 32, b"12345678")
    (offered,) = OutgoingRecords(store).offered(after=0, limit=10, hold=HOLD, now=LATER).records
    assert (offered.header, offered.ciphertext) == (b"header", b"sealed")
    add_call(store)
    assert store.unsent() == 2


def test_a_rehearsal_after_a_fault_finds_the_disk_well_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FailingDisk(monkeypatch)
    store = Store(tmp_path / "desk.db")
    for after in (False, True):
        disk.left, disk.after = 0, after
        with pytest.raises(StorageFailed):
            store.rehearse()
        disk.left = None
        store.rehearse()
    assert store.meta("rehearsal") is None
    store.close()
