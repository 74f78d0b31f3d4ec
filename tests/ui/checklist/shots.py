"""What a recipe says: how to come to each state of a page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeVar

from flask import Flask
from flask.testing import FlaskClient


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One page in one state, as somebody's browser would open it."""

    client: FlaskClient
    """Whose session it is."""
    path: str
    form: Mapping[str, str] | None = None
    """What is sent; None for a page that is only looked at."""
    state: str = ""
    status: int = 200
    is_elsewhere: bool = False
    """Whether it is opened on a tablet and not on the box's own screen."""
    is_kiosk: bool = False
    """Whether it is read across a hall, on a television."""
    is_cut_off: bool = False
    """Whether the page itself says that something cannot be reached."""
    rule: str = ""
    who: str = ""
    """What whoever looks may do."""


class Scene(Protocol):
    """One app in one state, and the people in front of it."""

    name: str
    session_cookie: str
    cookie_path: str
    entrance: str
    """A page that everybody may open."""

    @property
    def app(self) -> Flask:
        """Its web side."""
        ...

    def people(self, guard: str) -> Iterable[tuple[str, FlaskClient]]:
        """Everybody whom that guard lets in, and their browser."""
        ...

    def url(self, *, is_elsewhere: bool) -> str:
        """Where it is served."""
        ...


SceneT = TypeVar("SceneT", bound=Scene)
Recipe = Callable[[SceneT, FlaskClient], Iterable[Shot]]


@dataclass
class Book(Generic[SceneT]):
    """The recipes of one app, by the rule of its URL map; and the rules that answer with no page, and why."""

    recipes: dict[str, Recipe[SceneT]] = field(default_factory=dict)
    no_pages: dict[str, str] = field(default_factory=dict)

    def page(self, rule: str) -> Callable[[Recipe[SceneT]], Recipe[SceneT]]:
        """The function below knows the states of that page."""

        def keep(recipe: Recipe[SceneT]) -> Recipe[SceneT]:
            self.recipes[rule] = recipe
            return recipe

        return keep

    def plain(self, *rules: str) -> None:
        """Pages whose states are only those of the desk behind them."""
        for rule in rules:
            self.recipes[rule] = partial(_plain, rule)

    def also(self, other: "Book[SceneT]") -> None:
        """The recipes of another file, too."""
        self.recipes |= other.recipes
        self.no_pages |= other.no_pages


def _plain(rule: str, _scene: object, client: FlaskClient) -> Iterable[Shot]:
    return [Shot(client=client, path=rule)]


def looked_at(client: FlaskClient, *states: tuple[str, str]) -> Iterator[Shot]:
    """Pages that are only looked at, as state and address."""
    for state, path in states:
        yield Shot(client=client, state=state, path=path)
