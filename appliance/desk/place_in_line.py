"""Where in the line a visitor stands, and how long she may have to wait; nothing where nobody can know."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from appliance.desk.board import Snapshot
from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.visit import Visit

MOST_AHEAD = 20
"""More people than that are not counted out loud."""
STEP_MINUTES = 5
MOST_MINUTES = 60
"""A wait beyond that is nothing that anybody can foretell."""
FEWEST_VISITS = 3
"""Of fewer nobody can say how long a visit takes here."""
RECENT = timedelta(hours=2)


def people_ahead(snapshot: Snapshot, call: UUID) -> int:
    """How many others wait to be served before the visitor who raised that call."""
    heard = [one.id for one in snapshot.floor.calls if one.attended]
    return heard.index(call) if call in heard else 0


def minutes_to_wait(snapshot: Snapshot, ahead: int, now: Moment) -> int | None:
    """About how long whoever has `ahead` people before her will wait, in whole fives, rounded up.

    None where somebody is free to come at once, where too few visits ended lately, and beyond an hour. Whoever is being
    served has half of a usual visit left; everybody present serves.
    """
    serving, staff = len(snapshot.floor.visits), snapshot.staff_present
    usual = _usual_minutes(snapshot.floor.served, now)
    if usual is None or ahead + serving < staff or not staff:
        return None
    minutes = (ahead + serving / 2) * usual / staff
    rounded = STEP_MINUTES * max(1, -int(-minutes // STEP_MINUTES))
    return rounded if rounded <= MOST_MINUTES else None


def _usual_minutes(served: Sequence[Visit], now: Moment) -> float | None:
    """Of the visits that were timed and ended lately, the one in the middle."""
    lately = [visit for visit in served if visit.ended is not None and elapsed(visit.ended, now).time <= RECENT]
    lasted = [visit.service_time(now) for visit in lately]
    honest = sorted(one.time.total_seconds() / 60 for one in lasted if one.honest)
    return honest[len(honest) // 2] if len(honest) >= FEWEST_VISITS else None
