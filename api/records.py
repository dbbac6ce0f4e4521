"""Records of a cell: thinned for a plot, or every one; as JSON arrays or streamed as CSV."""

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd
from flask import Response

from access.roles import requires
from api.models import RecordsQuery
from api.requests import read_query, wants_csv
from api.responses import as_csv, as_json_columns
from data_access.database import db
from data_access.queries import load_cell
from data_access.series import iterate_cell_records, load_cell_overview
from data_access.series.thinning import keep_extremes
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import InvalidInputError

TIME = "test_time_second"
ROWS_A_COLUMN = 2
"""Fewest rows of a thinned column: its minimum and its maximum."""


@requires("viewer")
def cell_records(cell_id: int) -> Response:
    """Columns as arrays of equal length, in order of time; CSV where the client accepts that, or names no form."""
    if wants_csv():
        return cell_records_csv(cell_id)
    query = read_query(RecordsQuery)
    table = pd.concat(_parts(cell_id, query), ignore_index=True)
    return as_json_columns({"n": len(table), "points": query.points}, table)


@requires("viewer")
def cell_records_csv(cell_id: int) -> Response:
    """The same as CSV, one row a record."""
    return as_csv(_parts(cell_id, read_query(RecordsQuery)), f"cell-{cell_id}-records.csv")


def _parts(cell_id: int, query: RecordsQuery) -> Iterable[pd.DataFrame]:
    """What was asked for, as one table after the other."""
    load_cell(db.engine, cell_id)
    columns = _named(query.columns) or _measured(cell_id)
    if query.points is None:
        return _every_record(cell_id, columns, query)
    return [_thinned(cell_id, columns, query, query.points)]


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


def _thinned(cell_id: int, columns: Sequence[str], query: RecordsQuery, points: int) -> pd.DataFrame:
    """One table of all columns, which share the number of points.

    Each column keeps its own minima and maxima, so it has no value where only others have one.
    """
    wanted = [name for name in columns if name != TIME] or ["voltage_volt"]
    fewest = ROWS_A_COLUMN * len(wanted)
    if points < fewest:
        problem = f"points: {points}; {len(wanted)} columns need at least {fewest}, a minimum and a maximum each"
        raise InvalidInputError("So few points cannot show the records", problems=(problem,))
    share = points // len(wanted)
    drawn = load_cell_overview(db.engine, cell_id, wanted, query.from_s, query.to_s, share)
    thinned = {name: keep_extremes(table, name, share) for name, table in drawn.items()}
    tables = [_numbered(table[[TIME, name]]) for name, table in thinned.items() if not table.empty]
    joined = pd.concat(tables, axis=1).sort_index().reset_index() if tables else pd.DataFrame()
    return joined.reindex(columns=list(columns))


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table under its time and a number among equal times: equal stamps stay apart."""
    return table.assign(among_equals=table.groupby(TIME).cumcount()).set_index([TIME, "among_equals"])
