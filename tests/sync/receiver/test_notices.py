"""What the office says to all desks lies at the receiver until every desk has heard it."""

import pytest

from sync.receipt import Reply
from sync.receiver.errors import NoticeOlder, NotTheOffice, OtherMunicipality
from sync.wire import MAX_BATCH_BYTES, MAX_NOTICE_BYTES
from tests.sync.receiver.road import STRANGER_KEY, Desk, Town, notice, opened_list


def asked(town: Town, desk: Desk, **held: int) -> tuple[bytes, ...] | None:
    return town.take(desk.batch([], notices=tuple(held.items()))).notices


def test_a_desk_is_told_what_it_has_not_heard(town: Town, desk: Desk) -> None:
    packs, sticks = notice("content", 5), notice("sticks", 2)
    assert asked(town, desk) == ()
    for one in (packs, sticks, packs):
        town.receiver.announce(one)
    assert asked(town, desk) == (packs, sticks)
    assert asked(town, desk, content=4, other=9) == (packs, sticks)
    assert asked(town, desk, content=5, sticks=1) == (sticks,)
    assert asked(town, desk, content=6, sticks=2) == ()


def test_every_desk_of_the_town_is_told_after_a_restart_as_well(town: Town, desk: Desk) -> None:
    other = Desk()
    town.admit(other)
    town.receiver.announce(notice())
    town.restart()
    assert asked(town, desk) == asked(town, other) == (notice(),)


def test_a_desk_of_an_older_program_is_answered_as_it_asks(town: Town, desk: Desk) -> None:
    town.receiver.announce(notice())
    assert town.take(desk.batch(desk.records(1), notices=None)).notices is None


def test_the_newest_notice_of_a_kind_takes_the_place_of_the_others(town: Town, desk: Desk) -> None:
    town.receiver.announce(notice(number=5))
    town.receiver.announce(notice(number=6, body=b"newer"))
    for older in (notice(number=5), notice(number=6)):
        with pytest.raises(NoticeOlder):
            town.receiver.announce(older)
    assert asked(town, desk) == (notice(number=6, body=b"newer"),)


def test_only_the_office_of_this_town_says_something_to_all(town: Town, desk: Desk) -> None:
    with pytest.raises(NotTheOffice):
        town.receiver.announce(notice(signed_by=STRANGER_KEY))
    with pytest.raises(OtherMunicipality):
        town.receiver.announce(notice(municipality="131024"))
    assert asked(town, desk) == ()


def test_as_many_notices_come_as_a_reply_holds(town: Town, desk: Desk) -> None:
    large = [notice(f"kind{number}", body=bytes(MAX_NOTICE_BYTES - 200)) for number in range(3)]
    for one in large:
        town.receiver.announce(one)
    records = desk.records(150)
    for number in range(1, 60):
        town.receiver.publish(opened_list(desk, number, records))
    body = town.receiver.take(desk.batch(records))
    reply = Reply.from_bytes(body, receiver=town.receiver._key.public)  # noqa: SLF001
    assert len(body) <= MAX_BATCH_BYTES
    assert reply.notices == (large[0],)
    assert asked(town, desk, kind0=1) == (large[1],)
