from dataclasses import replace
from pathlib import Path

import pytest

from sync.errors import BadSignature, MalformedMessage, OlderList, RegistryBroken
from sync.leaving import LEAVING_CONTEXT, Departure, Farewell, Head, Leave, LeavingBook, LeavingList, furthest
from sync.registry import DeviceRegistry
from sync.wire import Signed, encode
from tests.sync.parts import CHAIN, DEVICE, DEVICE_KEY, MUNICIPALITY, OFFICE_KEY, OTHER_KEY
from tests.sync.test_registry import NOON

HEAD = Head(chain=CHAIN, sequence=214, hash=b"h" * 32)
GONE = Departure(device=DEVICE, how=Leave.STOLEN, heads=(HEAD,))
FIRST = LeavingList(municipality=MUNICIPALITY, number=1, departures=(GONE,))


def book(folder: Path, *, municipality: str = MUNICIPALITY) -> LeavingBook:
    return LeavingBook(folder / "leaving.list", municipality=municipality, office=OFFICE_KEY.public)


def test_a_list_comes_back_from_its_office_only() -> None:
    data = FIRST.to_bytes(OFFICE_KEY)
    assert LeavingList.from_bytes(data, office=OFFICE_KEY.public) == FIRST
    with pytest.raises(BadSignature):
        LeavingList.from_bytes(data, office=OTHER_KEY.public)


def test_a_departure_covers_what_was_written_before() -> None:
    assert [GONE.covers(CHAIN, sequence) for sequence in (1, 214, 215)] == [True, True, False]
    assert not GONE.covers(b"another!", 1)
    assert not replace(GONE, heads=()).covers(CHAIN, 1)


def test_the_furthest_head_of_each_chain_counts() -> None:
    other = Head(chain=b"another!", sequence=3, hash=bytes(32))
    assert furthest([replace(HEAD, sequence=5), other, HEAD]) == (other, HEAD)


def test_a_farewell_is_the_boxs_own_word() -> None:
    said = Farewell(municipality=MUNICIPALITY, device=DEVICE, head=HEAD)
    assert Farewell.from_bytes(said.to_bytes(DEVICE_KEY), public=DEVICE_KEY.public) == said
    with pytest.raises(BadSignature):
        Farewell.from_bytes(said.to_bytes(OTHER_KEY), public=DEVICE_KEY.public)


def test_a_book_believes_the_newest_list_here_and_after_a_restart(tmp_path: Path) -> None:
    kept = book(tmp_path)
    assert kept.newest().number == 0
    assert kept.departure(DEVICE) is None
    assert kept.take(FIRST.to_bytes(OFFICE_KEY)) == FIRST
    for one in (kept, book(tmp_path)):
        assert one.newest() == FIRST
        assert one.departure(DEVICE) == GONE


def test_an_older_list_or_another_of_that_number_is_refused(tmp_path: Path) -> None:
    kept = book(tmp_path)
    second = FIRST.with_departure(replace(GONE, device=b"another!"))
    assert second.number == 2
    assert [one.device for one in second.departures] == [DEVICE, b"another!"]
    kept.take(second.to_bytes(OFFICE_KEY))
    kept.take(second.to_bytes(OFFICE_KEY))
    for wrong in (FIRST, replace(FIRST, number=2), replace(second, municipality="011002", number=3)):
        with pytest.raises(OlderList):
            kept.take(wrong.to_bytes(OFFICE_KEY))
    assert book(tmp_path).newest() == second


def test_a_forged_list_is_refused_and_the_known_one_stays(tmp_path: Path) -> None:
    kept = book(tmp_path)
    kept.take(FIRST.to_bytes(OFFICE_KEY))
    with pytest.raises(BadSignature):
        kept.take(replace(FIRST, number=9, departures=()).to_bytes(OTHER_KEY))
    assert kept.departure(DEVICE) == GONE


def test_a_box_leaves_once(tmp_path: Path) -> None:
    again = FIRST.with_departure(replace(GONE, how=Leave.RETIRED))
    assert [(one.device, one.how) for one in again.departures] == [(DEVICE, Leave.RETIRED)]


def test_a_word_of_a_newer_office_is_the_strictest_known() -> None:
    payload = encode([1, MUNICIPALITY, 1, [[DEVICE, "lent", []]]])
    data = Signed(payload=payload, signature=OFFICE_KEY.sign(LEAVING_CONTEXT, payload)).to_bytes()
    assert LeavingList.from_bytes(data, office=OFFICE_KEY.public).departures[0].how is Leave.STOLEN


def test_a_registry_knows_who_has_left(tmp_path: Path) -> None:
    kept = book(tmp_path)
    registry = DeviceRegistry(tmp_path / "devices.toml", leaving=kept)
    registry.admit(DEVICE_KEY.public, facility="f01", facility_name="公民館", at=NOON, box=7)
    device = registry.get(DEVICE)
    assert device is not None
    assert device.accepts(CHAIN, 10**6)
    kept.take(FIRST.to_bytes(OFFICE_KEY))
    for device in (registry.get(DEVICE), registry.box(7), *registry.all()):
        assert device is not None
        assert device.left is Leave.STOLEN
        assert device.accepts(CHAIN, 214)
        assert not device.accepts(CHAIN, 215)


def test_a_device_marked_in_the_file_alone_is_not_believed_any_more(tmp_path: Path) -> None:
    registry = DeviceRegistry(tmp_path / "devices.toml")
    registry.change(
        replace(registry.admit(DEVICE_KEY.public, facility="f", facility_name="館", at=NOON), left=Leave.STOLEN)
    )
    device = DeviceRegistry(tmp_path / "devices.toml").get(DEVICE)
    assert device is not None
    assert not device.accepts(CHAIN, 1)


def test_a_damaged_list_lets_nobody_in(tmp_path: Path) -> None:
    registry = DeviceRegistry(tmp_path / "devices.toml", leaving=book(tmp_path))
    registry.admit(DEVICE_KEY.public, facility="f01", facility_name="公民館", at=NOON)
    data = FIRST.to_bytes(OFFICE_KEY)
    for damaged in (data[:-1], data[:-1] + bytes([data[-1] ^ 1]), b""):
        (tmp_path / "leaving.list").write_bytes(damaged)
        with pytest.raises(RegistryBroken):
            registry.get(DEVICE)
    with pytest.raises(MalformedMessage):
        LeavingList.from_bytes(b"", office=OFFICE_KEY.public)
