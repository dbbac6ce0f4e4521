"""The wall: what a screen in the laboratory knows of each cell beside its feed, from stored results only."""

import time
from typing import Literal

from flask import Response
from pydantic import Field

from access.roles import requires
from api.models import Given
from api.responses import as_json
from data_access.database import db
from data_access.queries import load_cells, load_cycle_values, load_feeds
from layouts.overview_rows import cycles_to_show
from layouts.wall_rows import WALL_VALUES, cells_on_the_wall, wall_rows

LEAST_CYCLES = 60
"""Cycles that every sparkline is wide at least."""


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


@requires("viewer")
def show_wall() -> Response:
    """Every cell that runs or is fed by a channel, with its last results and its sparkline."""
    engine = db.engine
    everyone = load_cells(engine)
    channels: dict[int, list[dict[str, object]]] = {}
    for feed in load_feeds(engine).dropna(subset="cell_id").to_dict("records"):
        channels.setdefault(int(feed["cell_id"]), []).append({"name": feed["name"], "source": feed["source"]})
    cells = cells_on_the_wall(everyone, channels)
    values = load_cycle_values(engine, [cell.id for cell in cells], WALL_VALUES)
    return as_json(
        {
            "server_unix_second": time.time(),
            "cycles": cycles_to_show(values, LEAST_CYCLES),
            "cells": wall_rows(cells, everyone, values, channels),
        }
    )
