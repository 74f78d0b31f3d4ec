"""What the office says to all desks of its town: signed, numbered notices, of which the newest of a kind counts.

They travel as opened lists do, in the replies to batches, by wire and by stick.
"""

from dataclasses import dataclass

from sync.errors import SyncError
from sync.keys import SigningKey, verify
from sync.wire import (
    MAX_NOTICE_BYTES,
    VERSION,
    Signed,
    as_blob,
    as_int,
    as_kind,
    as_municipality,
    encode,
    versioned,
)

NOTICE_CONTEXT = b"madoguchi/v1/notice"

CONTENT = "content"
"""The content packs of the desk; `sync.packs` says what is in it."""
STICKS = "sticks"
"""The sticks that were revoked."""


class NoticeTooLong(SyncError):
    """More than a notice may hold."""

    code = "notice_too_long"
    ja = "大きすぎて 送れません。中身を へらしてください。"
    en = "It is too large to be sent; take something out."


class OlderNotice(SyncError):
    """A notice that is not newer than the one known, or another one of the same number."""

    code = "older_notice"
    ja = "いま あるものより 新しくない お知らせです。いまのものを 使います。"
    en = "The notice is not newer than the one known, which stays."


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One notice; a later one of its kind takes its place."""

    municipality: str
    kind: str
    number: int
    """Rises within a kind: milliseconds since 1970 by the office's clock, or more where that clock went back."""
    body: bytes

    def to_bytes(self, office: SigningKey) -> bytes:
        """The wire form, signed by the office; `NoticeTooLong`."""
        payload = encode([VERSION, self.municipality, self.kind, self.number, self.body])
        data = Signed(payload=payload, signature=office.sign(NOTICE_CONTEXT, payload)).to_bytes()
        if len(data) > MAX_NOTICE_BYTES:
            raise NoticeTooLong(f"{len(data)} bytes; {MAX_NOTICE_BYTES} are allowed")
        return data

    @classmethod
    def from_bytes(cls, data: bytes, *, office: bytes) -> "Notice":
        """Read a notice signed by the key `office`; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data, limit=MAX_NOTICE_BYTES)
        verify(office, NOTICE_CONTEXT, signed.payload, signed.signature)
        municipality, kind, number, body = versioned(signed.payload, 4)
        return cls(
            municipality=as_municipality(municipality),
            kind=as_kind(kind),
            number=as_int(number, lowest=1),
            body=as_blob(body, most=MAX_NOTICE_BYTES),
        )
