"""The hub: one thread a process that reads the store for all its listeners, and only while there are some.

A listener holds its own position in every series and takes what came after it from the rings of the hub, which are
bounded; one that was slow or away reads what it missed from the store, or is told to draw anew.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Engine

from api.live_rows import LIVE_COLUMNS, TAIL_ROWS, TIME, Position, RowsEvent, plain_rows, rows_event
from api.live_series import MOST_ROWS, Series, load_between
from data_access.queries.live_cells import LiveCell, load_hot_rows, load_last_cycles, load_last_rows, load_live_cells
from data_access.queries.states import step_of
from data_access.scope import EVERYTHING, Projects, limited_to, set_scope
from monitoring.feeds import feed_states

POLL_SECOND = 0.5
FEEDS_SECOND = 1.0
"""How often the state of all feeds is sent."""
CALM_SECOND = 2.0
"""Results or late rows of one cell are told at most this often."""
LINGER_SECOND = 5.0
"""How long the hub reads on for those that ask instead of listening."""
MOST_AT_ONCE = 1000
"""Numbers between two readings up to which the rows of all watched series are read by one query."""
MOST_LISTENERS = 96
"""Each holds a thread of the server, and the pages need some too."""
_RANK = ("ended", "live", "unknown", "late", "stale")
_LOG = logging.getLogger("barograph")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the hub read last; never changed once it is given out."""

    feeds_number: int
    at: float
    cells: tuple[dict[str, Any], ...]
    revisions: Mapping[int, int]
    positions: Mapping[int, dict[int, Position]]  # cell: series: position
    rings: Mapping[int, tuple[RowsEvent, ...]]
    projects: Mapping[int, int]  # cell: project
    written: dict[frozenset[int], bytes] = field(default_factory=dict)
    told: dict[Projects, frozenset[int]] = field(default_factory=dict)

    def cells_of(self, projects: Projects) -> frozenset[int]:
        """Return the cells of some projects, found once for all listeners that may be told of the same."""
        if projects not in self.told:
            of_projects = (cell for cell, one in self.projects.items() if projects is None or one in projects)
            self.told[projects] = frozenset(of_projects)
        return self.told[projects]

    def feeds(self, cells: frozenset[int]) -> bytes:
        """Return the state of the feeds of some cells as JSON, made once for all listeners that ask the same."""
        if cells not in self.written:
            found = [cell for cell in self.cells if cell["cell_id"] in cells]
            self.written[cells] = orjson.dumps({"at": self.at, "cells": found}, option=orjson.OPT_SERIALIZE_NUMPY)
        return self.written[cells]


