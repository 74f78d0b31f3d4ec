"""What the command does in the town hall for kits, enrolment, leaving and the recovery key."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time
from pathlib import Path

from appliance.assembly.town import (
    TownFolder,
    leaving_of,
    lists_key,
    make_town,
    registry_of,
    town_keys_of,
)
from appliance.assembly.verbs import OK, new_passphrase, note, passphrase
from appliance.config import Preset
from appliance.desk.errors import ConfigError, Invalid, MadoguchiError
from appliance.desk.facts.visit import JAPAN
from appliance.messages import text, words_of
from provisioning.ceremony import Recovery, key_of, printed, sheets
from provisioning.certify import Asked, Certifier, enrolled
from provisioning.departing import Departures
from provisioning.errors import PaperMissing, RequestRefused, WrongCode
from provisioning.kit import KIT_NAME, Kit, digest_of, read_kit
from provisioning.paper import ROWS, Sheet, read_sheet, sheets_in, wrong_rows
from provisioning.presets import USUAL
from provisioning.shelf import KitShelf
from provisioning.site import load_site
from provisioning.stick import EnrolStick, writing
from sync.enrolment import certificate_text, request_bytes
from sync.errors import MalformedMessage, SyncError
from sync.files import write_over
from sync.keys import RecipientKey, TownKeys, save_private
from sync.leaving import Head
from sync.registry import Device

FAILED = 1


# ----------------------------------------------------------------------------------------------------------------- keys


def town_keys(arguments: Namespace) -> int:
    """Make the keys of a town, and print the sheets for the sealed envelopes."""
    from appliance.content import is_municipality_code

    if not is_municipality_code(arguments.code):
        raise Invalid("code", "six digits with a right check digit (全国地方公共団体コード)")
    how = Recovery(arguments.recovery or USUAL[Preset(arguments.preset)].recovery)
    folder, recovery = TownFolder(arguments.folder), RecipientKey.generate()
    make_town(
        folder,
        arguments.code,
        new_passphrase(arguments.passphrase_file),
        recovery=recovery,
        keep_recovery=how is not Recovery.TWO_OF_THREE,
    )
    print("\f".join(_pages(recovery, how, arguments.code)), end="", flush=True)
    note(text("keys_made", folder=folder.path, public=folder.public_keys))
    note(text(f"recovery_{how.name.lower()}"))
    return OK


def _pages(recovery: RecipientKey, how: Recovery, municipality: str) -> Iterator[str]:
    key_id, today = recovery.public.key_id, datetime.now().astimezone().date()
    for envelope, sheet in enumerate(sheets(recovery, how), 1):
        yield printed(sheet, envelope=envelope, municipality=municipality, key_id=key_id, on=today)


def town_recover(arguments: Namespace) -> int:
    """Make the recovery key again from its paper, or only try whether that would do."""
    folder = TownFolder(arguments.folder)
    town = town_keys_of(folder)
    key = key_of(_typed_sheets(arguments.paper), town)
    if arguments.test:
        print(text("recovery_opens"))
        return OK
    save_private(folder.private("recovery"), key.seed, new_passphrase(arguments.passphrase_file))
    print(text("recovered", path=folder.private("recovery")))
    return OK


def _typed_sheets(papers: Sequence[Path]) -> list[Sheet]:
    if papers:
        return [sheet for paper in papers for sheet in sheets_in(_file_text(paper))]
    if not sys.stdin.isatty():
        return sheets_in(sys.stdin.read())
    first = asked_sheet(input)
    return [first] if first.number == 0 else [first, asked_sheet(input)]


def asked_sheet(ask: Callable[[str], str]) -> Sheet:
    """The sheet that somebody types row by row; a row with a slip is asked for again. `PaperRefused`."""
    rows = [ask(text("paper_row", row=row)) for row in range(1, ROWS + 1)]
    while wrong := wrong_rows(rows):
        for row in wrong:
            rows[row - 1] = ask(text("paper_again", row=row))
    return read_sheet(rows)


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PaperMissing(f"{path}: {getattr(error, 'strerror', None) or 'no text'}") from None


# ----------------------------------------------------------------------------------------------------------------- kits


def provision_kit(arguments: Namespace) -> int:
    """Make a site kit and say what is in it."""
    folder = TownFolder(arguments.folder)
    town, site = town_keys_of(folder), load_site(arguments.site)
    if site.words.code != town.municipality:
        raise ConfigError("municipality.code", f"is {site.words.code}, the keys are of {town.municipality}")
    office = lists_key(folder, passphrase(arguments.passphrase_file))
    kit, data = KitShelf(folder.kits).make(site, town, office, at=datetime.now(UTC).replace(microsecond=0))
    path = arguments.to / KIT_NAME if arguments.to.is_dir() else arguments.to
    with writing(path):
        write_over(path, data)
    print("\n".join([text("kit_made", path=path), *_kit_lines(kit, digest_of(data))]))
    return OK


def check_kit(arguments: Namespace) -> int:
    """Say what is in a kit, if nobody has changed it."""
    kit, digest = read_kit(arguments.kit)
    print("\n".join([text("kit_whole", path=arguments.kit), *_kit_lines(kit, digest)]))
    return OK


def _kit_lines(kit: Kit, digest: bytes) -> Iterator[str]:
    site, words = kit.site, kit.site.words
    yield text("kit_number", number=kit.number, made=kit.made_at.astimezone().strftime("%Y-%m-%d %H:%M"))
    yield text("kit_digest", digest=digest.hex()[:16])
    yield text("kit_town", code=words.code, kind=words.kind, name=words.name, hall=words.hall, preset=site.preset)
    yield text("kit_receiver", address=site.receiver) if site.receiver else text("kit_stick")
    for one in site.facilities:
        count = len(site.people_at(one.id))
        yield text("kit_facility", **{key: getattr(one, key) for key in ("id", "name", "type", "authority")}, n=count)
    retention = site.retention
    yield text("kit_retention", daily=retention.daily, reports=retention.reports, grants=retention.grants)
    keys = (("recipient", kit.keys.recipient.key_id), ("recovery", kit.keys.recovery.key_id))
    yield text("kit_keys", **{name: key_id.hex() for name, key_id in keys})
    yield text("kit_update" if site.update_key else "kit_no_update")
    yield text("kit_no_secret")


# ------------------------------------------------------------------------------------------------------------ enrolment


def town_certify(arguments: Namespace) -> int:
    """Answer every request on a stick whose code is the one that its box shows; 1 where one was refused."""
    folder = TownFolder(arguments.folder)
    certifier = _certifier(folder, town_keys_of(folder), arguments.passphrase_file)
    shown = dict(map(_shown, arguments.code))
    if arguments.request:
        asked = certifier.look(_request_bytes(arguments.request))
        _show(certificate_text(certifier.certify(asked, shown=_compared(asked, shown))))
        return OK
    if arguments.stick is None:
        raise ConfigError("stick", "name a stick (--stick) or a request (--request)")
    stick = EnrolStick(arguments.stick)
    open_requests = [data for box, data in stick.requests() if not certifier.has_answered(data, stick.certificate(box))]
    refused = sum([_answer(certifier, stick, data, shown) for data in open_requests])
    _tell_who_left(folder, stick)
    return FAILED if refused else OK


def _show(certificate: str) -> None:
    """For the scanner of the box: as a picture where somebody looks, else as letters alone."""
    if sys.stdout.isatty():
        from provisioning.qr import in_terminal

        print(in_terminal(certificate))
    print(certificate)


def _answer(certifier: Certifier, stick: EnrolStick, data: bytes, shown: dict[int, str]) -> bool:
    """Whether that request was refused; one refusal stops no other box."""
    box = None
    try:
        asked = certifier.look(data)
        box = asked.request.box
        certificate = certifier.certify(asked, shown=_compared(asked, shown))
        stick.put(box, "certificate", certificate)
    except (MadoguchiError, SyncError) as error:
        note(words_of(error))
        stick.tell(box, f"登録していません。  故障番号 {getattr(error, 'fault', 'K00')}\n{error.ja}")
        return True
    print(text("certified", box=box, facility=asked.facility.name))
    return False


def _compared(asked: Asked, shown: dict[int, str]) -> str:
    """The code on the box's screen, as somebody has read it off or says that it is the same; `WrongCode`."""
    box = asked.request.box
    if box in shown:
        return shown[box]
    if sys.stdin.isatty():
        question = text("same_code", box=box, facility=asked.facility.name, code=asked.code)
        return asked.code if input(question).strip().lower() in ("y", "yes", "はい") else ""
    raise WrongCode(f"box {box}: nobody has compared the code; give it with --code {box}=XXXX-XXXX")


