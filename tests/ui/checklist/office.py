"""The office in its main states, and how to come to each of its pages."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from sync.schema import MATTER
from tests.sync.office.town import TestDesk
from tests.ui.checklist.shots import Book, Shot, looked_at
from tests.ui.desk.test_browser import House
from tests.ui_office.screens import Screens, csrf_of, open_screens

OFFICE: Book["OfficeScene"] = Book()
OFFICE.no_pages = {
    "/design/static/<name>": "what pages look like",
    "/office/static/<path:filename>": "the same",
    "/office/healthz": "one word for programs",
    "/office/": "leads to the statistics",
    "/office/statistics.csv": "a file to keep",
    "/office/api/v1/openapi.json": "for programs",
}


@dataclass
class OfficeScene:
    """One office in one state."""

    name: str
    screens: Screens
    house: House
    session_cookie: str = "madoguchi_office"
    cookie_path: str = "/office/"
    entrance: str = "/office/sign-in"

    @property
    def app(self) -> Flask:
        """Its web side."""
        return self.screens.app

    def people(self, guard: str) -> Iterable[tuple[str, FlaskClient]]:
        """An officer, or whoever stands before the sign-in."""
        yield from [("officer", self.screens.officer())] if guard else [("", self.screens.client())]

    def url(self, *, is_elsewhere: bool) -> str:
        """Where it is served; an office has one door."""
        assert not is_elsewhere
        return self.house.url


@contextmanager
def office_scenes(folder: Path) -> Iterator[list[OfficeScene]]:
    """An office that has numbers, one that has none yet, and one whose receiver does not answer."""
    with ExitStack() as stack:
        scenes = []
        for name in ("numbers", "empty", "receiver away"):
            (folder / name).mkdir()
            screens = open_screens(folder / name)
            stack.callback(screens.town.close)
            if name == "numbers":
                fill(screens)
            screens.town.source.away = name == "receiver away"
            house = House(screens.app)
            stack.callback(house.pull_out)
            scenes.append(OfficeScene(name, screens, house))
        yield scenes


def fill(screens: Screens) -> None:
    """Visits, paper, shifts, incidents of two desks."""
    desk = screens.desk
    for topics in (("phone",), ("password", "connection")):
        desk.served(topics=topics)
    desk.tally("2026-11-20", visits=3, people=4, topics={"phone": 2}, age_bands={"75to84": 3})
    for role in ("promotion_volunteer", "facility_staff"):
        desk.shift(role.encode()[:16].ljust(16), role=role, minutes=4000)
    for matter in MATTER.words * 5:
        desk.incident(matter, by=b"\x0a" * 16, about=b"\x0b" * 16)
    desk.day_closed(unsent=3)
    desk.quality = "unknown"
    desk.visit()
    other = TestDesk(2, facility="toshokan", facility_name="図書館・視聴覚ライブラリー")
    screens.town.admit(other)
    other.incident()
    screens.town.source.bring(desk, other)


@OFFICE.page("/office/sign-in")
def sign_in(scene: OfficeScene, client: FlaskClient) -> Iterator[Shot]:
    yield from looked_at(client, ("", "/office/sign-in"))
    if scene.name == "empty":
        wrong = {"csrf": csrf_of(client), "user": "yakuba", "pin": "000000"}
        yield Shot(client=client, state="refused", path="/office/sign-in", form=wrong, status=422)
        yield Shot(client=client, state="no such page", path="/office/nothing", status=404)


@OFFICE.page("/office/statistics")
def statistics(scene: OfficeScene, client: FlaskClient) -> Iterator[Shot]:
    is_cut_off = scene.name == "receiver away"
    for state, query in (("this month", ""), ("this year", "?period=year"), ("one topic", "?period=today&topic=other")):
        yield Shot(client=client, state=state, path=f"/office/statistics{query}", is_cut_off=is_cut_off)
    wrong = "/office/statistics?period=custom&from=2026-11-30&to=2026-11-01"
    yield Shot(client=client, state="refused", path=wrong, status=422, is_cut_off=is_cut_off)


@OFFICE.page("/office/security")
def security(scene: OfficeScene, client: FlaskClient) -> Iterator[Shot]:
    for state, query in (("newest", ""), ("older", "?page=2")):
        yield Shot(
            client=client, state=state, path=f"/office/security{query}", is_cut_off=scene.name == "receiver away"
        )


@OFFICE.page("/office/recovery")
def recovery(scene: OfficeScene, client: FlaskClient) -> Iterator[Shot]:
    is_cut_off = scene.name == "receiver away"
    yield Shot(client=client, path="/office/recovery", is_cut_off=is_cut_off)
    for state, typed, status in (("it opens", "right", 200), ("refused", "361 808", 422)):
        form = {"csrf": csrf_of(client, "/office/recovery"), "sheet.1": typed}
        yield Shot(client=client, state=state, path="/office/recovery", form=form, status=status, is_cut_off=is_cut_off)
