"""A guest whose kernel has gpio-sim: emulated whole, with this computer's root, read-only, as its own."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[2]
PREPARED = HOUSE / "build" / "gpio-sim"
LAST = Path(__file__).with_name("last.json")
QEMU = "qemu-system-x86_64"
PATIENCE_SECONDS = 600
MEMORY_MIB = 768
_DONE = PREPARED / "prepared"


def why_not() -> str:
    """Why no guest can be booted here; empty where one can."""
    if shutil.which(QEMU) is None:
        return f"{QEMU} is not installed (Debian: qemu-system-x86)"
    return "" if _DONE.exists() else "no guest is prepared (make gpio-sim)"


def prepare() -> None:
    """Fetch Debian's kernel and build what it lacks, unless that was done; `CalledProcessError`."""
    words = ["sh", str(Path(__file__).with_name("prepare.sh")), str(PREPARED), sys.executable]
    subprocess.run(words, cwd=HOUSE, check=True)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the suite did in there."""

    said: str

    @property
    def held(self) -> bool:
        return "GUEST ends 0" in self.said

    @property
    def counts(self) -> dict[str, int]:
        """How many tests passed, failed and so on."""
        last = re.findall(r"(?m)^(?:\d+ \w+, )*\d+ \w+(?:, \d+ \w+)* in [\d.]+s.*$", self.said)
        return {kind: int(count) for count, kind in re.findall(r"(\d+) ([a-z]+)", last[-1])} if last else {}

    @property
    def found(self) -> dict[str, Any]:
        """Figures that tests kept; of several with one name the largest."""
        kept: dict[str, Any] = {}
        for line in re.findall(r"(?m)^GUEST found (\{.*\})", self.said):
            for name, value in json.loads(line).items():
                kept[name] = max(value, kept.get(name, value))
        return kept


def boot(*words: str) -> Run:
    """Run the suite, only a part of it if `words` for pytest say so; `TimeoutExpired`."""
    about = {"house": HOUSE, "python": sys.executable, "words": ",".join(words)}
    line = " ".join(["console=ttyS0 quiet panic=-1", *(f"madoguchi.{key}={value}" for key, value in about.items())])
    machine = ["-accel", "tcg", "-cpu", "max", "-m", str(MEMORY_MIB), "-display", "none", "-no-reboot", "-nic", "none"]
    talk = ["-serial", "stdio", "-monitor", "none"]
    root = ["-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"]
    kernel = ["-kernel", str(PREPARED / "kernel"), "-initrd", str(PREPARED / "initramfs.gz"), "-append", line]
    done = subprocess.run(
        [QEMU, *machine, *talk, *root, *kernel],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return Run(said=(done.stdout + done.stderr).decode(errors="replace").replace("\r\n", "\n"))
