"""The live worker: cycles follow the rows, nothing that was claimed is lost, a slow cell does not starve the others."""

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.closing import BEING_COMPUTED, EVERYTHING, closing_alone, leave_to_worker, waits_for_worker
from data_access.database import migrate, open_engine, reading
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_cell, load_channel, load_cycles, load_unclosed
from data_access.record_models import LIVE
from data_access.series import load_cell_records
from data_access.series.hot import hot_extent
from data_access.series.strands import StrandKey
from data_access.writes import assign_channel, claim_unclosed, create_cell, mark_closed, store_batches
from ingest import live_worker
from ingest.advance_cycles import advance_cycles
from ingest.compaction import compact
from ingest.edits import edit_cell
from ingest.live_worker import LiveWorker
from pressiometry.errors import InvalidInputError, StoreBusyError
from tests.conftest import ROOT

NOW = 1_795_000_000.0
"""Received at."""
COLUMNS = ("voltage_volt", "current_ampere", "surface_pressure_mpa")
HALF = 20
"""Records of a half-cycle, one a minute; as many of a rest."""


def cycler_rows(cycles: float, *, start: int = 0, channel: str = "A01") -> list[LiveRow]:
    """Rows of so many cycles: a rest, a charge, a rest, a discharge; pressure follows the charge."""
    rows = []
    for number in range(start, round(cycles * 4 * HALF)):
        step, place = number // HALF % 4, number % HALF
        share = {0: 0.0, 1: (place + 1) / HALF, 2: 1.0, 3: 1 - (place + 1) / HALF}[step]
        current = {1: 2e-3, 3: -2e-3}.get(step, 0.0)
        values = {
            "voltage_volt": 3.0 + 1.2 * share,
            "current_ampere": current,
            "surface_pressure_mpa": 70 + 2 * share + 0.003 * (number % 3),
        }
        rows.append(LiveRow(channel, number, NOW - 1e6 + 60.0 * number, 0.0, values))
    return rows


def send(engine: Engine, rows: Iterable[LiveRow], received: float = NOW) -> None:
    """Store rows as one batch of an agent."""
    sealed = list(rows)
    payload = repr(sealed).encode()
    digest = hashlib.sha256(payload).hexdigest()
    store_batches(engine, [LiveBatch(f"lab:{digest}", "lab", digest, payload, received, sealed)])


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A cell with the channel A01 and one and a half cycles of rows."""
    return live_cell(engine, "A01", cycler_rows(1.5))


def live_cell(engine: Engine, channel: str, rows: Iterable[LiveRow]) -> int:
    """A cell whose channel has rows."""
    made = create_cell(engine, {"name": f"cell {channel}", "active_mass_mg": 16.0, "electrode_diameter_mm": 13.0})
    send(engine, rows)
    assign_channel(engine, channel, made.id, version=load_channel(engine, channel).version)
    return made.id


def worker_of(engine: Engine, **more: Any) -> LiveWorker:
    """A worker that never sleeps."""
    return LiveWorker(engine, pause=lambda _second: None, **{"wall": lambda: NOW, **more})


def test_rows_become_cycles_and_are_marked(engine: Engine, cell_id: int) -> None:
    """One complete cycle and one in progress; then nothing waits, and an idle round does nothing."""
    worker = worker_of(engine)
    assert worker.work_once() == 1
    assert load_cycles(engine, cell_id)["state"].tolist() == ["complete", "in_progress"]
    assert load_unclosed(engine).empty
    assert worker.work_once() == 0


def test_the_indicator_appears_when_the_discharge_ends(engine: Engine, cell_id: int) -> None:
    """The revision of the cycles counts what a page shows: not every row, but an end."""
    worker = worker_of(engine, clock=iter(range(10_000)).__next__)
    worker.work_once()
    opened = load_cell(engine, cell_id).cycles_revision
    send(engine, cycler_rows(1.9, start=120))
    worker.work_once()
    assert load_cell(engine, cell_id).cycles_revision == opened
    assert load_cycles(engine, cell_id)["delta_delta_p_q_mpa_g_per_ah"].isna().tolist() == [False, True]
    send(engine, cycler_rows(2.1, start=152))
    worker.work_once()
    assert load_cell(engine, cell_id).cycles_revision == opened + 1
    assert load_cycles(engine, cell_id)["delta_delta_p_q_mpa_g_per_ah"].notna().all()


def test_what_a_killed_worker_claimed_is_computed_by_the_next(engine: Engine, cell_id: int) -> None:
    """Claimed and not marked is not lost; nor is what comes while cycles are computed."""
    claimed = claim_unclosed(engine)
    send(engine, cycler_rows(1.6, start=120))
    claim_unclosed(engine)  # by another one, and killed
    mark_closed(engine, int(claimed["series_id"].iloc[0]), int(claimed["revision"].iloc[0]))
    assert len(load_unclosed(engine)) == 1
    assert worker_of(engine).work_once() == 1
    assert load_unclosed(engine).empty
    assert len(load_cycles(engine, cell_id)) == 2


def test_a_cell_that_cannot_be_computed_waits_and_stops_nobody(
    engine: Engine, cell_id: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error, foreseen or not, concerns its own cell; it is tried again later, not at once."""
    other = live_cell(engine, "A02", cycler_rows(1.5, channel="A02"))
    real = advance_cycles
    errors: Mapping[int, Exception] = {1: ZeroDivisionError("a fault"), 2: InvalidInputError("not so")}
    for number, error in errors.items():

        def advance(engine: Engine, one: int, *more: Any, error: Exception = error) -> object:
            if one == cell_id:
                raise error
            return real(engine, one, *more)

        monkeypatch.setattr(live_worker, "advance_cycles", advance)
        moments = iter(range(number * 1000, number * 1000 + 1000))
        worker = worker_of(engine, clock=lambda moments=moments: next(moments) / 100)
        send(engine, cycler_rows(1.5 + number / 10, start=120, channel="A02"))
        worker.work_once()
        assert worker.work_once() == 0
        assert load_unclosed(engine)["cell_id"].tolist() == [cell_id]
    assert len(load_cycles(engine, other)) == 2
    assert "a fault" in caplog.text
    monkeypatch.setattr(live_worker, "advance_cycles", real)
    assert worker_of(engine).work_once() == 1
    assert load_unclosed(engine).empty


