from dataclasses import replace
from datetime import UTC, datetime, timedelta

from appliance.desk.facts.moment import ClockQuality, Moment, elapsed
from appliance.desk.facts.visit import Visit

BEGIN = Moment(
    wall=datetime(2026, 11, 20, 3, 0, tzinfo=UTC), mono_ms=60_000, start=1, boot=1, quality=ClockQuality.STAFF
)


def test_within_one_boot_only_the_monotonic_clock_counts() -> None:
    later = replace(BEGIN, mono_ms=120_500, wall=datetime(1970, 1, 1, tzinfo=UTC), quality=ClockQuality.UNKNOWN)
    assert elapsed(BEGIN, later).time == timedelta(seconds=60.5)
    assert elapsed(BEGIN, later).honest


def test_over_a_reboot_a_trusted_wall_clock_is_honest() -> None:
    later = replace(BEGIN, boot=2, mono_ms=10, wall=BEGIN.wall + timedelta(minutes=7))
    assert elapsed(BEGIN, later).time == timedelta(minutes=7)
    assert elapsed(BEGIN, later).honest


def test_over_a_reboot_an_unsure_clock_is_not_honest_and_never_negative() -> None:
    later = replace(BEGIN, boot=2, mono_ms=10, wall=datetime(1970, 1, 1, tzinfo=UTC), quality=ClockQuality.UNKNOWN)
    assert elapsed(BEGIN, later).time == timedelta()
    assert not elapsed(BEGIN, later).honest


def test_wall_time_as_milliseconds_is_exact() -> None:
    assert replace(BEGIN, wall=datetime(1970, 1, 1, 0, 0, 1, 234567, tzinfo=UTC)).wall_ms == 1234


def test_minutes_round_half_up() -> None:
    assert elapsed(BEGIN, replace(BEGIN, mono_ms=BEGIN.mono_ms + 89_000)).minutes == 1
    assert elapsed(BEGIN, replace(BEGIN, mono_ms=BEGIN.mono_ms + 90_000)).minutes == 2


def test_a_visit_over_midnight_is_not_honest() -> None:
    evening = replace(BEGIN, wall=datetime(2026, 11, 20, 14, 50, tzinfo=UTC))
    visit = Visit.beginning(call=None, waiting_seconds=None, timed=True, now=evening)
    before = replace(evening, wall=evening.wall + timedelta(minutes=9), mono_ms=evening.mono_ms + 540_000)
    after = replace(evening, wall=evening.wall + timedelta(minutes=11), mono_ms=evening.mono_ms + 660_000)
    assert visit.service_time(before).honest
    assert not visit.service_time(after).honest


def test_a_visit_that_nobody_timed_is_not_honest() -> None:
    visit = Visit.beginning(call=None, waiting_seconds=None, timed=False, now=BEGIN)
    assert not visit.service_time(BEGIN).honest
