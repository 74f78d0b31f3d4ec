"""Thirty boxes from one kit and one stick, by the product's own command: `python -m tests.house.thirty FOLDER BOXES`.

Prints one line of JSON: which network interfaces were there and up, and what came of it.
"""

import fcntl
import io
import json
import re
import socket
import struct
import sys
from contextlib import redirect_stdout
from pathlib import Path

from appliance.cli import main
from tests.configured import MUNICIPALITY
from tests.provisioning.site import write_site

SIOCGIFFLAGS = 0x8913
IFF_UP = 1
PASSPHRASE = "合言葉は ながい"


def run(*words: object) -> str:
    """What one verb prints; it must succeed."""
    said = io.StringIO()
    with redirect_stdout(said):
        status = main([str(word) for word in words])
    if status != 0:
        raise RuntimeError(f"{words[0]}: {status}")
    return said.getvalue()


def interfaces_up() -> list[str]:
    """The network interfaces that carry anything at all."""
    return [name for _, name in socket.if_nameindex() if _flags(name) & IFF_UP]


def _flags(interface: str) -> int:
    """Asked of the kernel: /sys would tell of the namespace that it was mounted in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sH14x", interface.encode(), 0))
    return int(struct.unpack("16sH14x", answer)[1])


def enrol_boxes(folder: Path, count: int) -> dict[int, str]:
    """A town with one kit, and boxes that go past one stick twice; the code that each box showed."""
    stick, passphrase = folder / "stick", folder / "passphrase"
    stick.mkdir(parents=True)
    passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
    secret = ("--folder", folder / "town", "--passphrase-file", passphrase)
    run("town", "keys", "--code", MUNICIPALITY, *secret)
    run("provision", "kit", "--site", write_site(folder / "site"), "--to", stick, *secret)
    codes = {number: _code(_enrol(folder, number, "--keep-kit")) for number in range(1, count + 1)}
    shown = [word for number, code in codes.items() for word in ("--code", f"{number}={code}")]
    run("town", "certify", "--stick", stick, *shown, *secret)
    for number in codes:
        _enrol(folder, number)
    return codes


def _enrol(folder: Path, number: int, *more: str) -> str:
    config = folder / f"box{number}" / "etc" / "madoguchi.toml"
    facility = ("kominkan-chuo", "toshokan")[number % 2]
    state = folder / f"box{number}" / "state"
    return run(
        "enrol", "--config", config, "--state", state, "--stick", folder / "stick", "--facility", facility, *more
    )


def _code(said: str) -> str:
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", said)
    if found is None:
        raise RuntimeError(said)
    return found[0]


if __name__ == "__main__":
    codes = enrol_boxes(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({"interfaces": interfaces_up(), "boxes": len(codes)}))
