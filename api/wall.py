"""The wall: what a screen in the laboratory knows of each cell beside its feed, from stored results only."""

import time
from typing import Literal

from flask import Response, current_app
from pydantic import Field

from access.roles import requires
from api.models import Given
from api.responses import as_json
from data_access.database import db
from data_access.queries import load_cells, load_cycle_values, load_feeds
from layouts.overview_rows import plating_times
from layouts.wall_rows import WALL_VALUES, Row, cells_on_the_wall, wall_rows

LEAST_CYCLES = 60
"""Cycles that every sparkline is wide at least."""
KEPT = "barograph_wall"
"""Where the application keeps the rows that it made: a screen asks for them every minute, for weeks."""

Kept = dict[int, tuple[object, Row]]


class WallChannel(Given):
    """A channel that feeds a cell."""

    name: str
    source: Literal["cycler", "mechanical"] | None = Field(description="null: no row came yet")


class WallMark(Given):
    """How a plating time is drawn on every page."""

    label: str
    token: str
    symbol: str
    hollow: bool


class WallCell(Given):
    """One cell of the wall."""

    cell_id: int
    name: str
    synthetic: str | None = Field(description="The label of simulated cells")
    state: str
    cause: str | None
    group: str | None
    plating: WallMark
    cycle_count: int | None = Field(description="Last complete cycle")
    indicator: list[tuple[int, float]] = Field(description="Cycle and indicator, % of cycles 2-6")
    indicator_words: str = Field(description="The sparkline in words, or why there is none")
    indicator_value: float | None
    indicator_unit: str
    slope_percent_per_cycle: float | None = Field(description="Over the last five complete cycles")
    is_falling: bool
    capacity: float | None
    capacity_unit: str
    channels: list[WallChannel]


class Wall(Given):
    """The cells of the wall; the page puts them in order."""

    server_unix_second: float
    cycles: int = Field(description="Cycles that every sparkline is wide")
    cells: list[WallCell]


@requires("viewer", wall=True)
def show_wall() -> Response:
    """Every cell that runs or is fed by a channel, with its last results and its sparkline."""
    engine = db.engine
    everyone = load_cells(engine)
    times = tuple(plating_times(everyone))
    channels: dict[int, list[dict[str, object]]] = {}
    for feed in load_feeds(engine).dropna(subset="cell_id").to_dict("records"):
        channels.setdefault(int(feed["cell_id"]), []).append({"name": feed["name"], "source": feed["source"]})
    cells = cells_on_the_wall(everyone, channels)
    kept: Kept = current_app.extensions.get(KEPT, {})
    prints = {cell.id: (cell.version, cell.cycles_revision, times) for cell in cells}
    changed = [cell for cell in cells if cell.id not in kept or kept[cell.id][0] != prints[cell.id]]
    values = load_cycle_values(engine, [cell.id for cell in changed], WALL_VALUES)
    made = {row["cell_id"]: row for row in wall_rows(changed, times, values)}
    rows = [made.get(cell.id) or kept[cell.id][1] for cell in cells]
    current_app.extensions[KEPT] = {row["cell_id"]: (prints[row["cell_id"]], row) for row in rows}
    return as_json(
        {
            "server_unix_second": time.time(),
            "cycles": max([LEAST_CYCLES, *(row["cycle_count"] or 0 for row in rows)]),
            "cells": [{**row, "channels": channels.get(row["cell_id"], [])} for row in rows],
        }
    )
