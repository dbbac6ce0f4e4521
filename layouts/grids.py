"""Tables that sort, filter or are edited: one look of ag-grid for every page (the look, section 8, traps 20 to 24).

Cells are drawn by the renderers of assets/grids.js, which put every text into text nodes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash.development.base_component import Component

ROW_HEIGHT = 30
LONGEST_FULL_HEIGHT = 40  # rows; a longer table scrolls inside 70 % of the window

_LOOK = {
    "backgroundColor": "var(--surface)",
    "foregroundColor": "var(--ink)",
    "textColor": "var(--ink)",
    "borderColor": "var(--line)",
    "headerBackgroundColor": "var(--surface)",
    "headerTextColor": "var(--ink3)",
    "headerFontSize": 11,
    "headerFontWeight": 500,
    "fontSize": 12.5,
    "fontFamily": "inherit",
    "rowHeight": ROW_HEIGHT,
    "headerHeight": ROW_HEIGHT,
    "wrapperBorderRadius": 8,
    "cellHorizontalPadding": 10,
    "columnBorder": False,
    "headerColumnResizeHandleColor": "transparent",
    "rowHoverColor": "var(--raised)",
    "selectedRowBackgroundColor": "var(--raised)",
    "accentColor": "var(--ink)",
    "inputBackgroundColor": "var(--surface)",
    "inputBorder": "solid 1px var(--control)",
    "inputTextColor": "var(--ink)",
    "menuBackgroundColor": "var(--surface)",
    "menuTextColor": "var(--ink)",
    "menuBorder": "solid 1px var(--line2)",
    "iconColor": "var(--ink3)",
    "checkboxUncheckedBorderColor": "var(--control)",
    "checkboxUncheckedBackgroundColor": "var(--surface)",
    "checkboxCheckedBackgroundColor": "var(--ink)",
    "checkboxCheckedShapeColor": "var(--surface)",
    "invalidColor": "var(--alarm)",
    "tooltipBackgroundColor": "var(--surface)",
    "tooltipTextColor": "var(--ink)",
}


def _look() -> dict[str, str]:
    settings = ", ".join(f"{name}: {_literal(value)}" for name, value in _LOOK.items())
    return {"function": f"themeQuartz.withParams({{{settings}}})"}


def _literal(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def column(name: str, title: str, **options: Any) -> dict[str, Any]:
    """Return a column: its name in the rows, its title, and options of ag-grid."""
    return {"field": name, "headerName": title, **options}


def number_column(name: str, title: str, digits: int, **options: Any) -> dict[str, Any]:
    """Return a column of numbers with `digits` decimals, right-aligned; an en dash where there is none."""
    return column(
        name, title, type="rightAligned", cellRenderer="Number", cellRendererParams={"digits": digits}, **options
    )


def grid_height(rows: int) -> str:
    """Height that shows every row of a short table, and a part of the window for a long one.

    >>> grid_height(3), grid_height(200)
    ('124px', '70vh')
    """
    return f"{32 + max(rows, 1) * ROW_HEIGHT + 2}px" if rows <= LONGEST_FULL_HEIGHT else "70vh"


def grid(
    grid_id: str,
    columns: Sequence[Mapping[str, Any]],
    *,
    options: Mapping[str, Any] | None = None,
    default_column: Mapping[str, Any] | None = None,
    **attributes: Any,
) -> Component:
    """Return a table without rows; every row needs a text `key` that stays its own."""
    table: Component = dag.AgGrid(
        id=grid_id,
        columnDefs=[dict(one) for one in columns],
        rowData=[],
        getRowId="params.data.key",
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, **(default_column or {})},
        dashGridOptions={
            "theme": _look(),
            "animateRows": False,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressColumnMoveAnimation": True,
            "suppressNoRowsOverlay": True,
            **(options or {}),
        },
        className="grid",
        **{"style": {"height": grid_height(3), "width": "100%"}, **attributes},
    )
    return table
