"""What the doctor finds in the network of a box."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from provisioning.certificates import Reach, new_key
from provisioning.findings import Finding, State
from provisioning.network_machine import Machine
from provisioning.network_tls import LanTls, Time, TlsPlace
from tests.provisioning.boxes import NOW, KeptBox
from tests.provisioning.network_machine import RecordingMachine

NAME = "madoguchi-07.local"
HERE, THERE = IPv4Address("192.168.50.1"), IPv4Address("192.168.50.2")


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.enrolment._CODE_KIBIBYTES", 64)
    monkeypatch.setattr("sync.enrolment._CODE_PASSES", 1)


@pytest.fixture
def box(tmp_path: Path) -> KeptBox:
    return KeptBox(tmp_path / "box")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return RecordingMachine(root=tmp_path).machine


def speaks_tls(box: KeptBox, machine: Machine) -> TlsPlace:
    place = TlsPlace(folder=box.place.config.parent)
    reach = Reach(names=(NAME,), addresses=(HERE,))
    LanTls(place, machine).set_up(reach, time=Time(now=NOW.wall, is_sure=True), port=8080)
    text = box.place.config.read_text(encoding="utf-8")
    box.place.config.write_text(f'{text}\n[server]\nnames = ["{NAME}"]\nbehind_tls = true\n', encoding="utf-8")
    return place


def is_hall(box: KeptBox) -> None:
    (box.place.config.parent / "hall.conf").write_text("interface=wlan0\n")


def is_city(box: KeptBox) -> None:
    box.edit('preset = "town"', 'preset = "city"')


def brought(name: str) -> tuple[bytes, bytes]:
    """A key and a certificate for that name, as a town buys them."""
    key = new_key()
    private = load_pem_private_key(key, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
    dated = builder.not_valid_before(NOW.wall).not_valid_after(NOW.wall + timedelta(days=90))
    named = dated.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return key, named.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)


def ill(found: dict[str, Finding], name: str, code: str) -> Finding:
    assert found[name].words.state is State.ILL
    assert found[name].code == code
    return found[name]


def test_a_box_whose_pages_are_its_own_needs_no_network(box: KeptBox) -> None:
    found = box.found(addresses=list)
    assert {"address_not_needed", "access_point_unused", "tls_unused"} <= set(found)


@pytest.mark.parametrize("makes", [is_hall, lambda box: box.edit("[desk]", '[server]\nhost = "0.0.0.0"\n[desk]')])
def test_a_box_for_tablets_without_any_address_is_found(box: KeptBox, makes: Callable[[KeptBox], None]) -> None:
    makes(box)
    ill(box.found(addresses=list), "address_missing", "D40")
    assert box.found()["address_there"].detail == "192.168.50.1"


def test_an_access_point_that_is_not_up_is_found(box: KeptBox) -> None:
    is_hall(box)
    assert "access_point_on" in box.found()
    ill(box.found(access_point_is_on=lambda: False), "access_point_off", "D41")


def test_an_access_point_that_leads_further_is_found(box: KeptBox) -> None:
    is_hall(box)
    ill(box.found(forwards=lambda: True), "access_point_forwards", "D41")


def test_a_city_without_tls_is_found(box: KeptBox, machine: Machine) -> None:
    is_city(box)
    ill(box.found(), "tls_missing", "D42")
    speaks_tls(box, machine)
    assert "tls_good" in box.found()


def test_a_certificate_that_ends_soon_is_found(box: KeptBox, machine: Machine) -> None:
    speaks_tls(box, machine)
    for days, name in ((336, "tls_good"), (338, "tls_ends"), (400, "tls_ends"), (-31, "tls_ends")):
        found = box.found(now=lambda days=days: NOW.wall + timedelta(days=days))
        assert name in found, days
    ill(found, "tls_ends", "D42")


def test_a_certificate_that_lacks_the_present_address_is_found(box: KeptBox, machine: Machine) -> None:
    speaks_tls(box, machine)
    assert ill(box.found(addresses=lambda: [HERE, THERE]), "tls_other_names", "D42").detail == str(THERE)


def test_a_certificate_that_lacks_a_name_is_found(box: KeptBox, machine: Machine) -> None:
    speaks_tls(box, machine)
    box.edit(f'names = ["{NAME}"]', f'names = ["{NAME}", "madoguchi.example.jp"]')
    assert ill(box.found(), "tls_other_names", "D42").detail == "madoguchi.example.jp"


@pytest.mark.parametrize(
    "harm",
    [
        lambda place: place.certificate.unlink(),
        lambda place: place.certificate.write_bytes(b"damaged"),
        lambda place: place.key.write_bytes(new_key()),
    ],
)
def test_a_damaged_certificate_is_found(box: KeptBox, machine: Machine, harm: Callable[[TlsPlace], None]) -> None:
    harm(speaks_tls(box, machine))
    ill(box.found(), "tls_broken", "D42")


def test_who_may_not_look_is_told_to_be_root(box: KeptBox, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    speaks_tls(box, machine)

    def closed(_place: TlsPlace) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(TlsPlace, "seen", closed)
    assert box.found()["tls_closed"].words.state is State.NOTE


@pytest.mark.parametrize(
    ("name", "found"),
    [("madoguchi.example.jp", "tls_good"), ("*.example.jp", "tls_good"), ("other.example.jp", "tls_other_names")],
)
def test_a_certificate_that_the_town_brought_need_not_have_every_address(
    box: KeptBox, machine: Machine, name: str, found: str
) -> None:
    place = speaks_tls(box, machine)
    box.edit(f'names = ["{NAME}"]', f'names = ["{NAME}", "madoguchi.example.jp"]')
    key, chain = brought(name)
    place.certificate.write_bytes(chain)
    place.key.write_bytes(key)
    place.authority.unlink()
    assert found in box.found(addresses=lambda: [THERE])
