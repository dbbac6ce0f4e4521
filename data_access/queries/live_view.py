"""A picture of a cell, and up to which row of each live series it is drawn: both from one snapshot.

Rows that come later can then be added to the picture, and none is missed or drawn twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Engine, select

from data_access.database import reading
from data_access.models import Channel, Series
from data_access.series.cell_axis import find_sources, read_cell_overview


class LiveView(NamedTuple):
    """What is drawn of a cell, and how it goes on."""

    signals: dict[str, pd.DataFrame]
    """A table of test_time_second and the column, for each column."""
    positions: dict[int, tuple[int, int]]
    """Of every series that a channel of the cell writes now: last sequence number, late revision."""
    columns: dict[int, list[str]]
    """Which of the columns such a series gives; another instrument may hold for the rest."""


def load_live_overview(  # noqa: PLR0913, PLR0917  # one range, one answer
    engine: Engine,
    cell_id: int,
    columns: Sequence[str],
    t_from: float | None = None,
    t_to: float | None = None,
    points: int = 2000,
) -> LiveView:
    """Return the answer of `load_cell_overview` with the positions of the cell's channels."""
    query = select(Series.id, Channel.last_sequence, Series.late_revision).join(Series, Series.id == Channel.series_id)
    query = query.where(Channel.cell_id == cell_id, Channel.deleted_at.is_(None)).order_by(Series.id)
    with reading(engine) as session:
        positions = {series_id: (last or 0, late) for series_id, last, late in session.execute(query)}
        sources = find_sources(session, cell_id, columns)
        signals = read_cell_overview(session, sources, columns, t_from, t_to, points)
    own = {one.series.id: one.names for one in sources if one.series.id in positions}
    return LiveView(signals, positions, own)
