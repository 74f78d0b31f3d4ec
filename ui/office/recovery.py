"""「控えの鍵を ためす」: once a year an officer types the rows of a sheet, and one button says whether they open."""

from collections.abc import Sequence
from typing import Protocol

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from sync.office.office import Office
from ui.office.access import Access
from ui.office.names import Names
from ui.office.view import frame

SHEETS = (1, 2)
_MOST_TEXT = 4000


class RecoveryTrial(Protocol):
    """Tries what was typed off the sheets of the recovery key; keeps nothing of it."""

    def trouble(self, sheets: Sequence[str]) -> str:
        """Why these sheets do not open the records, in words; empty where they do."""
        ...


class RecoveryPages:
    """The views; they may count on an officer."""

    def __init__(self, office: Office, names: Names, access: Access, trial: RecoveryTrial | None) -> None:
        self._office = office
        self._names = names
        self._access = access
        self._trial = trial

    def ask(self) -> ResponseReturnValue:
        """The empty sheets."""
        self._tried()
        return self._page(trouble=None)

    def tried(self) -> ResponseReturnValue:
        """Whether what was typed opens the records; a slip can be mended, what is right does not come back."""
        self._access.check_csrf()
        trial = self._tried()
        sheets = [request.form.get(f"sheet.{number}", "")[:_MOST_TEXT] for number in SHEETS]
        trouble = trial.trouble([typed for typed in sheets if typed.strip()])
        return self._page(trouble=trouble, typed=sheets if trouble else None), 422 if trouble else 200

    def _tried(self) -> RecoveryTrial:
        return self._trial or abort(404)

    def _page(self, *, trouble: str | None, typed: Sequence[str] | None = None) -> str:
        truth = self._office.catch_up()
        sheets = list(zip(SHEETS, typed or [""] * len(SHEETS), strict=True))
        common = frame(self._names, self._access.user, truth)
        return render_template("office/recovery.html", **common, sheets=sheets, trouble=trouble)


def add_recovery(
    pages: Blueprint, *, office: Office, names: Names, access: Access, trial: RecoveryTrial | None
) -> None:
    """Put the page in its place."""
    views = RecoveryPages(office, names, access, trial)
    pages.add_url_rule("/recovery", view_func=access.officers_only(views.ask), endpoint="recovery")
    pages.add_url_rule("/recovery", view_func=access.officers_only(views.tried), methods=["POST"])
