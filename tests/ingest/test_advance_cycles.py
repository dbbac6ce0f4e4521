"""Cycles computed as rows arrive are those of all rows computed at once, and cost no more in a long test."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.queries import load_cell, load_curves, load_cycles
from data_access.series import append_rows, create_series, seal, store_records
from data_access.writes import create_cell, create_test, replace_cycles, store_event, update_cell
from demo.disturbances import TYPICAL
from demo.parameters import cell_parameters
from demo.simulator import simulate_cell
from ingest import advance_cycles as module
from ingest.advance_cycles import Memory, advance_cycles
from ingest.close_cycles import ClosedCycles, Sources, close_cycles, find, load_sources
from pressiometry.errors import NotFoundError

CYCLES = 13
EARLY = 9
"""Cycles that are there before rows come in pieces: the references of a cell are its cycles 2-6."""
names = itertools.count()


@cache
def simulated(kind: str) -> pd.DataFrame:
    """Records of a demo cell, with what makes its kind hard."""
    parameters = cell_parameters(0 if kind == "dies" else 5)
    if kind == "dies":
        parameters = replace(parameters, break_cycle=8, short_cycle=11)
    more: dict[str, dict[str, Any]] = {
        "gaps": {"missing_percent": 3.0},
        "warms": {"temperature_step_kelvin": 1.0},
        "wild": {"outlier_percent": 20.0},
    }
    disturbances = replace(TYPICAL, **more.get(kind, {}))
    records = simulate_cell(parameters, cycles=CYCLES, seed=3, disturbances=disturbances).records
    if kind == "bare":
        records = records.drop(
            columns=["instrument_cycle_count", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah"]
        )
    if kind == "restarts":  # the instrument counts from 1 again after cycle 10
        records["instrument_cycle_count"] = (records["instrument_cycle_count"] - 1) % 10 + 1
    if kind == "faster":  # a larger current later on
        later = records["instrument_cycle_count"] > EARLY + 1
        records.loc[later, "current_ampere"] *= 1.5
    return records.assign(sequence=np.arange(len(records)))


KINDS = ("dies", "gaps", "warms", "wild", "bare", "restarts", "faster")


def new_cell(engine: Engine) -> tuple[int, int]:
    """A cell with one empty series of a cycler, and the series."""
    cell = create_cell(engine, {**asdict(cell_parameters(5).facts), "name": f"live {next(names)}"})
    test = create_test(engine, cell.id)
    return cell.id, create_series(engine, test.id, "cycler", "A01", "live").id


def assert_as_closed(engine: Engine, cell_id: int) -> None:
    """Stored cycles, curves and assumptions are those of all records at once."""
    closed = find(load_sources(engine, cell_id))
    stored = load_cycles(engine, cell_id)
    expected = closed.cycles
    assert len(stored) == len(expected)
    for name in expected.columns:
        if stored[name].dtype.kind == "f":
            wanted = expected[name].to_numpy(dtype=float)
            np.testing.assert_allclose(stored[name].to_numpy(), wanted, rtol=1e-12, atol=1e-15, err_msg=name)
        else:
            assert [value or None for value in stored[name]] == [value or None for value in expected[name]], name
    for told, value in expected.attrs.items():
        assert stored.attrs[told] == value
    curves = load_curves(engine, cell_id)
    drawn = np.concatenate([curve["voltage_volt"] for curve in closed.curves.values()])
    np.testing.assert_allclose(curves["voltage_volt"].to_numpy(), drawn, rtol=1e-12)


def pieces_of(records: pd.DataFrame, cuts: Sequence[float], late: Sequence[float]) -> list[pd.DataFrame]:
    """The records cut at shares of those after the early cycles; `late` rows come with a later piece than their own."""
    first = int(np.searchsorted(records["test_time_second"], _start_of(records, EARLY)))
    bounds = sorted({first, *(first + round(share * (len(records) - first)) for share in cuts), len(records)})
    piece = np.searchsorted(bounds, np.arange(len(records)), side="right")
    for share in late:
        begin = round(share * (len(records) - 40))
        piece[begin : begin + 40] = np.minimum(piece[begin : begin + 40] + 2, len(bounds))
    return [part for _, part in records.groupby(piece)]


def _start_of(records: pd.DataFrame, cycle: int) -> float:
    return float(records["test_time_second"][records["record_index"] > cycle * len(records) / CYCLES].iloc[0])


@given(
    kind=st.sampled_from(KINDS),
    cuts=st.lists(st.floats(0, 1), min_size=1, max_size=3),
    late=st.lists(st.floats(0.5, 1), max_size=1),
)
def test_rows_in_pieces_give_the_cycles_of_all_rows(
    engine: Engine, kind: str, cuts: list[float], late: list[float]
) -> None:
    """After every piece the stored cycles equal those of all rows so far, late rows included."""
    cell_id, series_id = new_cell(engine)
    memory: Memory = {}
    for piece in pieces_of(simulated(kind), cuts, late):
        append_rows(engine, series_id, piece)
        advance_cycles(engine, cell_id, float(piece["test_time_second"].min()), memory)
        assert_as_closed(engine, cell_id)


@pytest.fixture
def grown(engine: Engine) -> Callable[[pd.DataFrame, int], tuple[int, int]]:
    """A cell whose first records are stored and closed."""

    def grow(records: pd.DataFrame, count: int) -> tuple[int, int]:
        cell_id, series_id = new_cell(engine)
        store_records(engine, series_id, records.iloc[:count], None)
        close_cycles(engine, cell_id)
        return cell_id, series_id

    return grow


def advance(engine: Engine, cell_id: int, series_id: int, rows: pd.DataFrame) -> ClosedCycles:
    """What came of rows that arrive."""
    append_rows(engine, series_id, rows)
    return advance_cycles(engine, cell_id, float(rows["test_time_second"].min()))


def test_closed_cycles_are_not_computed_again(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]
) -> None:
    """New rows touch the cycle in progress only; the records of two cycles are read, and curves stay."""
    records = simulated("gaps")
    cell_id, series_id = grown(records, 2200)
    before = load_cycles(engine, cell_id)
    result = advance(engine, cell_id, series_id, records.iloc[2200:2210])
    assert result.kept == len(before) - 1
    assert result.records < 2.2 * len(records) / CYCLES
    assert_as_closed(engine, cell_id)


def test_every_single_row_at_the_end_of_a_discharge(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]
) -> None:
    """Row by row over the end of a cycle: its indicator is there as soon as the current has gone to zero."""
    records = simulated("bare")
    turns = np.flatnonzero((records["current_ampere"] < 0) & (records["current_ampere"].shift(-1) >= 0))
    end = int(turns[10])
    cell_id, series_id = grown(records, end - 2)
    seen = []
    for row in range(end - 2, end + 6):
        advance(engine, cell_id, series_id, records.iloc[row : row + 1])
        assert_as_closed(engine, cell_id)
        last = load_cycles(engine, cell_id).iloc[10]
        seen.append((row > end, bool(np.isfinite(last["delta_delta_p_q_mpa_g_per_ah"]))))
    assert all(there for rests, there in seen if rests)
    assert seen[-1] == (True, True)
    assert seen[0] == (False, False)


def test_the_cost_does_not_grow_with_the_test(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At cycle 300 as many records are read as at cycle 30, no full closing is needed, and the CPU is at most 1.5 x."""
    one = simulated("gaps")
    one = one[one["instrument_cycle_count"] == 3].reset_index(drop=True)
    span, count = float(one["test_time_second"].iloc[-1] - one["test_time_second"].iloc[0]) + 60.0, len(one)
    parts = [
        one.assign(
            test_time_second=one["test_time_second"] + number * span,
            instrument_cycle_count=number + 1.0,
            record_index=one["record_index"] + number * count,
            surface_pressure_mpa=one["surface_pressure_mpa"] + 0.01 * np.sin(number),
        )
        for number in range(301)
    ]
    records = pd.concat(parts, ignore_index=True).assign(sequence=lambda table: np.arange(len(table)))
    monkeypatch.setattr(module, "close_cycles", lambda *_: pytest.fail("all cycles were computed"))
    cells = {cycles: grown(records, cycles * count + 30) for cycles in (30, 300)}
    spent: dict[int, list[float]] = {30: [], 300: []}
    read = {}
    for step in range(8):
        for cycles, (cell_id, series_id) in cells.items():
            begin = cycles * count + 30 + 5 * step
            append_rows(engine, series_id, records.iloc[begin : begin + 5])
            from_second = float(records["test_time_second"].iloc[begin])
            started = time.process_time()
            read[cycles] = advance_cycles(engine, cell_id, from_second).records
            spent[cycles].append(time.process_time() - started)
    assert read[30] == read[300]
    assert min(spent[300]) <= 1.5 * min(spent[30])


