"""How to come to the pages of a card in each of their states."""

from collections.abc import Iterator
from datetime import timedelta

from flask.testing import FlaskClient

from appliance.desk.facts.card import CardCheck, CardKind, CardPhase, TriesLeft
from appliance.desk.facts.staff import Permission
from tests.readable import PIN
from tests.ui.checklist.desk_scenes import DeskScene
from tests.ui.checklist.shots import Book, Shot, looked_at
from tests.ui.people import Person

CARD: Book[DeskScene] = Book()
CARD.plain("/card/items", "/card/items/gone", "/own-card", "/people/<uuid:person>/card")
WRONG = {"born": "480216", "expires": "2030", "security_code": "6042"}


@CARD.page("/card")
def card(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/card"))
    if scene.name != "quiet":
        return
    reader, now = scene.world.cards, scene.world.clock.now().wall
    for state, days, tries in (
        ("valid", 800, TriesLeft(authentication=3, signature=5, input_support=3)),
        ("nearly over", 24, TriesLeft(authentication=1, signature=1, input_support=None)),
        ("over, and locked", -1, TriesLeft(authentication=0, signature=0, input_support=0)),
    ):
        reader.put(check=CardCheck(valid_until=now + timedelta(days=days), authority_key="00", tries_left=tries))
        yield Shot(client=client, state=state, path="/card", is_cut_off=True)  # a certificate may be over: 切れました
    for kind in (CardKind.PHONE, CardKind.UNKNOWN, CardKind.OTHER):
        reader.put(kind)
        yield from looked_at(client, (kind.value, "/card"))
    reader.put(None, phase=CardPhase.CHECKING)
    yield from looked_at(client, ("is being read", "/card"))
    reader.lift()


@CARD.page("/card/items/number-b")
def number_b(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    if scene.name == "quiet":
        client = scene.arriving(Permission.VOLUNTEER).client
        yield Shot(client=client, state="nobody has said yes", path="/card/items/number-b", status=409)
    if scene.name == "a readable card":
        person = agreeing(scene)
        yield from looked_at(person.client, ("", "/card/items/number-b"))
        person.look("/card/items/number-b")
        form = {name: person.hidden(name) for name in ("csrf", "once")} | WRONG
        yield Shot(client=person.client, state="refused", path="/card/items/number-b", form=form, status=422)


@CARD.page("/card/items/pin")
def pin(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    if scene.name == "a readable card":
        yield from looked_at(agreeing(scene).client, ("", "/card/items/pin"))


@CARD.page("/card/items/read")
def read(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    if scene.name == "a readable card":
        person = agreeing(scene)
        person.look("/card/items/pin")
        person.press("/card/items/pin", card_pin=PIN)
        yield from looked_at(person.client, ("", "/card/items/read"))


def agreeing(scene: DeskScene) -> Person:
    """Somebody before whom a resident has said yes."""
    person = scene.arriving(Permission.VOLUNTEER)
    person.look("/card/items")
    assert person.press("/card/items").status_code == 200
    return person
