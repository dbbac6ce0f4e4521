"""Reactions of the Cells page."""

from dash import Dash


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
