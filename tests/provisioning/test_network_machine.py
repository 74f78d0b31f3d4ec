"""What is asked of the real machine under a box."""

import os
import socket
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from provisioning.errors import CannotWrite, NeedsRoot, ProgramFailed
from provisioning.network_machine import Machine, changing, own_addresses, put, ran, remove


def test_a_command_is_run_and_heard() -> None:
    done = ran(("sh", "-c", "echo said; echo complained >&2; exit 3"))
    assert (done.status, done.said, done.complained) == (3, "said", "complained")


def test_a_command_that_is_not_there_is_no_crash() -> None:
    assert ran(("no-such-program-of-ours",)).status == 127


def test_a_command_that_must_succeed_is_named_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(ProgramFailed, match="sh -c"):
        Machine().do("sh", "-c", "exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NeedsRoot):
        Machine().do("sh", "-c", "exit 1")
    assert Machine().do("echo", "well") == "well"


def test_own_addresses_are_those_the_kernel_gives() -> None:
    """An address of ours can be bound to; loopback is left out."""
    for address in own_addresses():
        assert isinstance(address, IPv4Address)
        assert not address.is_loopback
        with socket.socket() as probe:
            probe.bind((str(address), 0))


def test_forwarding_is_read_from_the_kernel(tmp_path: Path) -> None:
    assert not Machine(root=tmp_path).forwards(), "no kernel that says so"
    switch = tmp_path / "proc/sys/net/ipv4/ip_forward"
    switch.parent.mkdir(parents=True)
    for text, forwards in (("0\n", False), ("1\n", True)):
        switch.write_text(text)
        assert Machine(root=tmp_path).forwards() is forwards


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "a" / "file"
    assert put(path, "text", mode=0o600)
    assert not put(path, "text", mode=0o600)
    assert put(path, "text", mode=0o644), "who may read it is part of it"
    mask = os.umask(0o077)
    try:
        assert put(path, "other", mode=0o644)
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o644, "others have to read it whatever the mask of the caller is"
    assert remove(path)
    assert not remove(path)


@pytest.mark.parametrize(
    ("error", "told"), [(PermissionError(13, "no"), NeedsRoot), (OSError(28, "full"), CannotWrite)]
)
def test_what_the_file_system_says_becomes_words(tmp_path: Path, error: OSError, told: type[Exception]) -> None:
    with pytest.raises(told, match="file"), changing(tmp_path / "file"):
        raise error
