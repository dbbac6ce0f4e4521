"""The wall asks no callback: its script starts when the page is there."""

from dash import ClientsideFunction, Dash, Input, Output

from layouts import ids


def register(app: Dash) -> None:
    """Start assets/wall.js on the page."""
    app.clientside_callback(
        ClientsideFunction("wall", "arrive"), Output(ids.WALL_STARTED, "data"), Input(ids.WALL, "className")
    )
