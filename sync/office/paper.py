"""What was counted on paper (紙) and entered later: days with numbers, without a time or a person's story."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sync.office.scope import Scope, column_of, sums, total, within
from sync.office.tables import Tally, TallyAgeBand, TallyTopic


@dataclass(frozen=True, kw_only=True, slots=True)
class FromPaper:
    """How much of the numbers comes from paper."""

    visits: int = 0
    people: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """Everything that tallies add to the numbers."""

    share: FromPaper = FromPaper()
    by_topic: Mapping[str, int] = field(default_factory=dict)
    by_age_band: Mapping[str, int] = field(default_factory=dict)
    by_facility: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[date, int] = field(default_factory=dict)


def paper(scope: Scope) -> Paper:
    """The tallies of these days; none with a topic, because a tally does not say which visit was about it."""
    if scope.topic is not None:
        return Paper()
    tallies = within(Tally, scope, day=Tally.day)
    chosen = tallies.select(Tally.record)
    return Paper(
        share=FromPaper(visits=total(tallies, Tally.visits), people=total(tallies, Tally.people)),
        by_topic=sums(TallyTopic.select().where(TallyTopic.record.in_(chosen)), TallyTopic.topic, TallyTopic.number),
        by_age_band=sums(
            TallyAgeBand.select().where(TallyAgeBand.record.in_(chosen)), TallyAgeBand.age_band, TallyAgeBand.number
        ),
        by_facility=sums(tallies, scope.place(Tally.day), Tally.visits),
        by_day=sums(tallies, Tally.day, Tally.visits),
    )


def topics_on_paper() -> frozenset[str]:
    """Every topic that any tally names."""
    return frozenset(column_of(TallyTopic.select().distinct(), TallyTopic.topic))
