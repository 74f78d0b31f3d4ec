"""Which addresses are this machine's own."""

import socket
from ipaddress import ip_address


def is_own_address(text: str) -> bool:
    """Whether this machine has that address now; asks the kernel, because a network may give another one any time."""
    try:
        address = ip_address(text)
        if address.is_unspecified or address.is_multicast or address.is_reserved:
            return False
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 # the version of IP
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((text, 0))
    except (OSError, ValueError):
        return False
    return True
