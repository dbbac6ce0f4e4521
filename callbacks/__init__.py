"""Reactions: one module a page, each a few functions and a short `register(app)`."""

from dash import Dash

from callbacks import cell, cells, channels, compare, import_page, overview, shell, wall


def register_all(app: Dash) -> None:
    """Connect every page's functions to the app's components."""
    for module in (shell, overview, cells, cell, compare, import_page, channels, wall):
        module.register(app)
