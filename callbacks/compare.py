"""Reactions of the Compare page."""

from dash import Dash


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
