"""Every id of every page, in one place: callbacks and layouts name components only by these.

An id names a component, never a cell: where a cell is meant, its number stands in a pattern id.
"""

from typing import Any

# Frame
LOCATION = "location"
PAGE = "page"
MAIN = "main"
PROVIDER = "provider"
THEME = "theme"
THEME_CHOICE = "theme-choice"
THEME_PAIRS = "theme-pairs"
TOASTS = "toasts"
CONNECTION = "connection"
KEYS_DIALOG = "keys-dialog"
NAVIGATION = "navigation"
SIDEBAR = "sidebar"


def undo_button(changes: Any) -> dict[str, Any]:
    """Id of the Undo button of a toast: the numbers of the changes it takes back, with commas (ALL in a callback)."""
    return {"type": "undo", "changes": changes}


# Overview
OVERVIEW_SENTENCE = "overview-sentence"
OVERVIEW_DETAIL = "overview-detail"
OVERVIEW_COUNTS = "overview-counts"
OVERVIEW_SEARCH = "overview-search"
OVERVIEW_GROUP = "overview-group"
OVERVIEW_GRID = "overview-grid"
OVERVIEW_LIST = "overview-list"
OVERVIEW_EMPTY = "overview-empty"
OVERVIEW_CLOCK = "overview-clock"
OVERVIEW_EXAMPLE = "overview-example"
OVERVIEW_STATE = "overview-state"

# Cells
CELLS_GRID = "cells-grid"
