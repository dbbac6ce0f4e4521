"""Changes that live rows bring: batches stored, channels assigned and released, closing claimed and done."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine, case, delete, select, update
from sqlalchemy.exc import IntegrityError

from data_access.base import now
from data_access.database import writing
from data_access.live.batches import BatchAnswer, LiveBatch
from data_access.live.taking import Taking
from data_access.models import Agent, Batch, Channel, Series, Test
from data_access.queries.live import load_channel, unclosed

KEPT_DAYS = 30
"""A batch can be sent again for this long and be known by its key; later its rows are known by their numbers."""


def store_batches(engine: Engine, batches: Sequence[LiveBatch]) -> list[BatchAnswer]:
    """Return what became of each batch, once all of it is durable: one transaction, committed when this returns."""
    try:
        with writing(engine) as session:
            return Taking(session).take(batches)
    except IntegrityError:  # another process made the same channel, or took the same batch, at the same moment
        with writing(engine) as session:
            return Taking(session).take(batches)


def ensure_channel(engine: Engine, name: str) -> Channel:
    """Return the channel of this name; a new one is of no agent and no cell."""
    query = select(Channel).where(Channel.name == name, Channel.deleted_at.is_(None))
    try:
        with writing(engine) as session:
            row = session.scalar(query)
            if row is None:
                row = Channel(name=name, clock_shift_second=0.0)
                session.add(row)
                session.flush()
            return row
    except IntegrityError:  # another process made it at the same moment
        return load_channel(engine, name)


def greet_agent(engine: Engine, name: str, said: dict[str, Any]) -> None:
    """Remember that an agent lives, and what it says of itself."""
    with writing(engine) as session:
        row = session.get(Agent, name)
        if row is None:
            session.add(Agent(name=name, said=said))
        else:
            row.seen_at, row.said = now(), said


def claim_unclosed(engine: Engine) -> pd.DataFrame:
    """Return the series with rows that closing has not considered, from when on, now claimed (see mark_closed).

    Columns: cell_id, series_id, from_second (the cell's axis), revision.  What was claimed and never marked, because
    its worker died, comes again.
    """
    first, claimed = Series.unclosed_from_second, Series.closing_from_second
    earliest = case((claimed.is_(None), first), (first < claimed, first), else_=claimed)
    kept = select(Test.id).where(Test.deleted_at.is_(None))
    waiting = (first.is_not(None) | claimed.is_not(None), Series.test_id.in_(kept))
    change = update(Series).where(*waiting).values(
        closing_from_second=earliest, closing_revision=Series.revision, unclosed_from_second=None
    )  # fmt: skip
    with writing(engine) as session:  # one statement: whoever stores rows waits for it
        session.execute(change, execution_options={"synchronize_session": False})
        return unclosed(session)


def mark_closed(engine: Engine, series_id: int, revision: int) -> None:
    """Take down that closing has considered what was claimed at this revision; rows that came since wait."""
    with writing(engine) as session:
        mine = (Series.id == series_id, Series.closing_revision == revision)
        session.execute(update(Series).where(*mine).values(closing_from_second=None, closing_revision=None))


def prune_batches(engine: Engine, *, older_than_days: float = KEPT_DAYS) -> int:
    """Return how many answers to old batches were forgotten."""
    limit = now() - timedelta(days=older_than_days)
    with writing(engine) as session:
        old = session.scalars(select(Batch.idempotency_key).where(Batch.received_at < limit).limit(10_000)).all()
        session.execute(delete(Batch).where(Batch.idempotency_key.in_(old)))
        return len(old)
