"""What each verb of the command does; each imports only what it needs, because a courier must stay small."""

import dataclasses
import getpass
import json
import logging
import sys
from argparse import Namespace
from datetime import datetime, timedelta
from pathlib import Path

from appliance.assembly.interruption import Interruption
from appliance.config import load_config
from appliance.desk.errors import ConfigError
from appliance.messages import text, words_of

SHORTEST_PASSPHRASE = 8
PATIENCE_WITH_SLOW_LINES = 120
"""Seconds for a batch to arrive whole, from a hall on a hill."""
OK = 0


def demo(arguments: Namespace) -> int:
    """Everything in one process until interrupted."""
    from appliance.assembly.demo import FACILITY_STAFF_PIN, ICT_SUPPORT_PIN, open_demo

    stop = _until_interrupted()
    note(text("starting"))
    running = open_demo(
        arguments.data,
        port=arguments.port,
        town_port=arguments.town_port,
        said=arguments.now,
        voice="browser",
        card=arguments.card,
        progress=lambda step: note(text(step)),
    )
    running.start()
    addresses = running.addresses()
    print(json.dumps(addresses, ensure_ascii=False), flush=True)
    others = {"facility_staff_pin": FACILITY_STAFF_PIN, "ict_support_pin": ICT_SUPPORT_PIN}
    for line in ("ready", "volunteer", "others", "hardware", "office", "send"):
        note(text(line, **addresses, **others))
    stop.wait()
    running.stop()
    note(text("stopped", data=arguments.data))
    return OK


def serve(arguments: Namespace) -> int:
    """The desk until interrupted."""
    from appliance.assembly.access import HashedTokens
    from appliance.assembly.begin_again import LOOK_SECONDS, Serving
    from appliance.assembly.box import open_box
    from appliance.assembly.roster_seed import load_roster_seed
    from appliance.assembly.selfcheck import supervised

    stop = _until_interrupted()
    tokens = HashedTokens({arguments.demo_token: ["desk"]} if arguments.demo_token else {})
    seed = load_roster_seed(arguments.roster_seed) if arguments.roster_seed else ()
    serving = Serving(
        lambda held_back: open_box(
            load_config(arguments.config), tokens=tokens, said=arguments.now, seed=seed, held_back=held_back
        ),
        arguments.config,
    )
    note("\n".join(serving.words()))
    with supervised(serving.health):
        while serving.waits_for_keys and not stop.comes_within(LOOK_SECONDS):
            if serving.look_for_keys():
                note("\n".join(serving.words()))
        stop.wait()
    serving.box.stop()
    return OK


def sync(arguments: Namespace) -> int:
    """One run of the courier; 75 when the desk or the town is not reachable."""
    from sync.courier import Route, run
    from sync.runs import NotReached, RunResult

    failure: NotReached | None = None
    try:
        result: RunResult = run(Route(door=load_config(arguments.config).door))
    except NotReached as error:
        failure, result = error, error.result
    if arguments.json:
        print(json.dumps(dataclasses.asdict(result)))
    if failure is not None:
        note(words_of(failure))
        return failure.exit_code
    if not arguments.json:
        print(text("sent", **dataclasses.asdict(result)))
    return OK


def town_admit(arguments: Namespace) -> int:
    """Let the receiver and the office know a device by its public key."""
    from appliance.assembly.town import TownFolder
    from sync.keys import load_or_create_device_key
    from sync.registry import DeviceRegistry

    if not arguments.device_key.is_file():
        raise ConfigError("device-key", f"{arguments.device_key} is not there; start the desk once")
    public = load_or_create_device_key(arguments.device_key).public
    device = DeviceRegistry(TownFolder(arguments.folder).devices).admit(
        public, facility=arguments.facility, facility_name=arguments.name, at=datetime.now().astimezone()
    )
    print(text("admitted", name=device.facility_name, device=device.id.hex()))
    return OK


def town_receiver(arguments: Namespace) -> int:
    """The receiver until interrupted."""
    from appliance.assembly.serving import PageServer
    from appliance.assembly.town import TownFolder, digests, open_receiver
    from sync.receiver.app import create_receiver_app
    from sync.wire import MAX_BATCH_BYTES

    stop = _until_interrupted()
    tokens = [arguments.office_token] if arguments.office_token else []
    pages = create_receiver_app(open_receiver(TownFolder(arguments.folder)), office_tokens=digests(tokens))
    server = PageServer(
        pages,
        host=arguments.host,
        port=arguments.port,
        threads=32,
        longest_body=MAX_BATCH_BYTES,
        patience=PATIENCE_WITH_SLOW_LINES,
    )
    server.start()
    note(text("receiver_serving", address=server.address))
    stop.wait()
    server.stop()
    return OK


