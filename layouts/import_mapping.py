"""The table of the Import page that says what each column of a file becomes, with its menus."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data_access.models import Import
from ingest.reading.aliases import QUANTITY_OF
from ingest.reading.mapping import PSEUDO_COLUMNS
from layouts import ids, parts
from layouts.import_parts import kind_of, open_questions
from layouts.words import import_page as words
from pressiometry.columns import RECORD_COLUMNS

MENU_UNITS = {
    "time": ("s", "ms", "min", "h"),
    "voltage": ("V", "mV", "µV"),
    "current": ("A", "mA", "µA"),
    "capacity": ("Ah", "mAh", "µAh", "As", "mAs"),
    "pressure": ("MPa", "kPa", "Pa", "bar", "mbar", "psi", "kgf/cm²"),
    "force": ("N", "kN", "kgf", "lbf", "V"),
    "temperature": ("°C",),
    "length": ("µm", "mm", "m", "nm"),
    "strain": ("1", "%", "µε"),
    "count": (),
    "text": (),
}
"""Units offered in the menus, per quantity; headers may spell them in more ways."""

WIDTHS = ("import-source", "", "import-stored", "import-of-unit", "")

FOUND = "found"
"""Place of the words above the table among its parts."""

AMPLIFIED = ("force_newton", "V")
"""Column and unit of a load cell's voltage, which a person gives factor and offset to."""


def mapping_panel(job: Import) -> Component:
    """The table of columns with their menus; the menus are shut once the import has ended."""
    heads = (words.HEAD_SOURCE, words.HEAD_FIRST, words.HEAD_STORED, words.HEAD_UNIT, words.HEAD_READS)
    asked = {question.get("column") for question in open_questions(job)}
    rows = [
        html.Tr(
            content,
            id=ids.import_part(f"{job.id}:{place}"),
            className="import-asked" if job.mapping[place]["source"] in asked else "",
        )
        for place, content in enumerate(mapping_rows(job))
    ]
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(head, className=name) for head, name in zip(heads, WIDTHS, strict=True)])),
            html.Tbody(rows),
        ],
        className="table import-mapping",
    )
    return parts.panel(
        words.COLUMNS.format(name=job.name),
        html.Div(table, className="import-mapping-scroll"),
        subtitle=html.Span(columns_words(job), id=ids.import_part(f"{job.id}:{FOUND}")),
    )


def columns_words(job: Import) -> str:
    """How many columns the file has and how many are stored."""
    known = sum(item["column"] is not None for item in job.mapping)
    return words.COLUMNS_FOUND.format(found=len(job.mapping), known=known)


def mapping_rows(job: Import) -> list[list[Component]]:
    """Cells of every row of the table."""
    asked = {question.get("column") for question in open_questions(job)}
    return [_row(job, place, item, item["source"] in asked) for place, item in enumerate(job.mapping)]


def said_of(job: Import, item: Mapping[str, Any]) -> tuple[str, str]:
    """Column and unit of a column of the file, as a person has said it, else as the file was read."""
    said = job.answers.get("mapping", {}).get(item["source"], {})
    column = (said["column"] if "column" in said else item["column"]) or ""
    return column, said.get("unit") or (item["unit"] if column == (item["column"] or "") else "")


def column_choices() -> list[dict[str, str]]:
    """What a column of a file can be stored as, for a menu; "" is not stored."""
    choices = [{"value": "", "label": words.NOT_STORED}]
    choices += [{"value": name, "label": column.label} for name, column in RECORD_COLUMNS.items()]
    return choices + [{"value": name, "label": label} for name, label in PSEUDO_COLUMNS.items()]


def _row(job: Import, place: int, item: dict[str, Any], asked: bool) -> list[Component]:  # noqa: FBT001 - one row's state
    column, unit = said_of(job, item)
    shut = kind_of(job) != "asks"
    menu = dmc.Select(
        id=ids.import_column(f"{job.id}:{place}"),
        data=column_choices(),
        value=column,
        disabled=shut,
        size="xs",
        allowDeselect=False,
        comboboxProps={"keepMounted": False},  # a wide file would bring hundreds of hidden options
        searchable=True,
        className="import-menu import-menu-asked" if asked else "import-menu",
        **{"aria-label": words.MENU_COLUMN.format(source=item["source"])},
    )
    reads = _reads(job, item)
    units: list[Component] = []
    if column in RECORD_COLUMNS and (unit or column == item["column"]):
        units = [
            _unit_menu(f"{job.id}:{place}", item["source"], column, unit, shut=shut),
            *_amplifier(job, place, item, shut=shut),
        ]
    return [
        html.Td(html.Code(item["source"], title=item["source"])),
        html.Td(item["first_value"], className="import-first", title=item["first_value"]),
        html.Td(menu),
        html.Td(units),
        html.Td(html.Span(reads, className="import-reads"), title=item.get("note") or reads),
    ]


def _unit_menu(place: str, source: str, column: str, unit: str, *, shut: bool) -> Component:
    units = unit_choices(column)
    if unit and unit not in units:
        units = [unit, *units]
    if len(units) < 2:  # noqa: PLR2004 - nothing to choose
        return html.Span(unit)
    menu: Component = dmc.Select(
        id=ids.import_unit(place),
        data=[{"value": one, "label": _unit_label(column, one)} for one in units],
        value=unit or units[0],
        disabled=shut,
        size="xs",
        allowDeselect=False,
        comboboxProps={"keepMounted": False},  # a wide file would bring hundreds of hidden options
        className="import-unit",
        **{"aria-label": words.MENU_UNIT.format(source=source)},
    )
    return menu


def _unit_label(column: str, unit: str) -> str:
    return words.UNIT_AMPLIFIER if (column, unit) == AMPLIFIED else unit


def _amplifier(job: Import, place: int, item: dict[str, Any], *, shut: bool) -> list[Component]:
    """Inputs of factor and offset where a force comes in volts; nothing elsewhere."""
    if (item["column"], item["unit"]) != AMPLIFIED:
        return []
    said = job.answers.get("mapping", {}).get(item["source"], {})
    values = {"factor": said.get("factor", item["factor"]), "offset": said.get("offset", 0.0)}
    return [
        dmc.NumberInput(
            id=ids.import_amplifier(f"{job.id}:{place}", part),
            value=value,
            suffix=f" {words.AMPLIFIER[part]}",
            disabled=shut,
            debounce=True,
            hideControls=True,
            size="xs",
            **{"aria-label": f"{item['source']}: {words.AMPLIFIER[part]}"},
        )
        for part, value in values.items()
    ]


def unit_choices(column: str) -> list[str]:
    """Units in which a column may stand in a file, the usual ones first.

    >>> unit_choices("voltage_volt")
    ['V', 'mV', 'µV']
    """
    return list(MENU_UNITS[QUANTITY_OF[column]])


def _reads(job: Import, item: dict[str, Any]) -> str:
    """The first value as it will be stored, with our unit."""
    names, head = job.preview.get("columns", []), job.preview.get("head", [])
    if item["column"] not in names or not head:
        return item.get("note") or ""
    value = head[0][names.index(item["column"])]
    return "" if value is None else f"{value:.6g} {RECORD_COLUMNS[item['column']].unit}".strip().replace("-", "\u2212")
