"""What the Overview says: order, filters, groups and sentences follow from the tables."""

from typing import Any

import pandas as pd
import pytest

from data_access.models import Cell
from layouts.overview_rows import (
    CYCLE_VALUES,
    cycles_to_show,
    falling_sentence,
    filter_rows,
    group_rows,
    overview_rows,
    overview_sentence,
    property_names,
)

STATES = pd.DataFrame(
    {
        "cell_id": [1],
        "voltage_volt": [3.5],
        "surface_pressure_mpa": [70.1],
        "step": ["charge"],
        "unix_time_second": [0.0],
    }
)


def cell(number: int, **values: Any) -> Cell:
    """A cell with what the rows need."""
    return Cell(id=number, **{"name": f"c{number}", "state": "running", "properties": {}, **values})


def cycles(cell_id: int, percent: list[float], **values: Any) -> pd.DataFrame:
    """Complete cycles with a relative indicator each."""
    count = len(percent)
    table: dict[str, list[Any]] = {name: [float("nan")] * count for name in CYCLE_VALUES}
    table |= {"cell_id": [cell_id] * count, "cycle_count": list(range(1, count + 1)), "formation_count": [None] * count}
    table |= {"state": ["complete"] * count, "masked": [0] * count, "delta_delta_p_q_percent": percent}
    return pd.DataFrame({**table, **values})


