"""Lets go of what the office opened long ago: the box need not know what happened years back."""

from datetime import datetime, timedelta

from appliance.desk.facts.moment import ClockQuality, Moment, milliseconds
from appliance.store.store import Store

LEAST_DAYS = 90
"""Nothing younger goes, whatever is configured."""
AT_ONCE = 200
"""Records in one transaction, so that a press never waits long."""

_VOUCHED = ", ".join(f"'{quality.value}'" for quality in ClockQuality if quality.is_trusted)

_NEWEST_OLD = f"""
    SELECT MAX(sequence) FROM (
        SELECT sequence FROM call WHERE raised_wall_ms < :before AND raised_quality IN ({_VOUCHED})
        UNION ALL
        SELECT sequence FROM consultation WHERE wall_ms < :before AND quality IN ({_VOUCHED})
        UNION ALL
        SELECT sequence FROM visit JOIN record USING (uid)
        WHERE ended_wall_ms < :before AND ended_quality IN ({_VOUCHED}))
    """  # noqa: S608 (made of the words of an enumeration)
"""The last record that somebody vouches to be old; whatever has a lower number happened before it."""

_CHOOSE = f"""
    INSERT INTO temp.pruned SELECT sequence, uid FROM record
    WHERE sequence <= :newest_old AND sequence < (SELECT MAX(sequence) FROM record)
    AND receipted_by IS NOT NULL AND (opened_in IS NOT NULL OR ciphertext IS NULL)
    ORDER BY sequence LIMIT {AT_ONCE}
    """  # noqa: S608 (a number)
"""The last record of all stays, because the next one stands on it."""

_DELETE = (
    "DELETE FROM call WHERE sequence IN (SELECT sequence FROM temp.pruned)",
    "DELETE FROM consultation WHERE sequence IN (SELECT sequence FROM temp.pruned)",
    "DELETE FROM visit WHERE uid IN (SELECT uid FROM temp.pruned)",
    "DELETE FROM tally WHERE uid IN (SELECT uid FROM temp.pruned)",
    "DELETE FROM record WHERE sequence IN (SELECT sequence FROM temp.pruned)",
    """DELETE FROM epoch WHERE number NOT IN (SELECT epoch FROM record)
       AND number < (SELECT MAX(number) FROM epoch)""",
)
_OPENINGS = "DELETE FROM opening WHERE day < ? AND day < (SELECT MAX(day) FROM opening)"


def prune(store: Store, *, keep: timedelta, now: Moment) -> int:
    """Delete everything older than `keep` (never less than 90 days) that the office has opened; returns how many.

    Only while somebody vouches for the clock. What no office has opened stays, however old it is.
    """
    if not now.quality.is_trusted:
        return 0
    before = now.wall - max(keep, timedelta(days=LEAST_DAYS))
    pruned = 0
    while (step := _prune_some(store, before)) > 0:
        pruned += step
    return pruned


def _prune_some(store: Store, before: datetime) -> int:
    with store.alone() as database:

        def run(statement: str, values: object = ()) -> int:
            return int(database.execute_sql(statement, values).rowcount)  # type: ignore[no-untyped-call]

        found = database.execute_sql(_NEWEST_OLD, {"before": milliseconds(before)})  # type: ignore[no-untyped-call]
        newest_old = found.fetchone()[0]
        if newest_old is None:
            return 0
        run("CREATE TEMP TABLE IF NOT EXISTS pruned (sequence INTEGER PRIMARY KEY, uid BLOB)")
        run("DELETE FROM temp.pruned")
        chosen = run(_CHOOSE, {"newest_old": newest_old})
        if chosen > 0:
            for statement in _DELETE:
                run(statement)
            run(_OPENINGS, (before.date().isoformat(),))
        return chosen
