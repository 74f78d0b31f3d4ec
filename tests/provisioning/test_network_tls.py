"""LAN TLS on a box: made once, renewed in time, whole after every cut, and served by a real nginx."""

import shutil
import socket
import ssl
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from provisioning.certificates import Authority, Reach, new_key
from provisioning.errors import CertificateBroken, OutsideAuthority
from provisioning.network_tls import LanTls, Time, TlsPlace, reach_of
from tests.provisioning.network_machine import RecordingMachine

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
NAME = "madoguchi-07.local"
FIRST, SECOND = IPv4Address("192.168.50.9"), IPv4Address("192.168.50.77")
REACH = Reach(names=(NAME,), addresses=(FIRST,))
RESTART = ("systemctl", "try-restart", "madoguchi-tls.service")


def at(days: float = 0, *, is_sure: bool = True) -> Time:
    return Time(now=NOW + timedelta(days=days), is_sure=is_sure)


@dataclass
class Box:
    recording: RecordingMachine
    place: TlsPlace
    tls: LanTls

    def set_up(self, reach: Reach = REACH, *, time: Time | None = None, afresh: bool = False) -> None:
        self.tls.set_up(reach, time=time or at(), port=8080, afresh=afresh)

    def renew(self, reach: Reach = REACH, *, time: Time | None = None) -> bool:
        self.recording.asked.clear()
        return self.tls.renew(reach, time=time or at(), port=8080)

    @property
    def root(self) -> bytes:
        held = self.place.held()
        assert held is not None
        return held.root_file


@pytest.fixture
def box(tmp_path: Path) -> Box:
    recording = RecordingMachine(root=tmp_path)
    place = TlsPlace(folder=tmp_path / "etc/madoguchi")
    return Box(recording, place, LanTls(place, recording.machine))


# -------------------------------------------------------------------------------------------------------- made and kept


def test_what_is_secret_is_for_root_alone(box: Box) -> None:
    box.set_up()
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in box.place.authority.parent.iterdir()}
    assert modes == {"issuer.pem": 0o600, "key.pem": 0o600, "certificate.pem": 0o644}
    assert stat.S_IMODE(box.place.authority.parent.stat().st_mode) == 0o700
    assert b"PRIVATE" not in box.place.certificate.read_bytes()
    assert "PRIVATE" not in box.place.nginx.read_text()


def test_nginx_is_told_names_and_port(box: Box) -> None:
    box.set_up()
    text = box.place.nginx.read_text()
    assert f"server_name {NAME} 192.168.50.9;" in text
    assert "proxy_pass http://127.0.0.1:8080;" in text
    assert "@NAMES@;" not in text


def test_again_it_changes_nothing(box: Box) -> None:
    box.set_up()
    before = {file: file.read_bytes() for file in box.place.folder.rglob("*") if file.is_file()}
    box.recording.asked.clear()
    box.set_up(time=at(200))
    assert {file: file.read_bytes() for file in before} == before
    assert box.recording.asked == []


def test_nginx_begins_only_when_it_is_told_to(box: Box) -> None:
    box.set_up()
    assert not any("enable" in command for command in box.recording.asked)
    box.tls.start()
    assert box.recording.was_asked("systemctl", "enable", "--now", "madoguchi-tls.service", "madoguchi-network.timer")


def test_it_ends_and_keeps_its_authority_for_the_next_time(box: Box) -> None:
    box.set_up()
    root = box.root
    assert box.tls.stop()
    assert not box.place.is_used
    assert not box.tls.stop()
    box.set_up()
    assert box.root == root


# -------------------------------------------------------------------------------------------------------------- renewed


@pytest.mark.parametrize(
    ("days", "is_sure", "renews"),
    [
        (0, True, False),
        (246, True, False),
        (248, True, True),
        (500, True, True),
        (500, False, False),
        (-40, True, True),
    ],
)
def test_a_certificate_is_renewed_in_time_by_a_clock_that_somebody_vouches_for(
    box: Box, *, days: int, is_sure: bool, renews: bool
) -> None:
    box.set_up()
    root, before = box.root, box.place.certificate.read_bytes()
    assert box.renew(time=at(days, is_sure=is_sure)) is renews
    assert (box.place.certificate.read_bytes() != before) is renews
    assert box.recording.was_asked(*RESTART) is renews
    assert box.root == root, "tablets keep what they have"


def test_one_made_by_a_wrong_clock_is_replaced_once_somebody_says_the_time(box: Box) -> None:
    box.set_up(time=Time(now=datetime(2026, 1, 1, tzinfo=UTC), is_sure=False))
    assert not box.renew(time=Time(now=datetime(2026, 1, 2, tzinfo=UTC), is_sure=False))
    assert box.renew(time=at(3 * 365))
    assert box.place.seen().until > NOW + timedelta(days=4 * 365)


def test_a_new_address_comes_into_the_certificate(box: Box) -> None:
    box.set_up()
    there = Reach(names=(NAME,), addresses=(SECOND,))
    assert box.renew(there)
    assert box.place.seen().reach == there
    assert "192.168.50.77" in box.place.nginx.read_text()


def test_while_the_cable_is_out_nothing_is_thrown_away(box: Box) -> None:
    box.set_up()
    before = box.place.certificate.read_bytes()
    assert not box.renew(Reach(names=(NAME,)))
    assert box.place.certificate.read_bytes() == before


