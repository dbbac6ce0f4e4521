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
EDITED = "edited"
UNDO = "undo"
NAVIGATION = "navigation"
SIDEBAR = "sidebar"

# Overview
OVERVIEW_CLOCK = "overview-clock"
OVERVIEW_STATE = "overview-state"
OVERVIEW_SKELETON = "overview-skeleton"
OVERVIEW_EMPTY = "overview-empty"
OVERVIEW_EXAMPLE = "overview-example"
OVERVIEW_LIST = "overview-list"
OVERVIEW_SENTENCE = "overview-sentence"
OVERVIEW_DETAIL = "overview-detail"
OVERVIEW_COUNTS = "overview-counts"
OVERVIEW_SEARCH = "overview-search"
OVERVIEW_LIST_TITLE = "overview-list-title"
OVERVIEW_GROUP = "overview-group"
OVERVIEW_GROUP_LABEL = "overview-group-label"
OVERVIEW_PROPERTY = "overview-property"
OVERVIEW_TABLE = "overview-table"
OVERVIEW_GRID = "overview-grid"
OVERVIEW_NOTHING = "overview-nothing"


def overview_remove(place: Any = 0) -> dict[str, Any]:
    """Id of the button that removes the synthetic cells; it is there only while there are some."""
    return {"type": "overview-remove", "place": place}


# Wall
WALL = "wall"
WALL_STARTED = "wall-started"
WALL_TILES = "wall-tiles"
WALL_EMPTY = "wall-empty"
WALL_SPOKEN = "wall-spoken"

# Instruments
CHANNELS_CLOCK = "channels-clock"
CHANNELS_SEEN = "channels-seen"
CHANNELS_SHOWN = "channels-shown"
CHANNELS_CHOSEN = "channels-chosen"
CHANNELS_FORM = "channels-form"
CHANNELS_FILLED = "channels-filled"
CHANNELS_SKELETON = "channels-skeleton"
CHANNELS_EMPTY = "channels-empty"
CHANNELS_PAGE = "channels-page"
CHANNELS_SENTENCE = "channels-sentence"
CHANNELS_GRID = "channels-grid"
CHANNELS_NOTHING = "channels-nothing"
CHANNELS_DETAIL = "channels-detail"
CHANNELS_NAME = "channels-name"
CHANNELS_STATUS = "channels-status"
CHANNELS_FACTS = "channels-facts"
CHANNELS_NOTICES = "channels-notices"
CHANNELS_CELL = "channels-cell"
CHANNELS_FROM = "channels-from"
CHANNELS_ASSIGN = "channels-assign"
CHANNELS_UNASSIGN = "channels-unassign"
CHANNELS_HOLD = "channels-hold"
CHANNELS_HELD = "channels-held"
CHANNELS_RELEASE = "channels-release"
CHANNELS_CHANGE = "channels-change"
CHANNELS_FAULTS = "channels-faults"
CHANNELS_AGENTS = "channels-agents"
CHANNELS_ASIDE = "channels-aside"
CHANNELS_ASIDE_COUNT = "channels-aside-count"
CHANNELS_DOWNLOAD = "channels-download"


def channels_undo(change: Any) -> dict[str, Any]:
    """Id of the button that takes back a change of a channel (ALL in a callback)."""
    return {"type": "channels-undo", "change": change}


# Cells
CELLS_SEARCH = "cells-search"
CELLS_NEW = "cells-new"
CELLS_SHOW = "cells-show"
CELLS_SENTENCE = "cells-sentence"
CELLS_HINT = "cells-hint"
CELLS_TABLE = "cells-table"
CELLS_GRID = "cells-grid"
CELLS_TYPED = "cells-typed"
CELLS_EMPTY = "cells-empty"
CELLS_EMPTY_NEW = "cells-empty-new"
CELLS_BULK = "cells-bulk"
CELLS_SELECTED = "cells-selected"
CELLS_BULK_GROUP = "cells-bulk-group"
CELLS_BULK_PLATING = "cells-bulk-plating"
CELLS_LIST_OPEN = "cells-list-open"
CELLS_LIST_DIALOG = "cells-list-dialog"
CELLS_LIST_DROP = "cells-list-drop"
CELLS_LIST_UPLOAD = "cells-list-upload"
CELLS_LIST_PREVIEW = "cells-list-preview"
CELLS_LIST_CREATE = "cells-list-create"
CELL_FORM = "cell-form"
CELL_FORM_CELL = "cell-form-cell"
CELL_FORM_SAVE = "cell-form-save"
CELL_FORM_CANCEL = "cell-form-cancel"
CELL_FORM_SUMMARY = "cell-form-summary"


