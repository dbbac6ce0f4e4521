"""The Compare page's callbacks and groupings over a store with a few simulated cells."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from callbacks.compare import show_groups, show_multiples, usual_start
from callbacks.compare_groups import by_choices, group_cells, group_values, table_cycle
from data_access.models import Cell
from data_access.series import create_series, store_records
from data_access.writes import create_cell, create_test
from demo.parameters import cell_parameters
from demo.simulator import simulate_cell
from ingest.close_cycles import close_cycles
from layouts.compare_metrics import DEFAULT_METRIC, is_metric, metric_choices, metric_quantity

if TYPE_CHECKING:
    from dash import Dash

METRIC = "delta_delta_p_q_mpa_g_per_ah"
VIEW: dict[str, Any] = {
    "by": "plating",
    "metric": METRIC,
    "show": "both",
    "at": "cycle",
    "cycle": None,
    "hidden": [],
    "hand": "",
}


def _text(component: Any) -> str:
    """All the words in a component and below it."""
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return " ".join(_text(item) for item in component)
    return _text(getattr(component, "children", None) or "") if component is not None else ""


@pytest.fixture(scope="module")
def records() -> list[pd.DataFrame]:
    """Records of three simulated cells of three cycles."""
    return [simulate_cell(cell_parameters(5), cycles=3, seed=seed).records for seed in (1, 2, 3)]


@pytest.fixture
def laboratory(engine: Engine, records: list[pd.DataFrame]) -> Engine:
    """Three uncoated cells, two of 5 min, one without a plating time and one without records."""
    plan = [("a1", 0), ("a2", 0), ("a3", 0), ("b1", 5), ("b2", 5), ("c1", None)]
    for index, (name, plating) in enumerate(plan):
        state = {"state": "failed", "cause": "ISC"} if name == "a1" else {}
        properties = {"properties": {"rack": "A" if index % 2 else "B"}}
        cell = create_cell(
            engine, {"name": name, "plating_time_min": plating, "loading_mg_per_cm2": 12.6, **state, **properties}
        )
        test = create_test(engine, cell.id)
        series = create_series(engine, test.id, source="cycler", channel="1", clock="t", offset_second=0.0)
        table = records[index % 3]
        store_records(engine, series.id, table.assign(sequence=range(len(table))), None)
        close_cycles(engine, cell.id)
    create_cell(engine, {"name": "empty", "plating_time_min": 5})
    return engine


@pytest.fixture(autouse=True)
def _context(app: "Dash") -> Iterator[None]:
    with app.server.app_context():
        yield


def test_groups_are_drawn_told_and_tabled(laboratory: Engine) -> None:
    """One query gives chips, figure, sentence, table and who was left out and why."""
    assert laboratory is not None
    page = show_groups(VIEW, 0, "light")
    assert _text(page[1]).split() == ["uncoated", "n", "=", "3", "5", "min", "n", "=", "3"]
    names = [trace.name for trace in page[4].data]
    assert "uncoated, mean" in names
    assert "5 min, mean" not in names
    told = _text(page[6])
    assert "uncoated 1 of 3" in told
    assert "5 min: fewer than three cells" in told
    table = _text(page[7])
    assert "uncoated 3 " in table
    assert "5 min 2 \N{EN DASH} \N{EN DASH}" in table
    left_out = _text(page[8])
    assert "c1: no plating time" in left_out
    assert "empty: no value of this metric" in left_out


def test_the_table_can_hold_medians_of_cells(laboratory: Engine) -> None:
    """Cell medians: one value a cell, no cycle."""
    assert laboratory is not None
    page = show_groups({**VIEW, "at": "median"}, 0, "light")
    assert page[11] is None
    assert page[12] is True
    assert "uncoated 3 " in _text(page[7])


def test_a_chosen_cycle_says_who_is_not_there(laboratory: Engine) -> None:
    """At a cycle that no cell has reached, every cell is named."""
    assert laboratory is not None
    page = show_groups({**VIEW, "cycle": 50}, 0, "light")
    assert "a1, a2, a3, b1 and b2: not at cycle 50" in _text(page[8])
    assert "No cell has a value" in _text(page[6])


def test_groups_can_be_hidden_and_made_by_hand_or_by_a_property(laboratory: Engine) -> None:
    """Any property groups cells; hidden groups are in no line and no sentence."""
    assert laboratory is not None
    hidden = show_groups({**VIEW, "hidden": ["5 min"]}, 0, "light")
    assert "b1" not in [trace.name for trace in hidden[4].data]
    rack = show_groups({**VIEW, "by": "property:rack"}, 0, "light")
    assert _text(rack[1]).split()[0] == "A"
    assert "property rack" in {choice["label"] for choice in rack[9]}
    hand = show_groups({**VIEW, "by": "hand", "hand": "mine:1,2;x:99;bad"}, 0, "light")
    assert _text(hand[1]).split()[0] == "mine"
    assert "one group only" in _text(hand[6])


def test_states_of_emptiness(engine: Engine) -> None:
    """No cell at all: import; no group by hand yet: choose cells."""
    assert "Nothing to compare yet" in _text(show_groups(VIEW, 0, "light")[2])
    create_cell(engine, {"name": "x", "plating_time_min": 0})
    assert "No group yet" in _text(show_groups({**VIEW, "by": "hand"}, 0, "light")[2])
    page = show_groups(VIEW, 0, "light")
    assert page[2] is None
    assert "No cell has a value" in _text(page[6])


def test_an_unknown_metric_is_the_usual_one(laboratory: Engine) -> None:
    """An address typed by hand cannot ask for a column that is no metric."""
    assert laboratory is not None
    page = show_groups({**VIEW, "metric": "quality"}, 0, "light")
    assert page[4].layout.meta["file"] == f"compare-{DEFAULT_METRIC}"


def test_the_same_cycles_stand_side_by_side(laboratory: Engine) -> None:
    """Each group's cells from the start of charge on, the change of pressure from 0."""
    assert laboratory is not None
    view = {"by": "plating", "hidden": [], "hand": "", "start": 1, "cells": "all"}
    figure, style, key, first = show_multiples(view, 0, "light")
    assert first == 1
    assert style == {"height": "190px"}
    assert "Cycles 1 and 2" in _text(key)
    assert len(figure.data) == 2 * 5
    one = show_multiples({**view, "cells": "first", "start": None}, 0, "dark")
    assert one[3] == 2
    assert len(one[0].data) == 4
    nothing = show_multiples({**view, "start": 40}, 0, "light")
    assert "No group" in nothing[0].layout.annotations[0].text


