"""Examines a box from outside, whether its desk runs or not, and changes nothing on it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from appliance.calendar_pack import load_calendar
from appliance.config import Config, load_config
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.errors import ConfigError, PackError
from appliance.desk.facts.calendar import Calendar
from provisioning.card_signs import of_cards
from provisioning.enrol import BoxPlace, held, request_of
from provisioning.errors import CertificateRefused, NotPrepared
from provisioning.findings import Finding, State
from provisioning.network_signs import of_network
from provisioning.surroundings import Surroundings
from provisioning.vital_signs import of_machine, of_state
from sync.enrolment import code_of
from sync.errors import SyncError
from sync.keys import TownKeys

Check = Callable[[Config, Surroundings], Iterator[Finding]]


def examine(path: Path, around: Surroundings) -> Sequence[Finding]:
    """Everything there is to say about the box whose configuration lies at `path`, in the order of its code."""
    try:
        config = load_config(path)
    except ConfigError as error:
        return [Finding(name="configuration_refused", detail=str(error))]
    checks: tuple[Check, ...] = (
        _content,
        lambda config, _: _town_keys(config),
        lambda *_: _enrolment(BoxPlace(config=path, state=config.state.directory)),
        of_state,
        of_machine,
        of_cards,
        lambda config, around: of_network(config, path.parent, around),
    )
    found = [Finding(name="configuration_read", detail=str(path))]
    for check in checks:
        found.extend(_guarded(check, config, around))
    return found


def needs_a_person(found: Sequence[Finding]) -> bool:
    """Whether anything in it is for somebody to do."""
    return any(one.words.state is State.ILL for one in found)


def _guarded(check: Check, config: Config, around: Surroundings) -> Iterator[Finding]:
    """Whatever a check stumbles over is itself a finding."""
    try:
        yield from check(config, around)
    except Exception as error:  # noqa: BLE001 # the other checks are to be heard; only the kind, for a text may quote
        yield Finding(name="check_failed", detail=type(error).__name__)


def _content(config: Config, around: Surroundings) -> Iterator[Finding]:
    folder = config.desk.content or BUILT_IN
    try:
        load_catalogue(folder)
        calendar = load_calendar(folder)
    except PackError as error:
        yield Finding(name="content_refused", detail=str(error))
        return
    yield Finding(name="content_read", detail=str(folder))
    year = around.now().year
    knows = all(_has_spring_day(calendar, one) for one in (year, year + 1))
    yield Finding(name="holidays_known" if knows else "holidays_unknown", detail=f"{year}, {year + 1}")


def _has_spring_day(calendar: Calendar, year: int) -> bool:
    """春分の日 moves with the sun: who knows it has worked that year out."""
    return any(calendar.holidays.is_holiday(date(year, 3, day)) for day in range(19, 23))


def _town_keys(config: Config) -> Iterator[Finding]:
    try:
        code = load_catalogue(config.desk.content or BUILT_IN).words.code
    except PackError:
        code = ""
    try:
        town = TownKeys.load(config.town.keys)
    except FileNotFoundError:
        yield Finding(name="town_keys_missing", detail=str(config.town.keys))
        return
    except (OSError, SyncError) as error:
        yield Finding(name="town_keys_refused", detail=getattr(error, "strerror", None) or str(error))
        return
    if code and town.municipality != code:
        yield Finding(name="town_keys_refused", detail=f"keys of {town.municipality}, words of {code}")
    else:
        yield Finding(name="town_keys_read", detail=town.municipality)


def _enrolment(place: BoxPlace) -> Iterator[Finding]:
    if not place.request.exists():
        yield Finding(name="enrolled_by_hand")
        return
    try:
        asked, data = request_of(place)
    except NotPrepared:
        yield Finding(name="enrolment_broken", detail=NotPrepared.fault)
        return
    certificate = held(place)
    if certificate is not None:
        yield Finding(name="enrolled", detail=f"box {certificate.box}, {certificate.facility}")
        return
    refused = f", {CertificateRefused.fault}" if place.certificate.exists() else ""
    yield Finding(name="enrolment_waits", detail=f"box {asked.box}, code {code_of(data)}{refused}")
