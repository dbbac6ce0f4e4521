"""Cycles computed after a past equal those of all records; what changes a finding of the past is noticed."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pressiometry.cycles import Closed, find_cycles
from pressiometry.facts import CellFacts, CellType
from pressiometry.past import Evidence, Past, PastChangedError

Maker = Callable[..., pd.DataFrame]
Flags = NDArray[np.bool_]
Change = Callable[[pd.DataFrame, Flags], None]
CYCLES, KEPT = 9, 7
FACTS = CellFacts(active_mass_mg=16.0)


def after(earlier: Closed, records: pd.DataFrame, keep: int) -> Closed:
    """The cycles after the first `keep`, whose evidence went through JSON; records from one cycle before on."""
    starts = earlier.cycles["start_second"].to_numpy()
    past = Past(json.loads(json.dumps(earlier.evidence[:keep])), float(starts[keep]))
    return find_cycles(records[records["test_time_second"] >= starts[keep - 1]], FACTS, past=past)


def assert_same(tail: Closed, everything: Closed, keep: int) -> None:
    """Cycles, evidence and curves are those of all records; the kept cycles would not be others."""
    expected = everything.cycles.iloc[keep:].reset_index(drop=True)
    pd.testing.assert_frame_equal(tail.cycles, expected, rtol=1e-12, atol=1e-15)
    assert tail.cycles.attrs == everything.cycles.attrs
    assert tail.evidence == everything.evidence[keep:]
    for position, columns in tail.curves.items():
        for name, values in columns.items():
            np.testing.assert_array_equal(values, everything.curves[keep + position][name])


@given(
    at=st.tuples(st.floats(0.1, 0.9), st.floats(0.05, 1), st.integers(0, 2)),
    made=st.tuples(st.sampled_from([0.0, 0.004]), st.booleans()),
    cell_type=st.sampled_from(["full", "symmetric"]),
)
def test_a_tail_gives_what_all_records_give(
    linear: Maker, at: tuple[float, float, int], made: tuple[float, bool], cell_type: CellType
) -> None:
    """Wherever records end, and whichever cycle one begins at, unless a finding of the past changes."""
    (first, share, cut), (noise, numbered) = at, made
    facts = CellFacts(active_mass_mg=16.0, cell_type=cell_type)
    records = linear(cycles=CYCLES, noise=noise, numbered=numbered, resolution=0.007)
    until = int(first * len(records))
    earlier = find_cycles(records.iloc[:until], facts)
    keep = len(earlier.cycles) - 1 - cut
    if keep < 1:
        return
    more = records.iloc[: until + max(int(share * (len(records) - until)), 1)]
    starts = earlier.cycles["start_second"].to_numpy()
    past = Past(json.loads(json.dumps(earlier.evidence[:keep])), float(starts[keep]))
    everything = find_cycles(more, facts)
    try:
        tail = find_cycles(more[more["test_time_second"] >= starts[keep - 1]], facts, past=past)
    except PastChangedError:
        return
    assert_same(tail, everything, keep)
    pd.testing.assert_frame_equal(everything.cycles.iloc[:keep], earlier.cycles.iloc[:keep], rtol=1e-12)


def _larger_current(records: pd.DataFrame, later: Flags) -> None:
    records.loc[later, "current_ampere"] *= 300  # 1 % of it is more than what flowed before


def _label_again(records: pd.DataFrame, later: Flags) -> None:
    records.loc[later, "instrument_cycle_count"] -= 4


def _warmer_before(records: pd.DataFrame, later: Flags) -> None:
    wide = (records["instrument_cycle_count"] >= 3) & (np.arange(len(records)) % 2 == 0)
    records["surface_temperature_celsius"] = 60.0
    records.loc[wide & (records["instrument_cycle_count"] <= 5), "surface_temperature_celsius"] = 61.0
    records.loc[wide & later, "surface_temperature_celsius"] = 62.0


def _no_pressure_before(records: pd.DataFrame, later: Flags) -> None:
    records.loc[~later, "surface_pressure_mpa"] = np.nan


def _thickness(records: pd.DataFrame, later: Flags) -> None:
    thickness = np.round(records.pop("surface_pressure_mpa").to_numpy(dtype=float) / 0.05) * 0.05
    records["thickness_micrometre"] = thickness + np.where(later, np.linspace(0, 0.01, len(records)), 0)


def _saturated_before(records: pd.DataFrame, later: Flags) -> None:
    pressure = records["surface_pressure_mpa"].to_numpy(dtype=float)
    top = float(np.median(pressure[~later]))
    records["surface_pressure_mpa"] = np.where(later, pressure, np.minimum(pressure, top))


def _pulses(records: pd.DataFrame, later: Flags) -> None:
    odd = later & (np.arange(len(records)) // 2 % 2 == 0)
    records.loc[odd, "current_ampere"] *= -1


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (_larger_current, "what counts as rest"),
        (_label_again, "the instrument's cycle numbers"),
        (_warmer_before, "temperature excursions"),
        (_no_pressure_before, "the mechanical signal"),
        (_thickness, "the resolution of the sensor"),
        (_saturated_before, "stuck samples"),
        (_pulses, "the profile is dynamic"),
    ],
)
def test_what_changes_the_past_is_noticed(linear: Maker, change: Change, finding: str) -> None:
    """Where later records make another thing of earlier cycles, all have to be computed."""
    records = linear(cycles=CYCLES, resolution=0.007)
    records["record_index"] = np.arange(len(records))
    later = (records["instrument_cycle_count"] > KEPT).to_numpy()
    change(records, later)
    earlier = find_cycles(records[~later], FACTS)
    with pytest.raises(PastChangedError, match=finding):
        after(_with_next(earlier, records, later), records, KEPT)


def _with_next(earlier: Closed, records: pd.DataFrame, later: Flags) -> Closed:
    """The past as it was stored before the later records came, and where the next cycle begins."""
    charge = np.flatnonzero(later & (records["step_count"] == 2).to_numpy())[0]
    begin = float(records["test_time_second"].iloc[charge - 1])  # the last record of the rest before it
    return Closed(pd.DataFrame({"start_second": [*earlier.cycles["start_second"], begin]}), earlier.evidence)


def test_a_clock_that_steps_back_is_noticed(linear: Maker) -> None:
    """Records of the past that are later than the next cycle cannot be told from its own."""
    records = linear(cycles=CYCLES, resolution=0.007)
    earlier = find_cycles(records, FACTS)
    evidence: list[Evidence] = [dict(each) for each in earlier.evidence]
    evidence[2] = {**evidence[2], "times": [0.0, 1e9]}
    with pytest.raises(PastChangedError, match="the order of time"):
        after(Closed(earlier.cycles, evidence), records, KEPT)
    with pytest.raises(PastChangedError, match="where the next cycle begins"):
        after(
            Closed(earlier.cycles.assign(start_second=earlier.cycles["start_second"] + 60), earlier.evidence),
            records,
            KEPT,
        )
