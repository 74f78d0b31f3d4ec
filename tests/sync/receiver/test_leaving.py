import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.leaving import Departure, Farewell, Head, Leave, LeavingList
from sync.receipt import Reply
from sync.receiver.errors import LeavingOlder, NotTheOffice, OtherMunicipality
from tests.sync.receiver.road import MUNICIPALITY, OFFICE_KEY, STRANGER_KEY, Desk, Town, entry, hollow


@pytest.mark.parametrize("how", list(Leave))
def test_what_came_before_a_box_left_stands_and_nothing_after(town: Town, desk: Desk, how: Leave) -> None:
    before = desk.records(5)
    town.take(desk.batch(before))
    town.say_goodbye(desk, how)
    after = desk.seal()
    reply = town.take(desk.batch([*before, after]))
    assert reply.receipt.entries == tuple(entry(body) for body in before)
    assert reply.refused == ((entry(after)[0], "device_left"),)
    assert town.records == before
    assert town.store.quarantined(MUNICIPALITY) == {"device_left": 1}


def test_a_record_from_before_that_was_still_on_its_way_is_taken(town: Town, desk: Desk) -> None:
    first, second, third = desk.records(3)
    town.take(desk.batch([first, third]))
    town.say_goodbye(desk, Leave.RETIRED)
    assert town.take(desk.batch([second])).receipt.entries == (entry(second),)


def test_a_new_chain_of_a_stolen_box_is_refused(town: Town, desk: Desk) -> None:
    town.take(desk.batch(desk.records(5)))
    town.say_goodbye(desk, Leave.STOLEN)
    restored = Desk(key=desk.key)
    record = restored.seal()
    assert town.take(restored.batch([record])).refused == ((entry(record)[0], "device_left"),)


def test_a_retired_box_is_taken_up_to_its_farewell(town: Town, desk: Desk) -> None:
    town.take(desk.batch(desk.records(2)))
    last = desk.records(2)
    head = Head(chain=desk.chain, sequence=desk.sequence, hash=desk.hash)
    said = Farewell(municipality=MUNICIPALITY, device=desk.id, head=head).to_bytes(desk.key)
    heads = (Farewell.from_bytes(said, public=desk.key.public).head,)
    departure = Departure(device=desk.id, how=Leave.RETIRED, heads=heads)
    town.receiver.take_leaving(
        LeavingList(municipality=MUNICIPALITY, number=1, departures=(departure,)).to_bytes(OFFICE_KEY)
    )
    late = desk.seal()
    reply = town.take(desk.batch([*last, late]))
    assert len(reply.receipt.entries) == 2
    assert reply.refused == ((entry(late)[0], "device_left"),)


def test_one_box_leaves_and_the_others_stay(town: Town, desk: Desk) -> None:
    other = Desk()
    town.admit(other)
    town.say_goodbye(desk, Leave.STOLEN)
    assert len(town.take(other.batch(other.records(3))).receipt.entries) == 3
    assert len(town.take(desk.batch(desk.records(3))).refused) == 3


def test_where_the_chains_of_a_desk_end_is_known(town: Town, desk: Desk) -> None:
    assert town.store.heads(municipality=MUNICIPALITY, device=desk.id) == ()
    town.take(desk.batch(desk.records(4)))
    assert town.store.heads(municipality=MUNICIPALITY, device=desk.id) == (
        Head(chain=desk.chain, sequence=4, hash=desk.hash),
    )


def test_only_the_office_says_who_has_left(town: Town, desk: Desk) -> None:
    listed = LeavingList(municipality=MUNICIPALITY, number=2, departures=())
    with pytest.raises(NotTheOffice):
        town.receiver.take_leaving(listed.to_bytes(STRANGER_KEY))
    with pytest.raises(OtherMunicipality):
        town.receiver.take_leaving(replace(listed, municipality="131024").to_bytes(OFFICE_KEY))
    town.receiver.take_leaving(listed.to_bytes(OFFICE_KEY))
    town.receiver.take_leaving(listed.to_bytes(OFFICE_KEY))
    with pytest.raises(LeavingOlder):
        town.receiver.take_leaving(replace(listed, number=1).to_bytes(OFFICE_KEY))


