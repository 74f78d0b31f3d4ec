"""The command `madoguchi`: words in, one verb carried out, an exit status out."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from appliance.assembly import verbs
from appliance.cli_doctor import add_doctor
from appliance.cli_options import add_config, add_folder, add_passphrase
from appliance.cli_provision import add_enrol, add_provision, add_town
from appliance.cli_stick import add_on_foot, add_town_sticks
from appliance.cli_voice import add_voice
from appliance.desk.errors import MadoguchiError
from appliance.messages import words_of
from sync.errors import SyncError

USAGE = 2
FAILED = 1
MOST_MINUTES = 24 * 60


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one verb; 0 done, 1 refused with words, 2 wrong usage, 75 not reachable now."""
    parser = _parser()
    arguments = parser.parse_args(words)
    if not hasattr(arguments, "verb"):
        parser.print_help()
        return USAGE
    try:
        return int(arguments.verb(arguments))
    except (MadoguchiError, SyncError) as error:
        print(f"madoguchi: {words_of(error)}", file=sys.stderr)
        return int(getattr(error, "exit_code", FAILED))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="madoguchi", description="デジタル相談窓口の箱 / the box for a digital-support desk"
    )
    # Without `prog` argparse looks up the terminal's size here and loads what it needs for that, at every start.
    parser.add_argument("--version", action=_Version, nargs=0, help="この製品の版 / the version of this product")
    verbs_of = parser.add_subparsers(prog=parser.prog, title="命令 / verbs", metavar="")
    _add_demo(verbs_of)
    _add_serve(verbs_of)
    _add_sync(verbs_of)
    add_on_foot(verbs_of)
    _add_proof(verbs_of)
    add_doctor(verbs_of)
    add_voice(verbs_of)
    _add_town(verbs_of)
    _add_staff(verbs_of)
    add_provision(verbs_of)
    add_enrol(verbs_of)
    return parser


