"""The words of the command for the voice."""

import argparse
from typing import TypeAlias

from appliance.assembly import voice_verbs
from appliance.cli_options import add_config

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (has no public name)


def add_voice(verbs_of: Verbs) -> None:
    """`madoguchi voice render|kana`."""
    voice = verbs_of.add_parser("voice", help="声 / the voice")
    parts = voice.add_subparsers(prog=voice.prog, title="命令 / verbs", metavar="", required=True)

    made = parts.add_parser(
        "render",
        help="声の言葉を 音のファイルに する / make the sound files of the voice",
        description="まだ ない音だけを 作り、いらなくなった音を 消します。何度 実行しても 同じです。途中で 止めても、"
        "できた分は のこります。整理券の番号は voice.numbers の数まで 作ります。 / Makes what is missing and deletes"
        " what nothing needs; safe to repeat and to interrupt. Tickets: as many as voice.numbers says.",
    )
    add_config(made)
    made.set_defaults(verb=voice_verbs.make)

    kana = parts.add_parser("kana", help="どう読むかを かなで見る / how a text will be read, in katakana")
    kana.add_argument("text", nargs="+", metavar="TEXT", help="文 / a sentence")
    kana.set_defaults(verb=voice_verbs.kana)
