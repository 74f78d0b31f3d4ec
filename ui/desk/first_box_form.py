"""What is typed at 「はじめの1台」: a municipality's site, entry by entry, not yet checked; names as in `site.toml`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MOST_TEXT = 200

FACILITIES = (1, 2, 3)
"""So many can be described here; more are written into a file at the office."""
PEOPLE = (1, 2, 3, 4, 5, 6)
BUTTONS = (1, 2)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MUNICIPALITY = ("kind", "code", "name", "hall", "hall_reading", "head", "section", "telephone")
FACILITY = ("id", "name", "type", "authority", "section")
PERSON = ("name", "permission", "role", "facility")
CLOSED = ("holiday", "weekday", "first", "last", "days")
DEVICES = ("buttons", "lamps", "voice")
VOICE = ("volume",)
RETENTION = ("daily", "reports", "grants")

FIRST: Mapping[str, str] = {
    "municipality.kind": "町",
    "hours.tuesday": "13:00-16:00",
    "hours.friday": "13:00-16:00",
    "closed.holiday": "closed",
    "closed.first": "12-29",
    "closed.last": "01-03",
    **{f"person.{one}.permission": "volunteer" for one in PEOPLE},
    "devices.buttons": "absent",
    "devices.lamps": "absent",
    "devices.voice": "absent",
    "devices.button_lines.1": "17",
    "devices.lamp_lines.1": "27",
    "retention.daily": "1",
    "retention.reports": "5",
    "retention.grants": "5",
    "preset": "town",
}
"""What stands in the form before anybody has typed, and what an entry is that was not sent at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """A municipality's site as it was typed."""

    municipality: Mapping[str, str]
    facilities: Sequence[Mapping[str, str]]
    """`authority` is `head` for the head of the municipality, whatever its kind calls that."""
    hours: Mapping[str, str]
    """When the desks are open, by weekday."""
    own_hours: Sequence[Mapping[str, str]]
    """The same for each facility; empty where those of the site hold."""
    closed: Mapping[str, str]
    """`holiday` (`closed` or `open`), the `weekday` that moves behind a holiday, `first` and `last` of the year's end,
    single `days`."""
    people: Sequence[Mapping[str, str]]
    """`facility` is the number of one of the facilities, or nothing for all of them."""
    devices: Mapping[str, str]
    """The kinds, and `button_lines.1`, `lamp_lines.1` and so on."""
    voice: Mapping[str, str]
    """`volume` in percent; empty for the usual."""
    retention: Mapping[str, str]
    receiver: str
    """Its address, or `stick`."""
    preset: str
    update_key: str


def _lines() -> Sequence[str]:
    return [f"{kind}_lines.{button}" for kind in ("button", "lamp") for button in BUTTONS]


NAMES = (
    *(f"municipality.{name}" for name in MUNICIPALITY),
    *(f"facility.{one}.{name}" for one in FACILITIES for name in FACILITY),
    *(f"facility.{one}.hours.{day}" for one in FACILITIES for day in WEEKDAYS),
    *(f"hours.{day}" for day in WEEKDAYS),
    *(f"closed.{name}" for name in CLOSED),
    *(f"person.{one}.{name}" for one in PEOPLE for name in PERSON),
    *(f"devices.{name}" for name in (*DEVICES, *_lines())),
    *(f"voice.{name}" for name in VOICE),
    *(f"retention.{name}" for name in RETENTION),
    *("receiver", "preset", "update_key"),
)
"""Every entry but the passphrase, which never comes back."""


def described(form: Mapping[str, str]) -> Description:
    """What was typed; facilities and people after the last one that has a name or id are none."""

    def of(name: str) -> str:
        return form.get(name, FIRST.get(name, "")).strip()[:MOST_TEXT]

    def table(prefix: str, names: Sequence[str]) -> Mapping[str, str]:
        return {name: of(f"{prefix}.{name}") for name in names}

    facilities = _until_last(FACILITIES, lambda one: of(f"facility.{one}.id") or of(f"facility.{one}.name"))
    people = _until_last(PEOPLE, lambda one: of(f"person.{one}.name"))
    return Description(
        municipality=table("municipality", MUNICIPALITY),
        facilities=[table(f"facility.{one}", FACILITY) for one in facilities],
        hours=table("hours", WEEKDAYS),
        own_hours=[table(f"facility.{one}.hours", WEEKDAYS) for one in facilities],
        closed=table("closed", CLOSED),
        people=[table(f"person.{one}", PERSON) for one in people],
        devices=table("devices", (*DEVICES, *_lines())),
        voice=table("voice", VOICE),
        retention=table("retention", RETENTION),
        receiver=of("receiver") or "stick",
        preset=of("preset"),
        update_key=of("update_key"),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """Which folded parts of the form somebody has typed into."""

    facilities: Sequence[int]
    hours: Sequence[int]
    people: bool


def opened(typed: Mapping[str, str]) -> Opened:
    """The parts to be shown unfolded, because something stands there."""
    return Opened(
        facilities=[one for one in FACILITIES if typed[f"facility.{one}.id"] or typed[f"facility.{one}.name"]],
        hours=[one for one in FACILITIES if any(typed[f"facility.{one}.hours.{day}"] for day in WEEKDAYS)],
        people=any(typed[f"person.{one}.name"] for one in PEOPLE[2:]),
    )


def _until_last(numbers: Sequence[int], is_there: Callable[[int], str]) -> Sequence[int]:
    return numbers[: max((one for one in numbers if is_there(one)), default=0)]
