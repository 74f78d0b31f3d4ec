"""`madoguchi town pack`: the office's content packs, looked at, signed, and laid out for the boxes."""

import json
from argparse import Namespace
from datetime import datetime

from appliance.assembly.notices import made_at
from appliance.assembly.packs import STAYS, check_packs, packs_in
from appliance.assembly.town import LocalSource, NoSource, TownFolder, open_office, open_receiver, town_keys_of
from appliance.assembly.verbs import OK, note, passphrase
from appliance.messages import text
from sync.notices import CONTENT
from sync.office.source import Source
from sync.packs import content_body


def pack(arguments: Namespace) -> int:
    """Give all boxes these packs in the place of those before; `PackError`, `NoticeTooLong`."""
    folder, files = TownFolder(arguments.folder), packs_in(arguments.source)
    check_packs(files, municipality=town_keys_of(folder).municipality)
    source = _source(folder)
    office = open_office(folder, passphrase(arguments.passphrase_file), source)
    number = office.announce(CONTENT, content_body(files))
    is_out = not isinstance(source, NoSource)
    if is_out:
        office.publish()
    _tell(arguments, number, sorted(files))
    note(text("pack_laid_out" if is_out else "pack_to_push"))
    return OK


def _source(folder: TownFolder) -> Source:
    """The receiver of this folder; in a town whose receiver stands elsewhere there is none."""
    return LocalSource(open_receiver(folder)) if folder.private("receiver").is_file() else NoSource()


def _tell(arguments: Namespace, number: int, files: list[str]) -> None:
    if arguments.json:
        print(json.dumps({"version": number, "files": files}))
        return
    print(text("pack_signed", version=version_words(number), files=", ".join(files)))
    for name in sorted(STAYS):
        if (arguments.source / name).exists():
            print(text("pack_stays", name=name))


def version_words(number: int) -> str:
    """What people call the packs of that number: when the town hall made them."""
    made: datetime | None = made_at(number)
    return made.astimezone().strftime("%Y-%m-%d %H:%M:%S") if made else "-"
