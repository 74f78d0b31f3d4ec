"""The words of the command for kits, enrolment, moving and leaving."""

import argparse
from datetime import date
from pathlib import Path
from typing import TypeAlias

from appliance.assembly import provision_verbs
from appliance.cli_doctor import add_label
from appliance.cli_network import add_network
from appliance.cli_options import add_config, add_folder, add_passphrase, add_stick

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (has no public name)


def add_provision(verbs_of: Verbs) -> None:
    """`madoguchi provision ...`."""
    provision = verbs_of.add_parser("provision", help="箱の準備 / prepare boxes")
    parts = provision.add_subparsers(prog=provision.prog, title="命令 / verbs", metavar="", required=True)

    kit = parts.add_parser(
        "kit",
        help="サイトキットを作る / make the site kit",
        description="町のことば・施設・時間・名簿・公開鍵を 一つの署名つきファイルに します。秘密は 入りません。"
        " / Words, facilities, hours, roster and public keys of a town in one signed file, without any secret.",
    )
    add_folder(kit)
    kit.add_argument(
        "--site", type=Path, required=True, metavar="FILE", help="町の説明（TOML） / description of the site"
    )
    kit.add_argument("--to", type=Path, required=True, metavar="PATH", help="置き場所 / where to put it")
    add_passphrase(kit)
    kit.set_defaults(verb=provision_verbs.provision_kit)

    add_label(parts)
    check = parts.add_parser("check-kit", help="キットの中身を確かめる / check a kit and say what is in it")
    check.add_argument(
        "kit", type=Path, metavar="PATH", help="キット、または それの入ったフォルダー / kit or its folder"
    )
    check.set_defaults(verb=provision_verbs.check_kit)
    _add_bundle(parts)
    add_network(parts)
    erase = parts.add_parser(
        "wipe",
        help="箱を はじめの姿に もどす / make this box as it was before any kit",
        description="記録・鍵・名簿・町の設定を消します。窓口をとめてから、root で 使います。アドレスなどの"
        " 機械の設定は のこります。 / Erases records, keys, roster and town; stop the desk first. What the machine"
        " was told stays.",
    )
    add_config(erase)
    erase.add_argument(
        "--lose-records",
        action="store_true",
        help="役場が開けていない記録も 消す / erase records, too, that the office has not opened",
    )
    erase.set_defaults(verb=provision_verbs.provision_wipe)


def _add_bundle(parts: Verbs) -> None:
    bundle = parts.add_parser(
        "bundle",
        help="ネットワークのない箱に入れる一式を作る / make the bundle that a box is installed from offline",
        description="ソースのフォルダーで、root で 使います。lgpio と pyscard は はじめの一回だけ 作ります。秘密は"
        " 入りません。 / Run from a checkout, as root: lgpio and pyscard are built the first time. Holds no secret.",
    )
    bundle.add_argument("--out", type=Path, required=True, metavar="FILE", help="置き場所 / where to put it (.tar)")
    bundle.add_argument(
        "--arch", choices=["amd64", "arm64"], help="箱の種類。なければ この機械と同じ / kind of box (this machine's)"
    )
    bundle.add_argument(
        "--python",
        choices=["3.11", "3.13"],
        default="3.13",
        help="箱の Python: 3.11 は Debian 12、3.13 は Debian 13 / the box's Python, by its Debian (3.13)",
    )
    bundle.set_defaults(verb=provision_verbs.provision_bundle)


def add_enrol(verbs_of: Verbs) -> None:
    """`madoguchi enrol` and `madoguchi leave`, on the box."""
    one = verbs_of.add_parser(
        "enrol",
        help="箱をキットで準備し、登録する / prepare this box with a kit and enrol it",
        description="一回目は キットを読み、鍵を作り、番号と符号を出します。証明が かえったら もう一度 実行します。"
        "ネットワークは 使いません。 / The first call takes the kit, makes keys and shows number and code; call it"
        " again when the certificate has come back. No network is used.",
    )
    add_config(one)
    one.add_argument("--state", type=Path, metavar="DIR", help="記録と鍵の場所 / where records and keys are kept")
    add_stick(one, required=True)
    one.add_argument(
        "--kit", type=Path, metavar="PATH", help="キットが ほかの場所にあるとき / where the kit is, if not there"
    )
    one.add_argument("--facility", metavar="ID", help="置く施設の id / id of the facility where it stands")
    one.add_argument("--desk", type=int, default=1, metavar="N", help="施設の何番めの窓口 / which desk there (1)")
    one.add_argument("--box", type=int, metavar="N", help="箱の番号 / number of the box; otherwise the next free one")
    one.add_argument("--certificate", metavar="TEXT", help="読みとった証明 / the certificate as it was scanned")
    one.add_argument(
        "--pin-file",
        type=Path,
        metavar="FILE",
        help="名簿に もう人がいるとき: 一行目に その一人の番号と暗証番号 / number and PIN of somebody on the roster",
    )
    one.add_argument("--afresh", action="store_true", help="キットを読みなおす / take the kit again")
    one.add_argument(
        "--keep-kit", action="store_true", help="キットを消さない（つぎの箱のため） / leave it for the next box"
    )
    one.set_defaults(verb=provision_verbs.enrol)

    leave = verbs_of.add_parser(
        "leave", help="使うのをやめる箱の「おわりのしるし」 / the farewell of a box to be retired"
    )
    add_config(leave)
    add_stick(leave, required=True)
    leave.add_argument(
        "--with-unsent",
        action="store_true",
        help="町へ渡していない記録が のこっていても / although records are left that were not handed over",
    )
    leave.set_defaults(verb=provision_verbs.leave)


