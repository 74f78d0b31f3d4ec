"""What an auditor wants to know: who came in, who was kept out, what was changed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Moment

Place: TypeAlias = Literal["screen", "lan", "api", "console"]
"""The box's own screen, a tablet in the house, a program, or the command on the box."""


class SecurityMatter(StrEnum):
    """What happened."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    LOCKED_OUT = "locked_out"
    SIGNED_OUT = "signed_out"
    PIN_RESET = "pin_reset"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    TOKEN_ISSUED = "token_issued"  # noqa: S105 (a word, not a secret)
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 (a word, not a secret)
    TOKEN_REFUSED = "token_refused"  # noqa: S105 (a word, not a secret)
    COMMAND_REFUSED = "command_refused"
    SET_UP = "set_up"
    TOKEN_USED = "token_used"  # noqa: S105 (a word, not a secret)
    PIN_CHANGED = "pin_changed"
    CARD_ENROLLED = "card_enrolled"
    CARD_REVOKED = "card_revoked"
    CARD_USED = "card_used"
    CARD_REFUSED = "card_refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityEvent:
    """One such thing; never a PIN, a token or a name."""

    id: UUID
    matter: SecurityMatter
    by: UUID | None
    """Who did it, if anybody is known."""
    about: UUID | None
    """Whom or which token it concerns."""
    place: Place
    at: Moment

    @classmethod
    def of(
        cls, matter: SecurityMatter, *, now: Moment, place: Place, by: UUID | None = None, about: UUID | None = None
    ) -> "SecurityEvent":
        """It happened now."""
        return cls(id=uuid4(), matter=matter, by=by, about=about, place=place, at=now)