def cells_bulk(action: Any) -> dict[str, Any]:
    """Id of a button that does something with all chosen cells (ALL in a callback)."""
    return {"type": "cells-bulk", "action": action}


def cell_field(name: Any) -> dict[str, Any]:
    """Id of the input of one field in the form of a cell (ALL in a callback)."""
    return {"type": "cell-field", "field": name}


# Cell
CELL_ID = "cell-id"
CELL_LIVE = "cell-live"
CELL_TITLE = "cell-title"
CELL_SUBTITLE = "cell-subtitle"
CELL_EXPORT = "cell-export"
CELL_STATE = "cell-state"
CELL_FACTS = "cell-facts"
CELL_CONTENT = "cell-content"
CELL_NOTICE = "cell-notice"
CELL_OVER_VIEW = "cell-over-view"
CELL_INSIDE_VIEW = "cell-inside-view"
CELL_TIME_VIEW = "cell-time-view"
CELL_STACK = "cell-stack"
CELL_STACK_READOUT = "cell-stack-readout"
CELL_STACK_SUBTITLE = "cell-stack-subtitle"
CELL_UNIT = "cell-unit"
CELL_BESIDE = "cell-beside"
CELL_LOOPS = "cell-loops"
CELL_LOOPS_SUBTITLE = "cell-loops-subtitle"
CELL_TAB = "cell-tab"
CELL_CURVES = "cell-curves"
CELL_CURVES_SUBTITLE = "cell-curves-subtitle"
CELL_CURVE = "cell-curve"
CELL_AGAINST = "cell-against"
CELL_TIME = "cell-time"
CELL_TIME_TITLE = "cell-time-title"
CELL_TIME_READOUT = "cell-time-readout"
CELL_TIME_SUBTITLE = "cell-time-subtitle"
CELL_STRIP = "cell-strip"
CELL_ARRANGEMENT = "cell-arrangement"
CELL_AXIS = "cell-axis"
CELL_RANGE = "cell-range"
CELL_NOTES = "cell-notes"
CELL_QUALITY = "cell-quality"
CELL_QUALITY_SUBTITLE = "cell-quality-subtitle"
CELL_SOURCES = "cell-sources"
CELL_NOTE_OPEN = "cell-note-open"
CELL_NOTE_ADD = "cell-note-add"
CELL_NOTE_DIALOG = "cell-note-dialog"
CELL_NOTE_TEXT = "cell-note-text"
CELL_NOTE_SAVE = "cell-note-save"
CELL_HOVERED = "cell-hovered"
CELL_HOVERED_CURVES = "cell-hovered-curves"
CELL_REVISION = "cell-revision"


def cell_formation(answer: Any, cycles: Any) -> dict[str, Any]:
    """Id of a button that answers whether the leading cycles are formation (ALL in a callback)."""
    return {"type": "cell-formation", "answer": answer, "cycles": cycles}


def cell_undo_import(import_id: Any) -> dict[str, Any]:
    """Id of the button that takes an import back (ALL in a callback)."""
    return {"type": "cell-undo-import", "import": import_id}


def cell_redo_import(import_id: Any) -> dict[str, Any]:
    """Id of the button of a toast that brings an import back (ALL in a callback)."""
    return {"type": "cell-redo-import", "import": import_id}


