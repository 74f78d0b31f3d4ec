"""A bare Debian that holds git, make and python3, and a way into it that leaves nothing running behind."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.machine import HOUSE, kept_root, unpacked

CACHE = HOUSE / "build" / "fresh"
PACKAGES = ("git", "make", "python3")
"""What the README asks for, and nothing else."""
CHECKOUT = "madoguchi"
_INDEX = ("PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "http_proxy", "https_proxy", "no_proxy")
_LEFT = "processes left behind:"

# Process 1 of a namespace of its own: what is left when it ends, ends with it. In there are this computer's network and
# kernel, but its own processes and devices and no control groups. Ctrl-C is for the command, not for this shell.
_ENTER = f"""
set -eu
trap : INT
root=$1
shift
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    : >"$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0 1 2; do
    ln -s "fd/$number" "$root/dev/$(echo stdin stdout stderr | cut -d ' ' -f $((number + 1)))"
done
status=0
chroot "$root" /usr/bin/env -i "$@" || status=$?
set -- "$root"/proc/[0-9]*
echo "{_LEFT} $(($# - 1))"
exit $status
"""


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """One Debian in a folder, with a clone of what is committed here."""

    folder: Path
    suite: str
    carried: Mapping[str, str] = field(default_factory=dict)
    """How this computer reaches the package index."""

    def words(self, command: str) -> list[str]:
        """What to start for a command of somebody who sits in the clone."""
        home = ("HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=dumb")
        clean = [*home, *(f"{name}={value}" for name, value in self.carried.items())]
        into = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, "sh", str(self.folder)]
        return [*into, *clean, "sh", "-c", f"cd && cd {CHECKOUT} 2>/dev/null; {command}"]

    def says(self, command: str) -> str:
        """What a short command says."""
        done = subprocess.run(self.words(command), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout.rpartition(_LEFT)[0].strip()

    def versions(self) -> dict[str, object]:
        """Of what it brings."""
        python = self.says("python3 --version").removeprefix("Python ")
        return {"debian": self.says("cat /etc/debian_version"), "python": python}


def nobody_is_left(said: str) -> bool:
    """Whether, at the end of what was said inside, every process had ended."""
    return f"{_LEFT} 0" in said


@contextmanager
def fresh(suite: str) -> Iterator[Fresh]:
    """A root of that Debian in which nobody has done anything yet, and a clone."""
    tarball = kept_root(CACHE, suite, PACKAGES)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{suite}-") as scratch:
        folder = unpacked(tarball, Path(scratch) / "root")
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        (folder / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")  # as Debian's installer does
        root = Fresh(folder=folder, suite=suite, carried=_way_to_the_index(folder))
        _clone(root)
        yield root


def _way_to_the_index(folder: Path) -> dict[str, str]:
    """The settings of this computer, and the certificates that its proxy may need, in a place where Debian has none."""
    carried = {name: os.environ[name] for name in _INDEX if name in os.environ}
    if certificates := os.environ.get("PIP_CERT"):
        shutil.copy(certificates, folder / "root/index.crt")
        carried["PIP_CERT"] = "/root/index.crt"
    return carried


def _clone(root: Fresh) -> None:
    """As from a server: what is committed, and nothing that lies about."""
    bundle = root.folder / "root/madoguchi.bundle"
    subprocess.run(["git", "bundle", "create", "--quiet", str(bundle), "HEAD"], cwd=HOUSE, check=True)
    root.says(f"git clone --quiet madoguchi.bundle {CHECKOUT}")
    bundle.unlink()


def commit() -> str:
    """The commit that is proved."""
    return _git("describe", "--always", "--exclude=*")


def lying_here() -> str:
    """The same, with `-dirty` where more than that lies here; what was found before is no part of it."""
    changed = _git("status", "--porcelain", "--", ".", ":!tests/fresh/last.json")
    return f"{commit()}-dirty" if changed else commit()


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=HOUSE, check=True, capture_output=True, text=True).stdout.strip()
