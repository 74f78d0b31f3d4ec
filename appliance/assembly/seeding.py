"""The people of a kit on the roster of a box that nobody has used yet."""

from collections.abc import Sequence

from appliance.assembly.access import PinsOnDemand
from appliance.assembly.clock import MachineClock
from appliance.assembly.furnish import furnish
from appliance.assembly.hands import SealerInTime
from appliance.calendar_pack import load_calendar
from appliance.config import Config
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.reception.roster import Seed
from appliance.desk.reception.roster_book import new_pin
from appliance.store.staff_rows import stored_roster
from appliance.store.store import Store


def has_people(config: Config) -> bool:
    """Whether somebody is on the roster of that box; a desk may be using it."""
    database = config.state.directory / "desk.db"
    return database.exists() and bool(stored_roster(database))


def seed_roster(config: Config, people: Sequence[PersonEntry]) -> list[tuple[int, str, str]]:
    """Number, display name and PIN of each person; empty where the roster has people already.

    Names are sealed under the desk key, which each PIN opens: no name and no PIN is on the disk afterwards.
    """
    if has_people(config):
        return []
    content = config.desk.content or BUILT_IN
    store = Store(config.state.directory / "desk.db")
    pins = PinsOnDemand()
    try:
        roster = furnish(
            facility_name=config.desk.facility_name,
            catalogue=load_catalogue(content),
            calendar=load_calendar(content),
            clock=MachineClock(store.run, seen=store.seen, said_before=store.said),
            storage=store,
            sealer=SealerInTime(),
            pins=pins,
            names=pins,
        ).roster
        seeds = [Seed(entry=entry, pin=new_pin()) for entry in people]
        roster.seed(seeds)
    finally:
        store.close()
    return [(number, seed.entry.name, seed.pin) for number, seed in enumerate(seeds, 1)]
