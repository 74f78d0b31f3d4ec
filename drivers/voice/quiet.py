"""Hours without a voice."""

from collections.abc import Sequence
from datetime import datetime, time

from appliance.desk.facts.visit import JAPAN


class QuietHours:
    """Times of day, each like 20:00-08:00, both in the time of Japan; the end is no longer part of it."""

    def __init__(self, periods: Sequence[str]) -> None:
        self._periods = [tuple(map(time.fromisoformat, period.split("-"))) for period in periods]

    def hold(self, moment: datetime) -> bool:
        """Whether it is quiet at that aware moment."""
        now = moment.astimezone(JAPAN).time()
        return any(_is_within(now, begin, end) for begin, end in self._periods)


def _is_within(now: time, begin: time, end: time) -> bool:
    return begin <= now < end if begin <= end else now >= begin or now < end
