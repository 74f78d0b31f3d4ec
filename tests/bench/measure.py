"""Numbers and where they come from: clocks, /proc, one HTTP connection, and what a row of the benchmark comes to."""

import json
import os
import platform
import socket
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from types import TracebackType
from typing import Any, TypeVar

TICKS = os.sysconf("SC_CLK_TCK")
VOLATILE = {"tmpfs", "ramfs"}

T = TypeVar("T")


# ------------------------------------------------------------------------------------------------------ what a row says


@dataclass(frozen=True, kw_only=True)
class Goal:
    """The most that may be measured: so many times the yardstick and so much more."""

    times: float = 0.0
    plus: float = 0.0
    later: bool = False
    """Written down to be watched; nobody promises it yet."""

    def limit(self, yardstick: float) -> float:
        return self.times * yardstick + self.plus

    def words(self, unit: str) -> str:
        parts = [f"{self.times:g} x"] if self.times else []
        parts += [f"{self.plus:g} {unit}"] if self.plus else []
        return ("later: " if self.later else "") + " + ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing measured, once a round, beside its yardstick measured in the same round."""

    name: str
    unit: str
    ours: Sequence[float]
    yardstick: Sequence[float] = ()
    goal: Goal | None = None
    why_not: str = ""
    """Why nothing was measured, where `ours` is empty."""

    @property
    def our_median(self) -> float | None:
        return median(self.ours) if self.ours else None

    @property
    def yardstick_median(self) -> float | None:
        return median(self.yardstick) if self.yardstick else None

    @property
    def ratio(self) -> float | None:
        return self.our_median / self.yardstick_median if self.our_median and self.yardstick_median else None

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round alone: how far they lie apart is how far the ratio can be trusted."""
        return [ours / other for ours, other in zip(self.ours, self.yardstick, strict=False) if other]

    @property
    def met(self) -> bool | None:
        if self.goal is None or self.our_median is None:
            return None
        return self.our_median <= self.goal.limit(self.yardstick_median or 0.0)

    @property
    def promised(self) -> bool:
        return self.goal is not None and not self.goal.later

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": _short(self.our_median),
            "yardstick": _short(self.yardstick_median),
            "ratio": _short(self.ratio),
            "goal": self.goal.words(self.unit) if self.goal else None,
            "met": self.met,
            **({"not measured": self.why_not} if self.why_not else {}),
            "rounds": [[_short(value) for value in values] for values in (self.ours, self.yardstick) if values],
        }


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def percentile(values: Sequence[float], share: float) -> float:
    """The value below or at which that share of `values` lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# ------------------------------------------------------------------------------------------------------ how it was run


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One run of the benchmark."""

    folder: Path
    quick: bool
    seed: int

    def pick(self, quick: T, full: T) -> T:
        return quick if self.quick else full

    def random(self, row: str) -> Random:
        return Random(f"{self.seed} {row}")


class NotOnDisk(Exception):
    """The folder lies in memory: durable commits would cost nothing there and every ratio would lie."""


def refuse_memory(folder: Path) -> None:
    """Return if `folder` is on a disk; asks the kernel (statfs) about the folder itself."""
    asked = subprocess.run(["stat", "-f", "-c", "%T", str(folder)], capture_output=True, check=True, text=True)
    if (kind := asked.stdout.strip()) in VOLATILE:
        raise NotOnDisk(f"{folder} is on {kind}: nothing is written there. Give a folder on a disk with --data.")


def machine(folder: Path) -> dict[str, str]:
    """What was measured on; no name of the machine, because the result is published."""
    asked = subprocess.run(["df", "--output=fstype", str(folder)], capture_output=True, check=True, text=True)
    return {
        "processor": f"{_proc('cpuinfo', 'model name') or platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(_proc('meminfo', 'MemTotal').split()[0]) // 1024} MiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": asked.stdout.split()[-1],
        "python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


# -------------------------------------------------------------------------------------------------- what a process uses


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads so far, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy_seconds(pid: int) -> float:
    """Processor time of the threads that live now, in steps of a nanosecond: for what hardly does anything."""
    spent = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in spent) / 1e9


def pss_mib(pid: int) -> float:
    """Memory, what is shared divided among those who share it."""
    return int(_proc(f"{pid}/smaps_rollup", "Pss").split()[0]) / 1024


def rss_mib(pid: int) -> float:
    """Memory, whatever is shared counted in full: two runs of one program compare, whoever else shares with them."""
    return int(_proc(f"{pid}/smaps_rollup", "Rss").split()[0]) / 1024


def bytes_written(pid: int) -> tuple[int, int]:
    """Bytes handed to the kernel by write calls, and bytes of pages made dirty on their way to a disk."""
    return int(_proc(f"{pid}/io", "wchar")), int(_proc(f"{pid}/io", "write_bytes"))


def _proc(name: str, field: str) -> str:
    for line in Path("/proc", name).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == field:
            return value.strip()
    return ""


# ------------------------------------------------------------------------------------------------------------- a client


class Client:
    """One kept-alive HTTP connection that costs little itself and counts its bytes."""

    def __init__(self, port: int, *, token: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._always = "Host: 127.0.0.1\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
        self._read = b""
        self.bytes_out = 0
        self.bytes_in = 0

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Status and body of the answer; `body` travels as JSON."""
        payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        status, _, answer = self.exchange(method, path, payload, kind="application/json")
        return status, answer

    def exchange(
        self, method: str, path: str, payload: bytes, *, kind: str, headers: str = ""
    ) -> tuple[int, str, bytes]:
        """Status, head and body of the answer."""
        about = f"Content-Type: {kind}\r\nContent-Length: {len(payload)}\r\n" if payload else ""
        request = f"{method} {path} HTTP/1.1\r\n{self._always}{headers}{about}\r\n".encode() + payload
        self._socket.sendall(request)
        self.bytes_out += len(request)
        head = self._until(b"\r\n\r\n").decode("latin-1")
        length = next((line for line in head.split("\r\n") if line.lower().startswith("content-length:")), ":0")
        return int(head.split(" ", 2)[1]), head, self._exactly(int(length.partition(":")[2]))

    def _until(self, end: bytes) -> bytes:
        while end not in self._read:
            self._more()
        head, _, self._read = self._read.partition(end)
        return head

    def _exactly(self, count: int) -> bytes:
        while len(self._read) < count:
            self._more()
        body, self._read = self._read[:count], self._read[count:]
        return body

    def _more(self) -> None:
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("the server hung up")
        self.bytes_in += len(piece)
        self._read += piece

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._socket.close()
