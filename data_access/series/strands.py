"""Which records count: the strands of a series that are neither deleted nor superseded.

An import is hidden while it is deleted, refused or cancelled, while a stored import supersedes it, and, if it
supersedes another itself, until it is stored: the change from the old records to the new is one moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select
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
    mine = Strand.series_id.in_(list(series_ids))
    chain = (
        select(Strand.import_id.label("root"), Strand.import_id.label("id")).where(mine, Strand.import_id != LIVE)
    ).cte("chain", recursive=True)
    later, superseding, own = aliased(Import), aliased(Import), aliased(Import)
    chain = chain.union(select(chain.c.root, later.id).join(chain, later.supersedes_id == chain.c.id))
    superseded = exists().where(
        chain.c.root == Strand.import_id,
        chain.c.id != chain.c.root,
        superseding.id == chain.c.id,
        superseding.status == "stored",
        superseding.deleted_at.is_(None),
    )
    counts = and_(
        own.deleted_at.is_(None),
        own.status.not_in(("refused", "cancelled")),
        or_(own.supersedes_id.is_(None), own.status == "stored"),
    )
    query = (
        select(Strand.series_id, Strand.import_id)
        .outerjoin(own, own.id == Strand.import_id)
        .where(mine, or_(own.id.is_(None), counts), ~superseded)
        .order_by(Strand.series_id, Strand.import_id)
    )
    return [StrandKey(*row) for row in session.execute(query)]


def replaced_by_or_replacing(session: Session, import_id: int) -> set[int]:
    """Return the imports that this one supersedes or is superseded by, however indirectly: they never conflict."""
    if import_id == LIVE:
        return set()
    older = select(Import.id, Import.supersedes_id).where(Import.id == import_id).cte("older", recursive=True)
    before, after = aliased(Import), aliased(Import)
    older = older.union(select(before.id, before.supersedes_id).join(older, before.id == older.c.supersedes_id))
    newer = select(Import.id).where(Import.id == import_id).cte("newer", recursive=True)
    newer = newer.union(select(after.id).join(newer, after.supersedes_id == newer.c.id))
    found = {*session.scalars(select(older.c.id)), *session.scalars(select(newer.c.id))}
    return found - {import_id}
