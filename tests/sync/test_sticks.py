from datetime import date
from pathlib import Path

import pytest

from sync.errors import BadSignature
from sync.sticks import (
    StickBook,
    StickBookBroken,
    StickId,
    StickRegistered,
    StickRevoked,
    StickUnregistered,
    UnknownStick,
)
from tests.sync.receiver.road import MUNICIPALITY, OFFICE_KEY, STRANGER_KEY

TODAY = date(2026, 11, 21)


@pytest.fixture
def book(tmp_path: Path) -> StickBook:
    return StickBook(tmp_path / "sticks.toml", municipality=MUNICIPALITY, office=OFFICE_KEY.public)


def test_a_stick_is_known_by_what_the_office_wrote_on_it(book: StickBook) -> None:
    number, name = book.register(None, office=OFFICE_KEY, on=TODAY)
    assert (number, book.number_of(name)) == (1, 1)
    assert StickId.from_bytes(name, office=OFFICE_KEY.public).municipality == MUNICIPALITY
    with pytest.raises(BadSignature):
        StickId.from_bytes(name, office=STRANGER_KEY.public)


def test_a_number_is_never_given_twice(book: StickBook) -> None:
    first = book.register(None, office=OFFICE_KEY, on=TODAY)
    assert book.register(None, office=OFFICE_KEY, on=TODAY)[0] == 2
    book.revoke(2, on=TODAY)
    assert book.register(None, office=OFFICE_KEY, on=TODAY)[0] == 3
    with pytest.raises(StickRegistered, match="number 1"):
        book.register(first[1], office=OFFICE_KEY, on=TODAY)


def test_what_others_signed_or_nobody_knows_is_not_registered(book: StickBook, tmp_path: Path) -> None:
    other = StickBook(tmp_path / "other.toml", municipality=MUNICIPALITY, office=STRANGER_KEY.public)
    forged = other.register(None, office=STRANGER_KEY, on=TODAY)[1]
    lost = StickId(municipality=MUNICIPALITY, number=1, id=b"z" * 16).to_bytes(OFFICE_KEY)
    book.register(None, office=OFFICE_KEY, on=TODAY)
    for data in (None, b"", b"junk", forged, lost):
        with pytest.raises(StickUnregistered):
            book.number_of(data)


def test_a_revoked_stick_is_refused_until_it_gets_another_number(book: StickBook) -> None:
    _, name = book.register(None, office=OFFICE_KEY, on=TODAY)
    book.revoke(1, on=TODAY)
    book.revoke(1, on=date(2027, 1, 1))
    with pytest.raises(StickRevoked, match="2026-11-21"):
        book.number_of(name)
    with pytest.raises(UnknownStick):
        book.revoke(9, on=TODAY)
    assert book.register(name, office=OFFICE_KEY, on=TODAY)[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "[[stick]",
        "stick = 1",
        "[[stick]]\nnumber = 0\nid = '00'\nregistered_on = 2026-11-21",
        "[[stick]]\nnumber = 1\nid = '00'\nregistered_on = 2026-11-21",
        f"[[stick]]\nnumber = 1\nid = '{'0' * 32}'\nregistered_on = 'today'",
        f"[[stick]]\nnumber = 1\nid = '{'0' * 32}'",
    ],
)
def test_a_spoilt_book_is_told_and_never_taken_for_an_empty_one(book: StickBook, tmp_path: Path, text: str) -> None:
    (tmp_path / "sticks.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StickBookBroken, match=r"sticks\.toml"):
        book.all()
