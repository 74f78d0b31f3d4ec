"""What there is to say of a card that was checked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from appliance.desk.facts.card import CardCheck, CardKind, TriesLeft
from appliance.desk.facts.card_advice import Situation, Validity, situations
from appliance.desk.facts.moment import ClockQuality, Moment

NOW = Moment(
    wall=datetime(2026, 11, 20, 3, 0, tzinfo=UTC), mono_ms=1, start=1, boot=1, quality=ClockQuality.SYNCHRONISED
)
UNSURE = replace(NOW, quality=ClockQuality.UNKNOWN)
WELL = TriesLeft(authentication=3, signature=5, input_support=3)


def end_of(day: date) -> datetime:
    """The last second of that day in Japan."""
    return datetime(day.year, day.month, day.day, 14, 59, 59, tzinfo=UTC)


def said_of(ends: datetime | None, tries: TriesLeft = WELL, now: Moment = NOW) -> tuple[Situation, ...]:
    check = CardCheck(valid_until=ends, authority_key=None, tries_left=tries)
    *found, last = situations(CardKind.MY_NUMBER, check, now, renewal_months=3)
    assert last is Situation.RESIDENCE
    return tuple(found)


@pytest.mark.parametrize(
    ("last_day", "situation"),
    [
        (date(2029, 5, 1), Situation.LONG),
        (date(2027, 2, 21), Situation.LONG),
        (date(2027, 2, 20), Situation.SOON),
        (date(2026, 11, 20), Situation.SOON),
        (date(2026, 11, 19), Situation.EXPIRED),
    ],
)
def test_a_card_can_be_renewed_three_months_before_its_end(last_day: date, situation: Situation) -> None:
    assert said_of(end_of(last_day)) == (situation,)


def test_three_months_before_the_end_of_may_is_the_end_of_february() -> None:
    may = Validity(last_day=date(2027, 5, 31), days_left=92)
    for day, situation in ((27, Situation.LONG), (28, Situation.SOON)):
        now = replace(NOW, wall=datetime(2027, 2, day, 3, 0, tzinfo=UTC))
        assert may.situation(now, renewal_months=3) is situation


@pytest.mark.parametrize("years", [-5, 5])
def test_where_nobody_vouches_for_the_clock_only_the_date_is_known(years: int) -> None:
    ends = NOW.wall + timedelta(days=365 * years)
    validity = Validity.of(ends, UNSURE)
    assert (validity.days_left, validity.has_ended) == (None, False)
    assert said_of(ends, now=UNSURE) == (Situation.DATE_ONLY,)


@pytest.mark.parametrize(
    ("ends", "days", "has_ended"),
    [
        (datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC), 0, False),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), 1, False),
        (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), -1, True),
        (datetime(2026, 11, 19, 14, 59, 59, tzinfo=UTC), -1, True),
    ],
)
def test_the_last_day_lasts_until_midnight_in_japan(ends: datetime, days: int, has_ended: bool) -> None:  # noqa: FBT001
    validity = Validity.of(ends, NOW)
    assert (validity.days_left, validity.has_ended) == (days, has_ended)


def test_a_danger_comes_first_and_all_is_well_is_said_only_where_it_is() -> None:
    far = end_of(date(2029, 5, 1))
    assert said_of(far, replace(WELL, input_support=1)) == (Situation.LAST_TRY,)
    locked = TriesLeft(authentication=0, signature=0, input_support=0)
    each = (Situation.AUTHENTICATION_LOCKED, Situation.SIGNATURE_LOCKED, Situation.INPUT_SUPPORT_LOCKED)
    assert said_of(far, locked) == each
    assert said_of(end_of(date(2026, 11, 19)), replace(locked, signature=1)) == (
        Situation.LAST_TRY,
        Situation.EXPIRED,
        Situation.AUTHENTICATION_LOCKED,
        Situation.INPUT_SUPPORT_LOCKED,
    )


def test_a_card_without_certificate_or_counts_is_no_danger() -> None:
    assert said_of(None, TriesLeft()) == (Situation.NO_CERTIFICATE,)


def test_of_another_card_only_its_kind_is_said_and_of_a_forgotten_check_nothing() -> None:
    kinds = {CardKind.PHONE: Situation.PHONE, CardKind.OTHER: Situation.OTHER, CardKind.UNKNOWN: Situation.UNKNOWN}
    for kind, situation in kinds.items():
        assert situations(kind, None, NOW, renewal_months=3) == (situation,)
    assert situations(CardKind.MY_NUMBER, None, NOW, renewal_months=3) == ()
