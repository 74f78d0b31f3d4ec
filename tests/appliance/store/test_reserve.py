import sqlite3
from pathlib import Path

import peewee
import pytest

from appliance.desk.errors import StorageFull
from appliance.store.reserve import RESERVE_BYTES, Reserve
from appliance.store.store import Store
from tests.appliance.store.test_store import add_call

SIZE = 64 * 1024


def test_it_lies_on_the_disk_as_blocks(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve")
    assert not reserve.is_there
    reserve.keep()
    assert reserve.is_there
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= RESERVE_BYTES


def test_a_hole_of_its_size_is_no_reserve(tmp_path: Path) -> None:
    path = tmp_path / "reserve"
    with path.open("wb") as file:
        file.truncate(SIZE)
    reserve = Reserve(path, size=SIZE)
    assert not reserve.is_there
    reserve.keep()
    assert reserve.is_there


def test_it_is_given_up_once(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", size=SIZE)
    reserve.keep()
    assert reserve.release()
    assert not (tmp_path / "reserve").exists()
    assert not reserve.release()


def test_it_is_made_only_where_three_times_its_size_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = Reserve(tmp_path / "reserve", size=SIZE)
    monkeypatch.setattr(Reserve, "_free", lambda _self: 3 * SIZE - 1)
    reserve.keep()
    assert not reserve.is_there
    monkeypatch.setattr(Reserve, "_free", lambda _self: 3 * SIZE)
    reserve.keep()
    assert reserve.is_there


def test_a_disk_that_will_not_make_it_is_left_in_peace(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Reserve(tmp_path / "nowhere" / "reserve").keep()
    assert "No such file" in caplog.text


def test_a_transaction_for_which_there_is_no_room_makes_it_go(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db", reserve=SIZE)
    store.keep_reserve()
    with pytest.raises(StorageFull), store.writing():
        raise peewee.OperationalError from full_disk()
    assert not (tmp_path / "reserve").exists()
    add_call(store)
    assert store.unsent() == 1


def full_disk() -> sqlite3.OperationalError:
    """As SQLite says it."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count = 2")
    try:
        connection.execute("CREATE TABLE one (a)")
        connection.execute("CREATE TABLE two (a)")
    except sqlite3.OperationalError as error:
        return error
    finally:
        connection.close()
    raise AssertionError
