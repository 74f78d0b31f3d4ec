"""What can go wrong between reader and card, as the reader's process tells the desk: a word, and never a payload."""

from typing import ClassVar


class Failure(Exception):
    """The root; `code` travels to the desk."""

    code: ClassVar[str] = "failure"


class Lifted(Failure):
    """The card is no longer there, or the connection to it broke."""

    code = "lifted"


class Gone(Failure):
    """Another card lies there now, or none."""

    code = "gone"


class Busy(Failure):
    """Another program holds the card."""

    code = "busy"


class Nonsense(Failure):
    """The card answered what no such card answers."""

    code = "nonsense"

    def __init__(self, step: str) -> None:
        """`step` names what was being done."""
        super().__init__(step)
        self.step = step


class NotFit(Failure):
    """This sort of card has nothing of the kind."""

    code = "not_fit"


class WrongDigits(Failure):
    """The card counted a wrong try."""

    code = "wrong"

    def __init__(self, left: int) -> None:
        """`left` as the card says."""
        super().__init__(f"{left} left")
        self.left = left


class LastTry(Failure):
    """One try is left and nobody has agreed to use it."""

    code = "last_try"


class Locked(Failure):
    """No try is left."""

    code = "locked"


class OutcomeUnknown(Failure):
    """The digits were sent, and no answer came."""

    code = "outcome_unknown"
