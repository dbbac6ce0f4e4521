"""Reads of what comes live: channels, feeds, new rows, faults, what waits for closing."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data_access.database import reading
from data_access.models import Agent, Channel, Fault, Import, Quarantine, Series, Test
from data_access.record_models import LIVE
from data_access.series.hot import read_hot
from data_access.series.rows import EMPTY, TIME, Rows, join
from data_access.series.sealed import one_span, reaching, read_sealed
from data_access.series.strands import StrandKey
from pressiometry.errors import NotFoundError

_FEEDS = (
    "channel_id", "name", "agent", "cell_id", "series_id", "source", "offset_second", "last_sequence",
    "last_unix_second", "last_received_unix_second", "usual_interval_second",
    "usual_delivery_second", "revision", "late_revision", "faults",
)  # fmt: skip
_NUMBERS = (
    "offset_second", "last_unix_second", "last_received_unix_second", "usual_interval_second", "usual_delivery_second",
)  # fmt: skip


def load_channels(engine: Engine) -> list[Channel]:
    """Return the channels by name."""
    with reading(engine) as session:
        return list(session.scalars(select(Channel).where(Channel.deleted_at.is_(None)).order_by(Channel.name)))


def load_channel(engine: Engine, name: str) -> Channel:
    """Return the channel of this name; NotFoundError if there is none."""
    with reading(engine) as session:
        row = session.scalar(select(Channel).where(Channel.name == name, Channel.deleted_at.is_(None)))
    if row is None:
        raise NotFoundError(f"There is no channel {name}", remedy="It begins to exist with its first row.")
    return row


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel, and the series that its rows go to now."""

    channel: Channel
    series: Series | None


def load_channel_states(engine: Engine, *, name: str | None = None, agent: str | None = None) -> list[ChannelState]:
    """Return the channels by name with their series: all, or those of a name or an agent."""
    query = select(Channel, Series).outerjoin(Series, Series.id == Channel.series_id)
    query = query.where(Channel.deleted_at.is_(None)).order_by(Channel.name)
    if name is not None:
        query = query.where(Channel.name == name)
    if agent is not None:
        query = query.where(Channel.agent == agent)
    with reading(engine) as session:
        return [ChannelState(channel, series) for channel, series in session.execute(query)]


def load_channel_cells(engine: Engine, name: str) -> set[int]:
    """Return the cells that rows of the channel are of."""
    query = select(Test.cell_id).join(Series, Series.test_id == Test.id).join(Channel, Channel.id == Series.channel_id)
    with reading(engine) as session:
        return set(session.scalars(query.where(Channel.name == name, Channel.deleted_at.is_(None))))


def load_imports_of_channels(engine: Engine) -> list[tuple[Import, int]]:
    """Return the imports without a cell that came on a channel which has one, and that cell."""
    query = select(Import, Channel.cell_id).join(Channel, Channel.id == Import.channel_id)
    waiting = (Import.cell_id.is_(None), Import.status.in_(("queued", "asks")), Import.deleted_at.is_(None))
    with reading(engine) as session:
        found = session.execute(query.where(*waiting, Channel.cell_id.is_not(None)).order_by(Import.id))
        return [(job, cell_id) for job, cell_id in found if cell_id is not None]


def load_channels_with_files(engine: Engine) -> set[int]:
    """Return the channels of which a file is stored."""
    query = select(Import.channel_id).where(Import.status == "stored", Import.deleted_at.is_(None)).distinct()
    with reading(engine) as session:
        return {one for one in session.scalars(query) if one is not None}


def load_agents(engine: Engine) -> list[Agent]:
    """Return the agents that said they live, by name."""
    with reading(engine) as session:
        return list(session.scalars(select(Agent).order_by(Agent.name)))


def load_feeds(engine: Engine) -> pd.DataFrame:
    """Return one row a channel: whose it is, where its rows go and stand, and how many kinds of faults it has.

    Reads no record: it may be asked twice a second.  Numbers that are not known are NaN, other values None.
    """
    faults = select(Fault.channel_id, func.count().label("faults")).group_by(Fault.channel_id).subquery()
    query = (
        select(Channel, Series.source, Series.offset_second, Series.revision, Series.late_revision, faults.c.faults)
        .outerjoin(Series, Series.id == Channel.series_id)
        .outerjoin(faults, faults.c.channel_id == Channel.id)
        .where(Channel.deleted_at.is_(None))
        .order_by(Channel.name)
    )
    with reading(engine) as session:
        found = session.execute(query).all()
    rows = [
        (
            one.id, one.name, one.agent, one.cell_id, one.series_id, source, offset, one.last_sequence,
            one.last_unix_second, None if one.last_received_at is None else one.last_received_at.timestamp(),
            one.usual_interval_second, one.usual_delivery_second, revision or 0, late or 0, count or 0,
        )
        for one, source, offset, revision, late, count in found
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(_FEEDS), dtype=object)
    whole = ("channel_id", "revision", "late_revision", "faults")
    return table.astype(dict.fromkeys(_NUMBERS, "float64") | dict.fromkeys(whole, "int64"))


