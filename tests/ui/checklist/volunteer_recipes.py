"""How to come to what lies ready beside the calls, and to a browser that is set another way."""

from collections.abc import Iterator

from flask.testing import FlaskClient

from appliance.desk.facts.staff import Permission
from tests.ui.checklist.desk_scenes import DeskScene
from tests.ui.checklist.shots import Book, Shot, looked_at

VOLUNTEER: Book[DeskScene] = Book()
VOLUNTEER.no_pages = {"/call.wav": "what a call sounds like"}
VOLUNTEER.plain("/fraud", "/telephone")


@VOLUNTEER.page("/settings")
def settings(_scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/settings"), ("late for a call", "/?late=answered"))


@VOLUNTEER.page("/practice/fraud")
def practice_fraud(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(_learner(scene), ("", "/practice/fraud"))


@VOLUNTEER.page("/practice/telephone")
def practice_telephone(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(_learner(scene), ("", "/practice/telephone"))


def _learner(scene: DeskScene) -> FlaskClient:
    person = scene.arriving(Permission.VOLUNTEER)
    person.look("/")
    assert person.press("/practice").status_code == 200
    return person.client
