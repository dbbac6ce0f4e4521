"""The health of feeds: how old the last row of each channel is against its usual interval, and who fell silent.

Ages are counted on the server's clock from when a row was received: an instrument's own clock may be wrong.
"""

from typing import Literal

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access.queries import load_channels, load_feeds
from data_access.queries.live_cells import load_live_cells
from data_access.writes.silences import end_silences, load_open_silences, store_silence

Status = Literal["live", "late", "stale", "ended", "unknown"]

STALE_INTERVALS, STALE_FLOOR_SECOND = 3.0, 2.0
"""A feed is stale when no row came for more than three of its usual intervals: agents send batches of up to 1 s.

The usual interval of one whose rows come in lots, such as a table that is flushed once a minute, is that of the lots.
"""
LATE_INTERVALS, LATE_FLOOR_SECOND = 2.0, 1.5
ALIVE = ("live", "late")
RUNNING = "running"


def assess_feed(age_second: float, usual_interval_second: float, *, cell_state: str | None) -> Status:
    """How a feed is: "live", "late", "stale", "ended" (stale, and its test is over) or "unknown" (not enough rows).

    NaN stands for what is not known; `cell_state` is that of its cell, None without one.

    >>> [assess_feed(age, 10.0, cell_state="running") for age in (9.0, 25.0, 31.0)]
    ['live', 'late', 'stale']
    >>> assess_feed(31.0, 10.0, cell_state="failed"), assess_feed(float("nan"), 10.0, cell_state=None)
    ('ended', 'unknown')
    """
    if not (np.isfinite(age_second) and np.isfinite(usual_interval_second)):
        return "unknown"
    if age_second > max(STALE_INTERVALS * usual_interval_second, STALE_FLOOR_SECOND):
        return "stale" if cell_state in {None, RUNNING} else "ended"
    return "late" if age_second > max(LATE_INTERVALS * usual_interval_second, LATE_FLOOR_SECOND) else "live"


def feed_states(engine: Engine, now_unix: float) -> pd.DataFrame:
    """One row a channel: the columns of load_feeds, and status, age_second (s) and silent_partner.

    `silent_partner` is True for a feed that is stale while another channel of its cell is alive.
    """
    feeds = load_feeds(engine)
    states = {cell.cell_id: cell.state for cell in load_live_cells(engine).values()}
    feeds["age_second"] = (now_unix - feeds["last_received_unix_second"]).clip(lower=0.0)
    cells = [None if pd.isna(cell_id) else int(cell_id) for cell_id in feeds["cell_id"]]
    intervals = feeds["usual_interval_second"].combine(feeds["usual_delivery_second"], np.fmax)
    feeds["status"] = [
        assess_feed(age, interval, cell_state=states.get(cell_id) if cell_id is not None else None)
        for age, interval, cell_id in zip(feeds["age_second"], intervals, cells, strict=True)
    ]
    alive = {cell_id for cell_id, status in zip(cells, feeds["status"], strict=True) if status in ALIVE} - {None}
    feeds["silent_partner"] = [
        status == "stale" and cell_id in alive for cell_id, status in zip(cells, feeds["status"], strict=True)
    ]
    return feeds


def record_feed_events(engine: Engine, now_unix: float) -> int:
    """Number of events recorded, each once: a feed fell silent while another of its cell is alive, or came back."""
    feeds = feed_states(engine, now_unix)
    delivers = feeds["usual_delivery_second"].notna()  # one batch tells nothing of the next
    silent = feeds[feeds["silent_partner"] & delivers]
    alive = feeds[feeds["status"].isin(ALIVE)]
    silences = load_open_silences(engine)
    if silent.empty and not silences:
        return 0
    last_seconds = _last_seconds(engine, feeds)
    known = {(event.cell_id, event.text) for event in silences}
    recorded = 0
    for feed in silent.to_dict("records"):
        text = _silence_of(str(feed["name"]))
        second = last_seconds[str(feed["name"])]
        if (feed["cell_id"], text) not in known and store_silence(engine, int(feed["cell_id"]), second, text):
            recorded += 1
    back = {(int(cell_id), _silence_of(str(name))): str(name) for cell_id, name in _named(alive)}
    ends = {
        event.id: (last_seconds[name], f"“{name}” is back.")
        for event in silences
        if (name := back.get((event.cell_id, event.text))) is not None
    }
    return recorded + (end_silences(engine, ends) if ends else 0)


def _silence_of(name: str) -> str:
    return f"“{name}” is silent while another channel of the cell goes on."


def _named(feeds: pd.DataFrame) -> list[tuple[int, str]]:
    assigned = feeds[feeds["cell_id"].notna()]
    return list(zip(assigned["cell_id"], assigned["name"], strict=True))


def _last_seconds(engine: Engine, feeds: pd.DataFrame) -> dict[str, float]:
    """Time of each channel's last row on its cell's axis, s; 0 where it is not known."""
    offsets = dict(zip(feeds["name"], feeds["offset_second"].fillna(0.0), strict=True))
    return {
        channel.name: (channel.last_test_time_second or 0.0) + float(offsets.get(channel.name, 0.0))
        for channel in load_channels(engine)
    }
