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
OVERVIEW_CLOCK = "overview-clock"
OVERVIEW_STATE = "overview-state"
OVERVIEW_SKELETON = "overview-skeleton"
OVERVIEW_EMPTY = "overview-empty"
OVERVIEW_EXAMPLE = "overview-example"
OVERVIEW_LIST = "overview-list"
OVERVIEW_SENTENCE = "overview-sentence"
OVERVIEW_DETAIL = "overview-detail"
OVERVIEW_REMOVE = "overview-remove"
OVERVIEW_COUNTS = "overview-counts"
OVERVIEW_SEARCH = "overview-search"
OVERVIEW_LIST_TITLE = "overview-list-title"
OVERVIEW_GROUP = "overview-group"
OVERVIEW_GROUP_LABEL = "overview-group-label"
OVERVIEW_PROPERTY = "overview-property"
OVERVIEW_TABLE = "overview-table"
OVERVIEW_GRID = "overview-grid"
OVERVIEW_NOTHING = "overview-nothing"

# Cells
CELLS_GRID = "cells-grid"
