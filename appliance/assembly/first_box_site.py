"""What was typed at 「はじめの1台」 as `site.toml` and its calendars would say it: the same kit comes of both."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from appliance.calendar_pack import calendar_of
from appliance.desk.errors import Invalid, PackError
from appliance.desk.facts.staff import Employment, Permission
from ui.desk.first_box_form import BUTTONS, DEVICES, Description

CALENDAR = "calendar.toml"
"""The calendar of the whole site; a facility with hours of its own has another."""

_APART = re.compile(r"[\s、,;]+")
_DASH = re.compile(r"[~〜‐‑‒–—―−ー]")


def content_of(typed: Description) -> Mapping[str, object]:
    """The table of `site.toml`; `Invalid` names the entry."""
    return {
        "preset": typed.preset,
        "receiver": typed.receiver,
        "calendar": CALENDAR,
        "update_key": typed.update_key,
        "municipality": typed.municipality,
        "facility": list(_facilities(typed)),
        "person": [_person(f"person.{number}", one, typed) for number, one in enumerate(typed.people, 1)],
        "retention": {name: _number(f"retention.{name}", years) for name, years in typed.retention.items()},
        "devices": _devices(typed.devices),
        "voice": {name: _number(f"voice.{name}", number) for name, number in typed.voice.items() if number},
    }


def calendars_of(typed: Description) -> Mapping[str, str]:
    """The calendars that `content_of` names; `Invalid` names the entry."""
    own = zip(typed.facilities, enumerate(typed.own_hours, 1), strict=True)
    found = {_calendar_name(one): _calendar(hours, typed, f"facility.{n}.") for one, (n, hours) in own if _any(hours)}
    return {CALENDAR: _calendar(typed.hours, typed, ""), **found}


# ----------------------------------------------------------------------------------------------------------- facilities


def _facilities(typed: Description) -> Iterator[Mapping[str, str]]:
    kind = typed.municipality["kind"]
    head = f"{'区' if kind == '特別区' else kind}長部局"
    for one, hours in zip(typed.facilities, typed.own_hours, strict=True):
        authority = head if one["authority"] == "head" else one["authority"]
        own = {"calendar": _calendar_name(one)} if _any(hours) else {}
        yield {**one, "authority": authority, **own}


def _calendar_name(facility: Mapping[str, str]) -> str:
    return f"{facility['id']}-hours.toml"


def _any(hours: Mapping[str, str]) -> bool:
    return any(hours.values())


# -------------------------------------------------------------------------------------------------------------- opening


def _calendar(hours: Mapping[str, str], typed: Description, prefix: str) -> str:
    if not _any(hours):
        raise Invalid(f"{prefix}hours.monday", "no day of the week has an hour")
    text = "\n".join([*_hours(hours, typed.closed), "[closed]", *_closed(typed.closed)]) + "\n"
    try:
        calendar_of(text)
    except PackError as error:
        raise Invalid(_entry(prefix, error.detail), "is no time, or no day") from None
    return text


def _hours(hours: Mapping[str, str], closed: Mapping[str, str]) -> Iterator[str]:
    yield "[hours]"
    for day, typed in hours.items():
        yield f"{day} = {json.dumps(_spans(typed), ensure_ascii=False)}"
    if closed["holiday"] != "open":
        yield "holiday = []"


def _spans(typed: str) -> Sequence[str]:
    """The spans as they were meant: full-width digits and any dash are no mistake."""
    plain = _DASH.sub("-", unicodedata.normalize("NFKC", typed))
    return [span for span in _APART.split(re.sub(r"\s*-\s*", "-", plain)) if span]


def _closed(closed: Mapping[str, str]) -> Iterator[str]:
    if closed["weekday"]:
        yield f"weekdays = {json.dumps([closed['weekday']])}"
        yield "moves_after_holiday = true"
    if closed["first"] or closed["last"]:
        ends = [_DASH.sub("-", unicodedata.normalize("NFKC", closed[end])) for end in ("first", "last")]
        yield f"year_end = {json.dumps(ends, ensure_ascii=False)}"
    if days := [_day(typed) for typed in _spans(closed["days"])]:
        yield f"days = [{', '.join(day.isoformat() for day in days)}]"


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("closed.days", "must be days like 2026-11-24") from None


def _entry(prefix: str, detail: str) -> str:
    """Which entry a calendar's complaint is about."""
    found = re.search(r"hours\.[a-z]+", detail)
    if found:
        return f"{prefix}{found[0]}"
    return "closed.first" if "year_end" in detail else "closed.weekday"


# --------------------------------------------------------------------------------------------------- people and devices


def _person(key: str, one: Mapping[str, str], typed: Description) -> Mapping[str, object]:
    """Volunteers are volunteers, others serve the municipality; the roster's page knows every shade."""
    volunteers = one["permission"] == Permission.VOLUNTEER
    return {
        "name": one["name"],
        "permission": one["permission"],
        "appointments": [one["role"]] if one["role"] else [],
        "employment": (Employment.VOLUNTEER if volunteers else Employment.MUNICIPAL).value,
        "facility": _facility_id(f"{key}.facility", one["facility"], typed),
    }


def _facility_id(key: str, number: str, typed: Description) -> str:
    ids = {str(place): one["id"] for place, one in enumerate(typed.facilities, 1)} | {"": ""}
    if number not in ids:
        raise Invalid(key, "no such facility was described")
    return ids[number]


def _devices(typed: Mapping[str, str]) -> Mapping[str, object]:
    """A line is asked for where a wire leads to it, and is nothing elsewhere."""
    lines = {
        f"{kind}_lines": {
            str(button): _number(f"devices.{name}", typed[name])
            for button in BUTTONS
            if typed[name := f"{kind}_lines.{button}"] and typed[f"{kind}s"] == "gpio"
        }
        for kind in ("button", "lamp")
    }
    return {name: typed[name] for name in DEVICES} | lines


def _number(key: str, typed: str) -> int:
    plain = unicodedata.normalize("NFKC", typed)
    if not (plain.isascii() and plain.isdigit()):
        raise Invalid(key, "must be a whole number")
    return int(plain[:6])