def rows(cells: list[Cell], *tables: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of the cells with these cycles."""
    values = pd.concat(tables) if tables else cycles(0, [])
    return overview_rows(cells, STATES, values, 60)


def test_the_slope_is_that_of_the_last_five_cycles_and_an_outlier_does_not_move_it() -> None:
    """Theil-Sen: one wild cycle of five changes nothing."""
    (row,) = rows([cell(1)], cycles(1, [100, 100, 100, 98, 96, 150, 92, 90]))
    assert row["slope"] == pytest.approx(-2.0)
    assert row["now"] == 90


@pytest.mark.parametrize("step", [float("nan"), None])
def test_a_cell_without_records_is_in_no_step(step: float | None) -> None:
    """Nothing is written where nothing was measured, and never "nan"."""
    states = pd.concat([STATES, pd.DataFrame({"cell_id": [2], "step": [step]})])
    without = overview_rows([cell(1), cell(2)], states, cycles(0, []), 60)
    assert {row["cell_id"]: row["step"] for row in without} == {1: "charge", 2: ""}


def test_too_few_cycles_have_no_slope() -> None:
    """Four points are no trend."""
    (row,) = rows([cell(1)], cycles(1, [100, 99, 98, 97]))
    assert row["slope"] is None


def test_a_masked_and_an_unfinished_cycle_enter_nothing() -> None:
    """Now is the last complete cycle that is not masked; the cycle number is the last complete one."""
    table = cycles(1, [100, 99, 98], masked=[0, 0, 1], state=["complete", "complete", "complete"])
    table = pd.concat([table, cycles(1, [50], cycle_count=[4], state=["in_progress"])])
    (row,) = rows([cell(1)], table)
    assert [point[0] for point in row["spark"]["points"]] == [1, 2]
    assert row["now"] == 99
    assert row["cycle"] == 3


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "no cycles yet"),
        (1, "3 more cycles needed"),
        (3, "one more cycle needed"),
        (5, "one more cycle needed"),
        (9, "no reference cycles"),
    ],
)
def test_without_an_indicator_the_row_says_how_long_it_takes(count: int, said: str) -> None:
    """Never an empty cell without a word; three of cycles 2-6 make the reference."""
    table = cycles(1, [float("nan")] * count, mechanical_signal=["surface_pressure_mpa"] * count)
    (row,) = rows([cell(1)], table)
    assert row["spark"]["words"] == said


def test_a_cell_without_pressure_is_not_promised_a_value() -> None:
    """No mechanical signal in any cycle: no number of further cycles gives an indicator."""
    (row,) = rows([cell(1)], cycles(1, [float("nan")] * 2, mechanical_signal=[None, None]))
    assert row["spark"]["words"] == "no pressure recorded"


def test_running_cells_come_first_and_the_fastest_fall_above() -> None:
    """The order is by what matters, never by name."""
    cells = [cell(1, state="failed", cause="ISC"), cell(2), cell(3), cell(4)]
    falling = [cycles(number, [100 - number * at for at in range(6)]) for number in (1, 2, 3)]
    assert [row["cell_id"] for row in rows(cells, *falling)] == [3, 2, 4, 1]


def test_a_stale_feed_stands_above_what_runs() -> None:
    """The order is by level first: however fast another cell falls, a silent one is seen before it."""
    cells = [cell(1, state="failed"), cell(2), cell(3)]
    falling = cycles(2, [100 - 9 * at for at in range(6)])
    feeds = pd.DataFrame({"cell_id": [2, 3], "name": ["a", "b"], "age_second": [0.1, 60], "status": ["live", "stale"]})
    found = overview_rows(cells, STATES, falling, 60, feeds)
    assert [(row["cell_id"], row["marks"]["state"].get("word")) for row in found] == [
        (3, "Feed stale"),
        (2, None),
        (1, None),
    ]


def test_an_ended_cell_shows_no_present_values() -> None:
    """The last voltage of a dead cell is not its voltage now."""
    (row,) = rows([cell(1, state="failed", cause="ISC")])
    assert (row["state"], row["voltage"], row["step"]) == ("Ended · ISC", None, "")
    (row,) = rows([cell(1)])
    assert (row["voltage"], row["pressure"], row["step"]) == (3.5, 70.1, "charge")
    assert row["marks"]["last"]["title"] == "1970-01-01 00:00:00 UTC"


def test_search_takes_every_word_in_name_group_plating_or_property() -> None:
    """`15 rack-a` finds the 15 min cells of rack A."""
    found = rows([cell(1, plating_time_min=15.0, properties={"rack": "rack-A"}), cell(2, plating_time_min=15.0)])
    assert [row["cell_id"] for row in filter_rows(found, query="15 RACK-a")] == [1]
    assert filter_rows(found, state="ended") == []
    assert len(filter_rows(found, state="running")) == 2


def test_groups_by_plating_time_start_with_uncoated_and_end_with_unknown() -> None:
    """The control comes first on every page."""
    found = rows(
        [cell(1, plating_time_min=40.0), cell(2), cell(3, plating_time_min=0.0), cell(4, plating_time_min=5.0)]
    )
    titles = [row["group"]["title"] for row in group_rows(found, "plating") if row.get("full")]
    assert titles == ["Uncoated", "5 min plating", "40 min plating", "Plating time unknown"]


def test_groups_by_label_or_property_put_cells_without_one_last() -> None:
    """Any property groups, and nobody is lost."""
    found = rows([cell(1), cell(2, group="b", properties={"rack": "A"})])
    for by in ("group", "property:rack"):
        heads = [row["group"] for row in group_rows(found, by) if row.get("full")]
        assert [head["title"] for head in heads] == ["b" if by == "group" else "A", "Without"]
    assert group_rows(found, "none") == found


def test_a_group_says_how_many_run_and_after_how_many_cycles_the_others_ended() -> None:
    """The count stands beside the median."""
    cells = [cell(1), cell(2, state="failed"), cell(3, state="finished")]
    found = rows(cells, cycles(2, [1.0] * 10), cycles(3, [1.0] * 20))
    head = group_rows(found, "plating")[0]["group"]
    assert head["facts"] == "3 cells · 1 running · 2 of 3 ended, after a median of 15 cycles"
    assert group_rows(found[:1], "plating")[0]["group"]["facts"] == "1 cell · 1 running · no cell has ended"


def test_the_sentence_says_what_is_the_case() -> None:
    """All alike is said so."""
    assert overview_sentence([{"running": True}]) == "1 cell, all running."
    assert overview_sentence([{"running": False}] * 2) == "2 cells, all ended."


def test_the_fastest_fall_is_named_with_a_true_minus() -> None:
    """A cell that ended, or rises, is not falling."""
    falling = rows([cell(1)], cycles(1, [100 - 3.8 * at for at in range(6)]))
    assert falling_sentence(falling) == "Falling fastest: c1, −3.8 % per cycle."
    assert falling_sentence([{"running": False, "slope": -3.0}, {"running": True, "slope": 0.5}]) == ""


def test_sparklines_are_as_wide_as_the_oldest_cell_needs() -> None:
    """Sixty cycles at least, the same for all."""
    assert cycles_to_show(cycles(1, [1.0] * 10), 60) == 60
    assert cycles_to_show(cycles(1, [1.0] * 80), 60) == 80
    assert cycles_to_show(cycles(1, []), 60) == 60


def test_every_property_of_some_cell_can_be_grouped_by() -> None:
    """In the order of the alphabet."""
    assert property_names([cell(1, properties={"rack": "A"}), cell(2, properties={"C-rate": 0.5})]) == [
        "C-rate",
        "rack",
    ]
