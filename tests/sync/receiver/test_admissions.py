from dataclasses import replace
from hashlib import sha256

import pytest

from sync.enrolment import Certificate, Request, admission_bytes
from sync.errors import MalformedMessage
from sync.leaving import LeavingList
from sync.receiver.app import create_receiver_app
from sync.receiver.errors import NotTheOffice, NumberTaken, OtherMunicipality, UnknownDevice
from tests.sync.receiver.road import MUNICIPALITY, OFFICE_KEY, OFFICE_TOKEN, OFFICE_TOKENS, STRANGER_KEY, Desk, Town

HEADERS = {"Content-Type": "application/cbor", "Authorization": f"Bearer {OFFICE_TOKEN}"}


def request_of(desk: Desk, *, box: int = 7, municipality: str = MUNICIPALITY) -> Request:
    return Request(
        municipality=municipality,
        kit=b"k" * 32,
        box=box,
        facility="kita",
        desk=1,
        public_key=desk.key.public,
        serial="-",
        version="0.1.0",
        checks=(),
    )


def certificate_for(desk: Desk, asked: bytes, *, number: int = 5, box: int = 7) -> Certificate:
    return Certificate(
        municipality=MUNICIPALITY,
        number=number,
        device=desk.id,
        box=box,
        facility="kita",
        facility_name="北公民館",
        desk=1,
        request=sha256(asked).digest(),
    )


def admission(desk: Desk, *, number: int = 5, box: int = 7) -> bytes:
    asked = request_of(desk, box=box).to_bytes(desk.key)
    return admission_bytes(asked, certificate_for(desk, asked, number=number, box=box).to_bytes(OFFICE_KEY))


def test_a_certificate_makes_a_box_known(town: Town) -> None:
    new = Desk()
    batch = new.batch(new.records(2))
    with pytest.raises(UnknownDevice):
        town.take(batch)
    town.receiver.admit(admission(new))
    town.receiver.admit(admission(new))
    assert len(town.take(batch).receipt.entries) == 2
    device = town.registry.box(7)
    assert device is not None
    assert (device.id, device.facility_name, device.certificate) == (new.id, "北公民館", 5)


def test_the_newest_certificate_says_where_a_box_stands(town: Town) -> None:
    new = Desk()
    asked = request_of(new).to_bytes(new.key)
    moved = replace(certificate_for(new, asked, number=6), facility="minami", facility_name="南公民館")
    town.receiver.admit(admission_bytes(asked, moved.to_bytes(OFFICE_KEY)))
    town.receiver.admit(admission(new, number=5))
    device = town.registry.box(7)
    assert device is not None
    assert device.facility == "minami"


def test_only_the_office_admits_and_only_what_was_asked(town: Town) -> None:
    new, other = Desk(), Desk()
    asked = request_of(new).to_bytes(new.key)
    certificate = certificate_for(new, asked)
    good = certificate.to_bytes(OFFICE_KEY)
    for wrong in (
        admission_bytes(asked, certificate.to_bytes(STRANGER_KEY)),
        admission_bytes(request_of(new).to_bytes(other.key), good),
    ):
        with pytest.raises(NotTheOffice):
            town.receiver.admit(wrong)
    theirs = request_of(other).to_bytes(other.key)
    for wrong in (admission_bytes(theirs, good), admission_bytes(asked + b"x", good), good, b""):
        with pytest.raises(MalformedMessage):
            town.receiver.admit(wrong)
    abroad = request_of(new, municipality="131024").to_bytes(new.key)
    with pytest.raises(OtherMunicipality):
        town.receiver.admit(admission_bytes(abroad, certificate_for(new, abroad).to_bytes(OFFICE_KEY)))
    assert town.registry.box(7) is None


def test_a_number_is_not_given_twice(town: Town) -> None:
    town.receiver.admit(admission(Desk()))
    with pytest.raises(NumberTaken):
        town.receiver.admit(admission(Desk()))


def test_the_office_admits_and_strikes_off_over_http(town: Town) -> None:
    client = create_receiver_app(town.receiver, office_tokens=OFFICE_TOKENS).test_client()
    new = Desk()
    listed = LeavingList(municipality=MUNICIPALITY, number=1, departures=()).to_bytes(OFFICE_KEY)
    for path, body in (("/v1/admissions", admission(new)), ("/v1/leaving", listed)):
        assert client.post(path, data=body, headers={"Content-Type": "application/cbor"}).status_code == 401
        assert client.post(path, data=b"?", headers=HEADERS).status_code == 400
        assert client.post(path, data=body, headers=HEADERS).status_code == 204
        assert client.post(path, data=body, headers=HEADERS).status_code == 204
    taken = client.post("/v1/admissions", data=admission(Desk()), headers=HEADERS)
    assert (taken.status_code, taken.get_json()["code"]) == (409, "box_number_taken")
