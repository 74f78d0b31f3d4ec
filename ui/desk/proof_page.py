"""「禁止データ 0件」: facility staff and ICT support let the box search itself for what it must never keep."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, redirect, render_template
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.staff import Permission
from appliance.desk.facts.visit import JAPAN
from appliance.desk.ports import Clock
from ui.desk.access import Access
from ui.desk.view import clock_time, status_view
from ui.desk.wording import say

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 5
"""So often a browser looks how the search stands, with scripts or without."""

_KINDS = {"my_number": "proof.my_number", "private_key": "proof.private_key", "decoy": "proof.decoy"}
_SEE_OTHER = 303


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


class Search:
    """One search at a time, in a thread of its own; the last one is remembered until the box restarts."""

    def __init__(self, prover: Prover, clock: Clock) -> None:
        self._prover = prover
        self._clock = clock
        self._lock = threading.Lock()
        self.began: Moment | None = None
        """When the search began that runs now."""
        self.newest: ProofView | None = None
        self.has_failed = False
        """Whether the last one did not come to its end."""

    def begin(self) -> None:
        """Search now, unless that is being done."""
        with self._lock:
            if self.began is not None:
                return
            self.began, self.newest, self.has_failed = self._clock.now(), None, False
        threading.Thread(target=self._run, name="proof", daemon=True).start()

    def _run(self) -> None:
        try:
            self.newest = ProofView.of(self._prover.prove(), self._clock.now())
        except MadoguchiError as error:
            log.warning("the box could not be searched: %s", error)
            self.has_failed = True
        except Exception:
            log.exception("the search ended with an unexpected fault")
            self.has_failed = True
        finally:
            self.began = None


class ProofPage:
    """The views; each may count on facility staff or ICT support."""

    def __init__(self, desk: Desk, search: Search) -> None:
        self._desk = desk
        self._search = search

    def show(self) -> ResponseReturnValue:
        """How the search stands, or what the last one found, and what a search can tell."""
        began = self._search.began
        return render_template(
            "proof.html",
            desk=self._desk,
            status=status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now()),
            since=clock_time(began) if began else None,
            proof=self._search.newest,
            has_failed=self._search.has_failed,
            look_again=LOOK_AGAIN_SECONDS,
        )

    def search(self) -> ResponseReturnValue:
        """Search now; whoever asks meanwhile is shown the same search."""
        self._search.begin()
        return redirect("/proof", _SEE_OTHER)


def add_proof(app: Flask, *, desk: Desk, access: Access, prover: Prover) -> None:
    """Serve /proof."""
    page = ProofPage(desk, Search(prover, desk.clock))
    blueprint = Blueprint("proof", __name__, url_prefix="/proof")
    blueprint.before_request(access.check_csrf)
    helpers = access.allowed(Permission.FACILITY_STAFF, Permission.ICT_SUPPORT)
    blueprint.add_url_rule("", "show", helpers(page.show), methods=["GET"])
    blueprint.add_url_rule("", "search", helpers(page.search), methods=["POST"])
    app.register_blueprint(blueprint)
