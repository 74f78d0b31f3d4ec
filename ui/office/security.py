"""The page of an auditor: who came in at a desk, who was kept out, what was changed; ids, never names."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from sync.office.office import Office
from sync.office.security import Incident
from ui.office.access import Access
from ui.office.dates import long_day
from ui.office.names import Names
from ui.office.view import Choice, frame, place
from ui.office.wording import MATTERS, PLACES, spell
from ui.problems import Refusal

_SHOWN_OF_AN_ID = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One event in words."""

    at: str
    unsure: bool
    what: str
    where: str
    by: str | None
    about: str | None

    @classmethod
    def of(cls, incident: Incident) -> "Line":
        """As people read it."""
        return cls(
            at=f"{long_day(incident.at.date())} {incident.at:%H:%M}" if incident.at else "時刻は わかりません",
            unsure=incident.unsure,
            what=spell(MATTERS, incident.matter),
            where=spell(PLACES, incident.place),
            by=_short(incident.by),
            about=_short(incident.about),
        )


class SecurityPages:
    """The view; it may count on an officer."""

    def __init__(self, office: Office, names: Names, access: Access) -> None:
        self._office = office
        self._names = names
        self._access = access

    def security(self) -> ResponseReturnValue:
        """The events of one device, newest first, page by page."""
        truth = self._office.catch_up()
        counted = self._office.incidents()
        devices = [Choice(id=device, name=f"{place(self._office, device)}（{device}）") for device in counted]
        shown = _chosen([device.id for device in devices])
        log = self._office.security(shown, _number(request.args.get("page", "1"))) if shown else None
        return render_template(
            "office/security.html",
            **frame(self._names, self._access.user, truth),
            devices=devices,
            shown=shown,
            total=counted.get(shown, 0),
            place=place(self._office, shown),
            log=log,
            lines=[Line.of(incident) for incident in log.incidents] if log else [],
        )


def add_security(pages: Blueprint, *, office: Office, names: Names, access: Access) -> None:
    """Put the page in its place."""
    views = SecurityPages(office, names, access)
    pages.add_url_rule("/security", view_func=access.officers_only(views.security))


def _chosen(devices: list[str]) -> str:
    """The device that was asked for, or the first; empty where there is none."""
    asked = request.args.get("device")
    if asked and asked not in devices:
        raise Refusal(404, "not_found", "その機器の 記録は ありません。一覧から えらびなおしてください。")
    return asked or next(iter(devices), "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len("1000000") else 1


def _short(of: str | None) -> str | None:
    """As much of a random id as tells people apart."""
    return of[:_SHOWN_OF_AN_ID] if of else None