def test_a_renewal_leaves_out_what_it_may_not_say(box: Box) -> None:
    box.set_up()
    strange = Reach(names=(NAME, "www.example.jp"), addresses=(SECOND, IPv4Address("203.0.113.7")))
    assert box.renew(strange)
    assert box.place.seen().reach == Reach(names=(NAME,), addresses=(SECOND,))


def test_another_name_needs_another_authority(box: Box) -> None:
    box.set_up()
    renamed = Reach(names=("madoguchi-08.local",), addresses=(FIRST,))
    with pytest.raises(OutsideAuthority, match=r"madoguchi-08\.local"):
        box.set_up(renamed)
    root = box.root
    box.set_up(renamed, afresh=True)
    assert box.root != root
    assert box.place.seen().reach == renamed


def test_a_box_without_tls_renews_nothing(box: Box) -> None:
    assert not box.renew()
    box.set_up()
    box.tls.stop()
    assert not box.renew(time=at(390))


# ------------------------------------------------------------------------------------------------------- harm, own ones


@pytest.mark.parametrize("name", ["certificate.pem", "key.pem", "issuer.pem"])
def test_what_was_lost_in_a_power_cut_is_made_again(box: Box, name: str) -> None:
    box.set_up()
    (box.place.authority.parent / name).unlink()
    if name == "issuer.pem":
        box.place.certificate.unlink()  # it goes first, before another authority is made
    box.set_up()
    assert box.place.seen().fits_key
    assert box.place.seen().reach == REACH


def test_a_key_of_another_certificate_is_noticed(box: Box) -> None:
    box.set_up()
    box.place.key.write_bytes(new_key())
    box.set_up()
    assert box.place.seen().fits_key


def test_a_damaged_authority_is_not_replaced_in_silence(box: Box) -> None:
    box.set_up()
    box.place.authority.write_bytes(b"damaged")
    with pytest.raises(CertificateBroken):
        box.set_up()
    box.set_up(afresh=True)
    assert box.place.seen().fits_key


def bring(box: Box, key: bytes, beside: bytes) -> bytes:
    """The town's own certificate for `key`, and `beside` as its key."""
    chain = Authority.born(["madoguchi.example.jp"], at=NOW).certificate(
        key, Reach(names=("madoguchi.example.jp",)), at=NOW
    )
    box.place.certificate.parent.mkdir(parents=True)
    box.place.certificate.write_bytes(chain)
    box.place.key.write_bytes(beside)
    return chain


def test_a_certificate_that_the_town_brought_is_used_as_it_is(box: Box) -> None:
    key = new_key()
    chain = bring(box, key, key)
    box.set_up()
    assert box.place.is_used
    assert (box.place.certificate.read_bytes(), box.place.key.read_bytes()) == (chain, key)
    assert not box.place.authority.exists()
    assert not box.renew(time=at(390))
    box.set_up(afresh=True)
    assert box.place.seen().reach == REACH


def test_a_certificate_that_the_town_brought_with_another_key_is_refused(box: Box) -> None:
    bring(box, new_key(), new_key())
    with pytest.raises(CertificateBroken):
        box.set_up()
    assert not box.place.is_used


def test_addresses_among_the_names_are_addresses() -> None:
    reach = reach_of([NAME, "Madoguchi.Example.jp", "192.168.50.77", NAME], [FIRST])
    assert reach == Reach(names=(NAME, "madoguchi.example.jp"), addresses=(FIRST, SECOND))


# -------------------------------------------------------------------------------------------------------- really served


class Echo(BaseHTTPRequestHandler):
    """Pages that say what the terminator told them."""

    def do_GET(self) -> None:
        said = f"{self.headers['X-Forwarded-Proto']} {self.headers['Host']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name it has in the base
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(box: Box, folder: Path) -> Iterator[int]:
    """The port where nginx speaks TLS for pages behind it, with the configuration that the box has."""
    plain, port = free_port(), free_port()
    folder.mkdir()
    shutil.copy(box.place.certificate, folder / "certificate")
    shutil.copy(box.place.key, folder / "key")
    text = box.place.nginx.read_text().replace("/run/credentials/madoguchi-tls.service", str(folder))
    text = text.replace("/run/madoguchi-tls", str(folder))
    for listening, there in (("80", plain), ("443", port)):
        text = text.replace(f"listen [::]:{listening}", f"listen [::1]:{there}")
        text = text.replace(f"listen {listening}", f"listen 127.0.0.1:{there}")
    (folder / "tls.conf").write_text(text)
    with subprocess.Popen(["nginx", "-e", "stderr", "-c", str(folder / "tls.conf")]) as nginx:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                threading.Event().wait(0.02)
            yield port
        finally:
            nginx.terminate()


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_a_tablet_with_the_root_opens_the_pages_and_one_without_does_not(box: Box, tmp_path: Path) -> None:
    pages = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    reach = Reach(names=("localhost",), addresses=(IPv4Address("127.0.0.1"),))
    now = Time(now=datetime.now(UTC), is_sure=True)
    box.tls.set_up(reach, time=now, port=pages.server_port)
    try:
        with served(box, tmp_path / "nginx") as port:
            tablet = ssl.create_default_context(cadata=box.root.decode())
            for host in ("localhost", "127.0.0.1"):
                connection = HTTPSConnection(host, port, context=tablet, timeout=5)
                connection.request("GET", "/")
                assert connection.getresponse().read().decode() == f"https {host}:{port}"
                connection.close()
            with pytest.raises(ssl.SSLCertVerificationError):
                HTTPSConnection("localhost", port, context=ssl.create_default_context(), timeout=5).request("GET", "/")
    finally:
        pages.shutdown()
        pages.server_close()
