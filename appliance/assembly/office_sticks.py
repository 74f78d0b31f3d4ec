"""What the command does in the town hall about the sticks themselves: register, list, revoke; and who used which."""

from argparse import Namespace
from datetime import UTC, datetime

from appliance.assembly.on_foot import stick_words, who
from appliance.assembly.town import TownFolder, lists_key, stick_book_of, town_keys_of
from appliance.assembly.verbs import OK, note, passphrase
from appliance.desk.errors import ConfigError
from appliance.messages import text
from sync.bundle import Bundle
from sync.carrying import UNREGISTERED
from sync.office.dating import JAPAN
from sync.office.media import Direction, MediaLine
from sync.office.media import register as enter
from sync.sticks import StickUnregistered


def register(arguments: Namespace) -> int:
    """Give a stick its number."""
    folder, bundle = TownFolder(arguments.folder), Bundle(arguments.stick)
    book = stick_book_of(folder, town_keys_of(folder))
    office = lists_key(folder, passphrase(arguments.passphrase_file))
    number, name = book.register(bundle.id(), office=office, on=datetime.now(JAPAN).date())
    bundle.put_id(name)
    print(text("stick_registered", number=number))
    return OK


def show(arguments: Namespace) -> int:
    """Every stick there is or was."""
    folder = TownFolder(arguments.folder)
    for stick in stick_book_of(folder, town_keys_of(folder)).all():
        revoked = text("stick_revoked", day=stick.revoked_on) if stick.revoked_on else ""
        print(text("stick_row", number=stick.number, day=stick.registered_on, revoked=revoked))
    return OK


def revoke(arguments: Namespace) -> int:
    """Take no more from a stick that was lost or thrown away."""
    folder = TownFolder(arguments.folder)
    stick_book_of(folder, town_keys_of(folder)).revoke(arguments.number, on=datetime.now(JAPAN).date())
    print(text("stick_is_revoked", number=arguments.number))
    return OK


def number_of(folder: TownFolder, bundle: Bundle, *, any_stick: bool) -> int:
    """The number of that stick; `UNREGISTERED` only where any will do. `StickUnregistered`, `StickRevoked`."""
    try:
        return stick_book_of(folder, town_keys_of(folder)).number_of(bundle.id())
    except StickUnregistered:
        if any_stick:
            return UNREGISTERED
        raise


def enter_use(folder: TownFolder, *, stick: int, direction: Direction, records: int, by: str | None) -> None:
    """Write one line of 媒体管理簿, and show it; `ConfigError`."""
    line = MediaLine(at=datetime.now(UTC), stick=stick_words(stick), direction=direction, records=records, by=who(by))
    try:
        enter(folder.media_register, line)
    except OSError as error:
        raise ConfigError("media-register.csv", f"cannot be written: {error.strerror}") from None
    note(f"{text('media_register')} {'  '.join(line.cells())}")
