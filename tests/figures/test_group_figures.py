"""Groups over cycles, names at the ends of lines, groups side by side."""

from typing import get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from figures.end_labels import LINE_PX, Label, place_labels, width_of
from figures.group_comparison import Show, draw_group_comparison
from figures.small_multiples import draw_small_multiples, multiples_height
from figures.style import MARGIN, plating_style
from figures.tables import Quantity


def _values(cells: dict[str, int], cycles: int = 6, *, ended: bool = False) -> pd.DataFrame:
    rows = [
        {
            "group": group,
            "cell_id": 100 * place + number,
            "cell_name": f"{group}-{number}",
            "cycle_count": float(cycle),
            "value": 16.0 - 0.1 * cycle + 0.05 * number,
            "ended": ended,
        }
        for place, (group, count) in enumerate(cells.items())
        for number in range(1, count + 1)
        for cycle in range(1, cycles + 1)
    ]
    return pd.DataFrame(rows)


def _summary(values: pd.DataFrame) -> pd.DataFrame:
    grouped = values.groupby(["group", "cycle_count"])["value"]
    return grouped.agg(n="count", mean="mean", sd="std").reset_index()


def _names(figure: go.Figure) -> list[str]:
    return [str(trace["name"]) for trace in figure.to_dict()["data"]]


def test_fewer_than_three_cells_have_no_mean() -> None:
    """The cell is the unit: two cells are two lines, never a mean, in whatever way they are asked for."""
    values = _values({"a": 3, "b": 2})
    for show in get_args(Show):
        names = _names(draw_group_comparison(values, _summary(values), show=show))
        assert "b, mean" not in names
        assert "b-1" in names
    assert "a, mean" in _names(draw_group_comparison(values, _summary(values), show="mean"))
    assert "a-1" not in _names(draw_group_comparison(values, _summary(values), show="mean"))
    assert "a, mean" not in _names(draw_group_comparison(values, _summary(values), show="cells"))


def test_names_carry_n_and_replace_the_legend() -> None:
    """Names stand at the ends of lines with n beside; there is no legend."""
    values = _values({"uncoated": 3, "<b>x</b>": 4})
    figure = draw_group_comparison(values, _summary(values))
    assert [note.text for note in figure.layout.annotations] == [
        "<b>uncoated</b>  n = 3",
        "<b>&lt;b&gt;x&lt;/b&gt;</b>  n = 4",
    ]
    assert not any(trace.get("showlegend") for trace in figure.to_dict()["data"])


def test_the_axis_ends_with_the_data_and_names_have_room_beside_it() -> None:
    """60 cycles are no 72: the names of lines that end last stand in the margin, as wide as the longest of them."""
    values = pd.concat([_values({"a longer name": 3}, 60), _values({"short": 3}, 20)])
    figure = draw_group_comparison(values, _summary(values))
    allowed = figure.layout.xaxis.autorangeoptions
    assert (allowed.minallowed, allowed.maxallowed) == (0, pytest.approx(61.2))
    margin = float(figure.layout.margin.r or 0)
    room = margin - MARGIN["r"]
    assert room >= width_of("a longer name  n = 3")
    assert min(float(note.xshift or 0) for note in figure.layout.annotations) > 0, "there is room at the right of both"
    short = draw_group_comparison(values[values["group"] == "short"], _summary(values))
    assert float(short.layout.margin.r or 0) < margin


def test_means_break_where_cycles_are_missing() -> None:
    """A gap is a gap in the mean and its band, too."""
    values = _values({"a": 3})
    values = values[values["cycle_count"] != 3]
    figure = draw_group_comparison(values, _summary(values)).to_dict()
    mean = next(trace for trace in figure["data"] if trace["name"] == "a, mean")
    assert None in mean["y"][:-1]
    assert sum(trace["name"] == "band" for trace in figure["data"]) == 2


def test_a_mean_of_one_cycle_has_no_band() -> None:
    """One cycle: a mean with its mark, no band of no width."""
    values = _values({"a": 3}, cycles=1)
    assert "band" not in _names(draw_group_comparison(values, _summary(values)))


