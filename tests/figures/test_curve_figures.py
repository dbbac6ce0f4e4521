"""Loops, differential curves and curves against capacity."""

import numpy as np
import pandas as pd
import pytest

from figures.cycle_curves import charge_scale, curve_halves, cycle_shares, per_charge_unit
from figures.differential_curves import draw_differential
from figures.loops import draw_against_capacity, draw_loops
from figures.style import RAMP, TOKENS
from pressiometry.columns import PRESSURE, STRAIN
from pressiometry.differential import POINTS, WINDOW

MASS_G = 0.01
Q_AH = 0.002


def _curves(cycles: tuple[int, ...] = (1, 2, 3)) -> pd.DataFrame:
    parts = []
    for cycle in cycles:
        for half in ("charge", "discharge"):
            q = np.linspace(0, Q_AH, POINTS)
            up = half == "charge"
            parts.append(
                pd.DataFrame(
                    {
                        "cycle_count": float(cycle),
                        "half": half,
                        "q_ah": q,
                        "voltage_volt": 3 + q / Q_AH if up else 4 - q / Q_AH,
                        "signal": 2 * q / Q_AH if up else 2 - 2 * q / Q_AH,
                        "dsignal_dq": 1000.0,
                        "dq_dv": 0.002,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def test_a_loop_closes_at_zero_charge() -> None:
    """The x axis is the charge still in the anode: q on charge, Q_dis - q on discharge (SCIENCE section 3)."""
    up, down = draw_loops(_curves((1,)), active_mass_g=MASS_G).to_dict()["data"]
    assert up["x"][0] == 0
    assert up["x"][-1] == pytest.approx(200.0)
    assert down["x"][0] == pytest.approx(200.0)
    assert down["x"][-1] == 0
    assert down["y"][-1] == 0


def test_without_a_mass_charge_is_in_mah() -> None:
    """No mass: mAh, and dP/dQ in MPa/(A h)."""
    figure = draw_loops(_curves())
    assert figure.layout.xaxis.title.text == "Q / mAh"
    assert figure.to_dict()["data"][0]["x"][-1] == pytest.approx(2.0)
    assert draw_differential(_curves()).layout.yaxis.title.text == "dP/dQ / MPa/(A h)"
    assert (per_charge_unit(PRESSURE, 0.01), per_charge_unit(STRAIN, None)) == ("MPa g/(A h)", "1/(A h)")
    assert per_charge_unit(STRAIN, 0.01) == "g/(A h)"
    assert charge_scale(None).factor == 1000


def test_slopes_are_per_gram_with_a_mass() -> None:
    """dP/dQ in MPa g/(A h) = MPa/(A h) times the mass; dQ/dV in mAh/(g V)."""
    slope = draw_differential(_curves(), active_mass_g=MASS_G)
    known = [value for value in slope.to_dict()["data"][0]["y"] if value is not None]
    assert known == pytest.approx([10.0] * (POINTS - WINDOW + 1))
    assert slope.layout.yaxis.title.text == "dP/dQ / MPa g/(A h)"
    capacity = draw_differential(_curves(), quantity="dq_dv", against="v", active_mass_g=MASS_G)
    assert capacity.to_dict()["data"][0]["y"][POINTS // 2] == pytest.approx(200.0)
    assert capacity.layout.yaxis.title.text == "dQ/dV / mAh/(g V)"
    assert capacity.layout.xaxis.title.text == "Voltage / V"
    assert draw_differential(_curves(), quantity="dq_dv").layout.yaxis.title.text == "dQ/dV / mAh/V"


def test_differential_curves_draw_the_halves_asked_for() -> None:
    """On charge by default; both on demand; a half that is missing is left out."""
    assert len(draw_differential(_curves()).data) == 3
    assert len(draw_differential(_curves(), halves=("charge", "discharge")).data) == 6
    both = _curves()
    only_charge = both[both["half"] == "charge"]
    assert len(draw_differential(only_charge, halves=("charge", "discharge")).data) == 3
    assert len(draw_loops(only_charge).data) == 3
    assert len(draw_against_capacity(only_charge).data) == 6


def test_early_cycles_are_light_and_the_chosen_one_is_ink_and_on_top() -> None:
    """One blue ramp for cycle numbers; the chosen cycle 2.2 px in ink, drawn last."""
    traces = draw_loops(_curves(), selected=2).to_dict()["data"]
    assert [trace["meta"]["cycle"] for trace in traces] == [1, 1, 3, 3, 2, 2]
    assert traces[0]["line"]["color"] == RAMP["light"][0]
    assert traces[2]["line"]["color"] == RAMP["light"][-1]
    assert traces[-1]["line"] == {"width": 2.2, "color": TOKENS["light"]["ink"]}


def test_voltage_loops_have_volts() -> None:
    """V-Q: the same loops of voltage."""
    figure = draw_loops(_curves(), quantity="voltage")
    assert figure.layout.yaxis.title.text == "Voltage / V"
    assert not figure.layout.annotations


def test_against_capacity_both_halves_run_to_the_right() -> None:
    """As cyclers plot it: charge and discharge from 0; voltage grey, the signal on the right axis."""
    figure = draw_against_capacity(_curves((4,)), active_mass_g=MASS_G)
    assert {trace["x"][0] for trace in figure.to_dict()["data"]} == {0.0}
    assert figure.layout.yaxis2.side == "right"
    without = draw_against_capacity(_curves((4,)).assign(signal=np.nan))
    assert "yaxis2" not in without.to_dict()["layout"]
    assert {trace["yaxis"] for trace in without.to_dict()["data"]} == {"y"}


def test_nothing_to_draw_is_said() -> None:
    """No curves, or none of this quantity: a sentence."""
    empty = _curves().iloc[:0]
    assert list(curve_halves(empty)) == []
    assert cycle_shares(empty) == {}
    for figure in (draw_loops(empty), draw_differential(empty), draw_against_capacity(empty)):
        assert "complete cycle" in str(figure.layout.annotations[0].text)
    blind = _curves().assign(signal=np.nan, dsignal_dq=np.nan)
    assert "mechanical" in str(draw_loops(blind).layout.annotations[0].text)
    assert "Not computed" in str(draw_differential(blind).layout.annotations[0].text)
    assert cycle_shares(_curves((5,))) == {5: 1.0}
