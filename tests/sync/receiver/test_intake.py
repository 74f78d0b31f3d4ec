import threading
from pathlib import Path

import pytest

from sync.envelope import record_body, signature_of
from sync.errors import MalformedMessage
from sync.receiver.errors import NotTheDevice, OtherMunicipality, StoreFailed, UnknownDevice
from sync.receiver.intake import stand_in
from sync.receiver.store import MOST_QUARANTINED
from tests.sync.receiver.road import MUNICIPALITY, STRANGER_KEY, Desk, Town, entry, flipped, hollow


def test_every_record_of_a_batch_is_stored_and_receipted(town: Town, desk: Desk) -> None:
    records = desk.records(3)
    reply = town.take(desk.batch(records, nonce=b"m" * 16))
    assert reply.receipt.entries == tuple(entry(body) for body in records)
    assert (reply.receipt.municipality, reply.receipt.device) == (MUNICIPALITY, desk.id)
    assert (reply.receipt.run_nonce, reply.receipt.receiver_epoch) == (b"m" * 16, town.store.epoch)
    assert (reply.refused, reply.inbox) == ((), ())
    assert town.records == records


def test_the_same_batch_twice_is_stored_once_and_receipted_twice(town: Town, desk: Desk) -> None:
    batch = desk.batch(desk.records(3))
    assert town.take(batch) == town.take(batch)
    assert len(town.records) == 3


def test_a_record_twice_in_one_batch_is_stored_once(town: Town, desk: Desk) -> None:
    record = desk.seal()
    assert town.take(desk.batch([record, record])).receipt.entries == (entry(record), entry(record))
    assert town.records == [record]


def test_what_was_receipted_is_there_after_a_restart(town: Town, desk: Desk) -> None:
    records = desk.records(2)
    epoch = town.take(desk.batch(records)).receipt.receiver_epoch
    town.restart()
    assert town.records == records
    assert town.take(desk.batch([])).receipt.receiver_epoch == epoch


