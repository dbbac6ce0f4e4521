"""Records of a cell: thinned for a plot, or every one; as JSON arrays or streamed as CSV."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from flask import Response, request

from access.roles import requires
from api.models import RecordsQuery
from api.requests import read_query
from api.responses import as_csv, as_json, columns_of
from data_access.database import db
from data_access.queries import load_cell
from data_access.series import load_cell_overview, load_cell_records
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import InvalidInputError

TIME = "test_time_second"


@requires("viewer")
def cell_records(cell_id: int) -> Response:
    """Columns as arrays of equal length, in order of time; CSV where the client accepts that."""
    query = read_query(RecordsQuery)
    columns = _columns(query.columns)
    load_cell(db.engine, cell_id)
    table = _every_record(cell_id, columns, query) if query.points is None else _thinned(cell_id, columns, query)
    if request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv":
        return as_csv([table], f"cell-{cell_id}-records.csv")
    return as_json({"meta": {"n": len(table), "points": query.points}} | columns_of(table))


def _columns(names: str) -> list[str]:
    """The columns that were asked for, time first; none: all that there are."""
    asked = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [f"columns: {name} is no column of records" for name in asked if name not in RECORD_COLUMNS]
    if unknown:
        raise InvalidInputError("There are no such columns", problems=tuple(unknown))
    return list(dict.fromkeys([TIME, *asked])) if asked else list(RECORD_COLUMNS)


def _every_record(cell_id: int, columns: Sequence[str], query: RecordsQuery) -> pd.DataFrame:
    table = load_cell_records(db.engine, cell_id, columns=columns, t_from=query.from_s, t_to=query.to_s)
    return _shaped(table, columns, query)


def _thinned(cell_id: int, columns: Sequence[str], query: RecordsQuery) -> pd.DataFrame:
    """One table of all columns; each keeps its own minima and maxima, so it has no value where only others have."""
    wanted = [name for name in columns if name != TIME]
    drawn = load_cell_overview(
        db.engine, cell_id, wanted, t_from=query.from_s, t_to=query.to_s, points=query.points or 0
    )
    tables = [_numbered(table[[TIME, name]]) for name, table in drawn.items() if not table.empty]
    joined = (
        pd.concat(tables, axis=1).sort_index().reset_index(level=1, drop=True).reset_index()
        if tables
        else pd.DataFrame()
    )
    return _shaped(joined, columns, query)


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table under its time and a number among equal times: equal stamps stay apart."""
    return table.assign(among_equals=table.groupby(TIME).cumcount()).set_index([TIME, "among_equals"])


def _shaped(table: pd.DataFrame, columns: Sequence[str], query: RecordsQuery) -> pd.DataFrame:
    """The columns in the order they were asked for; one that was not measured is empty, or left out if not named."""
    if query.columns:
        missing = {name: np.full(len(table), np.nan) for name in columns if name not in table}
        return table.assign(**missing)[list(columns)]
    return table[[name for name in columns if name in table and (name == TIME or table[name].notna().any())]]
