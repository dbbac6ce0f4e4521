"""The strips over cycles."""

import numpy as np
import pandas as pd
import pytest

from figures.cycle_stack import draw_cycle_stack
from figures.strip_axes import arrows_at_edge, cycle_ticks, strip_axis
from figures.style import TOKENS


def _cycles(count: int = 10) -> pd.DataFrame:
    number = np.arange(1, count + 1, dtype=float)
    return pd.DataFrame(
        {
            "cycle_count": number,
            "state": "complete",
            "estimator": "e2",
            "delta_delta_p_q_mpa_g_per_ah": 16 - 0.1 * number,
            "delta_delta_p_q_mpa_g_per_ah_u": 0.05,
            "delta_delta_p_q_mpa_g_per_ah_e1": 16.1 - 0.1 * number,
            "delta_delta_p_q_mpa_g_per_ah_e3": 15.9 - 0.1 * number,
            "delta_delta_p_q_percent": 100 - number,
            "discharging_capacity_mah_per_g": 170.0,
            "coulombic_efficiency_percent": 99.3,
            "p_eod_mpa": 69.0,
            "masked": (number == 4).astype(float),
        }
    )


def test_bars_are_ninety_five_percent() -> None:
    """Every error bar is 1.96 standard uncertainties (SCIENCE section 3)."""
    trace = draw_cycle_stack(_cycles()).to_dict()["data"][0]
    assert trace["error_y"]["array"][0] == pytest.approx(1.96 * 0.05)
    assert "15.90 ± 0.10 MPa g/(A h)" in trace["customdata"][0]


def test_a_masked_cycle_is_a_hollow_ring_in_the_same_trace() -> None:
    """Masked cycles are rings filled with surface; one trace, so that the readout takes the right point."""
    trace = draw_cycle_stack(_cycles(), theme="dark").to_dict()["data"][0]
    assert trace["marker"]["color"][3] == TOKENS["dark"]["surface"]
    assert trace["marker"]["line"]["color"][3] == TOKENS["dark"]["ink3"]
    assert "masked" in trace["customdata"][3]
    assert trace["marker"]["color"][2] != TOKENS["dark"]["surface"]


def test_the_baseline_breaks_at_a_masked_cycle_which_does_not_stretch_it() -> None:
    """A dead cycle enters no line, and its false baseline is an arrow at the edge."""
    table = _cycles()
    table.loc[3, "p_eod_mpa"] = 40.0
    figure = draw_cycle_stack(table).to_dict()
    line = next(trace for trace in figure["data"] if trace["mode"] == "lines")
    points = figure["data"][-1]
    assert line["y"][3] is None
    assert points["marker"]["symbol"][3] == "triangle-down"
    assert figure["layout"]["yaxis4"]["range"][0] > 60


def test_a_bar_inside_its_mark_is_said() -> None:
    """Where the bar is shorter than the marker nobody can see it: the readout says so."""
    table = _cycles().assign(delta_delta_p_q_mpa_g_per_ah_u=0.001)
    assert "(bar inside the mark)" in draw_cycle_stack(table).to_dict()["data"][0]["customdata"][0]
    assert "inside" not in draw_cycle_stack(_cycles()).to_dict()["data"][0]["customdata"][0]


def test_a_gap_stays_a_gap() -> None:
    """A cycle without a value has no point and no value in the readout."""
    table = _cycles()
    table.loc[1, "delta_delta_p_q_mpa_g_per_ah"] = np.nan
    trace = draw_cycle_stack(table).to_dict()["data"][0]
    assert trace["y"][1] is None
    assert trace["customdata"][1].startswith("cycle 2   \N{EN DASH} MPa")


def test_an_unfinished_cycle_is_not_drawn() -> None:
    """A cycle in progress enters no trend."""
    table = _cycles()
    table.loc[9, "state"] = "in_progress"
    assert draw_cycle_stack(table).to_dict()["data"][0]["x"][-1] == 9


def test_all_strips_share_one_cycle_axis() -> None:
    """One hair line goes through all strips: one x axis, several y domains (the look, section 8, trap 9)."""
    figure = draw_cycle_stack(_cycles()).to_dict()
    assert {trace["xaxis"] for trace in figure["data"]} == {"x"}
    assert figure["layout"]["xaxis"]["anchor"] == "y4"
    assert figure["layout"]["hoversubplots"] == "axis"
    assert {trace["hoverinfo"] for trace in figure["data"] if trace["mode"] == "markers"} == {"none"}


def test_other_estimators_stand_beside_with_their_names() -> None:
    """The mean slope beside the indicator shows what normalising by Q_dis alone can hide (SCIENCE section 1.6)."""
    figure = draw_cycle_stack(_cycles(), beside=("e1", "e2", "e3"))
    assert {trace["name"] for trace in figure.to_dict()["data"]} & {"e1", "e2", "e3"} == {"e1", "e3"}
    texts = [note.text for note in figure.layout.annotations]
    assert {"E1 paper", "E2 drift", "E3 slope"} <= set(texts)
    shifts = [float(note.yshift or 0) for note in figure.layout.annotations if str(note.text)[:2] in {"E1", "E2", "E3"}]
    assert sorted(shifts) == [-14, 0, 14]


