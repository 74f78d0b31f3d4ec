"""Tokens for programs: issued, listed, revoked, and asked at every request without touching the disk."""

import re
import secrets
import threading
from datetime import timedelta
from uuid import UUID, uuid4

from appliance.desk.errors import Invalid, UnknownToken
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.token import Token, digest_of
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Clock
from appliance.desk.reception.token_watch import TokenWatch

SCOPES = ("desk", "board", "button")
"""`desk` may read and write; `board` only looks; `button` only calls, as a button does."""
LONGEST_DAYS = 3 * 366
MAX_TOKENS = 50
_NAME = re.compile(r"[\w .\-（）ー]{1,40}")


class TokenDesk:
    """Port `Tokens` over the table, held in RAM because every API request asks."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._watch = TokenWatch()
        self._reporting = threading.Lock()
        with ledger.page() as page:
            self._by_digest = {token.digest: token for token in page.tokens.all()}

    def issue(
        self, name: str, scope: str, *, days: int | None, by: UUID | None, place: Place = "screen"
    ) -> tuple[Token, str]:
        """A new token and its text, which nobody can show again; `Invalid`."""
        _check(name, scope, days)
        text = secrets.token_urlsafe(24)
        with self._ledger.page() as page:
            if len(page.tokens.all()) >= MAX_TOKENS:
                raise Invalid("name", f"at most {MAX_TOKENS} tokens; revoke one first")
            token = Token(
                id=uuid4(),
                name=name,
                digest=digest_of(text),
                scope=scope,
                issued=page.now.wall,
                expires=page.now.wall + timedelta(days=days) if days else None,
            )
            page.tokens.add(token)
            page.seal(SecurityEvent.of(SecurityMatter.TOKEN_ISSUED, now=page.now, place=place, by=by, about=token.id))
        self._by_digest = {**self._by_digest, token.digest: token}
        return token, text

    def revoke(self, token: UUID, *, by: UUID | None, place: Place = "screen") -> None:
        """From now on it opens nothing; `UnknownToken`."""
        if all(known.id != token for known in self._by_digest.values()):
            raise UnknownToken
        with self._ledger.page() as page:
            page.tokens.revoke(token)
            page.seal(SecurityEvent.of(SecurityMatter.TOKEN_REVOKED, now=page.now, place=place, by=by, about=token))
        self._by_digest = {digest: known for digest, known in self._by_digest.items() if known.id != token}

    def all(self) -> list[Token]:
        """Every token that was not revoked, oldest first."""
        return sorted(self._by_digest.values(), key=lambda token: token.issued)

    def allows(self, token: str, scope: str) -> bool:
        """See the port; a token for the desk opens the others too."""
        known = self._by_digest.get(digest_of(token))
        if known is None:
            return False
        now = self._clock.now()
        return known.opens(scope, now) or (scope in {"board", "button"} and known.opens("desk", now))

    def used(self, token: str) -> None:
        """A program came in with that token; touches no disk, and a token that nobody issued here is not noticed."""
        known = self._by_digest.get(digest_of(token))
        if known is not None:
            self._watch.used(known.id, self._clock.now())

    def refused(self, token: str) -> None:
        """A program was sent away with that token; touches no disk."""
        known = self._by_digest.get(digest_of(token))
        self._watch.refused(known.id if known else None, self._clock.now())

    def report(self) -> None:
        """Seal what was noticed since; a disk that takes nothing is an error, and leaves it to the next time."""
        with self._reporting:
            events = self._watch.noticed
            if not events:
                return
            with self._ledger.page() as page:
                for event in events:
                    page.seal(event)
            self._watch.sealed(events)


def _check(name: str, scope: str, days: int | None) -> None:
    if not _NAME.fullmatch(name):
        raise Invalid("name", "1 to 40 letters, digits, spaces, . and -")
    if scope not in SCOPES:
        raise Invalid("scope", f"one of {', '.join(SCOPES)}")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid("days", f"1 to {LONGEST_DAYS}")
