from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from ui.desk.enrolment_pages import Shown

LAN = {"REMOTE_ADDR": "192.0.2.7"}


@dataclass
class FakeEnrolment:
    """Port `Enrolment` that says what it was told to."""

    now: Shown | None

    def waits(self) -> bool:
        return self.now is not None and not self.now.is_enrolled

    def shown(self) -> Shown | None:
        return self.now

    def picture(self) -> bytes:
        return b"<svg/>"


@pytest.fixture
def enrolment() -> FakeEnrolment:
    return FakeEnrolment(Shown(box=7, code="K4TQ-9XWM", is_enrolled=False))


def test_the_boxs_own_screen_shows_number_code_and_picture(client: FlaskClient) -> None:
    page = client.get("/enrolment").get_data(as_text=True)
    assert "箱 7番" in page
    assert "K4TQ-9XWM" in page
    assert 'src="/enrolment/code.svg"' in page
    picture = client.get("/enrolment/code.svg")
    assert (picture.data, picture.content_type) == (b"<svg/>", "image/svg+xml")


def test_the_sign_in_leads_there_while_the_office_has_not_answered(
    client: FlaskClient, enrolment: FakeEnrolment
) -> None:
    assert 'href="/enrolment"' in client.get("/sign-in").get_data(as_text=True)
    enrolment.now = Shown(box=7, code="K4TQ-9XWM", is_enrolled=True)
    assert 'href="/enrolment"' not in client.get("/sign-in").get_data(as_text=True)


def test_an_enrolled_box_shows_its_number_and_no_code(client: FlaskClient, enrolment: FakeEnrolment) -> None:
    enrolment.now = Shown(box=7, code="K4TQ-9XWM", is_enrolled=True)
    page = client.get("/enrolment").get_data(as_text=True)
    assert "登録できています" in page
    assert "K4TQ-9XWM" not in page


def test_nobody_sees_it_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/enrolment", "/enrolment/code.svg"):
        answer = client.get(path, environ_base=LAN)
        assert answer.status_code == 403
        assert "K4TQ" not in answer.get_data(as_text=True)
    assert 'href="/enrolment"' not in client.get("/sign-in", environ_base=LAN).get_data(as_text=True)


def test_a_box_without_a_kit_has_nothing_to_show(client: FlaskClient, enrolment: FakeEnrolment) -> None:
    enrolment.now = None
    for path in ("/enrolment", "/enrolment/code.svg"):
        assert client.get(path).status_code == 404