def _shown(word: str) -> tuple[int, str]:
    box, _, code = word.partition("=")
    if not box.isdigit() or not code:
        raise ConfigError("code", f"{word!r} is not a box and its code, such as 7=K4TQ-9XWM")
    return int(box), code


def _request_bytes(typed: str) -> bytes:
    try:
        return request_bytes(typed)
    except MalformedMessage as error:
        raise RequestRefused(error.detail) from None


def town_move(arguments: Namespace) -> int:
    """Let a box stand elsewhere, or under another name."""
    folder = TownFolder(arguments.folder)
    certifier = _certifier(folder, town_keys_of(folder), arguments.passphrase_file)
    since = arguments.since and datetime.combine(arguments.since, time(), JAPAN)
    data = certifier.move(
        arguments.box, facility=arguments.facility, name=arguments.name, desk=arguments.desk, since=since
    )
    EnrolStick(arguments.stick).put(arguments.box, "certificate", data)
    print(text("moved", box=arguments.box, facility=arguments.facility))
    return OK


def _certifier(folder: TownFolder, town: TownKeys, passphrase_file: Path | None) -> Certifier:
    return Certifier(
        town=town,
        registry=registry_of(folder, town),
        kits=KitShelf(folder.kits),
        certificates=folder.certificates,
        office=lists_key(folder, passphrase(passphrase_file)),
    )