def test_changed_facts_and_events_compute_all(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]
) -> None:
    """What concerns all cycles is not kept from before: another mass, another logged event."""
    records = simulated("gaps")
    cell_id, series_id = grown(records, 2200)
    update_cell(engine, cell_id, {"active_mass_mg": 12.0}, version=load_cell(engine, cell_id).version)
    assert advance(engine, cell_id, series_id, records.iloc[2200:2210]).kept == 0
    assert_as_closed(engine, cell_id)
    store_event(engine, cell_id, kind="re-torque", start_second=5000.0)
    assert advance(engine, cell_id, series_id, records.iloc[2210:2220]).kept == 0
    assert "logged_event" in load_cycles(engine, cell_id)["quality"].iloc[0]
    store_event(engine, cell_id, kind="feed_silent", start_second=9000.0)
    assert advance(engine, cell_id, series_id, records.iloc[2220:2230]).kept > 0
    assert_as_closed(engine, cell_id)


def test_a_pressure_logger_that_comes_later_computes_all(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]
) -> None:
    """A cell of two channels: the first pressure makes all cycles anew, later ones only what they touch."""
    records = simulated("gaps")
    pressure = records[["sequence", "test_time_second", "surface_pressure_mpa"]]
    cell_id, series_id = grown(records.drop(columns="surface_pressure_mpa"), 2200)
    test_id = create_test(engine, cell_id).id
    logger = create_series(engine, test_id, "logger", "P01", "live").id
    assert advance(engine, cell_id, logger, pressure.iloc[:2200]).kept == 0
    assert_as_closed(engine, cell_id)
    append_rows(engine, logger, pressure.iloc[2200:2400])
    bare = records.drop(columns="surface_pressure_mpa")
    assert advance(engine, cell_id, series_id, bare.iloc[2200:2400]).kept > 0
    assert_as_closed(engine, cell_id)


