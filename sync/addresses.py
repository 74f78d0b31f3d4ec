"""Which addresses of a receiver are safe to speak to: over TLS, or inside the house."""

import ipaddress
import socket
from typing import ClassVar
from urllib.parse import urlsplit

from sync.errors import SyncError


class UnsafeReceiver(SyncError):
    """The receiver's address would let what is said travel the internet without TLS, or is no address."""

    code = "unsafe_receiver"
    exit_code: ClassVar[int] = 78
    ja = "送り先の アドレスは https:// で 始まる必要が あります。設定を 直してください。"
    en = "The receiver's address must begin with https://, or be one inside the house."


def receiver_base(url: str, *, plain_http: bool = False) -> str:
    """Where `/v1` of that receiver begins; `UnsafeReceiver`, `OSError` for a name that is nowhere."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise UnsafeReceiver(url)
    if parts.scheme == "http" and not (plain_http or _is_near(parts.hostname)):
        raise UnsafeReceiver(url)
    return url.rstrip("/").removesuffix("/v1") + "/v1"


def _is_near(host: str) -> bool:
    """Whether every address of `host` is this machine's or of a private network; `OSError` if it has none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]
    return all(address.is_loopback or address.is_private or address.is_link_local for address in addresses)
