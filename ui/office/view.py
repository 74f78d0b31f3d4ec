"""What every page of the office shows: whose it is, and how fresh everything is."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.office.office import Office, Truth
from ui.office.dates import clock
from ui.office.names import Names


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One thing to choose in a form."""

    id: str
    name: str


def choices(names: Mapping[str, str]) -> list[Choice]:
    """One for each id with its name."""
    return [Choice(id=each, name=name) for each, name in names.items()]


def frame(names: Names, user: str, truth: Truth) -> dict[str, object]:
    """The town, the officer, and until when everything has arrived."""
    as_of = clock(truth.at) if truth.at else None
    return {"names": names, "user": user, "reachable": truth.reachable, "as_of": as_of}


def place(office: Office, device: str) -> str:
    """What the facility is called where a device stands."""
    facility = office.facility_of(device)
    return office.facilities().get(facility, facility)
