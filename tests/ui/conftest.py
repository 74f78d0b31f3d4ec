"""A desk of fakes behind the web side, and people and programs in front of it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fakes import FakeProver, FakeStorage, FakeTokens, FakeWorld, build_world
from tests.ui.documented import Documented
from tests.ui.people import FakeHardware, FakeWellbeing, Person
from ui.desk.app import create_desk_app
from ui.desk.enrolment_pages import Enrolment
from ui.desk.first_box_pages import FirstBox


@pytest.fixture
def world() -> FakeWorld:
    return build_world()


@pytest.fixture
def enrolment() -> Enrolment | None:
    """A box that was prepared without a kit, unless a test says otherwise."""
    return None


@pytest.fixture
def first_box() -> FirstBox | None:
    """A box that has its kit, unless a test says otherwise."""
    return None


@pytest.fixture
def app(world: FakeWorld, enrolment: Enrolment | None, first_box: FirstBox | None) -> Iterator[Flask]:
    """The web side, which has answered nothing in the end that its API's document does not announce."""
    app = create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"secret key of a test",
        hardware=FakeHardware(world),
        wellbeing=FakeWellbeing(world),
        enrolment=enrolment,
        first_box=first_box,
    )
    documented = Documented(app, "/api/v1/openapi.json")
    yield app
    assert documented.undocumented == []


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def stranger(client: FlaskClient) -> Person:
    return Person(client)


@pytest.fixture
def volunteer(world: FakeWorld, client: FlaskClient) -> Person:
    """Somebody whose sign-in the town has heard of already."""
    person = Person(client)
    person.sign_in()
    if isinstance(world.storage, FakeStorage):
        world.storage.carry()
        world.desk.board.show()
    return person
