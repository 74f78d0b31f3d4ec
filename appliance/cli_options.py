"""Options that several verbs share, said once in the same words."""

import argparse
from pathlib import Path


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`."""
    parser.add_argument(
        "--config", type=Path, required=True, metavar="PATH", help="設定ファイル / configuration (TOML)"
    )


def add_folder(parser: argparse.ArgumentParser) -> None:
    """`--folder` of a town."""
    parser.add_argument(
        "--folder", type=Path, required=True, metavar="DIR", help="町の鍵とデータの場所 / keys and data"
    )


def add_stick(parser: "argparse._ActionsContainer", *, required: bool) -> None:
    """`--stick`."""
    parser.add_argument(
        "--stick",
        type=Path,
        required=required,
        metavar="DIR",
        help="USBメモリー、またはフォルダー / a stick or a folder",
    )


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    """`--passphrase-file`."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="PATH",
        help="合言葉を一行目に書いたファイル / its first line is the passphrase",
    )