def test_other_estimators_are_drawn_in_every_unit() -> None:
    """A unit is a factor for all estimators alike: E1 lies 0.1 above E2 per gram, as many percent in relative."""
    table = _cycles().assign(delta_delta_p_q_percent=100 * (16 - 0.1 * np.arange(1, 11)) / 15.6)
    figure = draw_cycle_stack(table, unit="relative", beside=("e1",)).to_dict()
    line = next(trace for trace in figure["data"] if trace["name"] == "e1")
    assert line["y"][0] == pytest.approx(100 * 16.0 / 15.6)


def test_masked_cycles_are_gaps_in_the_lines_beside() -> None:
    """A masked cycle enters no line."""
    figure = draw_cycle_stack(_cycles(), beside=("e1",))
    line = next(trace for trace in figure.to_dict()["data"] if trace["name"] == "e1")
    assert line["y"][3] is None


def test_the_relative_unit_has_its_hundred() -> None:
    """100 % is the median of cycles 2-6: a thin line says so; other units have none."""
    assert any(shape.y0 == 100 for shape in draw_cycle_stack(_cycles(), unit="relative").layout.shapes)
    assert not draw_cycle_stack(_cycles()).layout.shapes


def test_the_selected_cycle_is_a_line_through_all_strips() -> None:
    """The chosen cycle is the same x in every strip."""
    shape = draw_cycle_stack(_cycles(), selected=7).layout.shapes[0]
    assert (shape.x0, shape.y0, shape.y1, shape.yref) == (7, 0, 1, "paper")


def test_formation_is_left_of_cycle_one_and_can_be_hidden() -> None:
    """Formation cycles are marked and not counted."""
    table = _cycles().assign(formation_count=np.nan)
    table.loc[0, ["cycle_count", "formation_count"]] = [np.nan, 1.0]
    figure = draw_cycle_stack(table)
    assert figure.to_dict()["data"][0]["x"][0] == 0
    assert "formation 1" in figure.to_dict()["data"][0]["customdata"][0]
    assert "formation" in [note.text for note in figure.layout.annotations]
    assert draw_cycle_stack(table, show_formation=False).to_dict()["data"][0]["x"][0] == 2


def test_polarisation_stands_in_for_ce_where_ce_is_not_defined() -> None:
    """Symmetric cells have no CE: time ends both half-cycles."""
    table = _cycles().drop(columns="coulombic_efficiency_percent").assign(polarisation_volt=0.05)
    texts = [note.text for note in draw_cycle_stack(table).layout.annotations]
    assert "<b>Polarisation</b> / mV" in texts


def test_a_far_outlier_is_an_arrow_at_the_edge() -> None:
    """A first cycle with CE 86 % must not flatten the others; its true value stays in the readout."""
    shown, symbols = arrows_at_edge([86.0, 99.2, 99.3, 99.4, None, 200.0])
    assert shown == [99.2, 99.2, 99.3, 99.4, None, 99.4]
    assert symbols == ["triangle-down", "circle", "circle", "circle", "circle", "triangle-up"]
    assert arrows_at_edge([None])[1] == ["circle"]


@pytest.mark.parametrize("values", [[69.4, 68.6], [99.3, 99.3], [0.0, 0.0], [1e-6, 3e-6], [-5.0, 900.0]])
def test_strips_have_two_or_three_round_ticks_inside(values: list[float]) -> None:
    """A strip of 45 px has room for three numbers, and every value is inside its range."""
    axis = strip_axis([*values, None])
    assert 1 <= len(axis["tickvals"]) <= 3
    assert axis["range"][0] <= min(values) <= max(values) <= axis["range"][1]
    assert "tickvals" not in strip_axis([None])


def test_cycle_ticks_start_at_one() -> None:
    """The axis of cycles counts from 1, and a thousand cycles have few ticks."""
    assert cycle_ticks(3) == [1, 2, 3]
    assert cycle_ticks(1000)[0] == 1
    assert len(cycle_ticks(1000)) <= 9


def test_a_strip_without_a_value_leaves_its_room_to_the_others() -> None:
    """A cell without a mechanical signal shows capacity and CE, and no axis with invented numbers."""
    table = _cycles()[["cycle_count", "state", "discharging_capacity_mah_per_g", "coulombic_efficiency_percent"]]
    figure = draw_cycle_stack(table)
    assert [trace["yaxis"] for trace in figure.to_dict()["data"]] == ["y", "y2"]
    assert figure.layout.xaxis.anchor == "y2"
    assert not [note for note in figure.layout.annotations if "Δ" in str(note.text)]
    nothing = draw_cycle_stack(_cycles()[["cycle_count", "state"]])
    assert "No value" in str(nothing.layout.annotations[0].text)


def test_few_cycles_are_numbered_one_by_one() -> None:
    """One cycle has one tick, not seven ones."""
    assert draw_cycle_stack(_cycles(1)).to_dict()["layout"]["xaxis"]["tickvals"] == [1]
