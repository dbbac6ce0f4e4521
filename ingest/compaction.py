"""Packs live rows into chunks: when there are enough for one, and when their feed has ended or goes elsewhere."""

from collections.abc import Callable

from sqlalchemy import Engine

from data_access.closing import load_left_series
from data_access.database import reading
from data_access.record_models import LIVE
from data_access.series import seal
from data_access.series.hot import hot_extent
from data_access.series.sealed import CHUNK_RECORDS
from data_access.series.strands import StrandKey
from monitoring.feeds import feed_states

ENDED_SECOND = 600.0
"""A feed that has been silent for so long has ended, for the time being; rows that come later are no loss."""
PAUSE_SECOND = 0.1
"""Between two series: whoever stores rows gets the database."""


def compact(engine: Engine, now_unix: float, *, pause: Callable[[float], object]) -> int:
    """Number of live rows that were sealed; each series at once, with a pause after it."""
    feeds = feed_states(engine, now_unix)
    feeds = feeds[feeds["series_id"].notna()]
    ended = (feeds["status"] == "ended") | (feeds["age_second"] > ENDED_SECOND)
    series = {int(one): bool(over) for one, over in zip(feeds["series_id"], ended, strict=True)}
    series |= dict.fromkeys(load_left_series(engine), True)
    sealed = 0
    for series_id, is_over in series.items():
        with reading(engine) as session:
            extent = hot_extent(session, StrandKey(series_id, LIVE))
        if extent is not None and (is_over or extent[1] - extent[0] + 1 >= CHUNK_RECORDS):
            sealed += seal(engine, series_id)
            pause(PAUSE_SECOND)
    return sealed
