"""The words of the command for the network of a box."""

import argparse
from ipaddress import IPv4Interface
from pathlib import Path
from typing import TypeAlias

from appliance.assembly import provision_verbs
from appliance.cli_options import add_config

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (has no public name)
_PREFIX = 24


def add_network(parts: Verbs) -> None:
    """`madoguchi provision network`."""
    one = parts.add_parser(
        "network",
        help="端末から この箱を 開けるようにする / let tablets come to this box",
        description="箱に 名まえ（madoguchi-07.local）を つけます。キットの型が city なら、LAN の TLS も 用意します。"
        "何回しても かまいません。管理者（sudo）で 使います。Wi-Fi の合言葉は 箱の中で 生まれ、端末（ターミナル）と"
        " --page の紙にだけ 出ます。 / Names the box, and for a kit of preset city sets up TLS in the LAN. Again and"
        " again does no harm. For root. The Wi-Fi passphrase is born on the box and shown on a terminal and on the"
        " --page alone.",
    )
    add_config(one)
    instead = one.add_mutually_exclusive_group()
    instead.add_argument("--show", action="store_true", help="見るだけ / only look")
    instead.add_argument(
        "--off", action="store_true", help="Wi-Fi の親機を やめる（合言葉は のこる） / end the box's own Wi-Fi"
    )
    instead.add_argument("--no-tls", action="store_true", help="LAN の TLS を やめる / end TLS in the LAN")
    instead.add_argument(
        "--renew", action="store_true", help="証明書を いるときだけ 新しくする / renew the certificate where needed"
    )
    one.add_argument(
        "--name", metavar="NAME", help="箱の名まえ。なければ madoguchi-番号 / name of the box (madoguchi-NUMBER)"
    )
    _add_access_point(one)
    _add_tls(one)
    one.add_argument(
        "--page", type=Path, metavar="FILE", help="係の端末のための紙（PDF） / a sheet (PDF) for the staff's tablets"
    )
    one.add_argument("--json", action="store_true", help="結果を一行の JSON で / the result as one line of JSON")
    one.set_defaults(verb=provision_verbs.provision_network)


def _add_access_point(one: argparse.ArgumentParser) -> None:
    group = one.add_argument_group("LANのない館 / a hall without a LAN")
    group.add_argument(
        "--access-point", action="store_true", help="箱を Wi-Fi の親機にする / make the box its own Wi-Fi"
    )
    group.add_argument("--new-passphrase", action="store_true", help="合言葉を かえる / another passphrase")
    group.add_argument(
        "--wifi",
        choices=["wpa3", "both", "wpa2"],
        help="暗号の方式。Raspberry Pi の中の Wi-Fi では wpa2、ほかでは both が ふだん / how it is closed: wpa2 on a"
        " Raspberry Pi's own chip, both elsewhere",
    )
    group.add_argument(
        "--address", type=_address, metavar="ADDRESS", help="その中での 箱のアドレス / the box's address (10.55.0.1)"
    )


def _add_tls(one: argparse.ArgumentParser) -> None:
    group = one.add_argument_group("LAN の TLS / TLS in the LAN")
    group.add_argument("--tls", action="store_true", help="型が town でも 用意する / also with preset town")
    group.add_argument(
        "--authority",
        type=Path,
        metavar="PATH",
        help="端末に入れる証明書の置き場所 / where to put what tablets install",
    )
    group.add_argument(
        "--new-authority",
        action="store_true",
        help="証明書の もとから 作りなおす。端末には 入れなおし / all of it anew; tablets have to be given it again",
    )


def _address(word: str) -> IPv4Interface:
    """The first address of a private network of 254."""
    try:
        address = IPv4Interface(word if "/" in word else f"{word}/{_PREFIX}")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is not an address such as 10.55.0.1") from None
    network = address.network
    if not address.is_private or network.prefixlen != _PREFIX or address.ip != network[1]:
        raise argparse.ArgumentTypeError(f"{word!r} is not private, or does not end in .1; try 10.55.0.1")
    return address
