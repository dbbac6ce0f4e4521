"""The live worker: closes cycles as rows arrive, packs old rows, notes feeds that fall silent, forgets old batches.

`python -m ingest.live_worker`, or `run_live_worker`.  It may be killed at any moment: what it was computing is claimed
and not marked, so that the next one computes it again.
"""

import argparse
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pandas as pd
from sqlalchemy import Engine

from data_access.closing import closing_alone
from data_access.database import open_engine
from data_access.queries import load_unclosed
from data_access.writes import claim_unclosed, mark_closed, prune_batches
from ingest.advance_cycles import Memory, advance_cycles
from ingest.compaction import compact
from monitoring.feeds import record_feed_events
from pressiometry.errors import BarographError, NotFoundError, StoreBusyError

log = logging.getLogger(__name__)

ROUND_SECOND = 0.3
"""Pause between two looks at what waits."""
TURN_SECOND = 1.0
"""Cycles are closed for about so long before the other duties get their turn."""
BREATH_SECOND = 0.2
"""At most so long a breath is taken after a cell, as long as it took: the other processes need the machine too."""
COST_TIMES = 4.0
"""A cell waits so many times what its last advance took: a slow one does not starve the others."""
FAILED_SECOND = 30.0
"""A cell whose cycles could not be computed is tried again after this time."""
WATCH_SECOND, COMPACT_SECOND, PRUNE_SECOND = 1.0, 5.0, 3600.0
LAST_SECOND = 0.7
"""After being asked to stop: what is still being computed then is given up, and computed again by the next worker."""
NICENESS = 5


@dataclass
class LiveWorker:
    """What one worker knows between two rounds; `clock` in seconds, `wall` in UTC seconds since 1970."""

    engine: Engine
    should_stop: Callable[[], bool] = lambda: False
    pause: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    memory: Memory = field(default_factory=dict)
    due: dict[int, float] = field(default_factory=dict)
    """When each cell may be advanced again."""
    done_at: dict[str, float] = field(default_factory=dict)
    """When each of the other duties was done last."""

    def work_once(self) -> int:
        """Number of cells advanced in one round; StoreBusyError where another writer holds the database."""
        advanced = self._close_cycles()
        duties: list[tuple[str, float, Callable[[], object]]] = [
            ("watch", WATCH_SECOND, lambda: record_feed_events(self.engine, self.wall())),
            ("compact", COMPACT_SECOND, lambda: compact(self.engine, self.wall(), pause=self.pause)),
            ("prune", PRUNE_SECOND, lambda: prune_batches(self.engine)),
        ]
        for name, every, duty in duties:
            if not self.should_stop() and self.clock() - self.done_at.get(name, float("-inf")) >= every:
                self.done_at[name] = self.clock()
                duty()
        return advanced

    def _close_cycles(self) -> int:
        """Advance the cells that are due, those that wait longest first, until the turn is over."""
        waiting = load_unclosed(self.engine)
        now = self.clock()
        if not any(self.due.get(int(cell_id), now) <= now for cell_id in waiting["cell_id"]):
            return 0
        by_cell = {int(str(cell_id)): series for cell_id, series in claim_unclosed(self.engine).groupby("cell_id")}
        order = sorted(by_cell, key=lambda cell_id: self.due.get(cell_id, float("-inf")))
        advanced = 0
        for cell_id in order:
            started = self.clock()
            if self.should_stop() or started - now > TURN_SECOND:
                break
            if self.due.get(cell_id, now) > started:
                continue
            with closing_alone(self.engine, cell_id) as mine:
                if not mine:
                    continue
                failed = not self._advance(cell_id, by_cell[cell_id])
            cost = self.clock() - started
            self.due[cell_id] = self.clock() + (FAILED_SECOND if failed else COST_TIMES * cost)
            self.pause(min(cost, BREATH_SECOND))
            advanced += 1
        return advanced

    def _advance(self, cell_id: int, series: pd.DataFrame) -> bool:
        """Whether the cell's cycles are computed up to what was claimed of its series."""
        try:
            advance_cycles(self.engine, cell_id, float(series["from_second"].min()), self.memory)
        except StoreBusyError:
            raise
        except NotFoundError:
            log.info("cell %s was deleted; its rows stay as they are", cell_id)
        except BarographError as error:
            log.warning("the cycles of cell %s were not computed: %s", cell_id, error)
            return False
        except Exception:
            log.exception("the cycles of cell %s could not be computed", cell_id)
            return False
        for series_id, revision in zip(series["series_id"], series["revision"], strict=True):
            mark_closed(self.engine, int(series_id), int(revision))
        return True


def run_live_worker(database_url: str) -> None:
    """Work until SIGTERM or SIGINT; the process ends within a second of it."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        last = threading.Timer(LAST_SECOND, os._exit, [0])
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    engine = open_engine(database_url)
    worker = LiveWorker(engine, stop.is_set, stop.wait)
    while not stop.is_set():
        try:
            worker.work_once()
        except StoreBusyError:
            log.warning("the database is held by another writer; the live worker tries again")
        except BarographError as error:
            log.warning("the live worker tries again: %s", error)
            stop.wait(WATCH_SECOND)
        stop.wait(ROUND_SECOND)
    engine.dispose()


def main() -> None:
    """Run a live worker for the database named on the command line."""
    parser = argparse.ArgumentParser(prog="ingest.live_worker", description="Barograph's live worker.")
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.nice(NICENESS)  # who answers requests goes first
    run_live_worker(options.database_url)
    logging.shutdown()
    os._exit(0)  # everything is closed: taking the interpreter apart would cost a second


if __name__ == "__main__":
    main()
