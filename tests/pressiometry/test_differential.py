"""Curves of a cycle: equal steps of charge, derivatives where the current is constant."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import summarise_cycles
from pressiometry.differential import COLUMNS, summarise_curves
from pressiometry.facts import CellFacts

Maker = Callable[..., pd.DataFrame]


def curves_of(records: pd.DataFrame, facts: CellFacts, row: int = 0) -> pd.DataFrame:
    """Curves of one cycle from its own records."""
    cycle = summarise_cycles(records, facts).iloc[row]
    inside = records["test_time_second"].between(cycle["start_second"], cycle["end_second"])
    return summarise_curves(records[inside], cycle, facts)


def test_a_linear_cell_has_constant_derivatives(linear: Maker, facts: CellFacts) -> None:
    """dP/dQ is the slope in both directions; dQ/dV the inverse of the voltage's, negative on discharge."""
    curves = curves_of(linear(cycles=2, interval=10.0), facts, row=1)
    assert tuple(curves.columns) == COLUMNS
    assert curves["half"].value_counts().to_dict() == {"charge": 201, "discharge": 201}
    for half, sign, total in (("charge", 1, 2.5e-3), ("discharge", -1, 2.475e-3)):
        own = curves[curves["half"] == half]
        assert own["q_ah"].iloc[[0, -1]].tolist() == pytest.approx([0, total])
        inner = own.iloc[10:-10]
        assert inner["dsignal_dq"].to_numpy() == pytest.approx(850, rel=1e-3)
        assert inner["dq_dv"].to_numpy() == pytest.approx(sign / 200, rel=1e-3)
    assert curves["signal"].iloc[0] == 0
    assert curves["signal"].iloc[200] == pytest.approx(850 * 2.5e-3, rel=0.01)


def test_constant_voltage_is_drawn_but_not_differentiated(linear: Maker, facts: CellFacts) -> None:
    """After the end of CC the derivatives are NaN, voltage and signal go on."""
    curves = curves_of(linear(cv_seconds=3000.0, interval=10.0), facts)
    charge = curves[curves["half"] == "charge"]
    in_cv = charge["q_ah"] > 2.55e-3
    assert charge.loc[in_cv, ["dsignal_dq", "dq_dv"]].isna().all().all()
    assert charge["voltage_volt"].notna().all()
    assert charge.loc[~in_cv, "dsignal_dq"].notna().mean() > 0.95


def test_noise_is_averaged_and_never_makes_a_pole(linear: Maker, facts: CellFacts) -> None:
    """Dense noisy records: the derivative stays near the slope, and dQ/dV has the sign of its half."""
    records = linear(interval=1.0, noise=0.004)
    rng = np.random.default_rng(2)
    records["voltage_volt"] += rng.normal(0, 0.003, len(records))
    curves = curves_of(records, facts)
    inner = curves[curves["q_ah"].between(0.2e-3, 2.2e-3)]
    assert inner["dsignal_dq"].std() < 0.05 * 850
    charge, discharge = curves[curves["half"] == "charge"], curves[curves["half"] == "discharge"]
    assert (charge["dq_dv"].dropna() > 0).all()
    assert (discharge["dq_dv"].dropna() < 0).all()


def test_without_a_signal_the_voltage_is_drawn(linear: Maker, facts: CellFacts) -> None:
    """No mechanical samples: signal and its derivative are NaN."""
    curves = curves_of(linear().drop(columns="surface_pressure_mpa"), facts)
    assert curves[["signal", "dsignal_dq"]].isna().all().all()
    assert curves["dq_dv"].notna().any()


def test_a_loggers_own_samples_are_used(linear: Maker, facts: CellFacts) -> None:
    """A logger on the same axis in place of the records' column."""
    records = linear(interval=10.0)
    logger = records[["test_time_second", "surface_pressure_mpa"]]
    bare = records.drop(columns="surface_pressure_mpa")
    cycle = summarise_cycles(bare, facts, mechanical=logger).iloc[0]
    curves = summarise_curves(bare, cycle, facts, logger)
    assert curves["dsignal_dq"].iloc[50] == pytest.approx(850, rel=1e-3)


def test_a_cycle_in_progress_has_what_there_is(linear: Maker, facts: CellFacts) -> None:
    """A charge alone gives its curve; a few records give none, with all columns."""
    records = linear(cycles=1)
    end = records.index[records["step_count"] == 2][-1]
    assert set(curves_of(records.iloc[:end], facts)["half"]) == {"charge"}
    start = records.index[records["step_count"] == 2][0]
    few = curves_of(records.iloc[: start + 3], facts)
    assert few.empty
    assert tuple(few.columns) == COLUMNS


def test_unknown_charge_gives_no_curve(linear: Maker, facts: CellFacts) -> None:
    """A gap without a reported capacity leaves that half out."""
    records = linear(cycles=1)
    rows = records.index[records["step_count"] == 5][40:60]
    assert set(curves_of(records.drop(index=rows), facts)["half"]) == {"charge"}


def test_a_dynamic_profile_has_curves_without_derivatives() -> None:
    """Voltage and signal by net charge; derivatives need constant current."""
    current = np.concatenate([[0.0], np.tile([-3e-3, -3e-3, -3e-3, 2e-3, 2e-3], 60)])
    charge = np.cumsum(current) * 10 / 3600
    records = pd.DataFrame({"test_time_second": 10.0 * np.arange(current.size), "current_ampere": current})
    records = records.assign(voltage_volt=4.0 + 20 * charge, thickness_micrometre=1e4 * charge)
    curves = curves_of(records, CellFacts())
    assert set(curves["half"]) == {"discharge"}
    assert curves["dsignal_dq"].isna().all()
    assert curves["signal"].iloc[-1] == pytest.approx(1e4 * charge[-1], rel=0.05)