# Compare
COMPARE_BY = "compare-by"
COMPARE_PROPERTY = "compare-property"
COMPARE_METRIC = "compare-metric"
COMPARE_SHOW = "compare-show"
COMPARE_CHIPS = "compare-chips"
COMPARE_AT = "compare-at"
COMPARE_VIEW = "compare-view"
COMPARE_REVISION = "compare-revision"
COMPARE_MULTIPLES_VIEW = "compare-multiples-view"
COMPARE_STATE = "compare-state"
COMPARE_CONTENT = "compare-content"
COMPARE_GRAPH = "compare-graph"
COMPARE_GRAPH_SUBTITLE = "compare-graph-subtitle"
COMPARE_SENTENCE = "compare-sentence"
COMPARE_TABLE = "compare-table"
COMPARE_LEFT_OUT = "compare-left-out"
COMPARE_CYCLE = "compare-cycle"
COMPARE_MULTIPLES = "compare-multiples"
COMPARE_MULTIPLES_SUBTITLE = "compare-multiples-subtitle"
COMPARE_CELLS = "compare-cells"
COMPARE_FROM_CYCLE = "compare-from-cycle"
COMPARE_HAND_OPEN = "compare-hand-open"
COMPARE_HAND_DIALOG = "compare-hand-dialog"
COMPARE_HAND_NAME = "compare-hand-name"
COMPARE_HAND_CELLS = "compare-hand-cells"
COMPARE_HAND_ADD = "compare-hand-add"
COMPARE_HAND_MISSING = "compare-hand-missing"


def compare_chip(group: Any) -> dict[str, Any]:
    """Id of the chip that shows or hides a group; groups are counted from 0 (ALL in a callback)."""
    return {"type": "compare-chip", "group": group}


# Import
IMPORT_ARRIVED = "import-arrived"
IMPORT_ASIDE = "import-aside"
IMPORT_BAR_REASON = "import-bar-reason"
IMPORT_BAR_TEXT = "import-bar-text"
IMPORT_BELONGS = "import-belongs"
IMPORT_CAPACITY = "import-capacity"
IMPORT_CARDS = "import-cards"
IMPORT_CELL_ALL = "import-cell-all"
IMPORT_CHOICE = "import-choice"
IMPORT_CHOSEN = "import-chosen"
IMPORT_CLOCK = "import-clock"
IMPORT_DRAWN = "import-drawn"
IMPORT_DROP = "import-drop"
IMPORT_FIGURES = "import-figures"
IMPORT_FORM = "import-form"
IMPORT_LIST = "import-list"
IMPORT_MAPPING = "import-mapping"
IMPORT_OPEN = "import-open"
IMPORT_PRESSED = "import-pressed"
IMPORT_PREVIEW = "import-preview"
IMPORT_PREVIEW_TEXT = "import-preview-text"
IMPORT_QUESTION = "import-question"
IMPORT_ROWS = "import-rows"
IMPORT_SEEN = "import-seen"
IMPORT_SUBTITLE = "import-subtitle"
IMPORT_UPLOADS = "import-uploads"
IMPORT_ZONE = "import-zone"


def import_card(number: Any) -> dict[str, Any]:
    """Id of the card of an import (ALL in a callback)."""
    return {"type": "import-card", "import": number}


def import_act(act: Any) -> dict[str, Any]:
    """Id of a button of the bar (ALL in a callback)."""
    return {"type": "import-act", "act": act}


def import_cell(number: Any) -> dict[str, Any]:
    """Id of the menu that says which cell an import belongs to (ALL in a callback)."""
    return {"type": "import-cell", "import": number}


def import_zone(number: Any) -> dict[str, Any]:
    """Id of the menu that says in which time zone an import's dates were written (ALL in a callback)."""
    return {"type": "import-zone-menu", "import": number}


def import_part(place: Any) -> dict[str, Any]:
    """Id of a row of the table of columns, and of the words above it: each is drawn by itself (ALL in a callback)."""
    return {"type": "import-part", "place": place}


def import_column(place: Any) -> dict[str, Any]:
    """Id of the menu that says what a column of the file is (ALL in a callback)."""
    return {"type": "import-column", "place": place}


def import_unit(place: Any) -> dict[str, Any]:
    """Id of the menu that says the unit of a column of the file (ALL in a callback)."""
    return {"type": "import-unit", "place": place}


def import_amplifier(place: Any, part: Any) -> dict[str, Any]:
    """Id of the input of the factor or the offset of a load cell's amplifier (ALL in a callback)."""
    return {"type": "import-amplifier", "place": place, "part": part}


def import_value(field: Any) -> dict[str, Any]:
    """Id of the input of a value of the cell to be made (ALL in a callback)."""
    return {"type": "import-value", "field": field}
