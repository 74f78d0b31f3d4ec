"""The words of the command for looking at a box."""

import argparse
from pathlib import Path
from typing import TypeAlias

from appliance.assembly import doctor_verbs
from appliance.cli_options import add_config

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (has no public name)


def add_doctor(verbs_of: Verbs) -> None:
    """`madoguchi doctor` and `madoguchi status`."""
    one = verbs_of.add_parser(
        "doctor",
        help="箱を点検する / examine the box",
        description="窓口が 動いていても 止まっていても 使えます。何も 変えません。終了値 1 は「人の手が いる」です。"
        " / The desk may run or not; nothing is changed. Exit status 1: something needs a person.",
    )
    add_config(one)
    one.add_argument("--json", action="store_true", help="結果を一行の JSON で / the findings as one line of JSON")
    one.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="結果・設定・版を 一つの tar.gz に（名まえ・記録・鍵は 入らない） / findings, settings and versions as one"
        " tar.gz, without names, records and keys",
    )
    one.set_defaults(verb=doctor_verbs.doctor)

    one = verbs_of.add_parser("status", help="箱の いまの様子 / how the box is, on one screen")
    add_config(one)
    one.add_argument("--json", action="store_true", help="結果を一行の JSON で / the same as one line of JSON")
    one.set_defaults(verb=doctor_verbs.status)


def add_label(parts: Verbs) -> None:
    """`madoguchi provision label`."""
    one = parts.add_parser("label", help="受入れの紙（PDF）を作る / make the acceptance sheet, a PDF")
    add_config(one)
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help="PDF の置き場所 / where to put the PDF")
    one.set_defaults(verb=doctor_verbs.label)
