"""What guards a view, written on the view itself, so that whoever walks the routes sees where nothing does."""

from collections.abc import Callable
from typing import ParamSpec

from flask.typing import ResponseReturnValue

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def guarded_by(guard: str, view: View[P]) -> View[P]:
    """The view, which asks for `guard` before it answers: `staff`, `staff:<permission>` or `program:<scope>`."""
    vars(view)["guarded_by"] = guard
    return view


def guard_of(view: Callable[..., object]) -> str:
    """What guards the view; empty for nothing."""
    return str(vars(view).get("guarded_by", "")) if hasattr(view, "__dict__") else ""
