"""A new series of a channel, and where it lies on the axis of its cell: by the wall clock where that is known."""

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.live.channels import LiveChannel, LiveSeries
from data_access.models import Hot, Series, Test
from data_access.record_models import CHUNK
from data_access.series.hot import read_hot
from data_access.series.records import visible_series
from data_access.series.rows import TIME
from data_access.series.sealed import read_sealed, spans
from data_access.series.strands import StrandKey, ensure_strand, visible_strands

WALL = "unix_time_second"
TEST_TIME, WALL_CLOCK = "test time of the instrument", "wall clock"
"""What the raw clock of a live series is."""
MECHANICAL = "mechanical"
"""A channel gives force, pressure or thickness until a voltage or a current comes."""


def open_series(  # noqa: PLR0913  # where a series begins
    session: Session,
    channel: LiveChannel,
    *,
    from_sequence: int,
    first_second: float,
    unix_zero_second: float | None,
    by_test_time: bool,
) -> LiveSeries:
    """Return a new series of the channel, on its cell's axis if it has a cell; `first_second`: raw clock."""
    test_id = None if channel.cell_id is None else test_of(session, channel.cell_id)
    row = Series(
        test_id=test_id,
        source=MECHANICAL,
        channel=channel.name,
        clock=TEST_TIME if by_test_time else WALL_CLOCK,
        channel_id=channel.id,
        from_sequence=from_sequence,
        unix_zero_second=unix_zero_second,
    )
    session.add(row)
    session.flush()
    if channel.cell_id is not None:
        row.offset_second = find_offset(session, channel.cell_id, row, first_second)
        session.flush()
    ensure_strand(session, StrandKey(row.id))
    return LiveSeries(row.id, test_id, from_sequence, MECHANICAL, unix_zero_second, None)


def place_series(session: Session, series: Series, first_second: float) -> None:
    """Put a series that had no rows on the axis of the cell that it belongs to."""
    test = None if series.test_id is None else session.get(Test, series.test_id)
    if test is not None:
        series.offset_second = find_offset(session, test.cell_id, series, first_second)
    ensure_strand(session, StrandKey(series.id))
    session.flush()


def test_of(session: Session, cell_id: int) -> int:
    """Return the latest test of the cell, or a first one."""
    query = select(Test.id).where(Test.cell_id == cell_id, Test.deleted_at.is_(None))
    found = session.scalar(query.order_by(Test.id.desc()).limit(1))
    if found is not None:
        return found
    row = Test(cell_id=cell_id)
    session.add(row)
    session.flush()
    return row.id


def find_offset(session: Session, cell_id: int, series: Series, first_second: float) -> float:
    """Return what puts the series on the cell's axis, s.

    Beside the cell's other series by the wall clocks of both; behind them where a clock is not known.  Alone: the
    axis is the instrument's test time, or begins with the first row.
    """
    others = [one for one in visible_series(session, cell_id) if one.id != series.id]
    ends = {one.id: end for one in others if (end := _end_of(session, one)) is not None}
    others = [one for one in others if one.id in ends]
    if not others:
        return 0.0 if series.clock == TEST_TIME else -first_second
    if series.unix_zero_second is not None:
        for other in reversed(others):
            zero = wall_zero(session, other)
            if zero is not None:
                return series.unix_zero_second - zero + other.offset_second
    return max(ends.values()) - first_second


def wall_zero(session: Session, series: Series) -> float | None:
    """Return the wall clock at the zero of the series' raw clock, UTC s since 1970; None where no row tells."""
    if series.unix_zero_second is not None:
        return series.unix_zero_second
    for key in visible_strands(session, [series.id]):
        first = spans(session, key, 0)[:1]
        rows = read_hot(session, key, names=(TIME, WALL), limit=1)
        if first:
            rows = read_sealed(session, key, names=(TIME, WALL), seq_from=first[0].seq0, seq_to=first[0].seq0)
        known = np.flatnonzero(~np.isnan(rows.column(WALL)))
        if len(known):
            return float(rows.column(WALL)[known[0]] - rows.time[known[0]])
    return None


def _end_of(session: Session, series: Series) -> float | None:
    """Return the last time of a series on the cell's axis; None without records."""
    c = CHUNK.c
    times = [
        session.scalar(select(func.max(c.t1)).where(c.series_id == series.id, c.level == 0, c.quantity == TIME)),
        session.scalar(select(func.max(Hot.__table__.c[TIME])).where(Hot.series_id == series.id)),
    ]
    known = [time for time in times if time is not None]
    return max(known) + series.offset_second if known else None
