"""Packs live rows into chunks: when there are enough of them for one, and when their feed has ended."""

from collections.abc import Callable

import pandas as pd
from sqlalchemy import Engine

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
    sealed = 0
    for feed in feed_states(engine, now_unix).to_dict("records"):
        if pd.isna(feed["series_id"]):
            continue
        key = StrandKey(int(feed["series_id"]), LIVE)
        with reading(engine) as session:
            extent = hot_extent(session, key)
        if extent is None:
            continue
        ended = feed["status"] == "ended" or feed["age_second"] > ENDED_SECOND
        if ended or extent[1] - extent[0] + 1 >= CHUNK_RECORDS:
            sealed += seal(engine, key.series_id)
            pause(PAUSE_SECOND)
    return sealed
