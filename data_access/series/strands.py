"""Which records count: the strands of a series that are neither deleted nor superseded.

An import is hidden until it is stored, while it is deleted, and while a stored import supersedes it: the change
from old records to new ones is one moment.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from data_access.models import Import, Strand
from data_access.record_models import LIVE


@dataclass(frozen=True, slots=True, order=True)
class StrandKey:
    """The records of one series that came with one import; 0 is live."""

    series_id: int
    import_id: int = LIVE


def ensure_strand(session: Session, key: StrandKey) -> None:
    """Note that the strand has records."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {"series_id": key.series_id, "import_id": key.import_id}
    session.execute(insert(Strand).values(values).on_conflict_do_nothing())


def visible_strands(session: Session, series_ids: Sequence[int]) -> list[StrandKey]:
    """Return the strands that reads see, by series, live first, then in the order of their imports."""
    c = Strand.__table__.c
    query = select(c.series_id, c.import_id).where(c.series_id.in_(list(series_ids)))
    found = [StrandKey(*row) for row in session.execute(query)]
    hidden = hidden_imports(session, {key.import_id for key in found})
    return sorted(key for key in found if key.import_id not in hidden)


def hidden_imports(session: Session, import_ids: Collection[int]) -> set[int]:
    """Return which of the imports are not seen by reads; live rows always are."""
    known: dict[int, tuple[int | None, bool]] = {}  # import: the one that supersedes it, and whether it counts itself
    asked = set(import_ids) - {LIVE}
    while asked:
        c = Import.__table__.c
        query = select(c.id, c.superseded_by_id, c.status, c.deleted_at).where(c.id.in_(asked))
        for import_id, superseded_by_id, status, deleted_at in session.execute(query):
            known[import_id] = superseded_by_id, status == "stored" and deleted_at is None
        asked = {later for later, _ in known.values() if later is not None} - set(known)
    return {import_id for import_id in import_ids if import_id in known and not _counts(import_id, known)}


def _counts(import_id: int, known: dict[int, tuple[int | None, bool]]) -> bool:
    later, counts = known[import_id]
    while counts and later is not None:
        later, superseding = known[later]
        counts = not superseding
    return counts


def replaced_by_or_replacing(session: Session, import_id: int) -> set[int]:
    """Return the imports that this one supersedes or is superseded by, however indirectly: they never conflict."""
    own = Import.id == import_id
    newer = select(Import.id, Import.superseded_by_id).where(own).cte("newer", recursive=True)
    older = select(Import.id).where(own).cte("older", recursive=True)
    after, before = aliased(Import), aliased(Import)
    newer = newer.union(select(after.id, after.superseded_by_id).join(newer, after.id == newer.c.superseded_by_id))
    older = older.union(select(before.id).join(older, before.superseded_by_id == older.c.id))
    return {*session.scalars(select(newer.c.id)), *session.scalars(select(older.c.id))} - {import_id}
