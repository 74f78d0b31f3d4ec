"""What programs get back about the card on the reader, as types."""

from datetime import datetime
from typing import Literal

import msgspec

from appliance.desk.facts.card import CardCheck, CardState, ReaderStatus, TriesLeft
from appliance.desk.facts.card_advice import Validity
from appliance.desk.facts.moment import Moment


class CertificateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate for user authentication; revoked ones look the same."""

    valid_until: datetime
    days_left: int | None
    """0 on the last day in Japan, negative after it; null where nobody vouches for the clock."""
    state: Literal["in_date", "expired", "unsure"]

    @classmethod
    def of(cls, valid_until: datetime, now: Moment) -> "CertificateAnswer":
        """The certificate at that moment."""
        validity = Validity.of(valid_until, now)
        is_unsure = validity.days_left is None
        state: Literal["in_date", "expired"] = "expired" if validity.has_ended else "in_date"
        return cls(valid_until=valid_until, days_left=validity.days_left, state="unsure" if is_unsure else state)


class TriesLeftAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How often each PIN may still be tried; 0 is locked, null is not known."""

    authentication: int | None
    signature: int | None
    input_support: int | None

    @classmethod
    def of(cls, tries: TriesLeft) -> "TriesLeftAnswer":
        """The same."""
        return cls(authentication=tries.authentication, signature=tries.signature, input_support=tries.input_support)


class CardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the reader, for a minute; nothing of it is stored."""

    reader: ReaderStatus
    present: bool
    kind: Literal["my_number", "phone", "other", "unknown", "none"]
    certificate: CertificateAnswer | None
    """Null where it is not known, not told any more, or where the card check is switched off."""
    tries_left: TriesLeftAnswer | None

    @classmethod
    def of(cls, state: CardState, now: Moment) -> "CardAnswer":
        """Reader and card at that moment."""
        card = state.card
        check = card.check if card else None
        return cls(
            reader=state.reader,
            present=card is not None,
            kind=card.kind.value if card and card.kind else "none",
            certificate=_certificate(check, now),
            tries_left=TriesLeftAnswer.of(check.tries_left) if check else None,
        )


def _certificate(check: CardCheck | None, now: Moment) -> CertificateAnswer | None:
    return None if check is None or check.valid_until is None else CertificateAnswer.of(check.valid_until, now)
