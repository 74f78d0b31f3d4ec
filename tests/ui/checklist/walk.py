"""Walks the URL map of an app through all of its scenes, and looks at every page that anybody may open there."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Generic, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.ui.checklist.inspector import Inspector
from tests.ui.checklist.shots import Book, Scene, Shot
from ui.guards import guard_of

SceneT = TypeVar("SceneT", bound=Scene)
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
_ONE_TIME = re.compile(r'<input type="hidden"[^>]*>|[0-9a-f-]{36}')
"""What is different each time a page is asked for."""


@dataclass
class Walk(Generic[SceneT]):
    """One walk; without `is_thorough` a page is looked at again only where it holds a kind of piece it never held."""

    book: Book[SceneT]
    inspector: Inspector
    _pieces: dict[str, set[str]] = field(default_factory=dict)
    """The kinds of pieces each page was seen with."""
    _sent: set[tuple[str, str]] = field(default_factory=set)

    def through(self, scenes: Sequence[SceneT]) -> None:
        """Look at everything; what nobody ever came to see is a finding, too."""
        for rule, what in unknown(scenes[0].app, self.book):
            self.inspector.find(what, rule)
        for scene in scenes:
            for shot in shots_of(scene, self.book):
                if self._is_news(scene, shot):
                    self.inspector.look(scene, shot)
        for rule in sorted(set(self.book.recipes) - set(self._pieces)):
            self.inspector.find("no scene and no state of its recipe shows the page", rule)

    def _is_news(self, scene: SceneT, shot: Shot) -> bool:
        if shot.form is not None:
            sent = (shot.rule, f"{shot.state} {scene.name if self.inspector.is_thorough else ''}")
            is_new = sent not in self._sent
            self._sent.add(sent)
            return is_new
        answer = shot.client.get(shot.path, environ_base=ELSEWHERE if shot.is_elsewhere else {})
        if answer.status_code in range(300, 400):
            return False
        before = self._pieces.setdefault(shot.rule, set())
        pieces = {_ONE_TIME.sub("", answer.text)} if self.inspector.is_thorough else pieces_of(answer.text)
        is_new = not pieces <= before
        before |= pieces
        return is_new


def unknown(app: Flask, book: Book[SceneT]) -> Iterator[tuple[str, str]]:
    """Pages of the URL map without a recipe, and recipes without a page."""
    rules = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not is_for_programs(app, rule)
    }
    for rule in sorted(rules - set(book.recipes) - set(book.no_pages)):
        yield rule, "a page without a recipe; say in tests/ui/checklist how to come to each of its states"
    for rule in sorted((set(book.recipes) | set(book.no_pages)) - rules):
        yield rule, "a recipe for a page that is no longer there"


def is_for_programs(app: Flask, rule: Rule) -> bool:
    """Whether only a token opens it."""
    return guard_of(app.view_functions[rule.endpoint]).startswith("program")


def shots_of(scene: SceneT, book: Book[SceneT]) -> Iterator[Shot]:
    """Every state of every page, for everybody who may open it."""
    for rule in scene.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule not in book.recipes:
            continue
        for person, client in scene.people(guard_of(scene.app.view_functions[rule.endpoint])):
            for shot in _cooked(scene, book, rule.rule, client):
                if "<" not in shot.path:
                    yield replace(shot, rule=rule.rule, who=person)


def _cooked(scene: SceneT, book: Book[SceneT], rule: str, client: FlaskClient) -> Iterable[Shot]:
    """What the recipe says, the holes of its addresses filled with what is there; those left have nothing to show."""
    holds: dict[str, str] = getattr(scene, "holds", {})
    for shot in book.recipes[rule](scene, client):
        yield replace(shot, path=re.sub(r"<(?:\w+:)?(\w+)>", lambda hole: holds.get(hole[1], hole[0]), shot.path))


def pieces_of(page: str) -> set[str]:
    """The kinds of pieces a page is made of."""
    reader = _Pieces()
    reader.feed(page)
    return reader.found


class _Pieces(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found.add(
            " ".join(filter(None, (tag, *(named.get(name) for name in ("class", "type", "role", "data-state")))))
        )
