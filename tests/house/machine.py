"""A whole machine with its own systemd as process 1: a Debian root in which the product is installed, booted in nspawn.

Kernel, clock and speed are this machine's; it has no GPIO, sound, reader or hardware watchdog, and only loopback.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pytest

HOUSE = Path(__file__).parents[2]
CACHE = HOUSE / "build" / "boot"
SUITE = "trixie"
PYTHON = "3.13"
PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "dbus", "libpam-systemd", "systemd-timesyncd"),
    "libbpf1",  # without it systemd leaves filters out and says so only in passing
    *("ca-certificates", "curl", "iproute2", "procps"),
)
TOOLS = ("systemd-nspawn", "systemctl", "systemd-sysusers", "mmdebstrap", "nsenter", "setpriv")
_CGROUPS = Path("/sys/fs/cgroup")
_NSPAWN = Path("/run/systemd/nspawn")


def why_not() -> str:
    """Why no machine can be booted here; empty where one can."""
    if os.geteuid() != 0:
        return "booting a machine needs root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (make setup-tests)"
    may_mount = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    return "" if may_mount and os.access(_CGROUPS, os.W_OK) else "this root may not mount or make control groups"


# ------------------------------------------------------------------------------------------------------------ the root


def unpack_root(folder: Path, *, suite: str = SUITE, beside: Sequence[str] = ()) -> Path:
    """A fresh root with the packages, and those `beside` them, from the tarball that is kept between runs."""
    root = unpacked(kept_root(CACHE, suite, (*PACKAGES, *beside)), folder / "root")
    (root / "etc/machine-id").write_text("")
    (root / "etc/hostname").write_text("madoguchi\n")
    for unit in ("getty.target", "apt-daily.timer", "apt-daily-upgrade.timer"):
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    return root


def unpacked(tarball: Path, root: Path) -> Path:
    """That root in a folder of its own."""
    root.mkdir()
    _run("tar", "--extract", "--numeric-owner", "--exclude=./boot/*", "--file", str(tarball), cwd=root)
    return root


def kept_root(cache: Path, suite: str, packages: Sequence[str]) -> Path:
    """The tarball of a Debian with these packages, made once and kept in `cache`."""
    key = sha256(" ".join((suite, *packages)).encode()).hexdigest()[:12]
    kept = cache / f"{suite}-{key}.tar"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        new = kept.with_name(f"new-{kept.name}")  # must end in .tar, else mmdebstrap makes a folder
        leave_out = [f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in ("doc", "man", "locale")]
        recommends = '--aptopt=APT::Install-Recommends "false"'
        wanted = f"--include={','.join(packages)}"
        _run("mmdebstrap", "--quiet", "--variant=minbase", wanted, recommends, *leave_out, suite, str(new))
        new.rename(kept)
    return kept


def built_bundle(folder: Path, *, python: str = PYTHON) -> Path:
    """The bundle for this architecture and the root's Python, as the command makes it, unpacked in `folder`."""
    file = folder / "bundle.tar"
    try:
        _run(str(HOUSE / ".venv/bin/madoguchi"), "provision", "bundle", "--python", python, "--out", str(file))
    except AssertionError:
        if not _index_answers(folder):
            pytest.skip("the package index cannot be reached, and not every part of a bundle is kept from before")
        raise
    _run("tar", "--extract", "--file", str(file), cwd=folder)
    file.unlink()
    return next(folder.glob("madoguchi-*"))


