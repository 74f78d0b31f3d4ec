"""What the office relies on in a source, asked of the fake and of a real receiver alike."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from sync.envelope import parse_record
from sync.keys import SigningKey
from sync.office.source import Source
from sync.receipt import OpenedList
from sync.receiver.receiver import Receiver
from sync.receiver.store import ReceiverStore
from sync.wire import BATCH_CONTEXT, Batch, Pulled, Signed
from tests.sync.office.town import MUNICIPALITY, OFFICE_KEY, LocalSource, TestDesk, Town


class Supplied(Source, Protocol):
    """A source that a test can fill."""

    def bring(self, *desks: TestDesk) -> None: ...


class ReceiverSource:
    """A receiver in the same process."""

    road = "here"

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.announce = receiver.announce
        self.admit = receiver.admit
        self.take_leaving = receiver.take_leaving

    def records(self, after: int, limit: int) -> Pulled:
        return self._receiver.records(after, limit)

    def publish(self, opened: bytes) -> None:
        self._receiver.publish(opened)

    def bring(self, *desks: TestDesk) -> None:
        for desk in desks:
            payload = Batch(
                municipality=MUNICIPALITY,
                device=desk.device,
                run_nonce=bytes(16),
                inbox_after=0,
                epochs=tuple(desk.epochs),
                records=tuple(desk.bodies),
            ).to_bytes()
            signed = Signed(payload=payload, signature=desk.key.sign(BATCH_CONTEXT, payload))
            self._receiver.take(signed.to_bytes())


@pytest.fixture(params=["local", "receiver"])
def source(request: pytest.FixtureRequest, town: Town, tmp_path: Path) -> Iterator[Supplied]:
    if request.param == "local":
        yield LocalSource()
        return
    store = ReceiverStore(f"sqlite:///{tmp_path / 'receiver.db'}")
    yield ReceiverSource(
        Receiver(
            municipality=MUNICIPALITY,
            store=store,
            registry=town.registry,
            signing_key=SigningKey.generate(),
            office=OFFICE_KEY.public,
        )
    )
    store.close()


def test_pages_follow_each_other_without_loss(source: Supplied, desk: TestDesk) -> None:
    for _ in range(5):
        desk.visit()
    source.bring(desk)
    first = source.records(0, 3)
    second = source.records(first.last, 3)
    assert [*first.records, *second.records] == desk.bodies
    assert (first.waiting, second.waiting) == (2, 0)
    assert set(first.epochs) == set(desk.epochs)


def test_after_the_last_record_there_is_an_empty_page(source: Supplied, desk: TestDesk) -> None:
    assert source.records(0, 10).records == ()
    desk.visit()
    source.bring(desk)
    last = source.records(0, 10).last
    page = source.records(last, 10)
    assert (page.records, page.last, page.waiting) == ((), last, 0)


def test_the_last_record_can_be_asked_for_again(source: Supplied, desk: TestDesk) -> None:
    desk.visit()
    desk.visit()
    source.bring(desk)
    last = source.records(0, 10).last
    (again,) = source.records(last - 1, 10).records
    assert parse_record(again).id == parse_record(desk.bodies[-1]).id


def test_what_is_brought_twice_is_there_once(source: Supplied, desk: TestDesk) -> None:
    desk.visit()
    source.bring(desk)
    source.bring(desk)
    assert len(source.records(0, 10).records) == 1


def test_a_list_can_be_laid_out_twice(source: Supplied, desk: TestDesk) -> None:
    opened = OpenedList(municipality=MUNICIPALITY, number=7, device=desk.device, chain=desk.chain, entries=())
    source.publish(opened.to_bytes(OFFICE_KEY))
    source.publish(opened.to_bytes(OFFICE_KEY))


def test_the_office_counts_what_the_source_has(source: Supplied, town: Town, desk: TestDesk) -> None:
    desk.served()
    source.bring(desk)
    town.source = source  # type: ignore[assignment]
    office = town.office()
    assert office.pull() == 2
    assert office.pull() == 0
