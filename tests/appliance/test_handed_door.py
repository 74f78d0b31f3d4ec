"""A courier door whose socket systemd has opened: it outlives the desk, and only its mode keeps strangers out."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.courier_door import CourierDoor
from appliance.desk.errors import ConfigError
from sync.door import Door
from tests.sync.receiver.road import MUNICIPALITY, Counted, Desk, FakeOutbox, doorkeeper


@contextmanager
def opened_by_systemd(path: Path, mode: int = 0o660) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(mode)
        listener.listen()
        yield listener


def desk_before(path: Path, handed: socket.socket) -> CourierDoor:
    keeper = doorkeeper(Desk(), FakeOutbox(), url="https://town.example", on_change=Counted())
    return CourierDoor(path=path, keeper=keeper, handed=handed)


def copy(listener: socket.socket) -> socket.socket:
    """What a process just started finds: a descriptor of its own for the socket that systemd keeps."""
    return socket.socket(fileno=os.dup(listener.fileno()))


def test_the_next_desk_answers_at_the_same_door(tmp_path: Path) -> None:
    path = tmp_path / "door.sock"
    with opened_by_systemd(path) as listener:
        for _ in range(2):
            door = desk_before(path, copy(listener))
            door.start()
            with Door(path) as courier:
                assert courier.ask("hello")[0] == MUNICIPALITY
            door.stop()
            assert path.is_socket()


def test_a_courier_that_comes_while_the_desk_restarts_waits(tmp_path: Path) -> None:
    path = tmp_path / "door.sock"
    with opened_by_systemd(path) as listener, Door(path) as courier:
        door = desk_before(path, copy(listener))
        door.start()
        assert courier.ask("hello")[0] == MUNICIPALITY
        door.stop()


def test_a_door_that_is_open_to_everybody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "door.sock"
    with opened_by_systemd(path, mode=0o666) as listener, pytest.raises(ConfigError, match="everybody may come"):
        desk_before(path, listener).start()


def test_a_door_that_the_courier_would_not_find_is_refused(tmp_path: Path) -> None:
    with opened_by_systemd(tmp_path / "door.sock") as listener, pytest.raises(ConfigError, match="systemd listens at"):
        desk_before(tmp_path / "another.sock", listener).start()
