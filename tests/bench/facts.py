"""Fills a desk's database with sealed consultations, through the desk's own ledger, sealer and store."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

from appliance.assembly.clock import MachineClock
from appliance.config import load_config
from appliance.desk.board import Board
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.facts.moment import Moment
from appliance.desk.ledger import Ledger
from appliance.store.store import Store
from sync.keys import TownKeys, load_or_create_device_key
from sync.sealing import RecordSealer
from tests.bench.texts import consultation

PAGE = 50
"""Facts in one transaction; the desk has one or two, which would take long here and change nothing measured."""


def fill(config: Path, count: int, length: int, seed: int) -> None:
    settings = load_config(config)
    store = Store(settings.state.directory / "desk.db")
    device_key = load_or_create_device_key(settings.state.directory / "device.key")
    sealer = RecordSealer(TownKeys.load(settings.town.keys), device_key, start=store.run.start)
    ledger = Ledger(storage=store, sealer=sealer, clock=MachineClock(store.run), board=Board(store.unsent))
    random = Random(seed)
    for first in range(0, count, PAGE):
        with ledger.page() as page:
            for fact in _facts(random, min(PAGE, count - first), length, page.now):
                page.seal(fact)
                page.consultations.add(fact)
    store.close()


def _facts(random: Random, count: int, length: int, now: Moment) -> Iterator[Consultation]:
    for _ in range(count):
        chosen = consultation(random, length)
        entry = ConsultationEntry(
            topics=tuple(chosen.topics), age_band=chosen.age_band, outcome=chosen.outcome, memo=chosen.memo
        )
        visit = UUID(bytes=random.randbytes(16), version=4)
        yield Consultation.of(entry, visit=visit, minutes=random.randint(1, 90), honest=True, now=now)


if __name__ == "__main__":
    fill(Path(sys.argv[1]), *map(int, sys.argv[2:]))
