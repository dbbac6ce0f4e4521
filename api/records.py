"""Records of a cell: thinned for a plot, or every one; as JSON arrays or streamed as CSV."""

from collections.abc import Iterator, Sequence

import pandas as pd
from flask import Response, request

from access.roles import requires
from api.models import RecordsQuery
from api.requests import read_query
from api.responses import as_csv, as_json_columns
from data_access.database import db
from data_access.queries import load_cell
from data_access.series import iterate_cell_records, load_cell_overview
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import InvalidInputError

TIME = "test_time_second"


@requires("viewer")
def cell_records(cell_id: int) -> Response:
    """Columns as arrays of equal length, in order of time; CSV where the client accepts that."""
    query = read_query(RecordsQuery)
    load_cell(db.engine, cell_id)
    columns = _named(query.columns) or _measured(cell_id)
    parts = _every_record(cell_id, columns, query) if query.points is None else _thinned(cell_id, columns, query)
    if request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv":
        return as_csv(parts, f"cell-{cell_id}-records.csv")
    table = pd.concat(parts, ignore_index=True)
    return as_json_columns({"n": len(table), "points": query.points}, table)


def _named(names: str) -> list[str]:
    """The columns that were asked for, time first; none where none is named."""
    asked = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [f"columns: {name} is no column of records" for name in asked if name not in RECORD_COLUMNS]
    if unknown:
        raise InvalidInputError("There are no such columns", problems=tuple(unknown))
    return list(dict.fromkeys([TIME, *asked])) if asked else []


def _measured(cell_id: int) -> list[str]:
    """Time and every column that holds a value; a few points of each tell."""
    others = [name for name in RECORD_COLUMNS if name != TIME]
    few = load_cell_overview(db.engine, cell_id, others, points=8)
    return [TIME, *(name for name in others if name in few and few[name][name].notna().any())]


def _every_record(cell_id: int, columns: Sequence[str], query: RecordsQuery) -> Iterator[pd.DataFrame]:
    parts = iterate_cell_records(db.engine, cell_id, columns, query.from_s, query.to_s)
    return (part.reindex(columns=list(columns)) for part in parts)


def _thinned(cell_id: int, columns: Sequence[str], query: RecordsQuery) -> Iterator[pd.DataFrame]:
    """One table of all columns, which share the number of points.

    Each column keeps its own minima and maxima, so it has no value where only others have one.
    """
    wanted = [name for name in columns if name != TIME] or ["voltage_volt"]
    share = max((query.points or 0) // len(wanted), 2)
    drawn = load_cell_overview(db.engine, cell_id, wanted, query.from_s, query.to_s, share)
    tables = [_numbered(table[[TIME, name]]) for name, table in drawn.items() if not table.empty]
    joined = pd.concat(tables, axis=1).sort_index().reset_index() if tables else pd.DataFrame()
    yield joined.reindex(columns=list(columns))


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table under its time and a number among equal times: equal stamps stay apart."""
    return table.assign(among_equals=table.groupby(TIME).cumcount()).set_index([TIME, "among_equals"])
