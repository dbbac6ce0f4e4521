"""The curves of the cycle under the pointer, where it is not among those drawn: one cycle from the store."""

from typing import Any

import plotly.graph_objects as go
from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from access.roles import requires
from callbacks.cell_figures import View, curves_of, differential_figure, inside_figure
from data_access.database import db
from data_access.queries import load_cell, load_cycle_values
from layouts import ids

LOOP_TABS = {"pq", "vq"}


@requires("viewer")
def show_hovered(cycle: int | None, view: View | None) -> Any:
    """Return {"cycle", "loops": {x, y}, "curves": {x, y}} of one cycle, as the panels draw it."""
    if cycle is None or not view or not view.get("cell"):
        return no_update
    cell = load_cell(db.engine, view["cell"])
    cycles = load_cycle_values(db.engine, [cell.id], ("mechanical_signal",))
    curves = curves_of(cell.id, [int(cycle)], cycles)
    found: dict[str, Any] = {"cycle": int(cycle)}
    if view.get("tab") in LOOP_TABS:
        found["loops"] = joined(inside_figure(cell, curves, cycles, view, None, "light"))
    return found | {"curves": joined(differential_figure(cell, curves, view, None, "light"))}


def joined(figure: go.Figure) -> dict[str, list[float | None]]:
    """Return all traces as one line with gaps between."""
    line: dict[str, list[float | None]] = {"x": [], "y": []}
    for trace in figure.to_dict()["data"]:
        line["x"] += [*trace["x"], None]
        line["y"] += [*trace["y"], None]
    return line


def register(app: Dash) -> None:
    """Connect the pointer to the curves it asks for."""
    app.callback(
        Output(ids.CELL_HOVERED_CURVES, "data"),
        Input(ids.CELL_HOVERED, "data"),
        State(ids.CELL_INSIDE_VIEW, "data"),
        prevent_initial_call=True,
    )(show_hovered)
    app.clientside_callback(
        ClientsideFunction("cell", "show_hovered"),
        Input(ids.CELL_HOVERED_CURVES, "data"),
        prevent_initial_call=True,
    )