def test_many_batches_at_once_are_all_stored_once(town: Town) -> None:
    desks = [Desk() for _ in range(10)]
    batches = []
    for desk in desks:
        town.admit(desk)
        records = desk.records(10)
        batches += [desk.batch(records[begin : begin + 6]) for begin in (0, 2, 4, 2, 0)]
    failures: list[BaseException] = []

    def take(batch: bytes) -> None:
        try:
            assert len(town.take(batch).receipt.entries) == 6
        except BaseException as error:  # noqa: BLE001 # a thread must hand its failure over
            failures.append(error)

    threads = [threading.Thread(target=take, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(town.records) == len(set(town.records)) == 100


def test_a_bad_record_costs_only_itself(town: Town, desk: Desk) -> None:
    first, second, third = desk.records(3)
    poison = flipped(second, len(second) - 1)
    reply = town.take(desk.batch([first, b"not a record", poison, third]))
    assert reply.receipt.entries == (entry(first), entry(third))
    assert reply.refused == ((stand_in(b"not a record"), "malformed_message"), (entry(second)[0], "bad_signature"))
    assert town.store.quarantined(MUNICIPALITY) == {"bad_signature": 1}


def test_gaps_in_the_chain_are_taken(town: Town, desk: Desk) -> None:
    records = desk.records(9)
    assert len(town.take(desk.batch(records[::3])).receipt.entries) == 3
    assert len(town.take(desk.batch(records)).receipt.entries) == 9
    assert len(town.records) == 9


def test_an_id_belongs_to_the_record_that_came_first(town: Town, desk: Desk) -> None:
    first = desk.seal(record_id=b"i" * 16)
    second = desk.seal(record_id=b"i" * 16)
    town.take(desk.batch([first]))
    reply = town.take(desk.batch([second]))
    assert (reply.receipt.entries, reply.refused) == ((), ((b"i" * 16, "id_reused"),))
    assert town.records == [first]
    assert town.store.quarantined(MUNICIPALITY) == {"id_reused": 1}


def test_a_sequence_belongs_to_the_record_that_came_first(town: Town, desk: Desk) -> None:
    first, second = desk.seal(sequence=1), desk.seal(sequence=1)
    reply = town.take(desk.batch([first, second]))
    assert (reply.receipt.entries, reply.refused) == ((entry(first),), ((entry(second)[0], "sequence_reused"),))
    assert town.records == [first]


def test_the_quarantine_is_bounded(town: Town, desk: Desk) -> None:
    desk.seal(sequence=1)
    first = desk.seal(sequence=1)
    town.take(desk.batch([first]))
    for _ in range(2):
        others = [desk.seal(sequence=1) for _ in range(MOST_QUARANTINED - 50)]
        assert len(town.take(desk.batch(others)).refused) == len(others)
    assert town.store.quarantined(MUNICIPALITY) == {"sequence_reused": MOST_QUARANTINED}


def test_a_withdrawn_record_loses_its_ciphertext_and_never_gets_it_back(town: Town, desk: Desk) -> None:
    record = desk.seal()
    town.take(desk.batch([record]))
    for body in (hollow(record), record, hollow(record)):
        assert town.take(desk.batch([body])).receipt.entries == (entry(record),)
        assert town.records == [hollow(record)]


def test_a_record_withdrawn_before_it_left_is_stored_hollow(town: Town, desk: Desk) -> None:
    record = hollow(desk.seal())
    assert town.take(desk.batch([record])).receipt.entries == (entry(record),)
    assert town.records == [record]


def test_a_hollow_record_under_a_taken_id_does_not_hollow_the_first(town: Town, desk: Desk) -> None:
    first = desk.seal(record_id=b"i" * 16)
    town.take(desk.batch([first]))
    reply = town.take(desk.batch([hollow(desk.seal(record_id=b"i" * 16))]))
    assert reply.refused == ((b"i" * 16, "id_reused"),)
    assert town.records == [first]


def test_a_record_without_its_epoch_is_not_receipted(town: Town, desk: Desk) -> None:
    record = desk.seal()
    assert town.take(desk.batch([record], epochs=[])).refused == ((entry(record)[0], "epoch_missing"),)
    damaged = flipped(desk.epochs[0].body, 300)
    assert town.take(desk.batch([record], epochs=[damaged])).refused == ((entry(record)[0], "epoch_missing"),)
    assert town.take(desk.batch([record])).refused == ()
    assert town.take(desk.batch([desk.seal()], epochs=[])).refused == ()


def test_an_epoch_number_belongs_to_the_epoch_that_came_first(town: Town, desk: Desk) -> None:
    record = desk.seal()
    town.take(desk.batch([record]))
    first = desk.epochs.pop()
    later = desk.seal()
    assert desk.epochs[0].number == first.number
    reply = town.take(desk.batch([later]))
    assert reply.refused == ((entry(later)[0], "epoch_reused"),)
    assert town.receiver.records(0, 10).epochs == (first.body,)


def test_an_unknown_device_is_refused_as_a_whole(town: Town) -> None:
    stranger = Desk()
    with pytest.raises(UnknownDevice):
        town.take(stranger.batch(stranger.records(1)))
    assert town.records == []


def test_a_batch_signed_by_another_key_is_refused_as_a_whole(town: Town, desk: Desk) -> None:
    with pytest.raises(NotTheDevice):
        town.take(desk.batch(desk.records(1), signed_by=STRANGER_KEY))
    assert town.records == []


def test_a_batch_of_another_municipality_is_refused_as_a_whole(town: Town, desk: Desk) -> None:
    with pytest.raises(OtherMunicipality):
        town.take(desk.batch(desk.records(1), municipality="131024"))


def test_one_desk_cannot_bring_the_records_of_another(town: Town, desk: Desk) -> None:
    other = Desk()
    town.admit(other)
    record = other.seal()
    reply = town.take(desk.batch([record], epochs=other.epoch_bodies))
    assert reply.refused == ((entry(record)[0], "bad_signature"),)
    assert town.records == []


def test_records_of_another_municipality_are_refused(town: Town, desk: Desk) -> None:
    moved = Desk(municipality="131024", key=desk.key)
    record = moved.seal()
    assert town.take(desk.batch([record], epochs=moved.epoch_bodies)).refused == (
        (entry(record)[0], "other_municipality"),
    )


def test_bytes_that_are_no_batch_are_malformed(town: Town) -> None:
    with pytest.raises(MalformedMessage):
        town.take(b"\x82\x41\x00")


def test_nothing_of_a_batch_is_kept_when_the_disk_refuses(town: Town, desk: Desk) -> None:
    batch = desk.batch(desk.records(3))
    town.sql("CREATE TRIGGER no BEFORE INSERT ON record WHEN NEW.sequence = 3 BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(StoreFailed):
        town.take(batch)
    assert town.records == []
    town.sql("DROP TRIGGER no")
    assert len(town.take(batch).receipt.entries) == 3


def test_a_new_database_is_a_new_epoch(town: Town, desk: Desk) -> None:
    before = town.take(desk.batch([])).receipt.receiver_epoch
    town.lose_everything()
    assert town.take(desk.batch([])).receipt.receiver_epoch != before


def test_a_restored_database_is_a_new_epoch(town: Town, tmp_path: Path) -> None:
    before = town.store.epoch
    town.store.close()
    live = tmp_path / "receiver.sqlite"
    backup = tmp_path / "backup"
    backup.write_bytes(live.read_bytes())
    backup.replace(live)
    town.restart()
    assert town.store.epoch != before


def test_an_operator_can_begin_a_new_epoch(town: Town) -> None:
    before = town.store.epoch
    town.store.begin_new_epoch()
    renewed = town.store.epoch
    town.restart()
    assert town.store.epoch == renewed != before


def test_a_swapped_ciphertext_is_a_bad_signature(town: Town, desk: Desk) -> None:
    record = desk.seal()
    parts = desk.epochs[0].seal(b"x", sequence=9, record_id=b"j" * 16, previous_hash=bytes(32))
    signature = signature_of(header=parts.header, hash=parts.hash, key=desk.key)
    swapped = record_body(header=parts.header, ciphertext=b"c" * 64, signature=signature)
    reply = town.take(desk.batch([record, swapped]))
    assert reply.refused == ((b"j" * 16, "bad_signature"),)