def _index_answers(folder: Path) -> bool:
    pip = [str(HOUSE / ".venv/bin/python"), "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    return subprocess.run([*pip, "--dest", str(folder), "segno"], capture_output=True, check=False).returncode == 0


def install_product(root: Path, bundle: Path, *words: str) -> str:
    """Carry the bundle into the root and install it there, where no network interface is up; what the script said."""
    carried = root / "root" / bundle.name
    if not carried.exists():
        shutil.copytree(bundle, carried)
    return inside(root, "sh", f"/root/{bundle.name}/install.sh", *words)


def inside(root: Path, *words: str) -> str:
    """Run something in the root that is not booted, with no network."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    enter = ["unshare", "--net", f"--mount-proc={root}/proc", "chroot", str(root)]
    return _run(*enter, "/usr/bin/env", "-i", f"PATH={path}", "LANG=C.UTF-8", *words)


def _run(*words: str, cwd: Path | None = None) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


# --------------------------------------------------------------------------------------------------------- the machine


@dataclass
class Machine:
    """A root that is booted, cut from the power and booted again."""

    root: Path
    console: Path
    name: str = field(default_factory=lambda: f"madoguchi-{os.getpid()}")
    _nspawn: "subprocess.Popen[bytes] | None" = None
    _leader: int = 0
    switched_on: float = 0.0

    def boot(self) -> None:
        """Switch it on; the machine goes down with this process, whatever happens to it."""
        self.switched_on = time.monotonic()
        with self.console.open("ab") as console:
            self._nspawn = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL", "systemd-nspawn", "--quiet", "--boot", "--private-network"),
                    *("--register=no", "--keep-unit", "--console=pipe", "--timezone=off", "--resolv-conf=off"),
                    *("--capability=CAP_BPF", "--system-call-filter=bpf"),  # or no address filter of a unit bites
                    f"--machine={self.name}",
                    f"--directory={self.root}",
                ],
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        self._leader = wait_until(self._find_leader, seconds=10, what="a machine with a process 1")

    def _find_leader(self) -> int:
        assert self._nspawn is not None
        assert self._nspawn.poll() is None, self.console.read_text(errors="replace")
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        for child in children:
            with suppress(OSError, IndexError):
                status = Path(f"/proc/{child}/status").read_text()
                numbers = status.split("NSpid:")[1].split("\n")[0].split()
                if len(numbers) > 1 and numbers[-1] == "1":
                    return int(child)
        return 0

    def cut_power(self) -> None:
        """Everything ends at once, in the middle of whatever it did."""
        if self._nspawn is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._leader or self._nspawn.pid, signal.SIGKILL)
        self._nspawn.wait(timeout=60)
        self._nspawn, self._leader = None, 0
        self._sweep()

    def _sweep(self) -> None:
        """nspawn, when killed, leaves empty folders behind."""
        leavings = [
            *_CGROUPS.glob("unified/payload"),
            *_CGROUPS.glob("unified/supervisor"),
            *_NSPAWN.glob(f"*/{self.name}"),
        ]
        for folder in leavings:
            for inner in sorted(folder.rglob("*/"), reverse=True):
                _remove(inner)
            _remove(folder)

    def run(self, *words: str, check: bool = True) -> str:
        """What that command says inside; standard output alone."""
        enter = ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--"]
        clean = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        done = subprocess.run([*enter, *clean, *words], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0 or not check, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def beside(self, *words: str) -> str:
        """What a program of this computer says that runs in the machine's network."""
        return _run("nsenter", "-t", str(self._leader), "-n", "--", *words, cwd=HOUSE)

    def succeeds(self, *words: str) -> bool:
        """Whether that command ends with 0 inside."""
        return self.run("/bin/sh", "-c", '"$@" >/dev/null 2>&1; echo $?', "sh", *words).strip() == "0"

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit, check=False).strip()

    def ask(self, url: str, *words: str) -> tuple[int, str]:
        """Status and body of an answer; 0 where there was none."""
        said = self.run("curl", "-sk", "-m", "5", "-w", "\n%{http_code}", *words, url, check=False)
        body, _, status = said.rpartition("\n")
        return int(status or 0), body

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--boot", "--no-pager", "--quiet", f"--unit={unit}", check=False)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


Found = TypeVar("Found")


def wait_until(look: Callable[[], Found], *, seconds: float, what: str) -> Found:
    """What `look` finds, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError(what)


@contextmanager
def only_one_machine() -> Iterator[None]:
    """One boot at a time on this computer: two would share one branch of the control groups."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
