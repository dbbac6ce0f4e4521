"""What the wall knows of a cell beyond its feed: rows from the stored results of its cycles."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from data_access.models import Cell
from figures.style import plating_style
from layouts.overview_rows import CYCLE_VALUES, overview_rows
from pressiometry.columns import CYCLE_COLUMNS, MECHANICAL_SIGNALS

FALLING_PERCENT_PER_CYCLE = -2.0
"""From this slope of the last five cycles on the wall says that a cell is falling.

Healthy cells fall by 0.5 ± 0.25 % a cycle (SCIENCE section 3); five points cannot tell much less than this from that.
"""
MOST_POINTS = 120
"""Points of a sparkline; of more cycles the lowest and highest of each run are kept."""

_PER_CAPACITY = [
    signal.named("delta_delta_{}_q", per=per) for signal in MECHANICAL_SIGNALS for per in ("g_per_ah", "per_ah")
]
WALL_VALUES = [*CYCLE_VALUES, *_PER_CAPACITY, "cycle_discharging_capacity_ah"]
"""Values of each cycle that the rows are made from."""

Row = dict[str, Any]


def cells_on_the_wall(cells: Iterable[Cell], with_channel: Iterable[int]) -> list[Cell]:
    """The cells that a screen in the laboratory shows: running ones, and those that an instrument's channel feeds."""
    fed = set(with_channel)
    return [cell for cell in cells if cell.state == "running" or cell.id in fed]


def wall_rows(cells: Sequence[Cell], times: Sequence[float], values: pd.DataFrame) -> list[Row]:
    """Return one row a cell of the wall; `values` is load_cycle_values of WALL_VALUES.

    `times` are all plating times of the laboratory: each has the mark that it has on every page.
    """
    known = {row["cell_id"]: row for row in overview_rows(cells, pd.DataFrame({"cell_id": []}), values, 0)}
    tables = {int(str(cell_id)): table for cell_id, table in values.groupby("cell_id")}
    nothing = values.iloc[:0]
    return [_row(cell, known[cell.id], tables.get(cell.id, nothing), times) for cell in cells]


def _row(cell: Cell, known: Row, cycles: pd.DataFrame, times: Sequence[float]) -> Row:
    points = known["spark"]["points"]
    value, unit = (points[-1][1], "%") if points else _absolute(cycles)
    capacity, capacity_unit = known["capacity"], "mAh/g"
    if capacity is None:
        charge = _last(cycles, "cycle_discharging_capacity_ah")
        capacity, capacity_unit = None if charge is None else charge * 1000, "mAh"
    return {
        "cell_id": cell.id,
        "name": cell.name,
        "synthetic": cell.synthetic,
        "state": cell.state,
        "cause": cell.cause,
        "group": cell.group,
        "plating": asdict(plating_style(cell.plating_time_min, times)),
        "cycle_count": known["cycle"],
        "indicator": thin(points),
        "indicator_words": known["spark"]["words"],
        "indicator_value": value,
        "indicator_unit": unit,
        "slope_percent_per_cycle": known["slope"],
        "is_falling": known["slope"] is not None and known["slope"] <= FALLING_PERCENT_PER_CYCLE,
        "capacity": capacity,
        "capacity_unit": capacity_unit,
    }


def _absolute(cycles: pd.DataFrame) -> tuple[float | None, str]:
    """The indicator itself and its unit, while there are no reference cycles to relate it to."""
    for name in _PER_CAPACITY:
        value = _last(cycles, name)
        if value is not None:
            return value, CYCLE_COLUMNS[name].unit
    return None, ""


def _last(cycles: pd.DataFrame, name: str) -> float | None:
    """The value of the last complete cycle that is not masked and has one."""
    kept = cycles[(cycles["state"] == "complete") & (cycles["masked"] != 1) & cycles[name].notna()]
    return float(kept[name].iloc[-1]) if len(kept) else None


def thin(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most MOST_POINTS and one of these (cycle, value): the lowest and highest of each run, and the last.

    >>> thin([(1, 100.0), (2, 99.0)])
    [(1, 100.0), (2, 99.0)]
    """
    if len(points) <= MOST_POINTS:
        return list(points)
    length = -(-len(points) // (MOST_POINTS // 2))
    kept = {points[-1]}
    for start in range(0, len(points), length):
        run = points[start : start + length]
        kept |= {min(run, key=lambda point: point[1]), max(run, key=lambda point: point[1])}
    return sorted(kept)