def add_town(parts: Verbs) -> None:
    """What `madoguchi town` can do for keys, boxes and their leaving."""
    _add_keys(parts)
    certify = parts.add_parser(
        "certify",
        help="箱の願いに証明で答える / answer requests of boxes with certificates",
        description="箱の画面の符号と くらべてから 証明を出します。終了値 1 は「断ったものがある」です。"
        " / Compares the code on each box's screen first. Exit status 1: a request was refused.",
    )
    add_folder(certify)
    add_stick(certify, required=False)
    certify.add_argument(
        "--code",
        action="append",
        default=[],
        metavar="N=CODE",
        help="箱Nの画面の符号 / the code on the screen of box N",
    )
    certify.add_argument("--request", metavar="TEXT", help="読みとった願い / a request as it was scanned")
    add_passphrase(certify)
    certify.set_defaults(verb=provision_verbs.town_certify)

    move = parts.add_parser(
        "move", help="箱を ほかの施設・名まえに する / let a box stand elsewhere or be called otherwise"
    )
    _add_box(move)
    add_stick(move, required=True)
    move.add_argument("--facility", required=True, metavar="ID", help="施設の id / id of the facility")
    move.add_argument("--name", help="施設の名まえ。キットにあれば いらない / its name, if not that of the kit")
    move.add_argument("--desk", type=int, default=1, metavar="N", help="施設の何番めの窓口 / which desk there (1)")
    move.add_argument(
        "--since",
        type=_day,
        metavar="DATE",
        help="移った日。前の記録は 前の施設のまま / the day of the move; what is older stays with the old facility"
        " (now)",
    )
    move.set_defaults(verb=provision_verbs.town_move)

    retire = parts.add_parser("retire", help="箱を使うのをやめる / take a box out of use")
    _add_box(retire)
    add_stick(retire, required=False)
    retire.add_argument(
        "--without-farewell",
        action="store_true",
        help="箱が もう動かないとき / the box is dead and cannot say farewell",
    )
    retire.set_defaults(verb=provision_verbs.town_retire)

    stolen = parts.add_parser("stolen", help="箱が盗まれた / a box was stolen")
    _add_box(stolen)
    add_stick(stolen, required=False)
    stolen.set_defaults(verb=provision_verbs.town_stolen)


def _add_keys(parts: Verbs) -> None:
    keys = parts.add_parser(
        "keys",
        help="町の鍵を作る / make the keys of a town, once",
        description="控えの鍵を 紙に 印刷できる形で 出します（例: | lpr）。"
        " / Prints the recovery key for sealed envelopes on standard output, to be sent to a printer.",
    )
    add_folder(keys)
    keys.add_argument("--code", required=True, help="全国地方公共団体コード、6桁 / municipality code, six digits")
    keys.add_argument(
        "--preset",
        choices=["town", "city"],
        default="town",
        help="型: town は 封筒 2通、city は 3枚のうち 2枚 / town: two envelopes, city: two of three (town)",
    )
    keys.add_argument(
        "--recovery",
        choices=["envelopes", "2-of-3", "file"],
        help="控えの鍵: 同じ紙 2通、3枚のうち 2枚、ファイルだけ（なければ 型のとおり） / two equal sheets,"
        " two of three, or the file alone (as the preset says)",
    )
    add_passphrase(keys)
    keys.set_defaults(verb=provision_verbs.town_keys)

    recover = parts.add_parser(
        "recover",
        help="紙から控えの鍵を作りなおす / make the recovery key again from its paper",
        description="紙の 17行を 一行ずつ聞きます。3枚のうち 2枚の町では、二人の紙を つづけて打ちます。一年に一度は"
        " --test で ためします。 / Asks for the 17 rows of a sheet, and of a second one where two of three are needed."
        " Try it once a year with --test.",
    )
    add_folder(recover)
    recover.add_argument("--test", action="store_true", help="ためすだけ。何も書かない / only try; nothing is written")
    recover.add_argument(
        "--paper",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="打ってある紙（2枚なら 二回） / a sheet typed into a file; twice for two",
    )
    add_passphrase(recover)
    recover.set_defaults(verb=provision_verbs.town_recover)


def _add_box(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    parser.add_argument("--box", type=int, required=True, metavar="N", help="箱の番号 / number of the box")
    add_passphrase(parser)


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is not a day like 2026-11-21") from None
