from dataclasses import replace

import pytest

from sync.leaving import Departure, Farewell, Head, Leave, LeavingList
from sync.receiver.errors import LeavingOlder, NotTheOffice, OtherMunicipality
from tests.sync.receiver.road import MUNICIPALITY, OFFICE_KEY, STRANGER_KEY, Desk, Town, entry


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