def test_nothing_is_asked_before_the_address_is_read() -> None:
    """Before the browser has read the address there is no query."""
    assert len(show_groups(None, 0, "light")) == 14
    assert len(show_multiples(None, 0, "light")) == 4


def test_uncoated_comes_first_and_unknown_is_no_group() -> None:
    """Plating times in their order, uncoated first; a cell without one is left out and named."""
    cells = [
        Cell(id=1, name="a", plating_time_min=15.0),
        Cell(id=2, name="b", plating_time_min=0.0),
        Cell(id=3, name="c"),
    ]
    grouping = group_cells(cells, "plating")
    assert list(grouping.members) == ["uncoated", "15 min"]
    assert [cell.name for cell in grouping.ungrouped] == ["c"]
    assert list(group_cells([Cell(id=1, name="a", cell_type="full")], "cell_type").members) == ["full"]
    assert list(group_cells([Cell(id=1, name="a", group=" x ")], "group").members) == ["x"]
    assert by_choices(cells)[0]["value"] == "plating"


def test_masked_and_unfinished_cycles_are_left_out() -> None:
    """What the quality keeps out of trends is in no mean."""
    values = pd.DataFrame(
        {
            "cell_id": 1,
            "cycle_count": [1.0, 2.0, 3.0, float("nan")],
            "state": ["complete", "complete", "in_progress", "complete"],
            "masked": [0, 1, 0, 0],
            METRIC: 15.0,
        }
    )
    table = group_values(values, {"g": [Cell(id=1, name="a", state="failed")]}, METRIC)
    assert table["cycle_count"].tolist() == [1.0]
    assert table["ended"].tolist() == [True]
    assert group_values(values, {}, METRIC).empty


def test_the_table_takes_the_last_cycle_that_groups_share() -> None:
    """Without a wish: the last cycle at which all groups, else two, have three cells."""
    summary = pd.DataFrame(
        {"group": ["a", "a", "b", "b"], "cycle_count": [1.0, 2.0, 1.0, 2.0], "n": [3, 3, 3, 2], "mean": 1.0, "sd": 0.1}
    )
    assert table_cycle(summary, None, 3) == 1
    assert table_cycle(summary, 2, 3) == 2
    assert table_cycle(summary.assign(n=1), None, 3) == 2
    assert table_cycle(summary.iloc[:0], None, 3) is None


def test_usual_start_is_eight_or_what_all_groups_have() -> None:
    """Cycles 8 and 9 where every group has them, else the last pair all have."""
    cycles = pd.DataFrame(
        {"cell_id": [1] * 9 + [2] * 4, "cycle_count": [*range(1, 10), *range(1, 5)], "state": "complete"}
    )
    one, two = Cell(id=1, name="a"), Cell(id=2, name="b")
    assert usual_start(cycles, {"a": [one]}) == 8
    assert usual_start(cycles, {"a": [one], "b": [two]}) == 3
    assert usual_start(cycles.iloc[:0], {"a": [one]}) == 1


def test_every_metric_of_the_menu_is_a_metric() -> None:
    """The menu offers numbers of cycles and nothing else, the usual one first."""
    items = [item["value"] for head in metric_choices() for item in head["items"]]
    assert items[0] == DEFAULT_METRIC
    assert all(is_metric(name) for name in items)
    assert len(items) == len(set(items))
    assert metric_quantity("delta_delta_thickness_q_percent").symbol == "Indicator, thickness"


def test_the_menu_holds_only_signals_that_some_cell_has() -> None:
    """Strain and thickness are offered once a cell has them; pressure always."""
    usual = {item["value"] for head in metric_choices() for item in head["items"]}
    with_strain = {item["value"] for head in metric_choices({"strain"}) for item in head["items"]}
    assert not any("strain" in name or "thickness" in name for name in usual)
    assert {name for name in with_strain - usual if "strain" not in name} == set()
    assert with_strain > usual