class Hub:
    """Reads the store for everyone who listens in this process."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        """`engine` is asked for when somebody listens, so that a server opens no database before."""
        self._engine_of = engine
        self._engine: Engine  # as soon as somebody listens
        self.alive: Callable[[], bool] = lambda: True
        """Whether the server's worker goes on; when it does not, every stream ends."""
        self._news = threading.Condition()
        self._snapshot: Snapshot | None = None
        self._thread: threading.Thread | None = None
        self._asked_at = 0.0
        self._listeners = 0
        self._watched: dict[int, int] = {}
        self._series: dict[int, Series] = {}
        self._cycles: dict[int, tuple[int, int | None, str | None]] = {}
        self._revisions: dict[int, int] = {}
        self._revisions_at: dict[int, float] = {}
        self._feeds_at = 0.0
        self._feeds_number = 0
        self._feeds: tuple[dict[str, Any], ...] = ()

    def join(self, rows: Collection[int]) -> bool:
        """Count one more listener; False where there are too many."""
        with self._news:
            if self._listeners >= MOST_LISTENERS:
                return False
            self._listeners += 1
            for cell in rows:
                self._watched[cell] = self._watched.get(cell, 0) + 1
        self._wake()
        return True

    def leave(self, rows: Collection[int]) -> None:
        """Count one listener less."""
        with self._news:
            self._listeners -= 1
            for cell in rows:
                self._watched[cell] -= 1
                if not self._watched[cell]:
                    del self._watched[cell]

    def ask(self, seconds: float = 5.0) -> Snapshot | None:
        """Return what the store holds now, for one who asks instead of listening; None if it cannot be read."""
        self._wake()
        return self.wait(None, seconds)

    def wait(self, seen: Snapshot | None, seconds: float) -> Snapshot | None:
        """Return the newest snapshot as soon as it is another than `seen`; the seen one after some seconds."""
        with self._news:
            self._news.wait_for(lambda: self._snapshot is not seen or not self.alive(), seconds)
            return self._snapshot or seen

    def catch_up(self, cell_id: int, series_id: int, after: int, until: int) -> RowsEvent | None:
        """Return the rows after a position, from the store; None where they are too many, or none."""
        with limited_to(EVERYTHING):  # the listener has been asked whether the cell is one of its own
            rows = plain_rows(load_between(self._engine, series_id, after - TAIL_ROWS, until))
        new = [row for row in rows if (row[0] or 0) > after]
        if not new or len(rows) >= MOST_ROWS:
            return None
        return rows_event(cell_id, series_id, after, new, rows[: len(rows) - len(new)])

    def _wake(self) -> None:
        with self._news:
            self._asked_at = time.monotonic()
            if self._thread is None:
                self._engine = self._engine_of()
                self._thread = threading.Thread(target=self._run, args=(self._engine,), name="hub", daemon=True)
                self._thread.start()

    def _wanted(self) -> bool:
        return self._listeners > 0 or time.monotonic() - self._asked_at < LINGER_SECOND

    def _run(self, engine: Engine) -> None:
        """Read, tell, rest; end when nobody has listened for a while.

        The hub reads every project: a listener is told of its own (`api.listener`).
        """
        set_scope(EVERYTHING)
        failing = False
        while self.alive():
            began = time.monotonic()
            try:
                snapshot = self._read(engine)
                failing = False
            except Exception:  # noqa: BLE001 - whatever it is, the next reading may work, and nobody else would tell
                if not failing:
                    _LOG.exception("The live hub cannot read the store; it tries again")
                failing, snapshot = True, None
            with self._news:
                self._snapshot = snapshot
                self._news.notify_all()
                if not self._wanted():
                    self._forget()
                    return
            while self.alive() and time.monotonic() - began < POLL_SECOND:
                time.sleep(0.05)
        with self._news:
            self._news.notify_all()  # the worker stops: whoever waits ends his stream

    def _forget(self) -> None:
        self._thread, self._snapshot = None, None
        self._series, self._cycles, self._revisions = {}, {}, {}

    def _read(self, engine: Engine) -> Snapshot:
        """Return what has come since the last time, for all listeners: one set of queries."""
        now = time.time()
        states: list[dict[Any, Any]] = feed_states(engine, now).to_dict("records")
        assigned = [row for row in states if not pd.isna(row["cell_id"]) and not pd.isna(row["series_id"])]
        by_cell: dict[int, list[dict[Any, Any]]] = {}
        for row in assigned:
            by_cell.setdefault(int(row["cell_id"]), []).append(row)
        self._follow_series(engine, assigned, now)
        cells = load_live_cells(engine)
        self._follow_cycles(engine, cells, by_cell.keys(), now)
        if now - self._feeds_at >= FEEDS_SECOND - POLL_SECOND / 2:
            self._feeds_at, self._feeds_number = now, self._feeds_number + 1
            self._feeds = tuple(self._state_of(cells[cell], rows) for cell, rows in by_cell.items() if cell in cells)
        positions: dict[int, dict[int, Position]] = {cell: {} for cell in by_cell}
        for series_id, one in self._series.items():
            positions[one.cell_id][series_id] = one.position
        return Snapshot(
            self._feeds_number,
            self._feeds_at,
            self._feeds,
            dict(self._revisions),
            positions,
            {series_id: tuple(one.ring) for series_id, one in self._series.items()},
            {cell_id: cell.project_id for cell_id, cell in cells.items()},
        )

    def _follow_series(self, engine: Engine, channels: Sequence[dict[Any, Any]], now: float) -> None:
        """Read the new rows of every series that has any."""
        there = {int(row["series_id"]): row for row in channels}
        self._series = {
            series_id: one
            for series_id, one in self._series.items()
            if series_id in there and there[series_id]["cell_id"] == one.cell_id
        }
        quiet: dict[int, int] = {}
        watched: dict[int, int] = {}
        for series_id, row in there.items():
            last, late = int(row["last_sequence"] or 0), int(row["late_revision"])
            known = self._series.get(series_id)
            if known is None:
                known = self._series[series_id] = Series(int(row["cell_id"]), -1, Position(last, late))
            if late != known.position.late and now - known.late_at >= CALM_SECOND:
                known.position, known.late_at = Position(known.position.sequence, late), now
            if known.revision != row["revision"]:
                (watched if known.revision >= 0 and known.cell_id in self._watched else quiet)[series_id] = last
                known.revision = int(row["revision"])
        offsets = {series_id: float(row["offset_second"]) for series_id, row in there.items()}
        self._glance(engine, quiet, offsets)
        self._advance_all(engine, watched, offsets)

    def _glance(self, engine: Engine, series: Mapping[int, int], offsets: Mapping[int, float]) -> None:
        """Note the last values of series whose rows nobody watches: one query for all of them."""
        found = load_last_rows(engine, series, (TIME, *LIVE_COLUMNS)) if series else {}
        for series_id, last in series.items():
            known = self._series[series_id]
            known.position = Position(max(last, known.position.sequence), known.position.late)
            known.ring.clear()
            known.tail = []
            if series_id in found:
                known.last |= found[series_id] | {TIME: found[series_id][TIME] + offsets[series_id]}
            else:
                known.note(plain_rows(load_between(engine, series_id, last - TAIL_ROWS, last)))

    def _advance_all(self, engine: Engine, series: Mapping[int, int], offsets: Mapping[int, float]) -> None:
        """Read the new rows of series that somebody watches: one query for all of them, as long as it can be."""
        asked = {
            series_id: self._series[series_id].position.sequence
            for series_id, last in series.items()
            if self._series[series_id].tail and last - self._series[series_id].position.sequence < MOST_AT_ONCE
        }
        found = load_hot_rows(engine, asked, (TIME, *LIVE_COLUMNS)) if asked else {}
        for series_id, last in series.items():
            known, rows = self._series[series_id], found.get(series_id, [])
            if rows and rows[0][0] == known.position.sequence:  # the last one told is still hot: so are all after it
                offset = offsets[series_id]
                new = [(row[0], None if row[1] is None else row[1] + offset, *row[2:]) for row in rows[1:]]
                if new:
                    known.go_on(series_id, new, known.tail)
            else:
                self._advance(engine, series_id, known, last)

    def _advance(self, engine: Engine, series_id: int, known: Series, last: int) -> None:
        """Read the new rows of one series wherever they lie, with those before them."""
        after = known.position.sequence
        rows = plain_rows(load_between(engine, series_id, after - TAIL_ROWS, last))
        new = [row for row in rows if (row[0] or 0) > after]
        if len(rows) >= MOST_ROWS:  # a backlog: whoever watches draws anew
            known.ring.clear()
            known.tail = []
            known.position = Position(last, known.position.late)
            known.note(plain_rows(load_between(engine, series_id, last - TAIL_ROWS, last)))
        elif new:
            known.go_on(series_id, new, rows[: len(rows) - len(new)])

    def _follow_cycles(self, engine: Engine, cells: Mapping[int, LiveCell], fed: Collection[int], now: float) -> None:
        """Note whose results have changed, and the newest cycle of every cell that is fed."""
        for cell_id, cell in cells.items():
            changed = self._revisions.get(cell_id) != cell.cycles_revision
            if changed and now - self._revisions_at.get(cell_id, 0.0) >= CALM_SECOND:
                self._revisions[cell_id], self._revisions_at[cell_id] = cell.cycles_revision, now
        fresh = [
            cell for cell in fed if cell in cells and self._cycles.get(cell, (-1,))[0] != cells[cell].cycles_revision
        ]
        found = load_last_cycles(engine, fresh)
        for cell_id in fresh:
            self._cycles[cell_id] = (cells[cell_id].cycles_revision, *found.get(cell_id, (None, None)))

    def _state_of(self, cell: LiveCell, channels: Sequence[dict[Any, Any]]) -> dict[str, Any]:
        """Return what every page may want to know of a cell now."""
        known = [self._series[int(row["series_id"])].last for row in channels]
        last = {name: value for values in known for name, value in values.items() if name != TIME}
        times = [values[TIME] for values in known if TIME in values]
        status = max((str(row["status"]) for row in channels), key=_RANK.index)
        same = [row for row in channels if row["status"] == status]
        ages = [float(row["age_second"]) for row in same]
        _, cycle_count, cycle_state = self._cycles.get(cell.cell_id, (0, None, None))
        return {
            "cell_id": cell.cell_id,
            "name": cell.name,
            "state": cell.state,
            "status": status,
            "age_second": min(ages) if status == "live" else max(ages),
            "interval_second": max(float(row["usual_interval_second"]) for row in same),
            "last": last,
            "test_time_second": max(times, default=None),
            "step": step_of(last.get("current_ampere", float("nan"))),
            "cycle_count": cycle_count,
            "cycle_state": cycle_state,
            "cycles_revision": self._revisions.get(cell.cell_id, cell.cycles_revision),
            "synthetic": cell.synthetic,
            "channels": [{name: row[name] for name in ("name", "status", "age_second")} for row in channels],
        }
