"""What somebody asks the office to count: a period, perhaps a facility, perhaps a topic."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sync.office.errors import InvalidQuestion, PeriodBackwards, UnknownFacility, UnknownTopic
from sync.office.office import Office
from sync.office.statistics import Statistics
from ui.office.dates import read_day, this_fiscal_year, this_month
from ui.office.names import Names

PERIODS: Mapping[str, str] = {"today": "きょう", "month": "今月", "year": "今年度", "custom": "日付を えらぶ"}


class BadDay(InvalidQuestion):
    """Not a day."""

    code = "bad_day"
    ja = "日付を 2026-11-21 の形で 入れてください。"
    en = "A date is missing or not of the form YYYY-MM-DD."


class BadFirstDay(BadDay):
    """The first day is not a day."""

    field = "from"


class BadLastDay(BadDay):
    """The last day is not a day."""

    field = "to"


class UnknownPeriod(InvalidQuestion):
    """None of the periods on offer."""

    code = "unknown_period"
    field = "period"
    ja = "その期間は ありません。一覧から えらびなおしてください。"
    en = "There is no such period."


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Days, both included, and what they are narrowed to."""

    first: date
    last: date
    period: str = "custom"
    facility: str | None = None
    topic: str | None = None

    @classmethod
    def of_dates(cls, sent: Mapping[str, str]) -> "Question":
        """A question with both dates, as programs ask; `BadDay`, `PeriodBackwards`."""
        first, last = read_day(sent.get("from", "")), read_day(sent.get("to", ""))
        if first is None:
            raise BadFirstDay
        if last is None:
            raise BadLastDay
        if last < first:
            raise PeriodBackwards(f"{first} to {last}")
        return cls(first=first, last=last, facility=sent.get("facility") or None, topic=sent.get("topic") or None)

    @classmethod
    def of_form(cls, sent: Mapping[str, str], *, today: date) -> "Question":
        """A question as people ask, by default for this month; `UnknownPeriod`, `BadDay`, `PeriodBackwards`."""
        period = sent.get("period", "month")
        if period == "custom":
            return cls.of_dates(sent)
        spans = {"today": (today, today), "month": this_month(today), "year": this_fiscal_year(today)}
        if period not in spans:
            raise UnknownPeriod(period)
        first, last = spans[period]
        facility, topic = sent.get("facility") or None, sent.get("topic") or None
        return cls(first=first, last=last, period=period, facility=facility, topic=topic)

    def ask(self, office: Office, names: Names) -> Statistics:
        """The numbers; `UnknownFacility`, `UnknownTopic`."""
        _check_known(self.facility, office.facilities(), UnknownFacility)
        if self.topic not in names.topics:
            _check_known(self.topic, office.topics(), UnknownTopic)
        return office.statistics(self.first, self.last, facility=self.facility, topic=self.topic)

    def address(self, **changed: str) -> str:
        """This question as the query of an address, with some of its parts changed; an empty part is left out."""
        parts = {"period": self.period, "facility": self.facility or "", "topic": self.topic or ""}
        parts |= {"from": self.first.isoformat(), "to": self.last.isoformat()} if self.period == "custom" else {}
        parts |= changed
        return urlencode({name: value for name, value in parts.items() if value})


def _check_known(asked: str | None, known: Collection[str], error: type[InvalidQuestion]) -> None:
    if asked is not None and asked not in known:
        raise error(asked)