def test_who_has_left_is_known_after_a_restart(town: Town, desk: Desk) -> None:
    town.say_goodbye(desk, Leave.STOLEN)
    town.restart()
    assert len(town.take(desk.batch(desk.records(1))).refused) == 1


# -------------------------------------------------------------------------------------------- a key in other hands


def forged_from(desk: Desk, sequence: int) -> bytes:
    """What a thief with the key puts into that place of the chain."""
    return desk.seal(b"forged", sequence=sequence)


def codes(reply: Reply) -> set[str]:
    return {code for _, code in reply.refused}


def test_a_gap_of_a_stolen_box_is_filled_by_its_own_records_and_no_others(town: Town, desk: Desk) -> None:
    records = desk.records(6)
    town.take(desk.batch([records[0], records[1], records[5]]))
    town.say_goodbye(desk, Leave.STOLEN)
    forged = [forged_from(desk, sequence) for sequence in (3, 4, 5)]
    reply = town.take(desk.batch(forged))
    assert (reply.receipt.entries, codes(reply)) == ((), {"device_left"})
    reply = town.take(desk.batch([forged[0], records[3], records[4]]))
    assert reply.receipt.entries == (entry(records[3]), entry(records[4]))
    assert town.take(desk.batch([records[2]])).receipt.entries == (entry(records[2]),)
    assert sorted(town.records) == sorted(records)


def test_the_head_in_the_list_proves_a_record_that_only_the_office_had(town: Town, desk: Desk) -> None:
    records = desk.records(3)
    head = Head(chain=desk.chain, sequence=3, hash=entry(records[2])[1])
    departure = Departure(device=desk.id, how=Leave.STOLEN, heads=(head,))
    town.leaving.take(town.leaving.newest().with_departure(departure).to_bytes(OFFICE_KEY))
    assert town.take(desk.batch([forged_from(desk, 3)])).receipt.entries == ()
    assert len(town.take(desk.batch(records)).receipt.entries) == 3


def test_what_is_there_of_a_stolen_box_is_receipted_again_and_not_hollowed_out(town: Town, desk: Desk) -> None:
    records = desk.records(3)
    town.take(desk.batch([records[0], hollow(records[1]), records[2]]))
    town.say_goodbye(desk, Leave.STOLEN)
    again = [records[0], hollow(records[1]), records[2]]
    assert len(town.take(desk.batch(again)).receipt.entries) == 3
    assert codes(town.take(desk.batch([hollow(records[0])]))) == {"device_left"}
    assert records[0] in town.records


def test_a_withdrawn_record_in_a_gap_of_a_stolen_box_proves_nothing(town: Town, desk: Desk) -> None:
    records = desk.records(4)
    town.take(desk.batch([records[0], records[3]]))
    town.say_goodbye(desk, Leave.STOLEN)
    reply = town.take(desk.batch([records[1], hollow(records[2])]))
    assert (reply.receipt.entries, codes(reply)) == ((), {"device_left"})


def test_a_retired_box_may_have_gaps_filled_as_before(town: Town, desk: Desk) -> None:
    first, second, third = desk.records(3)
    town.take(desk.batch([first, third]))
    town.say_goodbye(desk, Leave.RETIRED)
    assert len(town.take(desk.batch([hollow(second)])).receipt.entries) == 1


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_thief_sends_only_what_the_box_wrote_is_kept(data: st.DataObject, tmp_path: Path) -> None:
    folder = tmp_path / os.urandom(4).hex()
    folder.mkdir()
    town, desk = Town(folder), Desk()
    town.admit(desk)
    records = desk.records(8)
    town.take(desk.batch([record for record in records if data.draw(st.booleans())]))
    town.say_goodbye(desk, Leave.STOLEN)
    forged = [forged_from(desk, sequence) for sequence in range(1, 11)]
    thiefs = [*forged, *records, *map(hollow, records), *map(hollow, forged)]
    for _ in range(3):
        town.take(desk.batch(data.draw(st.lists(st.sampled_from(thiefs), max_size=12))))
    assert set(town.records) <= set(records)
    town.store.close()
