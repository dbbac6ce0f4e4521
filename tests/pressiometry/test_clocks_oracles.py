"""Clocks of data that the project did not make: an independent generator's force log, and real thickness."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pressiometry.clocks import Alignment, Expected, align_log, start_within, trace_cycler, trace_log

LAG_SECOND = 6.5
"""The largest error that CLOCKS section 7 gives for real cells: 4 s of it are the cell's own lag."""


def test_the_independent_generators_clock_comes_back_without_a_start_time(real_data: Path) -> None:
    """412 s and -60 ppm, with a pressure step of 10 kPa at every end of discharge: within the bound that is shown."""
    folder = real_data / "synthetic"
    cycler = pd.read_csv(folder / "s3_cycler.csv")
    force = pd.read_csv(folder / "s3_force.csv", sep=";", decimal=",")
    truth = json.loads((folder / "s3_truth.json").read_text(encoding="utf-8"))
    trace = trace_cycler(
        cycler["Test_Time(s)"].to_numpy(dtype=float), cycler["Current(mA)"].to_numpy(dtype=float) / 1000
    )
    (log,) = trace_log(force["elapsed_s"].to_numpy(dtype=float), force["load_kgf"].to_numpy(dtype=float))
    true = truth["offset_s"] + (1 + truth["drift_ppm"] * 1e-6) * log.second
    found = align_log(trace, log)
    assert (found.verdict, found.rests_on) == ("accepted", "data"), found.reason
    assert np.abs(found.cycler_time(log.second) - true).max() <= found.bound_second <= 13
    assert abs(found.gap_second) == pytest.approx(6.5, abs=2)


def align_thickness(folder: Path, cycle: str, offset: float, drift_ppm: float, half: float | None) -> Alignment:
    """Thickness beside its own current, on a clock that was put off on purpose; the start is stated 30 s wrong."""
    table = pd.read_csv(folder / "real" / "dilatometry" / f"nmc19_cycle_{cycle}.csv")
    second = table["time_s"].to_numpy(dtype=float)
    own = (second - offset) / (1 + drift_ppm * 1e-6)
    start = None if half is None else start_within(float(second[0] - own[0]) + 30, half)
    (log,) = trace_log(own, table["thickness_mm"].to_numpy(dtype=float))
    return align_log(trace_cycler(second, -table["current_A"].to_numpy(dtype=float)), log, Expected(start=start))


@pytest.mark.parametrize("cycle", ["001", "106", "213", "319", "424", "449"])
@pytest.mark.parametrize(("offset", "drift_ppm"), [(97.0, 0.0), (-130.0, 80.0)])
def test_real_thickness_is_aligned_or_refused(real_data: Path, cycle: str, offset: float, drift_ppm: float) -> None:
    """A drive cycle of five periods: with a start time right or refused, never wrong; without one never taken."""
    stated = align_thickness(real_data, cycle, offset, drift_ppm, half=150.0)
    ends = np.array([0.0, 7000.0])
    assert stated.verdict in {"accepted", "coarse", "refused"}
    if stated.verdict != "refused":
        error = np.abs(stated.cycler_time((ends - offset) / (1 + drift_ppm * 1e-6)) - ends).max()
        assert error <= max(LAG_SECOND, stated.bound_second)
    assert align_thickness(real_data, cycle, offset, drift_ppm, half=None).verdict in {"ambiguous", "refused"}
