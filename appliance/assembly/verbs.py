"""What each verb of the command does; each imports only what it needs, because a courier must stay small."""

import dataclasses
import getpass
import json
import logging
import signal
import sys
import threading
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from appliance.config import load_config
from appliance.desk.errors import ConfigError, Invalid
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
    from appliance.assembly.box import open_box
    from appliance.assembly.roster_seed import load_roster_seed

    stop = _until_interrupted()
    tokens = HashedTokens({arguments.demo_token: ["desk"]} if arguments.demo_token else {})
    seed = load_roster_seed(arguments.roster_seed) if arguments.roster_seed else ()
    box = open_box(load_config(arguments.config), tokens=tokens, said=arguments.now, seed=seed)
    box.start()
    note(text("serving", address=box.pages.address))
    if box.desk.roster.is_empty:
        note(text("set_up", address=box.pages.address))
    stop.wait()
    box.stop()
    return OK


def sync(arguments: Namespace) -> int:
    """One run of the courier; 75 when the desk or the town is not reachable."""
    from sync.courier import NotReached, Route, RunResult, run

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


def town_keys(arguments: Namespace) -> int:
    """Make the keys of a town."""
    from appliance.assembly.town import TownFolder, make_town
    from appliance.content import is_municipality_code

    if not is_municipality_code(arguments.code):
        raise Invalid("code", "six digits with a right check digit (全国地方公共団体コード)")
    folder = TownFolder(arguments.folder)
    make_town(folder, arguments.code, _passphrase(arguments.passphrase_file, new=True))
    print(text("keys_made", folder=folder.path, public=folder.public_keys))
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
    """The office's pages until interrupted."""
    from appliance.assembly.access import HashedTokens
    from appliance.assembly.office_pages import OneOfficer, office_app
    from appliance.assembly.serving import PageServer
    from appliance.assembly.town import LocalSource, TownFolder, open_office, open_receiver
    from appliance.content import load_catalogue

    stop = _until_interrupted()
    folder = TownFolder(arguments.folder)
    passphrase = _passphrase(arguments.passphrase_file, new=False)
    office = open_office(folder, passphrase, LocalSource(open_receiver(folder)))
    tokens = HashedTokens({arguments.office_token: ["office"]} if arguments.office_token else {})
    pages = office_app(
        office,
        catalogue=load_catalogue(),
        users=OneOfficer(arguments.user, arguments.pin),
        tokens=tokens,
        names=[arguments.host, *arguments.name],
    )
    server = PageServer(pages, host=arguments.host, port=arguments.port, threads=16)
    server.start()
    note(text("office_serving", address=server.address))
    stop.wait()
    server.stop()
    return OK


def note(words: str) -> None:
    """Tell the person at the terminal; standard output stays free for programs."""
    print(words, file=sys.stderr, flush=True)


def _until_interrupted() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    return stop


def _passphrase(file: Path | None, *, new: bool) -> str:
    """The passphrase from a file's first line, or typed; a new one is typed twice."""
    if file is not None:
        try:
            typed = file.read_text(encoding="utf-8").partition("\n")[0]
        except OSError as error:
            raise ConfigError("passphrase-file", str(error)) from None
    elif sys.stdin.isatty():
        typed = getpass.getpass(text("passphrase"))
        if new and getpass.getpass(text("passphrase_again")) != typed:
            raise ConfigError("passphrase", text("passphrase_differs"))
    else:
        raise ConfigError("passphrase", text("passphrase_missing"))
    if new and len(typed) < SHORTEST_PASSPHRASE:
        raise ConfigError("passphrase", text("passphrase_short"))
    return typed
