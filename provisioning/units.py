"""The files of `systemd/` on a box: where each belongs, and which units a role starts."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PLACES: Mapping[str, str] = {
    "system": "usr/lib/systemd/system",
    "system.conf.d": "usr/lib/systemd/system.conf.d",
    "journald.conf.d": "usr/lib/systemd/journald.conf.d",
    "sysusers.d": "usr/lib/sysusers.d",
    "tmpfiles.d": "usr/lib/tmpfiles.d",
    "udev": "usr/lib/udev/rules.d",
    "polkit": "usr/share/polkit-1/rules.d",
    "chromium": "etc/chromium/policies/managed",
}
"""Folder in `systemd/` -> folder on the box. What is in no such folder goes with the product, under `SHARE`."""

SHARE = "share/systemd"
"""Below the folder of one version of the product."""

ROLES: Mapping[str, Sequence[str]] = {
    "desk": ("madoguchi.service", "madoguchi-courier.socket", "madoguchi-sync.timer"),
    "office": ("madoguchi-office.service",),
    "both": ("madoguchi.service", "madoguchi-courier.socket", "madoguchi-sync.timer", "madoguchi-office.service"),
}
"""What is enabled on a box of that role; TLS, screen and receiver are added where they are wanted."""


def lay_out(source: Path, root: Path, product: Path) -> list[Path]:
    """Copy the files of `source` (our `systemd/`) into the file system `root` and what is left into `product`.

    `product`: the folder of one version, below `root`. Returns what was written, for whoever removes it again.
    """
    written = []
    for file, target in _targets(source, root, product / SHARE):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
        written.append(target)
    return written


def _targets(source: Path, root: Path, share: Path) -> Iterator[tuple[Path, Path]]:
    for file in sorted(source.rglob("*")):
        if file.is_file():
            inside = file.relative_to(source)
            place = PLACES.get(inside.parts[0])
            yield file, root / place / file.name if place else share / inside
