"""A stick as it is bought: a FAT32 image behind a loop device, mounted as the shipped unit mounts it.

A kernel that knows no FAT is no reason to go without: `borrowed` runs a test file under user-mode Linux, whose driver
is the kernel's own, with everything that is written in its RAM.
"""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[2]
UNIT = HOUSE / "systemd" / "system" / "madoguchi-stick@.service"
MODULES = Path("/usr/lib/uml/modules")
PARTS = ("fs/fat/fat.ko", "fs/fat/vfat.ko", "fs/nls/nls_ascii.ko", "fs/nls/nls_cp437.ko", "fs/nls/nls_iso8859-1.ko")
INSIDE = "MADOGUCHI_BORROWED_KERNEL"


@cache
def knows_fat() -> bool:
    """Whether this kernel does; most have it as a module that nobody has needed yet."""
    if os.geteuid() == 0 and shutil.which("modprobe"):
        subprocess.run(["modprobe", "--quiet", "--all", "vfat", "loop"], capture_output=True, check=False)
    return "vfat" in Path("/proc/filesystems").read_text().split()


def why_not() -> str:
    """Why no FAT stick can be mounted here; empty where one can."""
    if os.geteuid() != 0:
        return "mounting a stick needs root"
    missing = [tool for tool in ("mkfs.vfat", "losetup", "mount") if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (make setup-tests)"
    return "" if knows_fat() else "this kernel knows no FAT"


def why_not_borrowed() -> str:
    """Why no other kernel can be borrowed either."""
    if os.geteuid() != 0:
        return "mounting a stick needs root"
    if shutil.which("mkfs.vfat") is None or shutil.which("linux.uml") is None:
        return "this kernel knows no FAT, and user-mode-linux or dosfstools is not installed (make setup-tests)"
    return ""


# ------------------------------------------------------------------------------------------------------------ the stick


def _run(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def formatted(image: Path, *, size: int = 4 * 1024 * 1024) -> Path:
    """A new stick with our label, as a PC formats it."""
    with image.open("wb") as file:
        file.truncate(size)
    _run("mkfs.vfat", "-F", "32", "-s", "1", "-n", "MADOGUCHI", image)
    return image


def unit_lines(key: str) -> list[str]:
    """What the shipped unit runs, in its order."""
    return [line.partition("=")[2] for line in UNIT.read_text("utf-8").splitlines() if line.startswith(f"{key}=")]


def mount_options() -> str:
    """How the shipped unit mounts a stick, for a courier that is root here."""
    (line,) = [line for line in unit_lines("ExecStartPre") if "/mount " in line]
    return line.split()[2].replace("madoguchi-sync", "0")


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """The stick in the box; out again afterwards, its writing finished."""
    place.mkdir(exist_ok=True)
    device = _run("losetup", "--find", "--show", image).strip()
    try:
        _run("mount", "-t", "vfat", "-o", mount_options(), device, place)
        try:
            yield place
        finally:
            _run("umount", place)
    finally:
        _run("losetup", "--detach", device)


def is_sound(image: Path) -> bool:
    """Whether a PC would find nothing to repair."""
    return subprocess.run(["fsck.vfat", "-n", image], capture_output=True, check=False).returncode == 0


# --------------------------------------------------------------------------------------------------- a borrowed kernel


_INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
cd {house}
{python} -m tests.house.fat
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
export PYTHONDONTWRITEBYTECODE=1 TMPDIR=/dev/shm {inside}=1
{python} -m pytest {file} -q -p no:cacheprovider --basetemp /dev/shm/t \\
    >{out}/said 2>&1
echo $? >{out}/status
sync
{python} -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321FEDC)'
"""


def borrowed(file: Path, out: Path) -> tuple[int, str]:
    """Run a test file under a kernel that knows FAT; the status of pytest and what it said."""
    init = out / "init"
    init.write_text(_INIT.format(house=HOUSE, python=sys.executable, inside=INSIDE, file=file, out=out), "utf-8")
    init.chmod(0o755)
    words = ["linux.uml", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "rw", "mem=768M", f"init={init}"]
    kernel = subprocess.run(
        [*words, "quiet", "con=null", "con0=null,fd:1"], capture_output=True, text=True, timeout=400, check=False
    )
    if not (out / "status").exists():
        return 1, kernel.stdout + kernel.stderr
    return int((out / "status").read_text()), (out / "said").read_text("utf-8")


def _prepare() -> None:
    """Inside: what an ordinary start would do: load the parts of the kernel, and let it talk to itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder = MODULES / os.uname().release / "kernel"
    for part in ("drivers/block/loop.ko", *PARTS):
        descriptor = os.open(folder / part, os.O_RDONLY)
        libc.syscall(313, descriptor, b"", 0)  # finit_module
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        fcntl.ioctl(line, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS: up


if __name__ == "__main__":
    _prepare()
