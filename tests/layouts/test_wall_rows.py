"""What the wall knows of a cell: which cells, their marks, their last results."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_access.models import Cell
from layouts.wall_rows import FALLING_PERCENT_PER_CYCLE, MOST_POINTS, WALL_VALUES, cells_on_the_wall, thin, wall_rows


def cell(number: int, **values: Any) -> Cell:
    """A cell with what the rows need."""
    return Cell(id=number, **{"name": f"c{number}", "state": "running", "properties": {}, **values})


def cycles(cell_id: int, count: int, **values: Any) -> pd.DataFrame:
    """Complete cycles in which nothing but these values is known."""
    table: dict[str, Any] = dict.fromkeys(WALL_VALUES, np.nan)
    table |= {"cell_id": cell_id, "cycle_count": range(1, count + 1), "state": "complete", "masked": 0}
    return pd.DataFrame({**table, **values}, index=range(count))


def row(one: Cell, table: pd.DataFrame) -> dict[str, Any]:
    """The row of a single cell."""
    (made,) = wall_rows([one], [], table)
    return made


def test_running_cells_and_those_with_a_channel_are_on_the_wall() -> None:
    """A finished cell leaves it when its channel is taken away."""
    cells = [cell(1), cell(2, state="finished"), cell(3, state="failed"), cell(4, state="failed")]
    assert [one.id for one in cells_on_the_wall(cells, [2, 4])] == [1, 2, 4]


def test_a_cell_falls_from_two_per_cent_a_cycle_on() -> None:
    """The slope of the last five cycles, as on the Overview."""
    falling = row(cell(1), cycles(1, 8, delta_delta_p_q_percent=[100, 100, 100, 98, 96, 94, 92, 90]))
    assert falling["slope_percent_per_cycle"] == pytest.approx(FALLING_PERCENT_PER_CYCLE)
    assert falling["is_falling"]
    healthy = row(cell(1), cycles(1, 8, delta_delta_p_q_percent=np.linspace(100, 87, 8)))
    assert not healthy["is_falling"]


def test_before_the_reference_cycles_the_indicator_stands_in_its_own_unit() -> None:
    """The wall is not empty for the first days of a test, and says why there is no line."""
    early = row(
        cell(1), cycles(1, 2, delta_delta_p_q_mpa_g_per_ah=[15.1, 15.2], mechanical_signal="surface_pressure_mpa")
    )
    assert (early["indicator_value"], early["indicator_unit"]) == (15.2, "MPa g/(A h)")
    assert early["indicator"] == []
    assert early["indicator_words"] == "2 more cycles needed"
    assert row(cell(1), cycles(1, 0))["indicator_value"] is None


def test_without_an_active_mass_the_capacity_is_in_milliampere_hours() -> None:
    """A value with its unit, or none."""
    table = cycles(1, 1, cycle_discharging_capacity_ah=0.0021)
    made = row(cell(1), table)
    assert (made["capacity"], made["capacity_unit"]) == (pytest.approx(2.1), "mAh")
    made = row(cell(1), table.assign(discharging_capacity_mah_per_g=160.0))
    assert (made["capacity"], made["capacity_unit"]) == (160.0, "mAh/g")


def test_masked_and_open_cycles_give_no_value() -> None:
    """Unfinished is not worse, and a masked cycle enters nothing."""
    table = cycles(
        1, 3, delta_delta_p_q_mpa_g_per_ah=[15.0, 16.0, 1.0], cycle_discharging_capacity_ah=[1e-3, 2e-3, 3e-3]
    )
    table.loc[1, "masked"], table.loc[2, "state"] = 1, "in_progress"
    assert row(cell(1), table)["indicator_value"] == 15.0
    assert row(cell(1), table)["capacity"] == pytest.approx(1.0)


def test_a_plating_time_has_the_mark_that_it_has_on_every_page() -> None:
    """Also where the cells of other plating times are not on the wall."""
    everyone = [cell(1, plating_time_min=10), cell(2, plating_time_min=30, state="finished")]
    both = wall_rows(everyone, [10.0, 30.0], cycles(1, 0))
    (alone,) = wall_rows(everyone[1:], [10.0, 30.0], cycles(1, 0))
    assert alone["plating"] == both[1]["plating"]
    assert alone["plating"]["token"] != both[0]["plating"]["token"]


def test_a_long_sparkline_keeps_its_extremes_and_its_last_point() -> None:
    """A cell of a thousand cycles costs a screen no more than one of a hundred."""
    points = [(cycle, 100.0) for cycle in range(1, 1001)]
    points[500] = (501, 20.0)
    kept = thin(points)
    assert len(kept) <= MOST_POINTS + 1
    assert {points[500], points[-1]} <= set(kept)
    assert kept == sorted(kept)
