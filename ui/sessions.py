"""Sessions for people in a signed cookie; programs bring a token and are spared it."""

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class PageSessions(SecureCookieSessionInterface):
    """Sessions everywhere but under the API; a browser that came by TLS never sends its cookie without."""

    def __init__(self, *, api: str) -> None:
        self._api = api

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a page request; none under the API."""
        return None if request.path.startswith(self._api) else super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the cookie is for TLS only: always, or because this request came that way."""
        return super().get_cookie_secure(app) or request.is_secure