def test_a_failed_cell_ends_with_a_cross() -> None:
    """A cell that failed has a cross at its last point, never a fall to zero."""
    values = _values({"a": 1}, ended=True)
    marker = draw_group_comparison(values, _summary(values)).to_dict()["data"][0]["marker"]
    assert marker["symbol"] == "x-thin"
    assert marker["size"] == [0, 0, 0, 0, 0, 7]


def test_factor_and_title_come_from_the_quantity() -> None:
    """Values are drawn in the unit on the axis; the cycle of the table is a line."""
    values = _values({"a": 3}).drop(columns="ended")
    quantity = Quantity("value", "Polarisation", "mV", 1, factor=1000.0)
    figure = draw_group_comparison(
        values, _summary(values), quantity=quantity, styles={"a": plating_style(5)}, selected=2
    )
    assert figure.layout.yaxis.title.text == "Polarisation / mV"
    assert max(figure.to_dict()["data"][1]["y"]) == pytest.approx(15950)
    assert figure.layout.shapes[0].x0 == 2


def test_labels_do_not_overlap() -> None:
    """Eight lines that end in one point: eight names, no two boxes over each other, all inside."""
    labels = [Label(f"group {number}  n = 3", 200.0, 150.0 + number) for number in range(8)]
    placed = place_labels(labels, [], width=600, height=300)
    boxes = [(label.x + item.shift_x, label.y + item.shift_y) for label, item in zip(labels, placed, strict=True)]
    for index, (x, y) in enumerate(boxes):
        for other_x, other_y in boxes[index + 1 :]:
            assert abs(y - other_y) >= LINE_PX or abs(x - other_x) > 60


def test_labels_keep_clear_of_lines_and_of_the_edge() -> None:
    """A name prefers a place without points of lines under it, and one inside the plot."""
    dots = [(x, 50.0) for x in range(110, 200, 5)]
    (placed,) = place_labels(
        [Label("a long name", 100.0, 50.0)], [(float(x), y) for x, y in dots], width=300, height=100
    )
    assert placed.shift_x < 0 or placed.shift_y != 0
    (at_edge,) = place_labels([Label("a long name", 295.0, 50.0)], [], width=300, height=100)
    assert at_edge.shift_x < 0


def _traces(groups: int) -> pd.DataFrame:
    hour = np.linspace(0, 6, 20)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "group": f"g{group}",
                    "cell_id": 10 * group + cell,
                    "cell_name": f"In{group}-{cell}",
                    "hour": hour,
                    "voltage_volt": 3 + group + np.sin(hour),
                    "change": 2 * np.sin(hour),
                }
            )
            for group in range(groups)
            for cell in (1, 2)
        ]
    )


def test_small_multiples_share_their_axes() -> None:
    """The same thing with the same scale: equal ranges in every plot, and zoom moves all of them."""
    layout = draw_small_multiples(_traces(3)).to_dict()["layout"]
    assert layout["yaxis"]["range"] == layout["yaxis3"]["range"] == layout["yaxis5"]["range"]
    assert layout["yaxis2"]["range"] == layout["yaxis6"]["range"]
    assert layout["xaxis3"]["matches"] == "x"


def test_small_multiples_wrap_after_four() -> None:
    """Five groups take two rows; one group does not fill the width of four."""
    assert multiples_height(5) == 2 * multiples_height(4)
    layout = draw_small_multiples(_traces(5)).to_dict()["layout"]
    assert layout["yaxis9"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert draw_small_multiples(_traces(1)).layout.xaxis.domain[1] < 0.6


def test_the_first_cell_is_full_and_the_others_thin_behind() -> None:
    """One cell is read, the others show the spread."""
    traces = draw_small_multiples(_traces(1)).to_dict()["data"]
    assert [trace["line"]["width"] for trace in traces] == [0.9, 0.9, 1.1, 1.7]
    assert traces[0]["line"]["color"].startswith("rgba")