def test_sealing_changes_nothing(engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]) -> None:
    """Rows that were sealed between two advances give the same cycles."""
    records = simulated("dies")
    cell_id, series_id = grown(records, 1900)
    advance(engine, cell_id, series_id, records.iloc[1900:2000])
    seal(engine, series_id)
    assert advance(engine, cell_id, series_id, records.iloc[2000:2100]).kept > 0
    assert_as_closed(engine, cell_id)


def test_impossible_values_enter_no_result(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]
) -> None:
    """100 V, and a current of 1e6 A, are stored and used in nothing."""
    records = simulated("gaps").copy()
    clean, _ = grown(records.drop(index=[1500, 2190]), 2190)
    records.loc[1500, "voltage_volt"] = 100.0
    records.loc[2190, "current_ampere"] = 1e6
    cell_id, series_id = grown(records, 2185)
    assert advance(engine, cell_id, series_id, records.iloc[2185:2192]).kept > 0
    found = load_cycles(engine, cell_id)
    assert found["charging_voltage_volt"].max() < 5
    assert found["charging_current_ampere"].max() < 1
    assert_as_closed(engine, cell_id)
    assert len(found) == len(load_cycles(engine, clean))


def test_an_instrument_that_counts_from_one_again_computes_all(
    engine: Engine, grown: Callable[[pd.DataFrame, int], tuple[int, int]]
) -> None:
    """Its number of a cycle is then nobody's number any more: earlier cycles are told as derived too."""
    records = simulated("restarts")
    begin = int(np.flatnonzero(records["record_index"] > 10 * len(records) / CYCLES)[0])
    cell_id, series_id = grown(records, begin)
    kept = [
        advance(engine, cell_id, series_id, records.iloc[at : at + 60]).kept for at in range(begin, begin + 240, 60)
    ]
    assert 0 in kept
    assert_as_closed(engine, cell_id)
    assert "derived" in load_cycles(engine, cell_id)["segmentation"].to_list()


@pytest.mark.parametrize("close", ["advance", "close"])
def test_what_somebody_else_wrote_meanwhile_is_not_overwritten_unseen(
    engine: Engine,
    grown: Callable[[pd.DataFrame, int], tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
    close: str,
) -> None:
    """Cycles that were computed from fewer records are computed once more, whoever was first."""
    records = simulated("gaps")
    cell_id, series_id = grown(records, 2200)
    append_rows(engine, series_id, records.iloc[2200:2210])
    real, calls = load_sources, []

    def while_another_writes(engine: Engine, cell: int, *more: float) -> Sources:
        sources = real(engine, cell, *more)
        calls.append(cell)
        if len(calls) == 1:  # between reading and writing
            append_rows(engine, series_id, records.iloc[2210:2220])
            close_cycles(engine, cell)
        return sources

    monkeypatch.setattr(f"ingest.{close}_cycles.load_sources", while_another_writes)
    if close == "advance":
        advance_cycles(engine, cell_id, float(records["test_time_second"].iloc[2200]))
    else:
        close_cycles(engine, cell_id)
    monkeypatch.undo()
    assert_as_closed(engine, cell_id)


def test_an_unknown_cell_is_named(engine: Engine) -> None:
    """Nothing is computed for a cell that is not there."""
    with pytest.raises(NotFoundError, match="77"):
        advance_cycles(engine, 77, 0.0)


def test_many_cycles_are_written_in_parts(
    engine: Engine,
    grown: Callable[[pd.DataFrame, int], tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other writers get their turn between parts; ended between two, the cell is closed anew, and all is as at once."""
    records = simulated("gaps")
    cell_id, _ = grown(records, 2200)
    monkeypatch.setattr("ingest.close_cycles.MOST_WRITTEN_AT_ONCE", 3)
    real = replace_cycles
    sizes: list[int] = []

    def ended_in_the_middle(engine: Engine, cell: int, test: int, table: pd.DataFrame, *more: Any, **how: Any) -> int:
        if len(sizes) == 2:
            raise KeyboardInterrupt
        sizes.append(len(table))
        return real(engine, cell, test, table, *more, **how)

    monkeypatch.setattr("ingest.close_cycles.replace_cycles", ended_in_the_middle)
    with pytest.raises(KeyboardInterrupt):
        close_cycles(engine, cell_id)
    assert sizes == [3, 3]
    assert load_cell(engine, cell_id).closed_with is None
    monkeypatch.setattr("ingest.close_cycles.replace_cycles", real)
    advance_cycles(engine, cell_id, float(records["test_time_second"].iloc[2199]))
    assert load_cell(engine, cell_id).closed_with is not None
    assert_as_closed(engine, cell_id)
