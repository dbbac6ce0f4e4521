"""Results: cycles of one cell, and groups of cells compared cycle by cycle."""

from collections.abc import Mapping

import pandas as pd
from flask import Response

from access.roles import requires
from api.models import ComparisonQuery
from api.requests import read_query, wants_csv
from api.responses import as_csv, as_json
from data_access.database import db
from data_access.models import Cell
from data_access.queries import load_cell, load_cells, load_cycle_values, load_cycles
from pressiometry.columns import CYCLE_COLUMNS, Column
from pressiometry.comparison import summarise_groups
from pressiometry.errors import InvalidInputError

GROUPINGS = ("plating_time_min", "group", "cell_type", "state", "temperature_celsius", "applied_pressure_mpa")
"""Values of a cell to group by; any other name is that of a further property."""


@requires("viewer")
def cell_cycles(cell_id: int) -> Response:
    """One row a cycle, in order of time; CSV where the client accepts that, or names no form."""
    if wants_csv():
        return cell_cycles_csv(cell_id)
    cycles = _cycles(cell_id)
    return as_json({"cycles": cycles.astype(object).to_dict("records")})


@requires("viewer")
def cell_cycles_csv(cell_id: int) -> Response:
    """The same as CSV; lists and reasons are JSON in their field."""
    return as_csv([_cycles(cell_id)], f"cell-{cell_id}-cycles.csv")


@requires("viewer")
def compare_groups() -> Response:
    """Number, mean, spread and extremes of a metric for each group and cycle; CSV as with records."""
    if wants_csv():
        return compare_groups_csv()
    query = read_query(ComparisonQuery)
    column, groups = _asked(query)
    cells: dict[str, list[int]] = {}
    for cell_id, group in groups.items():
        cells.setdefault(str(group), []).append(cell_id)
    rows = summarise_groups(_values(groups, query.metric)).astype(object).to_dict("records")
    return as_json({"metric": column.name, "unit": column.unit, "by": query.by, "cells": cells, "rows": rows})


@requires("viewer")
def compare_groups_csv() -> Response:
    """The same as CSV, one row a group and cycle."""
    query = read_query(ComparisonQuery)
    _, groups = _asked(query)
    return as_csv([summarise_groups(_values(groups, query.metric))], f"{query.metric}-by-{query.by}.csv")


def _asked(query: ComparisonQuery) -> tuple[Column, Mapping[int, object]]:
    """The metric and the groups.  Raises InvalidInputError where there is no such metric, or no such grouping."""
    column = CYCLE_COLUMNS.get(query.metric)
    cells = load_cells(db.engine)
    named = sorted({name for cell in cells for name in cell.properties})
    problems = []
    if column is None or column.kind not in {"number", "integer"}:
        problems.append(f"metric: {query.metric} is no number of a cycle")
    if query.by not in GROUPINGS and query.by not in named:
        problems.append(f"by: {query.by} is none of {', '.join([*GROUPINGS, *named])}")
    if problems or column is None:
        raise InvalidInputError("This cannot be compared", problems=tuple(problems))
    return column, group_cells(cells, query.by)


def group_cells(cells: list[Cell], by: str) -> Mapping[int, object]:
    """The group of each cell that has one: {cell id: group}."""
    named = {cell.id: getattr(cell, by) if by in GROUPINGS else cell.properties.get(by) for cell in cells}
    return {cell_id: group for cell_id, group in named.items() if group is not None}


def _cycles(cell_id: int) -> pd.DataFrame:
    load_cell(db.engine, cell_id)
    return load_cycles(db.engine, cell_id)


def _values(groups: Mapping[int, object], metric: str) -> pd.DataFrame:
    """What summarise_groups needs: cycles that are complete, counted and not masked."""
    values = load_cycle_values(db.engine, list(groups), [metric]).rename(columns={metric: "value"})
    counted = values["cycle_count"].notna() & (values["state"] == "complete") & (values["masked"] != 1)
    values = values[counted].dropna(subset="value")
    return values.assign(group=values["cell_id"].map(groups))[["group", "cell_id", "cycle_count", "value"]]
