"""The office believes nothing it cannot check, loses nothing it cannot read, and forgets nothing that was withdrawn."""

from datetime import UTC, datetime

import pytest

from sync.envelope import parse_record
from sync.office.reconcile import Reconciliation
from sync.office.statistics import Statistics
from sync.office.tables import (
    Aside,
    Call,
    CallClosed,
    Consultation,
    ConsultationTopic,
    Fact,
    Memo,
    Record,
    Visit,
)
from sync.wire import encode
from tests.sync.office.town import STRANGER, TODAY, TestDesk, Town, hollow

MEMO = "暗証番号を三回まちがえてロックされていた。"


def numbers(town: Town) -> Statistics:
    office = town.office()
    office.pull()
    return office.statistics(TODAY, TODAY)


def reconciled(town: Town) -> Reconciliation:
    office = town.office()
    office.pull()
    (only,) = office.reconcile(TODAY, TODAY)
    return only


def reasons() -> list[str]:
    return [aside.reason for aside in Aside.select().order_by(Aside.reason)]


def test_every_kind_becomes_a_row(town: Town, desk: TestDesk) -> None:
    call = desk.call()
    desk.close(call, seconds=61)
    visit = desk.visit(call=call, people=3)
    consultation = desk.consultation(visit, topics=("password", "email"), memo=MEMO)
    desk.withdraw(desk.call())
    town.source.bring(desk)
    town.office().pull()
    assert Call.get_by_id(call.hex()).source == "button"
    assert CallClosed.get().waiting_seconds == 61
    assert Visit.get_by_id(visit.hex()).people == 3
    assert Consultation.get_by_id(consultation.hex()).visit == visit.hex()
    assert [row.topic for row in ConsultationTopic.select().order_by(ConsultationTopic.topic)] == ["email", "password"]
    assert Memo.get_by_id(consultation.hex()).words == MEMO
    assert [row.state for row in Record.select().order_by(Record.sequence)] == [*["opened"] * 4, "withdrawn", "opened"]
    assert {row.day for row in Record.select()} == {TODAY}


def test_opening_the_same_records_again_changes_nothing(town: Town, desk: TestDesk) -> None:
    desk.served()
    town.source.bring(desk)
    office = town.office()
    assert office.pull() == 2
    before = office.statistics(TODAY, TODAY)
    assert office.take(desk.epochs, desk.bodies) == 0
    assert office.statistics(TODAY, TODAY) == before
    assert reasons() == []


@pytest.mark.parametrize("part", ["header", "ciphertext", "signature"])
def test_a_record_changed_on_the_way_never_counts(town: Town, desk: TestDesk, part: str) -> None:
    desk.visit()
    whole = parse_record(desk.bodies[0])
    header, ciphertext, signature = whole.header, whole.ciphertext or b"", whole.signature
    if part == "header":
        header = header.replace(b"\x01", b"\x02", 1)
    elif part == "ciphertext":
        ciphertext = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    else:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    desk.bodies[0] = encode([header, ciphertext, signature])
    desk.visit()
    town.source.bring(desk)
    assert numbers(town).visits == 1
    assert len(reasons()) == 1


def test_the_signature_of_another_admitted_desk_does_not_do(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    desk.visit()
    body = parse_record(desk.bodies[0])
    signature = other.key.sign(b"madoguchi/v1/record", body.hash + body.header)
    town.office().take(desk.epochs, [encode([body.header, body.ciphertext, signature])])
    assert reasons() == ["bad_signature"]
    assert Record.select().count() == 0


def test_garbage_is_put_aside_and_the_rest_goes_on(town: Town, desk: TestDesk) -> None:
    desk.visit()
    office = town.office()
    assert office.take([b"\x00", *desk.epochs], [b"\xff", b"", *desk.bodies, encode([1, 2, 3])]) == 1
    assert reasons() == ["malformed_message"] * 4


def test_a_gap_is_counted_and_stops_nothing(town: Town, desk: TestDesk) -> None:
    for _ in range(5):
        desk.visit()
    del desk.bodies[1:3]
    town.source.bring(desk)
    assert numbers(town).visits == 3
    result = reconciled(town)
    assert (result.captured, result.receipted, result.opened, result.gaps, result.broken_links) == (5, 3, 3, 2, 0)


def test_a_gap_that_is_filled_later_is_none(town: Town, desk: TestDesk) -> None:
    for _ in range(5):
        desk.visit()
    office = town.office()
    office.take(desk.epochs, [desk.bodies[4], desk.bodies[1]])
    office.take(desk.epochs, desk.bodies)
    result = reconciled(town)
    assert (result.captured, result.receipted, result.opened, result.gaps, result.broken_links) == (5, 5, 5, 0, 0)


def test_a_record_that_names_another_predecessor_is_noted(town: Town, desk: TestDesk) -> None:
    desk.visit()
    desk.visit()
    twin = TestDesk(1)
    twin.visit(people=7)
    town.office().take([*desk.epochs, *twin.epochs], [twin.bodies[0], desk.bodies[1]])
    assert reconciled(town).broken_links == 1


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]])
def test_a_withdrawal_wins_whether_it_comes_before_or_after(town: Town, desk: TestDesk, order: list[int]) -> None:
    consultation = desk.consultation(desk.visit(), memo=MEMO)
    desk.withdraw(consultation)
    office = town.office()
    for index in order:
        office.take(desk.epochs, [desk.bodies[index]])
    result = office.statistics(TODAY, TODAY)
    assert (result.visits, result.consultations, result.by_topic) == (1, 0, {})
    assert Record.get_by_id(consultation.hex()).state == "withdrawn"
    assert Memo.select().count() == 0


