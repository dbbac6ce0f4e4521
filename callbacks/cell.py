"""Reactions of the Cell page."""

from dash import Dash


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
