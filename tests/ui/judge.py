"""Judges what an app answers to hostile requests, and keeps what it finds instead of stopping at the first."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

MOST_FINDINGS = 30
ALWAYS_POSSIBLE = frozenset({400, 404, 405, 413, 414, 415, 429})
"""What any address may answer to what is not even a request for it."""

HARDENING = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control")

_LEAK = re.compile(
    r'Traceback \(most recent|File "[^"]*\.py"|site-packages|/appliance/assembly/|/usr/lib/python|\.pyenv/|sqlite3\.'
)
_LOCAL = re.compile(r"/(?!/)|[?#]|\Z")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request, as far as a reader of a finding needs it."""

    method: str
    path: str
    body: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path[:120]!r} {self.body[:160]!r}"


class Judge:
    """Sends requests, counts them and judges every answer."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.sent = 0
        self.statuses: Counter[int] = Counter()
        self.findings: list[str] = []

    def send(self, documented: Collection[int], **request: object) -> TestResponse:
        """Send a request of werkzeug's `open`; the answer must be one of the documented statuses."""
        response = self.client.open(**request)  # type: ignore[arg-type]
        content = response.get_data()
        response.close()
        told = response.request
        body = request.get("data")
        sent = Sent(method=told.method, path=told.path, body=body if isinstance(body, bytes) else b"")
        self.judge(sent, response, content, documented)
        return response

    def judge(self, sent: Sent, response: TestResponse, content: bytes, documented: Collection[int]) -> None:
        """Keep everything that is wrong with the answer."""
        self.sent += 1
        self.statuses[response.status_code] += 1
        if response.status_code not in documented:
            self.found(sent, f"answered {response.status_code}, which is not documented: {content[:200]!r}")
        for wrong in (
            *_leaks(response, content),
            *_ways_out(response),
            *_markup(response, content),
            *_soft(response),
        ):
            self.found(sent, wrong)

    def found(self, sent: Sent, wrong: str) -> None:
        """Something is wrong."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(f"{sent}: {wrong}")


def _leaks(response: TestResponse, content: bytes) -> list[str]:
    """A trace or a path of the machine, in the body or in a header."""
    text = content.decode("utf-8", "replace") + "\n".join(f"{name}: {value}" for name, value in response.headers)
    leak = _LEAK.search(text)
    return [f"tells {leak[0]!r}"] if leak else []


def _ways_out(response: TestResponse) -> list[str]:
    """A redirect to anywhere but a place of this app."""
    location = response.headers.get("Location")
    if location is None or (_LOCAL.match(location) and not urlsplit(location).netloc):
        return []
    return [f"leads to {location!r}"]


def _soft(response: TestResponse) -> list[str]:
    """A header that every answer of every app must have."""
    return [f"has no {name}" for name in HARDENING if name not in response.headers]


def _markup(response: TestResponse, content: bytes) -> list[str]:
    """Markup that no template of ours contains, so that it can only have been sent."""
    if response.mimetype != "text/html":
        return []
    reader = _Foreign()
    reader.feed(content.decode("utf-8"))
    return [f"shows foreign markup: {what}" for what in reader.found]


class _Foreign(HTMLParser):
    """Finds scripts without a file, handlers in attributes, and links that lead away or begin a script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "script" and not (named.get("src") or "").startswith("/"):
            self.found.append("a script of its own")
        if tag in {"iframe", "object", "embed", "img", "base"}:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction"} and not _LOCAL.match(value or ""):
                self.found.append(f"{tag} {name}={value!r}")
