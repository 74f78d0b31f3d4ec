from datetime import datetime

import pytest

from appliance.desk.facts.visit import JAPAN
from drivers.voice.quiet import QuietHours


@pytest.mark.parametrize(
    ("time", "quiet"),
    [
        ("19:59", False),
        ("20:00", True),
        ("23:59", True),
        ("00:00", True),
        ("07:59", True),
        ("08:00", False),
        ("12:30", True),
    ],
)
def test_quiet_hours_reach_over_midnight_and_end_on_the_minute(time: str, quiet: bool) -> None:  # noqa: FBT001 (a table)
    hours = QuietHours(["20:00-08:00", "12:00-13:00"])
    moment = datetime.fromisoformat(f"2026-11-21T{time}:00").replace(tzinfo=JAPAN)
    assert hours.hold(moment) is quiet


def test_without_a_period_it_is_never_quiet() -> None:
    assert not QuietHours([]).hold(datetime(2026, 11, 21, tzinfo=JAPAN))
