"""`madoguchi doctor` and `madoguchi status`: how a box is, in words and for programs."""

import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from appliance.assembly.clock import Machine
from appliance.assembly.notices import CONTENT, NoticeFolder, made_at
from appliance.assembly.selfcheck import answers
from appliance.assembly.voicing import unmade
from appliance.config import Config, load_config
from appliance.desk.errors import ConfigError
from appliance.desk.facts.card import CardState
from appliance.messages import is_japanese, text
from appliance.store.checkup import Checkup, checkup
from drivers.machine import card_service, gpio_is_usable, has_player, modules_that_take_readers, sound_cards
from provisioning.doctor import examine, needs_a_person
from provisioning.enrol import BoxPlace, held, request_of
from provisioning.errors import NotPrepared
from provisioning.findings import Finding, State
from provisioning.parcel import as_table, pack
from provisioning.surroundings import Surroundings

OK = 0
NEEDS_A_PERSON = 1

_MARKS: Mapping[State, str] = {State.WELL: "✓", State.NOTE: "・", State.ILL: "✕"}


def doctor(arguments: Namespace) -> int:
    """Examine the box; 1 where somebody has to do something."""
    around = Surroundings(
        answers=answers,
        is_synchronised=Machine().is_synchronised,
        gpio_is_usable=gpio_is_usable,
        sound_cards=sound_cards,
        has_player=has_player,
        unmade_sentences=lambda config: unmade(config, datetime.now(UTC)),
        card_readers=_card_readers,
        card_service=card_service,
        modules_that_take_readers=modules_that_take_readers,
    )
    found = examine(arguments.config, around)
    ill = needs_a_person(found)
    if arguments.json:
        print(json.dumps({"well": not ill, "checks": as_table(found)}, ensure_ascii=False))
    else:
        print("\n".join(_report(found)))
    if arguments.bundle:
        pack(arguments.bundle, config=arguments.config, found=found, around=around)
        if not arguments.json:
            print(text("doctor_packed", path=arguments.bundle))
    return NEEDS_A_PERSON if ill else OK


def _card_readers() -> CardState:
    from drivers.card.process import survey

    return survey()


def _report(found: Sequence[Finding]) -> Sequence[str]:
    """What is to be done first, then everything else in a line each."""
    ill = [one for one in found if one.words.state is State.ILL]
    others = [one for one in found if one.words.state is not State.ILL]
    verdict = text("doctor_ill", count=len(ill)) if ill else text("doctor_well")
    return [verdict, *(line for one in (*ill, *others) for line in _lines(one))]


def _lines(one: Finding) -> Sequence[str]:
    words = one.words
    sentence, remedy = (words.ja, words.remedy_ja) if is_japanese() else (words.en, words.remedy_en)
    detail = f"  ({one.detail})" if one.detail else ""
    lines = [f"{_MARKS[words.state]} {one.code}  {sentence}{detail}"]
    return [*lines, f"       → {remedy}"] if remedy else lines


def status(arguments: Namespace) -> int:
    """One screen about the box, whether its desk runs or not."""
    state = status_of(arguments.config)
    if arguments.json:
        print(json.dumps(state, ensure_ascii=False))
    else:
        print("\n".join(_screen(state)))
    return OK


def status_of(path: Path) -> Mapping[str, object]:
    """The keys of this are a promise to programs; times are ISO 8601. `ConfigError`, `StorageFailed`."""
    config = load_config(path)
    signs = _signs(config)
    runs = answers(config.server.host, config.server.port)
    opened = signs.opening.opened.wall if signs and signs.opening and signs.opening.closed is None else None
    return {
        "facility": config.desk.facility_name,
        "desk": config.desk.number,
        "runs": runs,
        "opened_at": _iso(opened),
        "unsent": signs.unsent if signs else 0,
        "oldest_unsent_at": _iso(signs.oldest_unsent if signs else None),
        "town_answered_at": _iso(signs.heard if signs else None),
        **_enrolment(BoxPlace(config=path, state=config.state.directory)),
        **_packs(NoticeFolder(config.state.directory)),
        "version": version("madoguchi"),
        "address": f"http://{config.server.host}:{config.server.port}",
    }


def _signs(config: Config) -> Checkup | None:
    """What the database says, once there is one."""
    database = config.state.directory / "desk.db"
    try:
        return checkup(database) if database.exists() else None
    except PermissionError:
        raise ConfigError("state.directory", "belongs to another user; be root, or the user of the desk") from None


def _enrolment(place: BoxPlace) -> Mapping[str, object]:
    try:
        asked, _ = request_of(place)
    except NotPrepared:
        return {"enrolment": "by_hand", "box": None}
    return {"enrolment": "waits" if held(place) is None else "enrolled", "box": asked.box}


def _packs(notices: NoticeFolder) -> Mapping[str, object]:
    """Which content packs of the office are in use, will be from the next start, or were refused since."""
    packs, kept = notices.packs(), notices.read(CONTENT)
    newest = kept.number if kept else 0
    return {
        "content": _iso(made_at(packs.in_force)),
        "content_next": _iso(made_at(newest)) if newest not in {packs.in_force, packs.refused} else None,
        "content_refused": _iso(made_at(packs.refused)) if packs.refused >= newest else None,
        "content_refused_why": packs.why if packs.refused >= newest else "",
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone().isoformat(timespec="seconds") if moment else None


def _screen(state: Mapping[str, object]) -> Sequence[str]:
    def shown(key: str) -> str:
        return datetime.fromisoformat(str(state[key])).strftime("%Y-%m-%d %H:%M") if state[key] else "-"

    return [
        text("status_place", facility=state["facility"], desk=state["desk"], version=state["version"]),
        text("status_runs" if state["runs"] else "status_stopped", address=state["address"]),
        text("status_open" if state["opened_at"] else "status_closed", at=shown("opened_at")),
        text("status_unsent", unsent=state["unsent"], at=shown("oldest_unsent_at")),
        text("status_heard" if state["town_answered_at"] else "status_never_heard", at=shown("town_answered_at")),
        text(f"status_{state['enrolment']}", box=state["box"]),
        text("status_packs" if state["content"] else "status_packs_own", at=shown("content")),
        *(
            text(f"status_packs_{key}", at=shown(f"content_{key}"), why=state["content_refused_why"])
            for key in ("next", "refused")
            if state[f"content_{key}"]
        ),
    ]
