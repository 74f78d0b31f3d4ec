"""The words of the command for sticks: at the box, and in the town hall."""

import argparse
from pathlib import Path
from typing import TypeAlias

from appliance.assembly import stick_verbs
from appliance.cli_options import add_folder, add_passphrase, add_stick

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (has no public name)


def add_on_foot(verbs_of: Verbs) -> None:
    """`madoguchi export` and `madoguchi import`."""
    one = verbs_of.add_parser(
        "export",
        help="封をした記録を USBメモリーに のせる / lay sealed records on a stick",
        description="何度 実行しても、途中で ぬいても、記録は 失われません。終了値 75 は「いまは できない」です。"
        " / Safe to repeat, and to be interrupted. Exit status 75: desk or stick not reachable now.",
    )
    _add_box_side(one)
    one.set_defaults(verb=stick_verbs.carry_out)

    one = verbs_of.add_parser(
        "import",
        help="役場の返事を USBメモリーから 受けとる / take the town's answers from a stick",
        description="受領証と「開いた」一覧を 窓口へ わたします。終了値 75 は「いまは できない」です。"
        " / Receipts and opened lists. Exit status 75: desk or stick not reachable now.",
    )
    _add_box_side(one)
    one.set_defaults(verb=stick_verbs.bring_home)


def add_town_sticks(parts: Verbs) -> None:
    """`madoguchi town pull|push|pack|stick`."""
    pull = parts.add_parser(
        "pull", help="記録を受けとり、開いて数える / fetch records by stick or wire, open and file them"
    )
    _add_road(pull)
    add_passphrase(pull)
    pull.set_defaults(verb=stick_verbs.town_pull)

    push = parts.add_parser(
        "push", help="受領証・「開いた」一覧・内容パックを返す / answer with receipts, opened lists and content packs"
    )
    _add_road(push)
    push.set_defaults(verb=stick_verbs.town_push)

    pack = parts.add_parser(
        "pack",
        help="内容パックを 署名して すべての箱へ出す / sign content packs and give them to all boxes",
        description="箱は つぎに動かしたときから使います。直すところがあれば 何も 出しません。calendar.toml は"
        " 施設ごとなので 入りません。 / Boxes use them from their next start. With a mistake in them nothing is given"
        " out; calendar.toml belongs to a facility and stays.",
    )
    add_folder(pack)
    pack.add_argument(
        "--from", dest="source", type=Path, required=True, metavar="DIR", help="パックのフォルダー / folder of packs"
    )
    add_passphrase(pack)
    pack.add_argument("--json", action="store_true", help="結果を一行の JSON で / the result as one line of JSON")
    pack.set_defaults(verb=stick_verbs.town_pack)

    stick = parts.add_parser("stick", help="USBメモリーの登録 / the sticks of the town")
    verbs_of = stick.add_subparsers(prog=stick.prog, title="命令 / verbs", metavar="", required=True)
    register = verbs_of.add_parser("register", help="番号をつけて登録する / give a stick its number")
    add_folder(register)
    add_stick(register, required=True)
    add_passphrase(register)
    register.set_defaults(verb=stick_verbs.stick_register)

    listed = verbs_of.add_parser("list", help="登録の一覧 / every stick there is or was")
    add_folder(listed)
    listed.set_defaults(verb=stick_verbs.stick_list)

    revoke = verbs_of.add_parser("revoke", help="なくした・すてたものを取り消す / a stick was lost or thrown away")
    add_folder(revoke)
    revoke.add_argument("--number", type=int, required=True, metavar="N", help="USBメモリーの番号 / its number")
    revoke.set_defaults(verb=stick_verbs.stick_revoke)


def _add_box_side(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, required=True, metavar="PATH", help="設定ファイル / configuration (TOML)"
    )
    add_stick(parser, required=True)
    _add_use(parser)


def _add_road(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    road = parser.add_mutually_exclusive_group(required=True)
    add_stick(road, required=False)
    road.add_argument("--receiver", default="", metavar="URL", help="ほかの機械の 受信側 / a receiver elsewhere")
    parser.add_argument("--office-token", default="", help="受信側が 役場に わたした鍵 / token of the office there")
    _add_use(parser)


def _add_use(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--any", action="store_true", help="登録していない USBメモリーでも / even an unregistered stick"
    )
    parser.add_argument(
        "--by", metavar="NAME", help="取扱者。媒体管理簿に のります / who has the stick in hand, for 媒体管理簿"
    )
    parser.add_argument("--json", action="store_true", help="結果を一行の JSON で / the result as one line of JSON")