# -------------------------------------------------------------------------------------------------------------- leaving


def town_retire(arguments: Namespace) -> int:
    """Take a box out of use; what it has written counts, whenever it arrives."""
    folder, departures, device = _departures(arguments)
    farewell = EnrolStick(arguments.stick).farewell(arguments.box) if arguments.stick else None
    known = _known_heads(folder, device)
    missing = departures.retire(arguments.box, known, farewell=farewell, is_dead=arguments.without_farewell)
    if missing:
        note(text("retired_missing", count=missing))
    return _departed(folder, arguments, "retired")


def town_stolen(arguments: Namespace) -> int:
    """Trust a box no more; only what the town has by now counts."""
    folder, departures, device = _departures(arguments)
    departures.steal(arguments.box, _known_heads(folder, device))
    return _departed(folder, arguments, "stolen")


def _departures(arguments: Namespace) -> tuple[TownFolder, Departures, Device]:
    folder = TownFolder(arguments.folder)
    town = town_keys_of(folder)
    registry = registry_of(folder, town)
    device = enrolled(registry, arguments.box)
    departures = Departures(
        municipality=town.municipality,
        registry=registry,
        book=leaving_of(folder, town),
        office=lists_key(folder, passphrase(arguments.passphrase_file)),
    )
    return folder, departures, device


def _departed(folder: TownFolder, arguments: Namespace, how: str) -> int:
    print(text(how, box=arguments.box))
    if arguments.stick:
        _tell_who_left(folder, EnrolStick(arguments.stick))
    return OK


def _tell_who_left(folder: TownFolder, stick: EnrolStick) -> None:
    with suppress(FileNotFoundError):
        stick.put_leaving_list(folder.leaving.read_bytes())


def _known_heads(folder: TownFolder, device: Device) -> list[Head]:
    """Where the chains of that device end, for the receiver and for the office, as far as they are in this folder."""
    heads: list[Head] = []
    if (database := folder.path / "receiver.db").exists():
        from sync.receiver.store import ReceiverStore

        store = ReceiverStore(f"sqlite:///{database}")
        heads += store.heads(municipality=town_keys_of(folder).municipality, device=device.id)
        store.close()
    if (database := folder.path / "office.db").exists():
        from sync.office.heads import heads_of
        from sync.office.store import Storage

        storage = Storage(database)
        with storage.reading():
            heads += heads_of(device.id)
        storage.close()
    return heads
