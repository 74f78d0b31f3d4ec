"""How to come to the pages of the screen for visitors in each of their states, in every language."""

from collections.abc import Iterator

from flask.testing import FlaskClient

from tests.ui.checklist.desk_scenes import DeskScene
from tests.ui.checklist.shots import Book, Shot
from ui.desk.kiosk_words import LANGUAGES

KIOSK: Book[DeskScene] = Book()
KIOSK.no_pages = {"/kiosk/events": "what changes on /kiosk"}


def in_each_language(scene: DeskScene, client: FlaskClient, path: str) -> Iterator[Shot]:
    """All of them where nothing else is to be seen, Japanese everywhere."""
    for language in LANGUAGES if scene.name == "quiet" else LANGUAGES[:1]:
        yield Shot(client=client, state=language.code, path=f"{path}{language.query}", is_kiosk=True)


@KIOSK.page("/kiosk")
def card(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from in_each_language(scene, client, "/kiosk")


@KIOSK.page("/kiosk/language")
def languages(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from in_each_language(scene, client, "/kiosk/language")


@KIOSK.page("/kiosk/write")
def write(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from in_each_language(scene, client, "/kiosk/write")


@KIOSK.page("/kiosk/point")
def point(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from in_each_language(scene, client, "/kiosk/point")
