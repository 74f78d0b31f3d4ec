"""Hostile entries in every form that the pages of an app really show, and in every address they link to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.ui.forms import Form, FormReader, endpoint_of, reachable
from tests.ui.hostile_text import garbled, texts
from tests.ui.judge import Judge

ANSWERS = frozenset({200, 204, 303, 308, 400, 403, 404, 405, 409, 413, 415, 422, 429})
ENTRIES_AT_ONCE = 25
URLENCODED = "application/x-www-form-urlencoded"
KINDS = (URLENCODED, "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "")
GUESSES = ("next", "saved", "url", "return_to", "csrf", "page", "id")

Drawn = TypeVar("Drawn")

Kind = tuple[str, ...]
"""An endpoint, then the names of the fields of a form that leads there."""

Entries = Mapping[str, list[str] | None]
"""What is sent for each name; None for what the form itself holds."""


class FormAttack:
    """Nonsense in forms, again and again."""

    def __init__(
        self,
        judge: Judge,
        app: Flask,
        *,
        arrive: Callable[[], Sequence[str]],
        tidy: Callable[[], None],
        number: int,
    ) -> None:
        """`arrive` says where a walk through the pages begins; `tidy` is called now and then."""
        self._judge = judge
        self._app = app
        self._arrive = arrive
        self._tidy = tidy
        self._chance = Random(number)
        self._number = number
        self.endpoints: set[str] = set()
        """Every endpoint a form of a page leads to, as far as the pages were walked."""

    def run(self, requests: int) -> None:
        """Send so many requests, or a few more."""
        until, turn = self._judge.sent + requests, 0
        while self._judge.sent < until:
            for kind in sorted(self._forms()):
                self._attack(kind, self._number + turn)
                self._tidy()
                if self._judge.sent >= until:
                    return
            self._ask_pages(self._number + turn)
            turn += 1

    def _forms(self) -> dict[Kind, list[Form]]:
        """The forms that can be reached now, those of a kind together."""
        found: dict[Kind, list[Form]] = {}
        for _, reader in self._pages():
            for form in reader.forms:
                endpoint = endpoint_of(self._app, form.action, form.method)
                assert endpoint, f"a form leads nowhere: {form.method} {form.action}"
                found.setdefault((endpoint, *sorted(form.values)), []).append(form)
                self.endpoints.add(endpoint)
        return found

    def _pages(self) -> Iterator[tuple[str, FormReader]]:
        return reachable(self._app, self._get, self._arrive())

    def _get(self, path: str) -> str:
        response = self._judge.client.get(path)
        return response.text if response.mimetype == "text/html" else ""

    def _attack(self, kind: Kind, number: int) -> None:
        forms = self._forms().get(kind, [])
        if not forms:
            return  # what it was about has gone in the meantime
        for entries in _entries(forms[0], number):
            form = self._chance.choice(forms)
            sent = {name: _or(chosen, form.values[name]) for name, chosen in entries.items()}
            body = urlencode(sent, doseq=True, errors="surrogatepass").encode()
            if form.method == "GET":
                self._judge.send(ANSWERS, method="GET", path=form.action, query_string=body.decode())
                continue
            self._post(form, body, URLENCODED)
            self._post(form, *_multipart(entries, form))
            self._post(form, garbled(body, self._chance), self._chance.choice(KINDS))

    def _post(self, form: Form, body: bytes, kind: str) -> None:
        self._judge.send(ANSWERS, method="POST", path=form.action, data=body, content_type=kind)

    def _ask_pages(self, number: int) -> None:
        """Each page with nonsense behind its address, and each address with nonsense in it."""
        found = ["/", *(link for _, reader in self._pages() for link in reader.links if link.startswith("/"))]
        links = {link.partition("?")[0]: link for link in found}
        texts_of = _drawn(st.lists(texts, min_size=4, max_size=4), number)
        for (path, link), drawn in zip(sorted(links.items()), texts_of, strict=False):
            names = [*dict(parse_qsl(urlsplit(link).query)), *GUESSES]
            query = urlencode({self._chance.choice(names): text for text in drawn}, errors="surrogatepass")
            self._judge.send(ANSWERS, method="GET", path=path, query_string=query)
            elsewhere = f"{path}/{drawn[0]}".encode("utf-8", "surrogatepass").decode("latin-1")
            self._judge.send(ANSWERS, method="GET", path=path, environ_overrides={"PATH_INFO": elsewhere})


def _entries(form: Form, number: int) -> list[Entries]:
    return _drawn(st.fixed_dictionaries({name: _values(name, form.values[name]) for name in form.values}), number)


def _values(name: str, offered: list[str]) -> "st.SearchStrategy[list[str] | None]":
    """What the form holds, something it offers, or something else, perhaps several times; csrf is mostly right."""
    if name == "csrf":
        return st.sampled_from([None] * 15 + [["0" * 64], []])
    return st.one_of(st.none(), st.sampled_from([[one] for one in offered]), st.lists(texts, max_size=3))


def _drawn(strategy: "st.SearchStrategy[Drawn]", number: int) -> "list[Drawn]":
    """Some of what the strategy makes."""
    drawn: list[Drawn] = []

    @seed(number)
    @settings(
        max_examples=ENTRIES_AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(one=strategy)
    def collect(one: Drawn) -> None:
        drawn.append(one)

    collect()
    return drawn


def _or(sent: list[str] | None, held: list[str]) -> list[str]:
    return held[:1] if sent is None else sent


def _multipart(entries: Entries, form: Form) -> tuple[bytes, str]:
    """The entries as parts, the last one as a file that nobody asked for."""
    boundary = "hostile"
    parts = [(name, value) for name, sent in entries.items() for value in _or(sent, form.values[name])]
    lines = [_part(boundary, f'name="{name}"', value) for name, value in parts]
    lines.append(_part(boundary, 'name="memo"; filename="../../x.html"', "<script>alert(1)</script>"))
    return b"".join(lines) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, about: str, value: str) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n"
    return head.encode() + value.encode("utf-8", "surrogatepass") + b"\r\n"
