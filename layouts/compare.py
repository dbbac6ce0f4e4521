"""The Compare page before its data arrive."""

from dash.development.base_component import Component

from layouts import parts
from layouts.words import pages as words


def layout() -> Component:
    """Return the frame of the page."""
    return parts.page(words.COMPARE)
