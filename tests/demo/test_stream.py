"""The demo's live cells: what a cycler would write, at the right moments, begun again cleanly."""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.barograph_agent import CsvTail, Source, Spool, find_table, load_settings
from data_access.queries import load_cells
from demo import stream as streaming
from demo.stream import ACCELERATION, HEADER, LIVE_CELLS, Export, LiveCell, Server, prepare_stream, stream
from ingest.reading.names_for_agents import names_for_agents

DYING, HEALTHY = LIVE_CELLS


@pytest.fixture(scope="module")
def lines() -> dict[str, list[tuple[float, str]]]:
    """Every line of both cells, from second 1000 on."""
    return {cell.name: list(cell.lines(1000.0)) for cell in LIVE_CELLS}


def test_a_cycle_takes_about_twenty_seconds_and_ten_rows_a_second_at_most(
    lines: dict[str, list[tuple[float, str]]],
) -> None:
    """Fast enough to watch, slow enough to follow."""
    for cell in LIVE_CELLS:
        due = [moment for moment, _ in lines[cell.name]]
        assert due == sorted(due)
        cycles = {line.split(",")[2] for _, line in lines[cell.name]}
        assert 17 <= (due[-1] - due[0]) / len(cycles) <= 23
        assert max(Counter(int(moment) for moment in due).values()) <= 10


def test_one_cell_dies_within_ten_minutes_and_the_other_lives_long(lines: dict[str, list[tuple[float, str]]]) -> None:
    """The uncoated one has an internal short circuit; the coated one none."""
    assert (DYING.fails, DYING.ending) == (True, {"state": "failed", "cause": "ISC"})
    assert 300 < lines[DYING.name][-1][0] - 1000 < 600
    assert (HEALTHY.fails, HEALTHY.ending) == (False, {"state": "finished"})
    assert lines[HEALTHY.name][-1][0] - 1000 > 3600


def test_the_cells_say_that_they_are_synthetic() -> None:
    """On every page: the label stands at the cell itself."""
    assert [cell.values()["synthetic"] for cell in LIVE_CELLS] == ["synthetic", "synthetic, not from the paper"]


def test_the_agent_understands_every_column_of_the_export(tmp_path: Path) -> None:
    """Header and rows are read by the real agent; nothing is left out."""
    source = Source("csv", "Live-0", str(tmp_path / "*.csv"))
    spool = Spool(tmp_path / "spool", "demo")
    tail = CsvTail(source, spool, names_for_agents())
    rows = "".join(line for _, line in list(DYING.lines(1000.0))[:3])
    (tmp_path / "Live-0.csv").write_text(HEADER + rows)
    assert find_table((HEADER + rows).encode(), tail.names, source) is not None
    spool.begin("Live-0", {})
    assert tail.poll() == 3
    batch = next(batch for batch in map(spool.next_batch, range(4)) if batch)
    spool.close()
    row = batch.rows[1]
    assert row.keys() == {
        "channel", "sequence", "time", "units", "test_time_second", "cycle_count", "step_count", "voltage_volt",
        "current_ampere", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah", "surface_pressure_mpa",
        "surface_temperature_celsius",
    }  # fmt: skip
    assert row["test_time_second"] == 90.0


def test_a_killed_writer_goes_on_where_it_was(tmp_path: Path) -> None:
    """Behind the last whole line; half a line is written again."""
    short = LiveCell("Live-0", DYING.parameters, cycles=1, seed=1)
    expected = HEADER + "".join(line for _, line in short.lines(1000.0))
    first = Export(short, tmp_path, 1000.0)
    assert first.write_due(1000.0 + 5000 / ACCELERATION)
    first.file.write("2026-11")
    first.file.close()
    second = Export(short, tmp_path, 1000.0)
    assert not second.write_due(2000.0)
    second.file.close()
    assert (tmp_path / "Live-0.csv").read_text() == expected


def test_each_start_of_the_demo_makes_the_cells_anew(engine: Engine, tmp_path: Path) -> None:
    """Two cells, never four; the folder holds settings that the agent takes, and nothing of the start before."""
    folder = tmp_path / "live"
    prepare_stream(engine, folder, "http://127.0.0.1:8050")
    before = {cell.name: cell.id for cell in load_cells(engine)}
    (folder / "Live-0.csv").write_text("old")
    (folder / "started").write_text("1.0")
    (folder / "spool").mkdir()
    (folder / "spool" / "spool.sqlite").write_text("old")
    prepare_stream(engine, folder, "http://127.0.0.1:8050")
    after = {cell.name: cell.id for cell in load_cells(engine)}
    assert before.keys() == after.keys() == {"Live-0", "Live-15"}
    assert not set(before.values()) & set(after.values())
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["agent.toml", "cells.json"]
    assert json.loads((folder / "cells.json").read_text()) == after
    settings = load_settings(folder / "agent.toml")
    assert [source.channel for source in settings.source] == ["Live-0", "Live-15"]


class _Dashboard(Server):
    """A dashboard that knows a channel from its second question on, and keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.channels: dict[str, dict[str, Any]] = {}
        self.cells = {1: {"state": "running", "version": 3}, 2: {"state": "running", "version": 1}}
        self.asked: Counter[str] = Counter()

    def ask(self, method: str, path: str, body: Any = None, version: int | None = None) -> tuple[int, Any]:
        """Answers as the API's."""
        name, known = path.rsplit("/", 1)[1], path.startswith("/api/v1/channels")
        self.asked[f"{method} {name}"] += 1
        if known and self.asked[f"GET {name}"] < 2:
            return (0, None) if name == "Live-15" else (404, None)
        new = {"cell_id": None, "version": 1}
        channel = self.channels.setdefault(name, new) if known else self.cells[int(name)]
        if method != "GET":
            assert version == channel["version"]
            channel |= body
        return 200, channel


def test_channels_are_assigned_and_ends_are_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a channel that begins to exist later; an ended cell is failed or finished, as its owner would say."""
    short = tuple(LiveCell(cell.name, cell.parameters, cycles=1, seed=1) for cell in LIVE_CELLS)
    monkeypatch.setattr(streaming, "LIVE_CELLS", short)
    (tmp_path / "cells.json").write_text('{"Live-0": 1, "Live-15": 2}')
    (tmp_path / "started").write_text(repr(time.time() - 1000))
    dashboard, stop = _Dashboard(), threading.Event()
    thread = threading.Thread(target=stream, args=(tmp_path, dashboard, stop))
    thread.start()
    deadline = time.monotonic() + 10
    while dashboard.cells[2]["state"] == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join()
    assert {name: channel["cell_id"] for name, channel in dashboard.channels.items()} == {"Live-0": 1, "Live-15": 2}
    assert dashboard.cells[1] == {"state": "failed", "cause": "ISC", "version": 3}
    assert dashboard.cells[2]["state"] == "finished"
    assert (tmp_path / "Live-0.csv").read_text().startswith(HEADER)


def test_a_dashboard_that_is_away_is_no_error() -> None:
    """The cyclers cycle on; what could not be said is said later."""
    away = Server("http://127.0.0.1:9")
    assert away.assign("Live-0", 1) is False
    assert not away.edit_cell(1, {"state": "failed"})
