"""Voltage and mechanical signal against time, the strip of the whole test, the preview of a file."""

from typing import Literal

import numpy as np
import pandas as pd
import pytest

from figures.context_strip import draw_context_strip
from figures.import_preview import draw_import_preview, thinned
from figures.style import TOKENS, plating_style
from figures.voltage_pressure import draw_voltage_pressure, mechanical_column, stacked_height, tick_format

HOUR = 3600.0


def _signal(column: str, values: list[float], step: float = HOUR) -> pd.DataFrame:
    return pd.DataFrame({"test_time_second": np.arange(len(values)) * step, column: values})


def _signals(column: str = "surface_pressure_mpa") -> dict[str, pd.DataFrame]:
    return {
        "voltage_volt": _signal("voltage_volt", [3.0, 4.0, 4.3, 3.5, 3.0]),
        column: _signal(column, [69.0, 70.0, float("nan"), 70.0, 69.0]),
    }


def _cycles(count: int, hours: float = 2.0) -> pd.DataFrame:
    starts = np.arange(count) * hours * HOUR
    return pd.DataFrame(
        {"cycle_count": np.arange(1.0, count + 1), "start_second": starts, "end_second": starts + hours * HOUR}
    )


def test_voltage_is_grey_and_pressure_has_the_colour_of_the_group() -> None:
    """Colour belongs to plating time; voltage is grey on every page (the look, section 2)."""
    traces = draw_voltage_pressure(_signals(), style=plating_style(15)).to_dict()["data"]
    assert traces[0]["line"]["color"] == TOKENS["light"]["volt"]
    assert traces[1]["line"]["color"] == TOKENS["light"]["plating-15"]
    assert traces[1]["yaxis"] == "y2"


def test_a_gap_stays_a_gap() -> None:
    """Missing records leave a hole in the line, never a bridge."""
    trace = draw_voltage_pressure(_signals()).to_dict()["data"][1]
    assert trace["y"][2] is None
    assert trace["connectgaps"] is False


@pytest.mark.parametrize("arrangement", ["overlay", "stacked"])
def test_what_cannot_have_been_measured_stands_at_the_edge(arrangement: Literal["overlay", "stacked"]) -> None:
    """One row of 100 V flattens neither the line nor the axis, and is not dropped: a mark says when and what."""
    signals = _signals() | {"voltage_volt": _signal("voltage_volt", [3.0, 4.0, 100.0, 3.5, -40.0])}
    figure = draw_voltage_pressure(signals, arrangement=arrangement).to_dict()
    line = next(trace for trace in figure["data"] if trace["meta"].get("column") == "voltage_volt")
    assert line["y"] == [3.0, 4.0, None, 3.5, None]
    (marks,) = [trace for trace in figure["data"] if trace["meta"].get("flagged")]
    assert (marks["x"], marks["y"], marks["yaxis"]) == ([2.0, 4.0], [1.0, 0.0], "y9")
    assert marks["customdata"] == ["100 V out of range", "\N{MINUS SIGN}40 V out of range"]
    assert marks["meta"]["columns"] == {"Voltage / V": [100.0, -40.0]}, "the table of the figure has the values"
    assert figure["layout"]["yaxis9"]["range"] == [0, 1]
    assert figure["layout"]["yaxis9"].get("domain") == figure["layout"]["yaxis"].get("domain")


def test_the_strip_lets_no_wrong_value_flatten_its_line() -> None:
    """The strip of the whole test marks it as well, and shows the whole test where its signal has one record."""
    strip = draw_context_strip(_signal("voltage_volt", [3.0, 100.0, 4.0])).to_dict()
    assert strip["data"][0]["y"] == [3.0, None, 4.0]
    assert strip["data"][2]["x"] == [1.0]
    strip = draw_context_strip(_signal("surface_pressure_mpa", [70.0]), span=(0.0, 9 * HOUR)).to_dict()
    assert strip["layout"]["xaxis"]["range"] == [0.0, 9.0]
    alone = draw_voltage_pressure({"surface_pressure_mpa": _signal("surface_pressure_mpa", [70.0])}).to_dict()
    assert alone["data"][0]["mode"] == "lines+markers"
    assert strip["data"][0]["mode"] == "markers"


def test_time_is_in_hours_from_the_origin() -> None:
    """A single cycle is drawn from its own start."""
    figure = draw_voltage_pressure(_signals(), origin_second=HOUR, window=(HOUR, 3 * HOUR))
    assert figure.to_dict()["data"][0]["x"][:2] == [-1.0, 0.0]
    assert list(figure.layout.xaxis.range) == [0.0, 2.0]


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("thickness_micrometre", "Thickness change / µm"),
        ("strain", "Strain"),
        ("surface_pressure_mpa", "Pressure / MPa"),
    ],
)
def test_any_mechanical_signal_has_the_right_axis(column: str, title: str) -> None:
    """Where thickness or strain was measured it takes the place of pressure."""
    figure = draw_voltage_pressure(_signals(column))
    assert figure.layout.yaxis2.title.text == title
    assert figure.layout.yaxis2.tickmode == "auto"


def test_one_signal_alone_has_one_axis() -> None:
    """Only voltage, or only pressure: no empty second axis."""
    signals = _signals()
    only_voltage = draw_voltage_pressure({"voltage_volt": signals["voltage_volt"]})
    assert "yaxis2" not in only_voltage.to_dict()["layout"]
    only_pressure = draw_voltage_pressure({"surface_pressure_mpa": signals["surface_pressure_mpa"]})
    assert only_pressure.layout.yaxis.title.text == "Pressure / MPa"
    only_current = draw_voltage_pressure({"current_ampere": _signal("current_ampere", [1.0, 2.0])})
    assert only_current.layout.yaxis.title.text == "Current / A"


