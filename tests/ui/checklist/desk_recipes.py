"""How to come to each page of the desk in each of its states."""

from collections.abc import Iterator, Mapping

from flask.testing import FlaskClient

from appliance.desk.facts.staff import Permission
from tests.ui.checklist.card_recipes import CARD
from tests.ui.checklist.desk_scenes import BY, ENTRY, DeskScene
from tests.ui.checklist.kiosk_recipes import KIOSK
from tests.ui.checklist.shots import Book, Shot, looked_at
from tests.ui.checklist.volunteer_recipes import VOLUNTEER
from tests.ui.first_box import TYPED
from tests.ui.people import Person

DESK: Book[DeskScene] = Book()
DESK.no_pages = {
    "/healthz": "one word for programs",
    "/design/static/<name>": "what pages look like",
    "/enrolment/code.svg": "a picture on /enrolment",
    "/events": "what changes on a page",
    "/practice/events": "what changes in practice",
    "/sign-in/events": "a card that is tapped",
    "/card/events": "what changes on /card",
    "/card/items/events": "how much time is left",
    "/hardware/events": "what changes in the room",
    "/hardware/sound/<int:number>.wav": "a sound on /hardware",
    "/api/v1/healthz": "for programs",
    "/api/v1/openapi.json": "for programs",
}
DESK.also(CARD)
DESK.also(KIOSK)
DESK.also(VOLUNTEER)
DESK.plain(
    "/box",
    "/closing",
    "/design",
    "/people",
    "/people/<uuid:person>",
    "/people/<uuid:person>/pin",
    "/tokens/<uuid:token>/revoke",
)
LONG = "なまえの ながい ひと" * 3
PIN_MEMO = {"topics": "phone", "cell": "75to84 resolved", "memo": "暗証番号は 1234 だそうです。"}


def sent(client: FlaskClient, page: str, to: str, state: str, status: int, **entries: str) -> Iterator[Shot]:
    """The answer to the form on `page`."""
    person = Person(client)
    person.look(page)
    hidden = {name: person.hidden(name) for name in ("csrf", "once") if f'name="{name}"' in person.page}
    yield Shot(client=client, state=state, path=to, form=hidden | entries, status=status)


