"""The pages where ICT support issues and revokes the tokens of programs."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid, UnknownToken
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.staff import Permission
from appliance.desk.facts.token import Token
from appliance.desk.facts.visit import JAPAN
from appliance.desk.ports import Once
from appliance.desk.reception.tokens import SCOPES
from ui.desk.access import Access
from ui.desk.once import OnceKeys
from ui.desk.statuses import STATUSES
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import refusal_of

USUAL_DAYS = "365"
_DAYS = {"30": "tokens.days.30", "90": "tokens.days.90", USUAL_DAYS: "tokens.days.365", "1096": "tokens.days.1096"}
_SCOPES = {"desk": "tokens.scope.desk", "board": "tokens.scope.board", "button": "tokens.scope.button"}
_WRONG = {"name": "tokens.wrong.name", "scope": "tokens.wrong.scope", "days": "tokens.wrong.days"}

DAYS = tuple(Choice(id=days, name=say(words)) for days, words in _DAYS.items())
SCOPE_CHOICES = tuple(Choice(id=scope, name=say(_SCOPES[scope])) for scope in SCOPES)

_SEE_OTHER = 303


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRow:
    """One token of the list."""

    id: UUID
    name: str
    scope: str
    issued: str
    expires: str
    has_expired: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenForm:
    """The form as it was sent, so that it can be shown again."""

    name: str = ""
    scope: str = SCOPES[0]
    days: str = USUAL_DAYS

    @classmethod
    def of_request(cls) -> "TokenForm":
        """The form of this request."""
        return cls(
            name=request.form.get("name", "").strip(),
            scope=request.form.get("scope", ""),
            days=request.form.get("days", ""),
        )

    @property
    def whole_days(self) -> int:
        """The days that were chosen; `Invalid`."""
        if self.days not in _DAYS:
            raise Invalid("days", "not on offer")
        return int(self.days)


class TokenPages:
    """The views; each may count on ICT support."""

    def __init__(self, desk: Desk, access: Access, once: OnceKeys) -> None:
        self._desk = desk
        self._access = access
        self._once = once
        self._last_issue: Once | None = None

    def show_tokens(self) -> ResponseReturnValue:
        """Every token, and the form for another."""
        return self._list_page(TokenForm())

    def issue_token(self) -> ResponseReturnValue:
        """A new token, shown on this page and nowhere else; the same form sent again issues nothing."""
        press = self._once.of_form(self._access.sign_in_name)
        if press == self._last_issue:
            return redirect("/tokens", _SEE_OTHER)
        form = TokenForm.of_request()
        try:
            token, text = self._desk.tokens.issue(
                form.name, form.scope, days=form.whole_days, by=self._access.me.id, place=self._access.place
            )
        except Invalid as error:
            return self._list_page(form, error), refusal_of(error, STATUSES).status
        self._last_issue = press
        return self._page("token_shown.html", token=self._row(token), text=text)

    def ask_revoke(self, token: UUID) -> ResponseReturnValue:
        """Is it the right one?"""
        return self._page("token_revoke.html", token=self._row(self._known(token)))

    def revoke_token(self, token: UUID) -> ResponseReturnValue:
        """From now on it opens nothing."""
        self._desk.tokens.revoke(token, by=self._access.me.id, place=self._access.place)
        return redirect("/tokens", _SEE_OTHER)

    def _known(self, token: UUID) -> Token:
        for known in self._desk.tokens.all():
            if known.id == token:
                return known
        raise UnknownToken

    def _row(self, token: Token) -> TokenRow:
        return TokenRow(
            id=token.id,
            name=token.name,
            scope=say(_SCOPES[token.scope]),
            issued=f"{token.issued.astimezone(JAPAN):%Y-%m-%d}",
            expires=f"{token.expires.astimezone(JAPAN):%Y-%m-%d}" if token.expires else say("tokens.no_end"),
            has_expired=token.has_expired(self._desk.clock.now()),
        )

    def _list_page(self, form: TokenForm, error: Invalid | None = None) -> str:
        return self._page(
            "tokens.html",
            rows=[self._row(token) for token in self._desk.tokens.all()],
            form=form,
            scopes=SCOPE_CHOICES,
            days=DAYS,
            wrong=say(_WRONG[error.field]) if error else None,
            wrong_field=error.field if error else None,
        )

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, once=secrets.token_urlsafe(16), **values)


def add_token_pages(app: Flask, *, desk: Desk, access: Access, once: OnceKeys) -> None:
    """Serve the pages; every POST needs the token of its session."""
    pages = TokenPages(desk, access, once)
    blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")
    blueprint.before_request(access.check_csrf)
    support = access.allowed(Permission.ICT_SUPPORT)
    for method, path, view in (
        ("GET", "", pages.show_tokens),
        ("POST", "", pages.issue_token),
        ("GET", "/<uuid:token>/revoke", pages.ask_revoke),
        ("POST", "/<uuid:token>/revoke", pages.revoke_token),
    ):
        blueprint.add_url_rule(path, view.__name__, support(view), methods=[method])
    app.register_blueprint(blueprint)
