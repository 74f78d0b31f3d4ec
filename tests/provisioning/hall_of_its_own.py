"""Started alone in a network of its own: a box with a real dnsmasq at one end of a cable, a tablet at the other.

    unshare --net python hall_of_its_own.py HALL.CONF LOG

Prints as one line of JSON what the tablet is offered, and what the name of the box is to it. HALL.CONF names wlan0.
"""

import json
import socket
import struct
import subprocess
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path

BOX, TABLET = "wlan0", "tablet"
ADDRESS = "10.55.0.1"
TRIES = 20
COOKIE = b"\x63\x82\x53\x63"
MESSAGE_TYPE, END = 53, 255
DISCOVER = 1


def run(*words: str) -> None:
    subprocess.run(words, check=True)


def plug_in() -> None:
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BOX, "type", "veth", "peer", "name", TABLET)
    run("ip", "address", "add", f"{ADDRESS}/24", "dev", BOX)
    for end in (BOX, TABLET):
        run("ip", "link", "set", end, "up")
        # Both ends are in one kernel here, which would take the other end's address for a forged one.
        for name, value in (("accept_local", "1"), ("rp_filter", "0")):
            Path(f"/proc/sys/net/ipv4/conf/{end}/{name}").write_text(value)
    Path("/proc/sys/net/ipv4/conf/all/rp_filter").write_text("0")


def discover(mac: bytes) -> bytes:
    head = struct.pack("!BBBBIHH16x16s192x", 1, 1, 6, 0, 0x4D41444F, 0, 0x8000, mac.ljust(16, b"\0"))
    asked = bytes([55, 4, 1, 3, 6, 51])
    return (head + COOKIE + bytes([MESSAGE_TYPE, 1, DISCOVER]) + asked + bytes([END])).ljust(300, b"\0")


def options_of(reply: bytes) -> dict[int, bytes]:
    found, at = {}, 240
    while reply[at] != END:
        code, length = reply[at], reply[at + 1]
        found[code] = reply[at + 2 : at + 2 + length]
        at += 2 + length
    return found


def offered() -> dict[str, object]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tablet:
        tablet.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        tablet.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, TABLET.encode())
        tablet.settimeout(0.5)
        tablet.bind(("", 68))
        for _ in range(TRIES):
            try:
                tablet.sendto(discover(b"\x02\x4d\x41\x44\x4f\x07"), ("255.255.255.255", 67))
                reply = tablet.recv(2048)
            except OSError:
                time.sleep(0.2)
                continue
            options = options_of(reply)
            return {
                "address": str(IPv4Address(reply[16:20])),
                "router": 3 in options,
                "asks": str(IPv4Address(options[6])),
                "seconds": int.from_bytes(options[51]),
            }
    return {}


def named(name: str) -> list[object]:
    """The code and the address that the box answers with for a name."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        asking.sendto(query, (ADDRESS, 53))
        answer = asking.recv(512)
    count = int.from_bytes(answer[6:8])
    return [answer[3] & 15, str(IPv4Address(answer[-4:])) if count else None]


def main() -> None:
    configuration, log = sys.argv[1:]
    plug_in()
    capabilities = "+net_bind_service,+net_raw,+net_admin"
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    limits = [
        f"--inh-caps=-all,{capabilities}",
        f"--ambient-caps=-all,{capabilities}",
        f"--bounding-set=-all,{capabilities}",
    ]
    words = [*nobody, *limits, "dnsmasq", "--keep-in-foreground", f"--conf-file={configuration}"]
    with Path(log).open("wb") as said, subprocess.Popen(words, stdout=said, stderr=said) as server:
        try:
            found = {"offer": offered(), "box": named("madoguchi-07.local"), "else": named("www.example.jp")}
        finally:
            server.terminate()
    forwards = Path("/proc/sys/net/ipv4/ip_forward").read_text().strip()
    print(json.dumps({**found, "forwards": forwards}))


if __name__ == "__main__":
    main()
