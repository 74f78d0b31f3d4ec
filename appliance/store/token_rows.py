"""Tokens to rows and back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from peewee import SqliteDatabase

from appliance.desk.facts.moment import milliseconds
from appliance.desk.facts.token import Token
from appliance.store.models import TokenRow

_1970 = datetime(1970, 1, 1, tzinfo=UTC)


class TokenRows:
    """Port `TokenTable` on the table token."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def add(self, token: Token) -> None:
        """See the port."""
        TokenRow.insert(
            uid=token.id,
            name=token.name,
            digest=token.digest,
            scope=token.scope,
            issued_wall_ms=milliseconds(token.issued),
            expires_wall_ms=None if token.expires is None else milliseconds(token.expires),
            revoked=token.revoked,
        ).execute(self._database)

    def all(self) -> Sequence[Token]:
        """See the port."""
        standing = TokenRow.revoked == False  # noqa: E712 (SQL)
        return [_token(row) for row in TokenRow.select().where(standing).bind(self._database)]

    def revoke(self, token: UUID) -> None:
        """See the port."""
        TokenRow.update(revoked=True).where(TokenRow.uid == token).execute(self._database)


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.uid,
        name=row.name,
        digest=bytes(row.digest),
        scope=row.scope,
        issued=_1970 + timedelta(milliseconds=row.issued_wall_ms),
        expires=None if row.expires_wall_ms is None else _1970 + timedelta(milliseconds=row.expires_wall_ms),
        revoked=bool(row.revoked),
    )
