"""What becomes of rows: new ones are taken, equal ones ignored, differing ones kept aside.  Nothing is overwritten."""

from dataclasses import dataclass

import numpy as np
import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.models import Quarantine
from data_access.series.hot import hot_extent
from data_access.series.rows import Rows, agree, common
from data_access.series.sealed import last_span, read_strand
from data_access.series.strands import StrandKey, replaced_by_or_replacing, visible_strands


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the rows of one write; a row that another import holds too is stored and a duplicate."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        """Return the sums."""
        return Stored(
            self.stored + other.stored, self.duplicate + other.duplicate, self.quarantined + other.quarantined
        )


def once(rows: Rows) -> tuple[Rows, Rows]:
    """Split sorted rows: the first of each sequence number, and the repetitions."""
    if not len(rows):
        return rows, rows
    fresh = np.diff(rows.sequence, prepend=rows.sequence[0] - 1) > 0
    return (rows, rows.take(slice(0, 0))) if fresh.all() else (rows.take(fresh), rows.take(~fresh))


def admit(session: Session, key: StrandKey, rows: Rows, twice: Rows | None) -> tuple[Stored, Rows]:
    """Return what becomes of rows, and those that are new to the strand; differing ones go to quarantine."""
    known = np.zeros(len(rows), np.bool_)  # equal in this strand already
    elsewhere = np.zeros(len(rows), np.bool_)  # equal in another strand: kept, so that deleting one keeps the other
    differing = np.zeros(len(rows), np.bool_)
    low, high = int(rows.sequence[0]), int(rows.sequence[-1])
    for strand in {key, *visible_strands(session, [key.series_id])}:
        if not _reaches(session, strand, low, high):
            continue
        if strand != key and strand.import_id in replaced_by_or_replacing(session, key.import_id):
            continue
        there = read_strand(session, strand, seq_from=low, seq_to=high)
        at, there_at = common(rows, there)
        equal = agree(rows, at, there, there_at)
        differing[at[~equal]] = True
        (known if strand == key else elsewhere)[at[equal]] = True
    old = known | differing
    new = rows.take(~old) if old.any() else rows
    extra = _repeated(session, key, rows, twice) if twice is not None and len(twice) else Stored()
    _quarantine(session, key, rows.take(np.flatnonzero(differing)))
    duplicate = int((known | (elsewhere & ~differing)).sum())
    return Stored(len(new), duplicate, int(differing.sum())) + extra, new


def _repeated(session: Session, key: StrandKey, rows: Rows, twice: Rows) -> Stored:
    """Judge the rows that stand twice in one table by the first of them."""
    at, first_at = common(twice, rows)
    differing = np.zeros(len(twice), np.bool_)
    differing[at] = ~agree(twice, at, rows, first_at)
    _quarantine(session, key, twice.take(differing))
    return Stored(0, len(twice) - int(differing.sum()), int(differing.sum()))


def _reaches(session: Session, strand: StrandKey, low: int, high: int) -> bool:
    end = last_span(session, strand)
    if end is not None and end.seq1 >= low:
        return True
    hot = hot_extent(session, strand)
    return hot is not None and hot[1] >= low and hot[0] <= high


def _quarantine(session: Session, key: StrandKey, rows: Rows) -> None:
    """Keep differing rows aside, each once."""
    reason = "another row with this sequence number and other values is stored"
    for i in range(len(rows)):
        values = {name: one for name, column in rows.columns.items() if (one := float(column[i])) == one}
        line, text = int(rows.sequence[i]), orjson.dumps(values).decode()
        where = (Quarantine.series_id == key.series_id, Quarantine.import_id == key.import_id, Quarantine.line == line)
        if session.scalar(select(Quarantine.id).where(*where, Quarantine.text == text)) is None:
            session.add(
                Quarantine(series_id=key.series_id, import_id=key.import_id, line=line, text=text, reason=reason)
            )
            session.flush()
