"""What a doctor looks at for cards: which readers there are, and whether the desk may use the one that is meant."""

import json
from collections.abc import Iterator, Sequence

from appliance.config import Config
from appliance.desk.facts.card import CardState, ReaderStatus
from provisioning.findings import Finding
from provisioning.surroundings import Surroundings

READER = "card.json"
"""What the desk writes down about its reader, beside its state: never anything of a card."""

_NOT_READY = frozenset({ReaderStatus.NO_READER, ReaderStatus.NO_SERVICE, ReaderStatus.NO_LIBRARY})


def of_cards(config: Config, around: Surroundings) -> Iterator[Finding]:
    """The readers as whoever asks sees them, then as the desk does: it is another user, behind walls of its own."""
    if config.devices.card != "pcsc":
        yield Finding(name=f"card_{config.devices.card}", detail=f'devices.card = "{config.devices.card}"')
        return
    found = around.card_readers()
    yield _reader(found, config.devices.card_reader, around)
    yield _as_the_desk_says(config, found)


def _reader(found: CardState, wanted: str, around: Surroundings) -> Finding:
    if found.reader is ReaderStatus.NO_LIBRARY:
        return Finding(name="card_library_missing")
    if found.reader is ReaderStatus.NO_SERVICE:
        return Finding(name=f"card_service_{around.card_service()}")
    if not found.readers:
        taken_by = ", ".join(around.modules_that_take_readers())
        return Finding(name="card_reader_taken" if taken_by else "card_reader_missing", detail=taken_by)
    return _chosen(found.readers, wanted)


def _chosen(readers: Sequence[str], wanted: str) -> Finding:
    """The one that is used first, as the driver chooses."""
    meant = [name for name in readers if wanted in name]
    names = ", ".join([*meant, *(name for name in readers if name not in meant)])
    if not meant:
        return Finding(name="card_reader_other", detail=f"{wanted}: {names}")
    is_choice = len(meant) > 1
    return Finding(name="card_readers_several" if is_choice else "card_reader_there", detail=names)


def _as_the_desk_says(config: Config, found: CardState) -> Finding:
    try:
        told = json.loads((config.state.directory / READER).read_bytes())
        status, since = ReaderStatus(told["reader"]), str(told["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(name="card_desk_unknown")
    if status is ReaderStatus.READY:
        return Finding(name="card_desk_ready", detail=since)
    if status not in _NOT_READY:
        return Finding(name="card_desk_unknown", detail=status)
    if found.reader in _NOT_READY:
        return Finding(name="card_desk_without", detail=f"{status}, {since}")
    is_refused = status is ReaderStatus.NO_SERVICE
    return Finding(name="card_desk_refused" if is_refused else "card_desk_behind", detail=f"{status}, {since}")