class _Version(argparse.Action):
    """Says the version; looked up only for whoever asks, because that takes longer than the rest of the parser."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 # see above

        print(f"madoguchi {version('madoguchi')}")
        parser.exit()


Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (has no public name)


def _add_demo(verbs_of: Verbs) -> None:
    one = verbs_of.add_parser("demo", help="機器なしで全体を動かす / everything at once, without hardware")
    one.add_argument("--data", type=Path, required=True, metavar="DIR", help="記録を置く場所 / where records are kept")
    one.add_argument("--port", type=int, default=8080, help="窓口の画面 / pages of the desk (8080)")
    one.add_argument("--town-port", type=int, default=8090, help="受信側と役場の画面 / receiver and office (8090)")
    one.add_argument("--card", choices=["simulated", "pcsc"], default="simulated", help="カード読取装置 / card reader")
    _add_now(one)
    one.set_defaults(verb=verbs.demo)


def _add_serve(verbs_of: Verbs) -> None:
    one = verbs_of.add_parser("serve", help="窓口を開く / run one desk")
    add_config(one)
    one.add_argument(
        "--roster-seed",
        type=Path,
        metavar="FILE",
        help="名簿が空のときに 読む人たち（TOML） / people of an empty roster; without it /set-up on the screen",
    )
    one.add_argument("--demo-token", default="", help="API の鍵 / API token for programs")
    _add_now(one)
    one.set_defaults(verb=verbs.serve)


def _add_sync(verbs_of: Verbs) -> None:
    one = verbs_of.add_parser(
        "sync",
        help="町へ一回送る / carry sealed records to the town once",
        description="一回だけ送ります。終了値 75 は「いまは つながらない」で、何も失われません。"
        " / One run. Exit status 75: desk or town not reachable now, nothing is lost.",
    )
    add_config(one)
    one.add_argument("--json", action="store_true", help="結果を一行の JSON で / the result as one line of JSON")
    one.set_defaults(verb=verbs.sync)


def _add_proof(verbs_of: Verbs) -> None:
    one = verbs_of.add_parser(
        "proof",
        help="禁止データを 調べる / search what the box keeps for what it must never keep",
        description="箱に残る ファイルを すべて 読みます。窓口が 動いていても 使えます。終了値 1 は「見つかった」か"
        "「読めないファイルが ある」です。 / Reads every file of the desk, which may be running. Exit status 1:"
        " something was found, or a file could not be read.",
    )
    add_config(one)
    one.add_argument(
        "--log", type=Path, metavar="FILE", help="窓口の ログのファイル / the desk's log, and what was put away of it"
    )
    one.add_argument(
        "--decoys", type=Path, metavar="FILE", help="目印のことば、一行に一つ / words to look for too, one a line"
    )
    one.add_argument("--json", action="store_true", help="結果を一行の JSON で / the result as one line of JSON")
    one.set_defaults(verb=verbs.proof)


def _add_town(verbs_of: Verbs) -> None:
    town = verbs_of.add_parser("town", help="自治体の側 / the municipality's side")
    parts = town.add_subparsers(prog=town.prog, title="命令 / verbs", metavar="", required=True)

    add_town(parts)
    admit = parts.add_parser("admit", help="窓口の箱を登録する / admit a desk")
    add_folder(admit)
    admit.add_argument("--device-key", type=Path, required=True, help="箱の device.key / the desk's device.key")
    admit.add_argument("--facility", required=True, help="施設の id / id of the facility")
    admit.add_argument("--name", required=True, help="施設の名まえ / name of the facility")
    admit.set_defaults(verb=verbs.town_admit)

    receiver = parts.add_parser("receiver", help="受信側を動かす / run the receiver, which can open nothing")
    add_folder(receiver)
    _add_address(receiver, port=8090)
    receiver.add_argument("--office-token", default="", help="役場が使う鍵 / token of the office")
    receiver.set_defaults(verb=verbs.town_receiver)

    office = parts.add_parser("office", help="役場の画面を動かす / run the office, which opens and counts")
    add_folder(office)
    _add_address(office, port=8091)
    office.add_argument(
        "--name", action="append", default=[], help="画面を開くときの この機械の名 / a name that browsers call it by"
    )
    office.add_argument("--user", default="office", help="利用者の名まえ / user name")
    office.add_argument(
        "--pin",
        default="",
        help="利用者の暗証番号。なければ 画面で 合言葉を 入れて開く / the user's PIN; without it the page asks for the"
        " passphrase",
    )
    office.add_argument(
        "--lock-after",
        type=_minutes,
        default=15,
        metavar="MINUTES",
        help="画面で開いた鍵を、さわらないとき しまうまで / until keys opened at the page are put away unused (15)",
    )
    office.add_argument("--office-token", default="", help="API の鍵 / API token")
    office.add_argument(
        "--content",
        type=Path,
        metavar="DIR",
        help="自治体の 内容パック。窓口の content と 同じもの / the municipality's own packs, the same as at the desks",
    )
    add_passphrase(office)
    office.set_defaults(verb=verbs.town_office)
    add_town_sticks(parts)


def _add_staff(verbs_of: Verbs) -> None:
    staff = verbs_of.add_parser("staff", help="係の名簿 / the roster of a desk, from the box itself")
    parts = staff.add_subparsers(prog=staff.prog, title="命令 / verbs", metavar="", required=True)

    listed = parts.add_parser("list", help="番号と できること（名まえは 出ません） / numbers and permissions, no names")
    add_config(listed)
    listed.set_defaults(verb=verbs.staff_list)

    reset = parts.add_parser(
        "reset",
        help="だれにも 作りなおせない 暗証番号を 作りなおす / a new PIN where nobody is left who could make one",
        description="新しい暗証番号を いちどだけ 出します。窓口が 動いていても 止まっていても 使えます。"
        "箱の 持ち主（root か 窓口の利用者）だけが 使えます。よび名は 別の鍵で 封をしてあり、この番号では 読めません。"
        "いままでの番号を おぼえている人が はじめているあいだに この番号で はじめると、読めるようになります。"
        " / Prints a new PIN once, whether the desk runs or not; for root or the desk's own user. Display names lie"
        " under a key that this PIN does not open: it takes that key over at a sign-in while somebody who remembers a"
        " PIN is signed in.",
    )
    add_config(reset)
    reset.add_argument("--number", type=int, required=True, metavar="N", help="その人の番号 / the person's number")
    reset.add_argument(
        "--forget-names",
        action="store_true",
        help="だれも 番号を おぼえていないとき。よび名は みな 番号になり、ほかの人の 暗証番号は 使えなくなります。"
        "もとに もどせません / where nobody remembers a PIN: every name becomes a number and has to be typed again, all"
        " other PINs open nothing; cannot be undone",
    )
    reset.set_defaults(verb=verbs.staff_reset)


def _add_address(parser: argparse.ArgumentParser, *, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)


def _add_now(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--now", type=_moment, metavar="ISO-TIME", help="いまを この時刻とする / pretend that it is this time now"
    )


def _minutes(word: str) -> int:
    if not (word.isdecimal() and 0 < int(word) <= MOST_MINUTES):
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number of minutes from 1 to {MOST_MINUTES}")
    return int(word)


def _moment(word: str) -> datetime:
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is not a time like 2026-11-21T10:00:00+09:00") from None
    return (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC)