def load_new_records(
    engine: Engine, series_id: int, after_sequence: int, columns: Sequence[str], limit: int = 5000
) -> pd.DataFrame:
    """Return the next live records after a sequence number: sequence, test_time_second (the cell's axis), columns.

    An empty table: there are no more; fewer than `limit` rows do not say so.
    """
    names = tuple(dict.fromkeys((TIME, *columns)))
    with reading(engine) as session:
        offset = session.scalar(select(Series.offset_second).where(Series.id == series_id)) or 0.0
        rows = _next_rows(session, StrandKey(series_id, LIVE), after_sequence + 1, names, limit)
    table = rows.as_table(names)
    table[TIME] += offset
    return table


def _next_rows(session: Session, key: StrandKey, start: int, names: tuple[str, ...], limit: int) -> Rows:
    """Return rows from a sequence number on: those of the first chunk that reaches it, or hot ones."""
    span = one_span(session, key, 0, *reaching(key, 0, start))
    if span is None:
        return read_hot(session, key, names=names, seq_from=start, limit=limit)
    sealed = read_sealed(session, key, names=names, seq_from=start, seq_to=span.seq1)
    sealed = sealed.take(sealed.sequence >= start)
    rows = join((sealed, read_hot(session, key, names=names, seq_from=start, seq_to=span.seq1)))
    return rows.take(slice(0, limit)) if len(rows) else EMPTY


def load_faults(engine: Engine, channel_id: int | None = None, limit: int = 200) -> list[Fault]:
    """Return the latest faults, newest first: of all channels or of one."""
    query = select(Fault).order_by(Fault.last_at.desc(), Fault.id.desc()).limit(limit)
    if channel_id is not None:
        query = query.where(Fault.channel_id == channel_id)
    with reading(engine) as session:
        return list(session.scalars(query))


def load_live_quarantine(engine: Engine, limit: int = 200) -> pd.DataFrame:
    """Return what was kept aside of live rows, newest first: id, received_at, channel, sequence, text, reason.

    A whole payload has no sequence.
    """
    query = (
        select(Quarantine.id, Quarantine.received_at, Channel.name, Quarantine.line, Quarantine.text, Quarantine.reason)
        .outerjoin(Channel, Channel.id == Quarantine.channel_id)
        .where(Quarantine.import_id == LIVE)
        .order_by(Quarantine.id.desc())
        .limit(limit)
    )
    with reading(engine) as session:
        found = [tuple(row) for row in session.execute(query)]
    names = ["id", "received_at", "channel", "sequence", "text", "reason"]
    return pd.DataFrame(found, columns=names, dtype=object)


def load_unclosed(engine: Engine) -> pd.DataFrame:
    """Return the series of cells with rows that closing has not considered: cell_id, series_id, from_second, revision.

    `from_second` is the first of them on the cell's axis.
    """
    with reading(engine) as session:
        return unclosed(session)


def unclosed(session: Session) -> pd.DataFrame:
    """Return them within a session."""
    first, claimed = Series.unclosed_from_second, Series.closing_from_second
    query = (
        select(Test.cell_id, Series.id, Series.offset_second, Series.revision, first, claimed)
        .join(Test, Test.id == Series.test_id)
        .where(first.is_not(None) | claimed.is_not(None), Test.deleted_at.is_(None))
        .order_by(Test.cell_id, Series.id)
    )
    rows = [
        (cell_id, series_id, min(t for t in times if t is not None) + offset, revision)
        for cell_id, series_id, offset, revision, *times in session.execute(query)
    ]
    table = pd.DataFrame(rows, columns=["cell_id", "series_id", "from_second", "revision"])
    return table.astype({"cell_id": "int64", "series_id": "int64", "from_second": "float64", "revision": "int64"})
