"""「禁止データ 0件」: facility staff and ICT support let the box search itself for what it must never keep."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, redirect, render_template
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import JAPAN
from ui.desk.access import Access
from ui.desk.view import clock_time, status_view
from ui.desk.wording import say
from ui.problems import Refusal

MAY_PROVE = frozenset({StaffRole.FACILITY_STAFF, StaffRole.ICT_SUPPORT})

_KINDS = {"my_number": "proof.my_number", "private_key": "proof.private_key", "decoy": "proof.decoy"}


class Finding(Protocol):
    """Something forbidden."""

    @property
    def path(self) -> str:
        """The file it stands in."""
        ...

    @property
    def kind(self) -> str:
        """my_number, private_key or decoy."""
        ...


class Proof(Protocol):
    """What a search found, and how much it looked at."""

    @property
    def files(self) -> int:
        """How many files were read."""
        ...

    @property
    def bytes(self) -> int:
        """How long they are together."""
        ...

    @property
    def found(self) -> Sequence[Finding]:
        """What is forbidden in them."""
        ...

    @property
    def unread(self) -> Sequence[str]:
        """Files that could not be read."""
        ...


class Prover(Protocol):
    """Searches everything the box keeps."""

    def prove(self) -> Proof:
        """Search now; `StorageFailed` if the search does not come to its end."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofView:
    """The last search, in words."""

    verdict: str
    is_good: bool
    when: str
    amount: str
    rows: Sequence[Sequence[str]]
    unread: Sequence[str]

    @classmethod
    def of(cls, proof: Proof, at: Moment) -> "ProofView":
        """What `proof`, of that moment, says."""
        day = at.wall.astimezone(JAPAN)
        time = say("proof.time", year=day.year, month=day.month, day=day.day, clock=clock_time(at))
        return cls(
            verdict=_verdict(proof),
            is_good=not proof.found and not proof.unread,
            when=say("proof.when" if at.quality.is_trusted else "proof.when_unsure", time=time),
            amount=say("proof.amount", files=f"{proof.files:,}", size=f"{proof.bytes:,}"),
            rows=[(finding.path, say(_KINDS[finding.kind])) for finding in proof.found],
            unread=proof.unread,
        )


def _verdict(proof: Proof) -> str:
    if proof.found:
        return say("proof.found", count=len(proof.found))
    return say("proof.not_all", count=len(proof.unread)) if proof.unread else say("proof.none")


class ProofPage:
    """The views; the last search is remembered until the box restarts."""

    def __init__(self, desk: Desk, access: Access, prover: Prover) -> None:
        self._desk = desk
        self._access = access
        self._prover = prover
        self._searching = threading.Lock()
        self._newest: ProofView | None = None

    def show(self) -> ResponseReturnValue:
        """The last search, and what a search can tell."""
        self._check_role()
        return render_template(
            "proof.html",
            desk=self._desk,
            status=status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now()),
            proof=self._newest,
            searching=self._searching.locked(),
        )

    def search(self) -> ResponseReturnValue:
        """Search now; one search at a time."""
        self._check_role()
        if self._searching.acquire(blocking=False):
            try:
                self._newest = None
                proof = self._prover.prove()
                self._newest = ProofView.of(proof, self._desk.clock.now())
            finally:
                self._searching.release()
        return redirect("/proof", 303)

    def _check_role(self) -> None:
        if self._access.role not in MAY_PROVE:
            raise Refusal(403, "not_allowed", say("proof.refused"))


def add_proof(app: Flask, *, desk: Desk, access: Access, prover: Prover) -> None:
    """Serve /proof."""
    page = ProofPage(desk, access, prover)
    blueprint = Blueprint("proof", __name__, url_prefix="/proof")
    blueprint.before_request(access.check_csrf)
    blueprint.add_url_rule("", "show", access.staff_only(page.show))
    blueprint.add_url_rule("", "search", access.staff_only(page.search), methods=["POST"])
    app.register_blueprint(blueprint)
