"""The product running as its users run it: processes started by the command, spoken to over HTTP."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from appliance.assembly.town import LocalSource, TownFolder, make_town, open_office, open_receiver
from sync.office.office import Office
from tests.configured import FACILITY, FACILITY_NAME, MUNICIPALITY, free_port, write_config, write_people

MADOGUCHI = [sys.executable, "-m", "appliance"]
TOKEN = "token-of-the-test"
PASSPHRASE = "合言葉は ながい"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    address: str, method: str, path: str, body: object = None, *, token: str | None = TOKEN, key: str | None = None
) -> Answer:
    """One request on a connection of its own."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if key:
        headers["Idempotency-Key"] = key
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


@dataclass
class Process:
    """One verb of the command, running."""

    words: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*MADOGUCHI, *self.words], stdout=subprocess.PIPE, stderr=log, env={**os.environ, "LANG": "C.UTF-8"}
            )

    def first_line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert line, self.log.read_text(encoding="utf-8")
        return line

    def kill(self) -> None:
        """As a power cut would."""
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code


class Person:
    """Somebody signed in at a desk, in a browser without scripts: reads pages, presses buttons of forms."""

    def __init__(self, address: str, *, number: int, pin: str) -> None:
        self._address = address
        self._session = requests.Session()
        self.page = ""
        self.look("/sign-in")
        self.press("/sign-in", person=str(number), pin=pin)

    def look(self, path: str) -> None:
        self.page = self._session.get(self._address + path, timeout=20).text

    def press(self, path: str, **entries: str) -> None:
        csrf = re.search(r'name="csrf" value="(\w+)"', self.page)
        assert csrf, self.page
        self.page = self._session.post(self._address + path, data={"csrf": csrf[1], **entries}, timeout=20).text

    def leave(self) -> None:
        self._session.close()


@dataclass
class SmallTown:
    """A desk and a receiver as two processes, and the office in this one."""

    folder: Path
    hold: int = 0
    port: int = field(default_factory=free_port)
    receiver_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.town = TownFolder(self.folder / "town")
        make_town(self.town, MUNICIPALITY, PASSPHRASE)
        self.config = write_config(self.folder, port=self.port, receiver_port=self.receiver_port, hold=self.hold)
        people = write_people(self.folder)
        serve = ["serve", "--config", str(self.config), "--roster-seed", str(people), "--demo-token", TOKEN]
        receiver = ["town", "receiver", "--folder", str(self.town.path), "--port", str(self.receiver_port)]
        self.desk = Process(serve, self.folder / "desk.log")
        self.receiver = Process(receiver, self.folder / "receiver.log")
        self.address = f"http://127.0.0.1:{self.port}"
        self.receiver_address = f"http://127.0.0.1:{self.receiver_port}"

    def open_desk(self) -> None:
        self.desk.start()
        wait_for(self.address, "/api/v1/healthz")

    def open_receiver(self) -> None:
        """Start the receiver; the desk must have started once, so that it has a key."""
        admit = ["town", "admit", "--folder", str(self.town.path), "--facility", FACILITY, "--name", FACILITY_NAME]
        key = ["--device-key", str(self.folder / "desk" / "device.key")]
        subprocess.run([*MADOGUCHI, *admit, *key], check=True, stdout=subprocess.DEVNULL)
        self.receiver.start()
        wait_for(self.receiver_address, "/v1/healthz")

    def sync(self) -> tuple[int, dict[str, int]]:
        """One run of the courier: exit status and what it printed."""
        words = [*MADOGUCHI, "sync", "--config", str(self.config), "--json"]
        done = subprocess.run(words, capture_output=True, timeout=120, check=False)
        with (self.folder / "sync.log").open("ab") as log:
            log.write(done.stderr)
        return done.returncode, json.loads(done.stdout)

    def office(self) -> Office:
        return open_office(self.town, PASSPHRASE, LocalSource(open_receiver(self.town)))

    def close(self) -> None:
        self.desk.end()
        self.receiver.end()


def wait_for(address: str, path: str, *, seconds: float = 20) -> None:
    """Until that page answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ask(address, "GET", path, token=None).status == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(address + path)