def test_a_withdrawn_memo_leaves_no_trace_in_the_database(town: Town, desk: TestDesk) -> None:
    consultation = desk.consultation(desk.visit(), memo=MEMO)
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    desk.withdraw(consultation)
    office.take(desk.epochs, desk.bodies)
    town.close()
    files = [path.read_bytes() for path in town.folder.iterdir()]
    assert not any(MEMO[:8].encode() in content for content in files)


def test_one_desk_cannot_withdraw_what_another_recorded(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    visit = desk.visit()
    other.withdraw(visit)
    town.source.bring(other, desk)
    assert numbers(town).visits == 1


def test_a_hollow_record_keeps_its_place_and_counts_as_taken(town: Town, desk: TestDesk) -> None:
    consultation = desk.served()
    desk.withdraw(consultation)
    desk.hollow(1)
    town.source.bring(desk)
    assert numbers(town).consultations == 0
    result = reconciled(town)
    assert (result.captured, result.receipted, result.opened, result.withdrawn, result.gaps) == (3, 3, 3, 1, 0)


def test_a_whole_copy_after_a_hollow_one_stays_withdrawn(town: Town, desk: TestDesk) -> None:
    desk.served()
    office = town.office()
    office.take(desk.epochs, [hollow(desk.bodies[1])])
    office.take(desk.epochs, desk.bodies)
    assert office.statistics(TODAY, TODAY).consultations == 0


def test_a_hollow_record_is_dated_by_its_neighbour(town: Town, desk: TestDesk) -> None:
    desk.visit(at=datetime(2026, 10, 3, 15, 1, tzinfo=UTC))
    desk.visit(at=datetime(2026, 10, 3, 15, 2, tzinfo=UTC))
    desk.hollow(1)
    town.office().take(desk.epochs, desk.bodies)
    assert [str(row.day) for row in Record.select()] == ["2026-10-04", "2026-10-04"]


def test_a_second_record_with_the_same_id_is_put_aside(town: Town, desk: TestDesk) -> None:
    first = desk.visit(people=2)
    twin = TestDesk(1)
    twin.record("call", {"button": 1, "source": "button", "attended": True}, record_id=first)
    office = town.office()
    office.take([*desk.epochs, *twin.epochs], [*desk.bodies, *twin.bodies])
    assert office.statistics(TODAY, TODAY).people == 2
    assert office.statistics(TODAY, TODAY).calls == 0
    assert reasons() == ["conflict"]


def test_a_second_record_at_the_same_place_is_put_aside(town: Town, desk: TestDesk) -> None:
    desk.visit()
    desk.payload(b"\x00", sequence=1)
    town.source.bring(desk)
    assert numbers(town).visits == 1
    assert reasons() == ["conflict"]


def test_without_the_key_everything_waits_for_an_office_that_has_it(town: Town, desk: TestDesk) -> None:
    desk.served()
    town.source.bring(desk)
    without = town.office(key=STRANGER)
    without.pull()
    assert without.statistics(TODAY, TODAY).visits == 0
    assert reasons() == ["not_openable"] * 2
    assert {row.state for row in Record.select()} == {"set_aside"}
    assert numbers(town).consultations == 1
    assert reasons() == []
    assert len(town.source.lists) == 1


def test_an_unknown_kind_is_kept_for_a_newer_office(town: Town, desk: TestDesk) -> None:
    desk.payload(encode([99, 1, [1, 1, 1, 1, 0], "?"]))
    desk.payload(encode([3, 2, [1, 1, 1, 1, 0], "?"]))
    desk.visit()
    town.source.bring(desk)
    assert numbers(town).visits == 1
    assert reasons() == ["unknown_kind"] * 2
    assert reconciled(town).set_aside == 2
    assert [bytes(aside.body) for aside in Aside.select()] != []


def test_a_kind_whose_tables_do_not_exist_yet_is_kept_as_well(
    town: Town, desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.visit()
    town.source.bring(desk)
    with monkeypatch.context() as older:
        older.setattr("sync.office.facts.KNOWN", frozenset({("call", 1)}))
        assert numbers(town).visits == 0
    assert numbers(town).visits == 1


def test_a_payload_of_no_desk_is_put_aside(town: Town, desk: TestDesk) -> None:
    desk.payload(b"not cbor")
    desk.visit()
    town.source.bring(desk)
    assert numbers(town).visits == 1
    assert reasons() == ["malformed_message"]


def test_a_withdrawal_also_ends_what_lies_aside(town: Town, desk: TestDesk) -> None:
    strange = desk.payload(encode([99, 1, [1, 1, 1, 1, 0], "?"]))
    desk.withdraw(strange)
    town.source.bring(desk)
    town.office().pull()
    assert reasons() == []
    assert Record.get_by_id(strange.hex()).state == "withdrawn"


@pytest.mark.parametrize("order", [[1, 0], [0, 1]])
def test_what_was_withdrawn_does_not_lie_aside_whatever_came_first(
    town: Town, desk: TestDesk, order: list[int]
) -> None:
    strange = desk.payload(encode([99, 1, [1, 1, 1, 1, 0], "?"]))
    desk.withdraw(strange)
    office = town.office()
    office.take(desk.epochs, [desk.bodies[index] for index in order])
    assert reasons() == []


def test_a_hollow_copy_ends_what_lies_aside(town: Town, desk: TestDesk) -> None:
    desk.payload(encode([99, 1, [1, 1, 1, 1, 0], "?"]))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert reasons() == ["unknown_kind"]
    office.take(desk.epochs, [hollow(desk.bodies[0])])
    assert reasons() == []
    office.take(desk.epochs, desk.bodies)
    assert reasons() == []
    assert [row.state for row in Record.select()] == ["withdrawn"]


def test_records_wait_for_their_epoch(town: Town, desk: TestDesk) -> None:
    desk.visit()
    office = town.office()
    assert office.take([], desk.bodies) == 0
    assert office.statistics(TODAY, TODAY).visits == 0
    assert reasons() == ["epoch_missing"]
    assert office.take(desk.epochs, []) == 1
    assert office.statistics(TODAY, TODAY).visits == 1


def test_records_wait_for_their_device_to_be_admitted(town: Town) -> None:
    late = TestDesk(5)
    late.served()
    town.source.bring(late)
    office = town.office()
    office.pull()
    assert reasons() == ["unknown_device"] * 2
    town.admit(late)
    office.pull()
    assert office.statistics(TODAY, TODAY).consultations == 1


def test_a_false_epoch_does_not_hide_the_true_one(town: Town, desk: TestDesk) -> None:
    desk.visit()
    forged = desk.epochs[0][:-1] + bytes([desk.epochs[0][-1] ^ 1])
    office = town.office()
    office.take([forged], desk.bodies)
    assert reasons() == ["epoch_missing"]
    office.take(desk.epochs, [])
    assert office.statistics(TODAY, TODAY).visits == 1


def test_another_town_is_not_counted_here(town: Town) -> None:
    other = TestDesk(6, municipality="131016")
    town.admit(other)
    other.visit()
    town.office().take(other.epochs, other.bodies)
    assert reasons() == ["other_municipality"]


def test_an_absurd_clock_dates_a_record_by_its_arrival(town: Town, desk: TestDesk) -> None:
    desk.payload(encode([1, 1, [1, 1, 1, 2**62, 3], 1, 0, True]))
    town.source.bring(desk)
    assert numbers(town).calls == 1


def test_memos_stay_out_of_every_other_table(town: Town, desk: TestDesk) -> None:
    desk.consultation(desk.visit(), memo=MEMO)
    town.office().take(desk.epochs, desk.bodies)
    tables: list[type[Fact]] = [Call, CallClosed, Visit, Consultation, ConsultationTopic]
    rows = [str(row) for table in tables for row in table.select().dicts()]
    assert not any(MEMO in row for row in rows)