def town_office(arguments: Namespace) -> int:
    """The office's pages until interrupted; without a PIN they ask for the passphrase themselves."""
    from appliance.assembly.access import HashedTokens
    from appliance.assembly.key_holder import KeyHolder
    from appliance.assembly.office_pages import OneOfficer, PaperTrial, office_app, office_catalogue
    from appliance.assembly.serving import PageServer
    from appliance.assembly.town import (
        LocalSource,
        TownFolder,
        municipality_of,
        open_locked_office,
        open_receiver,
        town_keys_of,
    )

    if arguments.passphrase_file and not arguments.pin:
        raise ConfigError("pin", text("office_pin_missing"))
    folder = TownFolder(arguments.folder)
    catalogue = office_catalogue(arguments.content, municipality_of(folder))
    stop = _until_interrupted()
    office = open_locked_office(folder, LocalSource(open_receiver(folder)))
    holder = KeyHolder(office, folder, user=arguments.user, idle=timedelta(minutes=arguments.lock_after))
    if arguments.pin:
        holder.unlock(passphrase(arguments.passphrase_file))
    tokens = HashedTokens({arguments.office_token: ["office"]} if arguments.office_token else {})
    pages = office_app(
        office,
        catalogue=catalogue,
        users=OneOfficer(arguments.user, arguments.pin) if arguments.pin else holder,
        tokens=tokens,
        names=[arguments.host, *arguments.name],
        key_holder=None if arguments.pin else holder,
        recovery=PaperTrial(town_keys_of(folder)),
    )
    server = PageServer(pages, host=arguments.host, port=arguments.port, threads=16)
    server.start()
    note(text("office_serving" if arguments.pin else "office_locked", address=server.address))
    if arguments.pin:
        stop.wait()
    else:
        with holder.watched():
            stop.wait()
    server.stop()
    return OK


def proof(arguments: Namespace) -> int:
    """Search what the box keeps for what it must never keep; 1 unless there is nothing."""
    from appliance.assembly.proving import prove

    config = load_config(arguments.config)
    return prove(config, log=arguments.log, decoys=arguments.decoys, as_json=arguments.json)


def staff_list(arguments: Namespace) -> int:
    """Who is on the roster: numbers, because names are sealed."""
    from appliance.assembly.given_pin import roster_of

    for row in roster_of(load_config(arguments.config)):
        state = "" if row.member.active else text("staff_rests")
        print(text("staff_row", number=row.member.number, what=text(f"staff_{row.member.permission}"), state=state))
    return OK


def staff_reset(arguments: Namespace) -> int:
    """A new PIN for somebody whom nobody on the roster can help."""
    from appliance.assembly.given_pin import give_pin, is_taken

    config = load_config(arguments.config)
    pin = give_pin(config, arguments.number, forget_names=arguments.forget_names)
    print(text("staff_pin", number=arguments.number, pin=f"{pin[:3]} {pin[3:]}"), flush=True)
    note(text("staff_forgotten" if arguments.forget_names else "staff_kept"))
    note(text("staff_taken" if is_taken(config) else "staff_later"))
    return OK


def note(words: str) -> None:
    """Tell the person at the terminal; standard output stays free for programs."""
    print(words, file=sys.stderr, flush=True)


def _until_interrupted() -> Interruption:
    """What Ctrl-C and SIGTERM end."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    return Interruption()


def passphrase(file: Path | None) -> str:
    """The passphrase from a file's first line, or typed; `ConfigError`."""
    return first_line(file) if file is not None else _typed_passphrase(again=False)


def new_passphrase(file: Path | None) -> str:
    """A passphrase that is to be used from now on, typed twice; `ConfigError` where it is too short."""
    chosen = first_line(file) if file is not None else _typed_passphrase(again=True)
    if len(chosen) < SHORTEST_PASSPHRASE:
        raise ConfigError("passphrase", text("passphrase_short"))
    return chosen


def first_line(file: Path) -> str:
    """The first line of a file with a secret; `ConfigError`."""
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), getattr(error, "strerror", "") or "is no text") from None


def _typed_passphrase(*, again: bool) -> str:
    if not sys.stdin.isatty():
        raise ConfigError("passphrase", text("passphrase_missing"))
    typed = getpass.getpass(text("passphrase"))
    if again and getpass.getpass(text("passphrase_again")) != typed:
        raise ConfigError("passphrase", text("passphrase_differs"))
    return typed
