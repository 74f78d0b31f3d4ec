"""A box from its kit to its end: it seals before it is enrolled, sends afterwards, and counts no more once stolen."""

import json
import re
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from appliance.assembly.town import LocalSource, TownFolder, open_office, open_receiver
from appliance.cli import main
from sync.enrolment import code_of
from sync.keys import load_private
from tests.configured import MUNICIPALITY, free_port
from tests.house.running import MADOGUCHI, TOKEN, Process, ask, wait_for
from tests.house.thirty import PASSPHRASE, run
from tests.provisioning.site import HOURS, SITE, write_site

WIFI = "himitsu-no-password"
WIRED = '[devices]\nbuttons = "gpio"\nlamps = "gpio"\nsimulated_gpio = false\n'


class House:
    """One box with a kit, one town."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stick = folder, folder / "stick"
        self.stick.mkdir()
        self.pins: list[str] = []
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
        self.config = folder / "box" / "madoguchi.toml"
        self.port, self.receiver_port = free_port(), free_port()
        self.address, self.town_address = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.receiver_port}"
        serve = ["serve", "--config", str(self.config), "--demo-token", TOKEN]
        receiver = ["town", "receiver", "--folder", str(folder / "town"), "--port", str(self.receiver_port)]
        self.desk = Process(serve, folder / "desk.log")
        self.receiver = Process(receiver, folder / "receiver.log")

    @property
    def secret(self) -> tuple[object, ...]:
        return "--folder", self.folder / "town", "--passphrase-file", self.passphrase

    def make_kit(self) -> None:
        assert WIFI in HOURS
        run("town", "keys", "--code", MUNICIPALITY, "--recovery", "file", *self.secret)
        assert WIRED in SITE
        text = SITE.replace('receiver = "stick"', f'receiver = "{self.town_address}"').replace(
            WIRED, '[devices]\nbuttons = "simulated"\nlamps = "simulated"\n'
        )
        run("provision", "kit", "--site", write_site(self.folder / "site", text), "--to", self.stick, *self.secret)

    def enrol(self) -> str:
        said = run("enrol", "--config", self.config, "--stick", self.stick, "--facility", "kominkan-chuo")
        self.pins += re.findall(r" ([0-9]{3} [0-9]{3})$", said, re.MULTILINE)
        return said

    def certify(self) -> None:
        request = (self.config.parent / "state" / "enrolment.request").read_bytes()
        run("town", "certify", "--stick", self.stick, "--code", f"1={code_of(request)}", *self.secret)

    @property
    def logs(self) -> tuple[Path, Path]:
        return self.desk.log, self.receiver.log

    def secrets(self) -> Iterator[bytes]:
        """What must never leave where it is, in every form that somebody might write it in."""
        town = TownFolder(self.folder / "town")
        keys = [load_private(town.private(name), PASSPHRASE) for name in ("office", "recovery", "lists")]
        keys += [town.private("receiver").read_bytes(), (self.config.parent / "state" / "device.key").read_bytes()]
        for key in keys:
            yield from (key, key.hex().encode(), b64encode(key))
        assert self.pins
        for pin in self.pins:
            yield from (pin.encode(), pin.replace(" ", "").encode())
        yield from (PASSPHRASE.encode(), TOKEN.encode(), WIFI.encode())

    def open(self) -> None:
        text = self.config.read_text(encoding="utf-8")
        if "[server]" not in text:
            more = f"\n[server]\nport = {self.port}\n\n[courier]\nhold_seconds = 0\n"
            self.config.write_text(text + more, encoding="utf-8")
        self.desk.start()
        wait_for(self.address, "/api/v1/healthz")

    def press(self) -> None:
        assert ask(self.address, "POST", "/api/v1/calls", {"button": 1}).status == 201

    def send(self) -> tuple[int, dict[str, int]]:
        words = [*MADOGUCHI, "sync", "--config", str(self.config), "--json"]
        done = subprocess.run(words, capture_output=True, timeout=60, check=False)
        return done.returncode, json.loads(done.stdout)

    def calls(self) -> int:
        town = TownFolder(self.folder / "town")
        office = open_office(town, PASSPHRASE, LocalSource(open_receiver(town)))
        office.pull()
        return office.statistics(date(2000, 1, 1), date(2100, 1, 1)).calls


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.desk.end()
    house.receiver.end()


def assert_nothing_secret_left_its_place(house: House) -> None:
    """Private keys, PINs, passphrase, and the Wi-Fi password that somebody noted in a calendar: not in kit, stick,
    parcel, certificate, nor in what the processes have logged."""
    parcel = house.folder / "parcel.tar.gz"
    main(["doctor", "--config", str(house.config), "--bundle", str(parcel), "--json"])
    with tarfile.open(parcel, "r:gz") as opened:
        places = {one.name: content.read() for one in opened if (content := opened.extractfile(one)) is not None}
    folders = (house.folder / "town" / "kits", house.folder / "town" / "certificates", house.stick)
    for path in (*(path for folder in folders for path in folder.rglob("*") if path.is_file()), *house.logs):
        places[str(path)] = path.read_bytes()
    assert {"0001.kit", "0001.certificate", "desk.log", "receiver.log"} <= {Path(name).name for name in places}
    assert [name for name, content in places.items() for secret in house.secrets() if secret in content] == []


@pytest.mark.slow
def test_a_box_from_its_kit_to_its_end(house: House) -> None:
    house.make_kit()
    assert "符号" in house.enrol() or "code" in house.enrol()
    house.open()
    house.receiver.start()
    wait_for(house.town_address, "/v1/healthz")

    page = ask(house.address, "GET", "/enrolment", token=None).body.decode()
    assert code_of((house.config.parent / "state" / "enrolment.request").read_bytes()) in page
    house.press()
    status, result = house.send()
    assert (status, result["receipted"]) == (75, 0)
    assert result["waiting"] > 0
    assert house.calls() == 0

    house.certify()
    house.enrol()
    assert "登録できています" in ask(house.address, "GET", "/enrolment", token=None).body.decode()
    status, result = house.send()
    assert (status, result["waiting"]) == (0, 0)
    assert house.calls() == 1

    assert_nothing_secret_left_its_place(house)

    run("town", "stolen", "--box", "1", "--stick", house.stick, *house.secret)
    house.press()
    status, result = house.send()
    assert (status, result["receipted"]) == (0, 0)
    assert result["quarantined"] > 0
    assert house.calls() == 1
