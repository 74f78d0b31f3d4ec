"""Which file system a folder lies on, as the kernel tells."""

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")


def file_system_of(folder: Path, *, mounts: Path = MOUNTS) -> str:
    """Its name, such as `vfat` or `exfat`; empty where nobody can tell. `OSError` for a folder that is not there."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = [line.partition(" - ")[2].split(" ")[0] for line in lines if line.split(" ")[2] == number]
    return found[-1] if found else ""