@DESK.page("/")
def floor(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/"))
    if saved := scene.holds.get("consultation"):
        yield from looked_at(client, ("just saved", f"/?saved={saved}"))


@DESK.page("/announce")
def announce(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/announce"), ("said", "/announce?told=said"))
    if scene.name == "quiet":
        yield from sent(client, "/announce", "/announce", "how it is read", 200, text="10時から 講座です")
        yield from sent(client, "/announce", "/announce", "refused", 422, text="あ" * 81)


@DESK.page("/announce/emergency")
def emergency(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    if scene.world.desk.announcements.emergency_phrase:
        yield from looked_at(client, ("", "/announce/emergency"))


@DESK.page("/box")
def box(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield Shot(client=client, path="/box", is_cut_off=scene.name == "fault")


@DESK.page("/closed")
def closed(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    if scene.closer:
        yield from looked_at(scene.closer, ("", "/closed"))


@DESK.page("/consultations/<uuid:consultation>/correct")
def correct(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    page = "/consultations/<uuid:consultation>/correct"
    yield from looked_at(client, ("", page))
    if "consultation" in scene.holds:
        page = page.replace("<uuid:consultation>", scene.holds["consultation"])
        yield from sent(client, page, page, "a PIN in the memo", 422, **PIN_MEMO)


@DESK.page("/day")
def day(_scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/day"), ("another day", "/day?date=2026-11-01"))
    yield Shot(client=client, state="no day", path="/day?date=x", status=422)


@DESK.page("/enrolment")
def enrolment(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/enrolment"))
    yield Shot(client=client, state="from elsewhere", path="/enrolment", is_elsewhere=True, status=403)


@DESK.page("/first-box")
def first_box(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/first-box"))
    if scene.name == "busy":
        typed: Mapping[str, str] = {**TYPED, "passphrase": "seven words are a good passphrase"}
        wrong = {name: LONG for name in typed if not name.startswith("facility")}
        yield from sent(client, "/first-box", "/first-box", "made", 200, **typed)
        yield from sent(client, "/first-box", "/first-box", "refused", 422, **wrong)


@DESK.page("/hardware")
def hardware(_scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/hardware"))


@DESK.page("/opening")
def opening(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/opening"))
    if scene.name == "quiet":
        yield from sent(client, "/opening", "/opening/time", "refused", 422, date="", time="")


@DESK.page("/own-pin")
def own_pin(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    client = scene.arriving(Permission.VOLUNTEER).client
    yield from looked_at(client, ("", "/own-pin"))
    if scene.name == "quiet":
        yield from sent(client, "/own-pin", "/own-pin", "refused", 422, old="482913", pin="1", again="1")


@DESK.page("/people/new")
def new_person(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/people/new"))
    if scene.name == "busy":
        added = {"name": "あたらしい ひと", "permission": "volunteer", "employment": "volunteer"}
        yield from sent(client, "/people/new", "/people/new", "refused", 422, **(added | {"name": ""}))
        yield from sent(client, "/people/new", "/people/new", "the PIN, once", 200, **added)


@DESK.page("/practice")
def practice(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    person = practising(scene)
    yield from looked_at(person.client, ("somebody calls", "/practice"))
    person.look("/practice")
    person.press("/practice/visits")
    yield from looked_at(person.client, ("somebody is served", "/practice"))
    yield Shot(client=person.client, state="the real desk", path="/day", status=409)


@DESK.page("/practice/visits/<uuid:visit>/log")
def practice_log(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    person = practising(scene)
    visit = scene.world.practice_room.opened[-1].consultations.walk_in().id
    yield from looked_at(person.client, ("", f"/practice/visits/{visit}/log"))


@DESK.page("/practice/consultations/<uuid:consultation>/correct")
def practice_correct(scene: DeskScene, _client: FlaskClient) -> Iterator[Shot]:
    person = practising(scene)
    saved = scene.world.practice_room.opened[-1].consultations.log(ENTRY, by=BY).id
    yield from looked_at(person.client, ("", f"/practice/consultations/{saved}/correct"))
    yield from looked_at(person.client, ("just saved", f"/practice?saved={saved}"))


def practising(scene: DeskScene) -> Person:
    """Somebody who practises, with a resident before her."""
    person = scene.arriving(Permission.VOLUNTEER)
    person.look("/")
    assert person.press("/practice").status_code == 200
    scene.world.clock.advance(seconds=5)
    return person


@DESK.page("/presence-code")
def presence_code(_scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/presence-code"))


@DESK.page("/proof")
def proof(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("never searched", "/proof"))
    if scene.name in {"busy", "fault"}:
        person = Person(client)
        person.look("/proof")
        person.press("/proof")
        while "いま 調べています" in person.page:
            person.look("/proof")
        yield from looked_at(client, ("searched", "/proof"))


@DESK.page("/set-up")
def set_up(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/set-up"))
    yield Shot(client=client, state="from elsewhere", path="/set-up", is_elsewhere=True)
    if scene.world.desk.roster.is_empty:
        yield from sent(client, "/set-up", "/set-up", "refused", 422, name="", pin="1", again="2")


@DESK.page("/sign-in")
def sign_in(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/sign-in"))
    yield Shot(client=client, state="from elsewhere", path="/sign-in", is_elsewhere=True)
    if scene.name == "busy":
        yield from sent(client, "/sign-in", "/sign-in", "refused", 422, person="1", pin="000000")
        yield Shot(client=client, state="no such page", path="/nothing", status=404)
        yield Shot(
            client=client,
            state="a form of another page",
            path="/sign-in",
            form={"csrf": "x", "memo": "長い話"},
            status=403,
        )


@DESK.page("/tallies")
def tallies(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/tallies"))
    if scene.name == "quiet":
        yield from sent(client, "/tallies", "/tallies", "refused", 422, day="2026-11-20", visits="x", people="1")


@DESK.page("/tokens")
def tokens(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/tokens"))
    if scene.name == "quiet":
        yield from sent(client, "/tokens", "/tokens", "refused", 422, name="", scope="board", days="30")
        yield from sent(client, "/tokens", "/tokens", "the token, once", 200, name=LONG[:40], scope="board", days="30")


@DESK.page("/visits/<uuid:visit>/log")
def log(scene: DeskScene, client: FlaskClient) -> Iterator[Shot]:
    page = "/visits/<uuid:visit>/log"
    yield from looked_at(client, ("", page))
    if scene.name == "busy":
        page = page.replace("<uuid:visit>", scene.holds["visit"])
        yield from looked_at(client, ("from the card against fraud", f"{page}?card=fraud"))
        yield from sent(client, page, page, "no topic", 422, cell="75to84 resolved")
        yield from sent(client, page, page, "a PIN in the memo", 422, **PIN_MEMO)
