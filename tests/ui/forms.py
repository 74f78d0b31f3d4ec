"""The forms of a page as a browser without scripts sees them, and the pages it can reach."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

MOST_OF_A_KIND = 2


@dataclass
class Form:
    """Where a form leads and what it holds: for each name the values that it offers."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def offer(self, name: str | None, value: str | None) -> None:
        """A field of that name may have this value."""
        if name:
            self.values.setdefault(name, []).append(value or "")


class FormReader(HTMLParser):
    """Reads the forms of a page, one more for each button that leads elsewhere, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._elsewhere: list[tuple[Form | None, str, str]] = []
        self._open: Form | None = None
        self._select: str | None = None

    @classmethod
    def of(cls, page: str) -> "FormReader":
        """Everything on that page."""
        reader = cls()
        reader.feed(page)
        for form, owner, action in reader._elsewhere:
            stem = form or reader._by_id[owner]
            reader.forms.append(Form(action, stem.method, {name: list(of) for name, of in stem.values.items()}))
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form(named)
        elif tag in {"input", "textarea", "button"}:
            self._field(named)
        elif tag == "select":
            self._select = named.get("name")
        elif tag == "option" and self._open is not None and self._select is not None:
            self._open.offer(self._select, named.get("value"))
        elif tag == "a":
            self.links.append(named.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = None

    def _form(self, named: Mapping[str, str]) -> None:
        self._open = Form(named.get("action", ""), named.get("method", "get").upper())
        self.forms.append(self._open)
        self._by_id[named.get("id", "")] = self._open

    def _field(self, named: Mapping[str, str]) -> None:
        form = self._by_id.get(named["form"]) if "form" in named else self._open
        if form is not None:
            form.offer(named.get("name"), named.get("value"))
        if "formaction" in named:
            self._elsewhere.append((self._open, named.get("form", ""), named["formaction"]))


def endpoint_of(app: Flask, path: str, method: str) -> str | None:
    """The endpoint that answers there."""
    try:
        return str(app.url_map.bind("localhost").match(path.partition("?")[0], method=method)[0])
    except (HTTPException, RequestRedirect):
        return None


def reachable(app: Flask, get: Callable[[str], str], homes: Sequence[str]) -> Iterator[tuple[str, FormReader]]:
    """The pages that links and forms lead to from `homes`: for each kind of page a few addresses."""
    waiting, seen, kinds = list(homes), set(homes), Counter[str | None]()
    while waiting:
        path = waiting.pop(0)
        reader = FormReader.of(get(path))
        yield path, reader
        followed = [*reader.links, *(form.action for form in reader.forms if form.method == "GET")]
        for link in followed:
            kind = endpoint_of(app, link, "GET")
            if link.startswith("/") and link not in seen and kinds[kind] < MOST_OF_A_KIND:
                kinds[kind] += 1
                seen.add(link)
                waiting.append(link)