def test_a_slow_cell_does_not_starve_the_others(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell whose cycles take ten seconds is advanced seldom, a quick one often."""
    slow = live_cell(engine, "A01", cycler_rows(1.5))
    quick = live_cell(engine, "A02", cycler_rows(1.5, channel="A02"))
    now = 0.0
    advanced: list[int] = []

    def advance(_engine: Engine, cell: int, *_more: Any) -> None:
        nonlocal now
        now += 10.0 if cell == slow else 0.01
        advanced.append(cell)

    monkeypatch.setattr(live_worker, "advance_cycles", advance)
    worker = worker_of(engine, clock=lambda: now)
    for number in range(1, 60):
        send(engine, cycler_rows(1.5 + number / 80, start=119 + number))
        send(engine, cycler_rows(1.5 + number / 80, start=119 + number, channel="A02"))
        worker.work_once()
        now += 0.3
    assert advanced.count(quick) > 40
    assert 1 <= advanced.count(slow) <= 3


def test_a_deleted_cell_is_marked_and_left(engine: Engine, cell_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that is gone is not tried for ever."""

    def advance(*_all: Any) -> None:
        from pressiometry.errors import NotFoundError  # noqa: PLC0415

        raise NotFoundError(f"There is no cell {cell_id}")

    monkeypatch.setattr(live_worker, "advance_cycles", advance)
    worker_of(engine).work_once()
    assert load_unclosed(engine).empty


def test_a_held_database_is_told(engine: Engine, cell_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer is no fault of the cell: nothing is marked, the round is tried again."""

    def advance(*_all: Any) -> None:
        raise StoreBusyError("busy")

    monkeypatch.setattr(live_worker, "advance_cycles", advance)
    with pytest.raises(StoreBusyError):
        worker_of(engine).work_once()
    assert load_unclosed(engine)["cell_id"].tolist() == [cell_id]


def test_rows_are_packed_when_they_fill_a_chunk_or_their_feed_has_ended(
    engine: Engine, cell_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before; and the rows read the same."""
    series_id = load_channel(engine, "A01").series_id
    assert series_id is not None
    key = StrandKey(series_id, LIVE)
    before = load_cell_records(engine, cell_id, columns=COLUMNS)
    pauses: list[float] = []
    assert compact(engine, NOW + 1, pause=pauses.append) == 0
    monkeypatch.setattr("ingest.compaction.CHUNK_RECORDS", 120)
    assert compact(engine, NOW + 1, pause=pauses.append) == 120
    monkeypatch.undo()
    send(engine, cycler_rows(1.6, start=120))
    assert compact(engine, NOW + 1, pause=pauses.append) == 0
    assert compact(engine, NOW + 3600, pause=pauses.append) == 8
    with reading(engine) as session:
        assert hot_extent(session, key) is None
    assert len(pauses) == 2
    pd.testing.assert_frame_equal(load_cell_records(engine, cell_id, columns=COLUMNS).iloc[:120], before)


def test_rows_of_a_channel_that_went_to_another_cell_are_packed(engine: Engine, cell_id: int) -> None:
    """Nothing more comes to the series that it left."""
    other = create_cell(engine, {"name": "the next", "electrode_diameter_mm": 13.0})
    assign_channel(engine, "A01", other.id, version=load_channel(engine, "A01").version)
    send(engine, cycler_rows(1.6, start=120))
    before = load_cell_records(engine, cell_id, columns=COLUMNS)
    assert compact(engine, NOW + 1, pause=lambda _second: None) == 120
    pd.testing.assert_frame_equal(load_cell_records(engine, cell_id, columns=COLUMNS), before)
    assert len(load_cell_records(engine, other.id, columns=COLUMNS)) == 8


def test_a_large_cell_is_left_to_the_worker(engine: Engine, cell_id: int) -> None:
    """It waits until the worker has computed all its cycles, and says so."""
    worker = worker_of(engine, clock=iter(range(10_000)).__next__)
    worker.work_once()
    assert not waits_for_worker(engine, cell_id)
    assert leave_to_worker(engine, cell_id)
    assert waits_for_worker(engine, cell_id)
    assert load_cycles(engine, cell_id).attrs["assumptions"] == [BEING_COMPUTED]
    assert load_unclosed(engine)["from_second"].iloc[0] <= EVERYTHING / 2
    claim_unclosed(engine)
    assert waits_for_worker(engine, cell_id)
    worker.work_once()
    assert not waits_for_worker(engine, cell_id)
    assert BEING_COMPUTED not in load_cycles(engine, cell_id).attrs["assumptions"]
    assert not leave_to_worker(engine, create_cell(engine, {"name": "bare", "electrode_diameter_mm": 13.0}).id)


def test_an_edit_of_a_large_cell_does_not_wait(engine: Engine, cell_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small cell has its cycles when the edit is answered, a large one when the worker has come by."""
    worker = worker_of(engine, clock=iter(range(10_000)).__next__)
    worker.work_once()
    name = "delta_delta_p_q_mpa_g_per_ah"
    before = load_cycles(engine, cell_id)[name].iloc[0]
    edit_cell(engine, cell_id, {"active_mass_mg": 8.0}, version=load_cell(engine, cell_id).version)
    assert load_cycles(engine, cell_id)[name].iloc[0] == pytest.approx(before / 2)
    monkeypatch.setattr("ingest.close_cycles.MOST_AT_ONCE", 119)
    edit_cell(engine, cell_id, {"active_mass_mg": 16.0}, version=load_cell(engine, cell_id).version)
    assert load_cycles(engine, cell_id)[name].iloc[0] == pytest.approx(before / 2)
    worker.work_once()
    assert load_cycles(engine, cell_id)[name].iloc[0] == pytest.approx(before)


def test_two_workers_of_postgresql_share_the_cells(postgres_url: str) -> None:
    """A cell that one computes is left out by the other, and marked by the one that computed it."""
    engine = open_engine(postgres_url)
    migrate(engine)
    cell_id = live_cell(engine, "A01", cycler_rows(1.5))
    with closing_alone(engine, cell_id) as mine:
        assert mine
        assert worker_of(engine).work_once() == 0
    assert worker_of(engine).work_once() == 1
    assert load_cycles(engine, cell_id)["state"].tolist() == ["complete", "in_progress"]
    send(engine, cycler_rows(2.1, start=120))
    assert worker_of(engine).work_once() == 1
    assert load_cycles(engine, cell_id)["state"].tolist() == ["complete", "complete"]
    assert load_unclosed(engine).empty
    engine.dispose()


@pytest.mark.long
def test_the_process_closes_cycles_and_ends_within_a_second(engine: Engine, cell_id: int, tmp_path: Path) -> None:
    """As the supervisor starts it: it works, survives kill -9 by its successor, and TERM ends it."""
    command = [
        sys.executable,
        "-m",
        "ingest.live_worker",
        "--database-url",
        str(engine.url),
        "--data-dir",
        str(tmp_path),
    ]
    first = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own program
    wait_for(lambda: len(load_cycles(engine, cell_id)) == 2)
    first.kill()
    first.wait()
    send(engine, cycler_rows(2.1, start=120))
    second = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own program
    wait_for(lambda: load_cycles(engine, cell_id)["state"].tolist() == ["complete", "complete"])
    asked = time.monotonic()
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=10) == 0
    assert time.monotonic() - asked < 1.5  # a busy machine takes its time


def wait_for(condition: Any) -> None:
    """Wait for what must become true."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
