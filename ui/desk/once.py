"""Makes the second arrival of a request recognisable: by a program's Idempotency-Key or the hidden key of a form."""

import hmac
import os
import re
from hashlib import sha256

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge

from appliance.desk.ports import Once
from ui.desk.wording import say
from ui.problems import Refusal

MOST_SENT = 64 * 1024
"""A longer body is refused."""

_VISIBLE_ASCII = re.compile(r"[!-~]{1,128}")


def sent_whole() -> bytes:
    """The body of this API request, kept for whoever asks again; 413.

    The server has all of it in memory, so it is taken at once; Flask's stream around it is the slowest part of reading.
    """
    if "sent" not in g:
        body: bytes = request.environ["wsgi.input"].read(MOST_SENT + 1)
        if len(body) > MOST_SENT:
            raise RequestEntityTooLarge
        g.sent = body
    whole: bytes = g.sent
    return whole


class OnceKeys:
    """Fingerprints requests with a key that lives in RAM only, so that no disk can be searched for guessed bodies."""

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def of_program(self) -> Once | None:
        """The Idempotency-Key of this API request, if it has one; 400 if it is not a usable one."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not _VISIBLE_ASCII.fullmatch(key):
            raise Refusal(400, "bad_idempotency_key", say("api.key"), field="Idempotency-Key")
        caller = sha256(g.token.encode()).digest()
        return Once(key=key, fingerprint=self._fingerprint(caller, sent_whole()))

    def of_form(self, sign_in: str) -> Once:
        """One pressing of one form: the same page, the same action, the same entries."""
        page = request.form.get("once", "").encode()
        key = self._fingerprint(sign_in.encode(), page).hex()
        entries = repr(sorted(request.form.items(multi=True))).encode()
        return Once(key=f"form:{key}", fingerprint=self._fingerprint(page, entries))

    def _fingerprint(self, caller: bytes, content: bytes) -> bytes:
        named = f"{request.method} {request.path}\n{len(caller)}\n".encode()
        return hmac.digest(self._key, named + caller + content, "sha256")