def test_pressure_goes_before_thickness() -> None:
    """Pressure is the first citizen among mechanical signals; one without a value is none."""
    both = {**_signals("thickness_micrometre"), **_signals()}
    assert mechanical_column(both) == "surface_pressure_mpa"
    nothing = {"surface_pressure_mpa": _signal("surface_pressure_mpa", [float("nan")])}
    assert mechanical_column(nothing) is None


def test_every_second_cycle_is_shaded_and_numbered_on_top() -> None:
    """Cycle numbers stand above the plot, every second cycle is shaded."""
    figure = draw_voltage_pressure(_signals(), _cycles(2))
    assert len(figure.layout.shapes) == 1
    assert [note.text for note in figure.layout.annotations] == ["1", "2", "cycle"]


def test_many_cycles_have_few_numbers_and_no_shading() -> None:
    """Three hundred cycles: round numbers only, as many as fit."""
    signals = {"voltage_volt": _signal("voltage_volt", [3.0, 4.0], step=600 * HOUR)}
    figure = draw_voltage_pressure(signals, _cycles(300))
    numbers = [note.text for note in figure.layout.annotations if note.name == "cycle-number"]
    assert len(numbers) <= 16
    assert not figure.layout.shapes
    some = draw_voltage_pressure(signals, _cycles(60, hours=10.0))
    assert "30" in [note.text for note in some.layout.annotations]
    assert "31" not in [note.text for note in some.layout.annotations]


def test_narrow_cycles_have_numbers_as_well() -> None:
    """Of 120 cycles, none as wide as its number, every tenth is numbered."""
    signals = {"voltage_volt": _signal("voltage_volt", [3.0, 4.0], step=240 * HOUR)}
    figure = draw_voltage_pressure(signals, _cycles(120, hours=2.0))
    numbers = [note.text for note in figure.layout.annotations if note.name == "cycle-number"]
    assert numbers == [str(number) for number in range(10, 121, 10)]


def test_cycles_outside_the_window_are_left_out() -> None:
    """Only cycles that reach into the range are marked; formation cycles are F1, F2."""
    cycles = _cycles(5).assign(formation_count=np.nan)
    cycles.loc[0, ["cycle_count", "formation_count"]] = [np.nan, 1.0]
    figure = draw_voltage_pressure(_signals(), cycles, window=(0.0, 3 * HOUR))
    assert [note.text for note in figure.layout.annotations] == ["F1", "2", "cycle"]
    nowhere = draw_voltage_pressure(_signals(), _cycles(1), window=(50 * HOUR, 60 * HOUR))
    assert not nowhere.layout.annotations


def test_stacked_gives_every_signal_a_strip_of_its_own() -> None:
    """Stacked: as many strips as signals on one time axis, and the height for them."""
    signals = {**_signals(), "current_ampere": _signal("current_ampere", [0.001, -0.001])}
    figure = draw_voltage_pressure(signals, arrangement="stacked")
    assert figure.layout.height == stacked_height(3)
    assert figure.layout.xaxis.anchor == "y3"
    assert "<b>Current</b> / A" in [note.text for note in figure.layout.annotations]
    marked = draw_voltage_pressure(signals, _cycles(2), arrangement="stacked").layout.annotations
    lowest_number = min(float(note.yshift or 0) for note in marked if note.name == "cycle-number")
    assert lowest_number >= 14  # above the title of the first strip, 11 px high
    alone = draw_voltage_pressure({"strain": _signal("strain", [0.1, 0.2])}, arrangement="stacked")
    assert alone.layout.annotations[0].text == "<b>Strain</b>"


@pytest.mark.parametrize(
    ("values", "form"),
    [([3.0, 4.3], ".1f"), ([70.1, 70.18], ".2f"), ([0.0, 60.0], ".0f"), ([1.0, 1.0], "~g"), ([None], ".1f")],
)
def test_ticks_have_the_same_decimals(values: list[float | None], form: str) -> None:
    """A tick "4" above "3.5" reads as two kinds of number."""
    assert tick_format(values) == form


def test_the_strip_shows_the_window_in_ink() -> None:
    """The brush: the whole test thin, its shown part in ink, a frame around it."""
    signal = _signal("surface_pressure_mpa", [69.0, 70.0, 71.0, 70.0])
    figure = draw_context_strip(signal, window=(HOUR, 2 * HOUR))
    assert figure.to_dict()["data"][1]["y"] == [None, 70.0, 71.0, None]
    assert figure.layout.dragmode == "select"
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (1.0, 2.0)
    assert draw_context_strip(signal).layout.shapes[0].x1 == 3.0
    assert not draw_context_strip(pd.DataFrame()).data


def test_thinning_keeps_a_dip_of_one_sample() -> None:
    """A dip of one sample is what a short circuit looks like: it survives (issue: a one-sample dip is visible)."""
    values = np.full(100_000, 4.0)
    values[56_789] = 0.1
    table = thinned(pd.DataFrame({"test_time_second": np.arange(100_000.0), "voltage_volt": values}), "voltage_volt")
    assert len(table) <= 2000
    assert table["voltage_volt"].min() == 0.1
    assert table["test_time_second"].is_monotonic_increasing


def test_the_preview_leaves_out_columns_without_a_value() -> None:
    """A column that the file does not hold makes no strip."""
    records = pd.DataFrame({"test_time_second": [0.0, 1.0], "voltage_volt": [3.0, 3.1], "strain": [np.nan, np.nan]})
    assert len(draw_import_preview(records).data) == 1
