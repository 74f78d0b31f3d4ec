import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from appliance.calendar_pack import BUILT_IN, JapaneseHolidays, load_calendar
from appliance.desk.errors import PackError
from appliance.desk.facts.calendar import Calendar, Hours
from appliance.desk.facts.visit import JAPAN

HOURS = "[hours]\n" + "".join(
    f'{day} = ["10:00-12:00", "13:00-16:30"]\n'
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)


def load(folder: Path, text: str) -> Calendar:
    (folder / "calendar.toml").write_text(text, encoding="utf-8")
    return load_calendar(folder)


def test_the_built_in_calendar_is_always_open() -> None:
    calendar = load_calendar()
    for hour in range(24):
        assert calendar.is_open(datetime(2027, 1, 1, hour, 59, tzinfo=JAPAN))
    assert calendar.next_opening(datetime(2027, 1, 1, tzinfo=JAPAN)) is None


def test_a_folder_without_a_calendar_gets_the_built_in_one(tmp_path: Path) -> None:
    assert load_calendar(tmp_path).weekly == load_calendar().weekly


def test_the_examples_in_the_built_in_calendar_are_a_calendar(tmp_path: Path) -> None:
    lines = (BUILT_IN / "calendar.toml").read_text(encoding="utf-8").splitlines()
    closed = lines.index(next(line for line in lines if line.startswith("# [closed]")))
    examples = [line.removeprefix("#").strip() for line in lines[closed:]]
    calendar = load(tmp_path, "\n".join([*lines[:closed], *examples]))
    assert calendar.closed_weekdays == frozenset({0})
    assert len(calendar.closed) == 2
    assert date(2026, 12, 5) in calendar.extra


def test_everything_at_once(tmp_path: Path) -> None:
    calendar = load(
        tmp_path,
        HOURS
        + 'holiday = ["9:00-12:00"]\n[closed]\nweekdays = ["monday"]\nmoves_after_holiday = true\n'
        + 'year_end = ["12-29", "01-03"]\ndays = [2026-11-20]\n'
        + "[[closed.period]]\nfirst = 2027-02-01\nlast = 2027-02-05\n"
        + '[[extra]]\nday = 2027-01-02\nhours = ["10:00-11:00"]\n',
    )
    assert calendar.hours(date(2026, 11, 19)) == (Hours(opens=600, closes=720), Hours(opens=780, closes=990))
    assert calendar.hours(date(2026, 11, 20)) == ()  # 臨時休館
    assert calendar.hours(date(2026, 11, 23)) == (Hours(opens=540, closes=720),)  # 勤労感謝の日, a Monday
    assert calendar.hours(date(2026, 11, 24)) == ()  # instead of it
    assert calendar.hours(date(2027, 1, 1)) == ()  # 年末年始
    assert calendar.hours(date(2027, 1, 2)) == (Hours(opens=600, closes=660),)  # all the same
    assert calendar.hours(date(2027, 2, 3)) == ()  # 蔵書点検


def test_the_holidays_of_2026() -> None:
    holidays = JapaneseHolidays()
    days = (date.fromordinal(number) for number in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()))
    assert [f"{day.month}/{day.day}" for day in days if holidays.is_holiday(day)] == [
        "1/1", "1/12", "2/11", "2/23", "3/20", "4/29", "5/3", "5/4", "5/5",
        "5/6",  # 振替休日 of 憲法記念日, a Sunday
        "7/20", "8/11", "9/21",
        "9/22",  # 国民の休日 between two holidays
        "9/23", "10/12", "11/3", "11/23",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[hours", "calendar.toml: "),
        ("x = 1", "calendar.toml: x: nobody knows this key"),
        ("hours = 1", "calendar.toml: hours: must be a table"),
        ("[hours]\nmonday = []", "calendar.toml: hours.tuesday: must be a list"),
        (HOURS + "funday = []", "calendar.toml: hours.funday: nobody knows this key"),
        (HOURS.replace('"10:00-12:00"', '"10-12"'), "calendar.toml: hours.monday: '10-12' is not a time"),
        (HOURS.replace('"10:00-12:00"', "10"), "calendar.toml: hours.monday: 10 is not a time"),
        (HOURS.replace("10:00-12:00", "12:00-12:00"), "hours.monday: '12:00-12:00' must end after it begins"),
        (HOURS.replace("13:00-16:30", "13:00-24:01"), "hours.monday: '13:00-24:01' must end"),
        (HOURS.replace("10:00-12:00", "10:00-14:00"), "hours.monday: two of these times overlap"),
        (HOURS + "[closed]\nmondays = true", "closed.mondays: nobody knows this key"),
        (HOURS + '[closed]\nweekdays = ["月"]', "closed.weekdays: must be a list of monday"),
        (HOURS + "[closed]\nmoves_after_holiday = 1", "closed.moves_after_holiday: must be true or false"),
        (HOURS + '[closed]\nyear_end = ["12-29"]', "closed.year_end: must be the first and the last day"),
        (HOURS + '[closed]\nyear_end = ["12-29", "1-3"]', "closed.year_end: '1-3' is not a month and a day"),
        (HOURS + '[closed]\nyear_end = ["12-32", "01-03"]', "closed.year_end: no year has a day '12-32'"),
        (HOURS + '[closed]\nyear_end = ["01-03", "12-29"]', "closed.year_end: must begin in one year"),
        (HOURS + "[closed]\ndays = 2026-11-20", "closed.days: must be a list of days"),
        (HOURS + '[closed]\ndays = ["2026-11-20"]', "closed.days: must be a day such as"),
        (HOURS + "[closed]\ndays = [2026-11-20T10:00:00]", "closed.days: must be a day such as"),
        (HOURS + "[closed]\nperiod = 1", "closed.period: must be one or more [[closed.period]]"),
        (HOURS + "[[closed.period]]\nfirst = 2026-11-20", "closed.period.last: must be a day"),
        (HOURS + "[[closed.period]]\nfirst = 2026-11-20\nlast = 2026-11-19", "closed.period.last: is before"),
        (HOURS + "[[extra]]\nday = 2026-11-20", "extra.hours: must be a list"),
        (HOURS + '[[extra]]\nhours = ["10:00-11:00"]', "extra.day: must be a day"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(PackError) as refused:
        load(tmp_path, text)
    assert reason in str(refused.value)


def test_the_library_of_holidays_is_not_on_the_way_of_the_start() -> None:
    code = "import sys, appliance.calendar_pack as pack; pack.load_calendar(); print('jpholiday' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
