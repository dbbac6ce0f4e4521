"""How long a clean CSV takes from file to stored, against pandas' and polars' bare parse and raw executemany.

python -m benchmarks imports [--large]
"""

import contextlib
import csv
import itertools
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import polars as pl
from sqlalchemy import Engine

from benchmarks.bars import Bar
from data_access.database import migrate, open_engine
from data_access.queries import load_import
from data_access.writes import create_cell
from ingest import child, worker
from ingest.upload import receive_upload

COLUMNS = "Test_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),Pressure (MPa),Temperature (C)"
CYCLE_RECORDS = 2000
WARM_UP_SECOND = 2.0
IMPORTS = 3
FILE_BAR = 4.0
"""File to stored takes at most this many times pandas' bare parse of the same file."""


def write_csv(path: Path, rows: int) -> None:
    """Write a synthetic test in blocks, so that 10^7 rows need no memory."""
    with path.open("w", encoding="ascii") as target:
        target.write(COLUMNS + "\n")
        for start in range(0, rows, 200_000):
            number = np.arange(start, min(start + 200_000, rows))
            phase = number % CYCLE_RECORDS / CYCLE_RECORDS
            charging = phase < 0.5  # noqa: PLR2004 - half of a cycle
            state = np.where(charging, phase, 1 - phase) * 2
            block = pd.DataFrame(
                {
                    "t": number * 10.0,
                    "step": np.where(charging, 1, 2),
                    "cycle": number // CYCLE_RECORDS + 1,
                    "current": np.where(charging, 0.0016724, -0.0016724),
                    "voltage": np.round(
                        3.5 + 0.7 * state + np.where(charging, 0.05, -0.05) + 0.002 * np.sin(number / 7.0), 4
                    ),
                    "pressure": np.round(68 + 2 * state, 4),
                    "temperature": np.round(60 + 0.1 * np.sin(number / 300.0), 1),
                }
            )
            block.to_csv(target, header=False, index=False)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of processors."""

    wall: float
    busy: float

    def __str__(self) -> str:
        """Return both."""
        return f"{self.wall:8.2f} s {self.busy:8.2f} s of processor"


def timed(name: str, work: Callable[[], object], times: int = 1) -> Took:
    """What the work took at best of so many times, printed: other load makes it longer, never shorter."""
    took = []
    for _ in range(times):
        start, busy = time.perf_counter(), processor_second()
        work()
        took.append(Took(time.perf_counter() - start, processor_second() - busy))
    best = Took(min(one.wall for one in took), min(one.busy for one in took))
    print(f"  {name:<34}{best}")
    return best


def processor_second() -> float:
    """Seconds that this process and its ended children have kept a processor busy: what other load does not change."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def children_second(pid: int) -> float:
    """Seconds that ended children of another process have kept a processor busy (proc(5): cutime, cstime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def raw_executemany(path: Path, folder: Path) -> None:
    """The rows of the file in one table of sqlite3, in one transaction."""
    database = sqlite3.connect(folder / "raw.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE row (t REAL, step INT, cycle INT, i REAL, v REAL, p REAL, temperature REAL)")
    with path.open(encoding="ascii") as source, database:
        rows = itertools.islice(csv.reader(source), 1, None)
        database.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.close()


@dataclass(slots=True)
class Import:
    """Seconds of the steps of one import, in their order, and of the processor up to the records."""

    received: float = 0.0
    read: float = 0.0
    planned: float = 0.0
    stored: float = 0.0
    closed: float = 0.0
    busy: float = 0.0

    @property
    def to_stored(self) -> float:
        """Seconds from the file to its stored records; the cycles are not closed yet."""
        return self.received + self.read + self.planned + self.stored

    def __str__(self) -> str:
        """Return the time-line."""
        steps = ("received", "read", "planned", "stored")
        return " + ".join(f"{step} {getattr(self, step):.3f}" for step in steps)


def store(path: Path, folder: Path) -> Import:
    """The quickest of three imports of the file into cells of their own, by a worker that is up.

    Received, hashed, read in a child, checked, shown, stored.  The worker has imported a small file before, and its
    process that forks children waits, as in `make run`.
    """
    engine = open_engine(f"sqlite:///{folder / 'barograph.db'}")
    migrate(engine)
    standby = child.Standby()
    standby.prepare()
    small = folder / "small.csv"
    write_csv(small, 10 * CYCLE_RECORDS)
    done = []
    for number, source in enumerate((small, *[path] * IMPORTS)):
        cell = create_cell(engine, {"name": f"{number}", "active_mass_mg": 16.72})
        time.sleep(WARM_UP_SECOND)
        done.append(_import(engine, standby, source, folder, cell.id))
    standby.close()
    engine.dispose()
    return min(done[1:], key=lambda one: one.to_stored)


def _import(engine: Engine, standby: child.Standby, path: Path, folder: Path, cell_id: int) -> Import:
    """The steps of one import."""
    took, length = Import(), path.stat().st_size
    waiting = standby.take()
    standby.give_back(waiting)
    start, busy = time.perf_counter(), processor_second() + children_second(waiting.pid)
    with path.open("rb") as stream:
        job, _ = receive_upload(
            engine, stream, name=path.name, data_dir=folder, cell_id=cell_id, confirm="auto", length=length
        )
    took.received = time.perf_counter() - start
    with contextlib.ExitStack() as patches:
        for module, name, step in (
            (child, "read_in_child", "read"),
            (worker, "store_import", "stored"),
            (worker, "_close", "closed"),
        ):
            work = partial(_note, took, step, getattr(module, name))
            patches.enter_context(mock.patch.object(module, name, work))
        worker.work_once(engine, folder, standby=standby)
    took.busy += processor_second() + children_second(waiting.pid) - busy
    took.planned = time.perf_counter() - start - took.received - took.read - took.stored - took.closed
    done = load_import(engine, job.id)
    if done.status != "stored":
        raise SystemExit(f"The import is {done.status}: {done.questions} {done.problems}")
    return took


def _note(took: Import, step: str, work: Callable[..., object], *arguments: object, **options: object) -> object:
    """What the work returns; its time is noted as that of a step."""
    start, busy = time.perf_counter(), processor_second()
    result = work(*arguments, **options)
    setattr(took, step, time.perf_counter() - start)
    if step == "closed":
        took.busy -= processor_second() - busy
    return result


def measure(rows: int) -> Bar:
    """Print times and ratios for a file of so many rows; return the bar."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "benchmark.csv"
        write_csv(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB")
        pandas = timed("pandas.read_csv, bare", lambda: pd.read_csv(path), 5)
        polars = timed("polars.read_csv, bare", lambda: pl.read_csv(path), 5)
        raw = timed("sqlite3 executemany", lambda: raw_executemany(path, folder))
        ours = store(path, folder)
        print(f"  {'file to stored':<34}{Took(ours.to_stored, ours.busy)}")
        print(f"    {ours}")
        print(f"  {'closing the cycles':<34}{ours.closed:8.2f} s")
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        ratio = ours.to_stored / pandas.wall
        print(f"  ratio to pandas {ratio:.2f} (bar {FILE_BAR:g}); of processor time {ours.busy / pandas.busy:.2f}")
        print(f"  ratio once it is received {(ours.to_stored - ours.received) / pandas.wall:.2f}")
        print(f"  ratio to polars {ours.to_stored / polars.wall:.2f}, to executemany {ours.to_stored / raw.wall:.2f}")
        print(f"  largest child {largest:.2f} GiB")
        return Bar(f"file of {rows:.0e} rows to stored, x pandas' bare parse", ratio, FILE_BAR)


def run(*, large: bool = False) -> list[Bar]:
    """Print the figures and return the bars; `large` adds 10^7 rows."""
    return [measure(rows) for rows in (1_000_000, *([10_000_000] if large else []))]
