"""The processes that are measured, started as their users start them: desk, receiver, and the bare application."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import Bench, Client
from tests.configured import (
    FACILITY,
    FACILITY_NAME,
    MUNICIPALITY,
    VOLUNTEER_PIN,
    free_port,
    write_config,
    write_people,
)

ROOT = Path(__file__).parents[2]
MADOGUCHI = str(Path(sys.executable).with_name("madoguchi"))
TOKEN, PIN = "token-of-the-benchmark", VOLUNTEER_PIN
POLL_SECONDS = 0.002
PATIENCE_SECONDS = 30.0


class Program:
    """A process that serves HTTP; made only once it has answered."""

    def __init__(self, words: Sequence[str], *, port: int, health: str = "/healthz", path: Path | None = None) -> None:
        """`path`: a folder in which programs are looked for first."""
        self.port = port
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 # open as long as the process runs
        self.began = time.perf_counter()
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=self._log, stderr=self._log, env=environment(path))
        try:
            self._await(health)
        except BaseException:
            self.stop()
            raise
        self.seconds_to_answer = time.perf_counter() - self.began

    @property
    def pid(self) -> int:
        return self.process.pid

    def client(self) -> Client:
        return Client(self.port, token=TOKEN)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE_SECONDS)
        self._log.close()

    def _await(self, health: str) -> None:
        deadline = time.perf_counter() + PATIENCE_SECONDS
        while time.perf_counter() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with Client(self.port) as client:
                    if client.ask("GET", health)[0] == 200:
                        return
            except OSError:
                time.sleep(POLL_SECONDS)
        self._log.seek(0)
        raise RuntimeError(f"{self.process.args!r} does not answer:\n{self._log.read().decode()[-2000:]}")


class House:
    """A town with its keys and one desk; databases stay in the folder from one start to the next."""

    def __init__(self, bench: Bench, name: str) -> None:
        self.folder = bench.folder / name
        self.folder.mkdir()
        self.town = self.folder / "town"
        self.state = self.folder / "desk"
        self.sockets = Path(tempfile.mkdtemp(prefix="madoguchi-"))  # a socket's name must be short
        self.door = self.sockets / "courier.sock"
        self._port, self._town_port = free_port(), free_port()
        passphrase = self.folder / "passphrase"
        passphrase.write_text("a passphrase that opens nothing of value\n")
        _command("town", "keys", "--folder", self.town, "--code", MUNICIPALITY, "--passphrase-file", passphrase)
        self.config = write_config(self.folder, port=self._port, receiver_port=self._town_port, door=self.door)
        self.people = write_people(self.folder)

    def start_desk(self, *, command: Sequence[str] = (MADOGUCHI,), path: Path | None = None) -> Program:
        who = ["--roster-seed", str(self.people), "--demo-token", TOKEN]
        return Program([*command, "serve", "--config", str(self.config), *who], port=self._port, path=path)

    def speak(self, voice: str) -> None:
        """Name another voice from the next start on, which says everything once; its sounds are made now."""
        text = re.sub(r"(?m)^voice = .*$", f'voice = "{voice}"', self.config.read_text(encoding="utf-8"))
        self.config.write_text(text.partition("[voice]")[0] + "[voice]\ntimes = 1\n", encoding="utf-8")
        if voice != "absent":
            _command("voice", "render", "--config", self.config)

    def start_receiver(self) -> Program:
        """Admits the desk, which must have started once, and starts the receiver."""
        device = ["--device-key", self.state / "device.key", "--facility", FACILITY, "--name", FACILITY_NAME]
        _command("town", "admit", "--folder", self.town, *device)
        words = [MADOGUCHI, "town", "receiver", "--folder", str(self.town), "--port", str(self._town_port)]
        return Program(words, port=self._town_port, health="/v1/healthz")

    @contextmanager
    def desk(self) -> Iterator[Program]:
        with running(self.start_desk()) as desk:
            yield desk

    def close(self) -> None:
        shutil.rmtree(self.sockets, ignore_errors=True)


@contextmanager
def house(bench: Bench, name: str) -> Iterator[House]:
    built = House(bench, name)
    try:
        yield built
    finally:
        built.close()


@contextmanager
def running(program: Program) -> Iterator[Program]:
    try:
        yield program
    finally:
        program.stop()


def start_bare() -> Program:
    """The bare application on the product's server; started as a file, without looking for a module first."""
    port = free_port()
    return Program([sys.executable, str(ROOT / "tests/bench/bare.py"), str(port)], port=port)


def start_script(name: str, *words: object) -> Program:
    """A server of the benchmark; its first word is the port to take."""
    port = free_port()
    return Program(helper(name, port, *words), port=port)


def run_script(name: str, *words: object) -> str:
    """What a helper of the benchmark prints."""
    done = subprocess.run(
        helper(name, *words), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def helper(name: str, *words: object) -> list[str]:
    """The command that runs a module of the benchmark; from the folder above `tests`."""
    return [sys.executable, "-m", f"tests.bench.{name}", *map(str, words)]


def environment(path: Path | None = None) -> dict[str, str]:
    """The surroundings of an installed product: compiled modules are kept, whatever this shell says of Python."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    found = f"{path}:{kept['PATH']}" if path else kept["PATH"]
    return {**kept, "LANG": "C.UTF-8", "PATH": found}


def _command(*words: object) -> None:
    subprocess.run([MADOGUCHI, *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
