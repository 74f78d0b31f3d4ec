"""Corrections: of a consultation and everything that replaces it, one record counts.

A correction names the record it replaces, a consultation or an earlier correction of the same device. All records
that are tied together in this way are one tree, and of those that were not withdrawn the newest counts: the one with
the highest sequence, and after a restored backup (which begins a new chain) the one of the later start. So

- the withdrawal of a correction lets the record before it count again;
- the withdrawal of the first record leaves a correction standing, because that is a record of its own;
- of two corrections of the same record, which a desk refuses to make, the higher one counts;
- a correction of something that has not arrived, or of another device's record, counts by itself.

Whatever counts does so on the day of the first record of its tree. The rows of the others stay, and say by what they
were superseded.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sync.office.tables import Consultation, Record, Replacement

KINDS = ("consultation", "correction")


class _Age(NamedTuple):
    """The order in which a device made its records."""

    start: int
    sequence: int
    id: str


def tie(row: Record, replaces: str) -> None:
    """Note which record a correction replaces, whether that has arrived or not."""
    Replacement.insert(record=row.id, device=row.device, replaces=replaces).on_conflict_ignore().execute()


def settle(device: str, record: str) -> None:
    """Decide anew which record counts among those that are tied to this one."""
    links = _links(device, record)
    if not links:
        return
    tree = {record, *links, *links.values()}
    known = _known(device, tree)
    rows = Consultation.select(Consultation.record).where(Consultation.record.in_(list(known)))
    standing = sorted((row.record for row in rows), key=lambda each: known[each])
    for each in standing:
        other = standing[-1] if each != standing[-1] else None
        Consultation.update(superseded_by=other, dated_by=_first(each, links, known)).where(
            Consultation.record == each
        ).execute()


def _links(device: str, record: str) -> dict[str, str]:
    """Every correction that is tied to this record, with what it replaces."""
    found: dict[str, str] = {}
    reached, edge = {record}, {record}
    while edge:
        touching = Replacement.record.in_(list(edge)) | Replacement.replaces.in_(list(edge))
        rows = list(Replacement.select().where((Replacement.device == device) & touching))
        found |= {row.record: row.replaces for row in rows}
        edge = {each for row in rows for each in (row.record, row.replaces)} - reached
        reached |= edge
    return found


def _known(device: str, tree: set[str]) -> dict[str, _Age]:
    """Those of the tree that this device made, withdrawn or not, and that are consultations or corrections."""
    ours = (Record.device == device) & Record.kind.in_(KINDS)
    rows = Record.select(Record.id, Record.start, Record.sequence).where(ours & Record.id.in_(list(tree)))
    return {row.id: _Age(row.start or 0, row.sequence, row.id) for row in rows}


def _first(record: str, links: Mapping[str, str], known: Mapping[str, _Age]) -> str:
    """The first record that this one corrects, as far as they have arrived."""
    first, passed = record, {record}
    while (record := links.get(record, record)) not in passed:
        passed.add(record)
        first = record if record in known else first
    return first
