"""Cells: list, create, read, edit, delete, restore, and create many from a CSV list."""

from typing import Any

from flask import Response
from pydantic import ValidationError

from access.roles import requires
from api.cell_values import CellValues
from api.errors import error_response, problems_of
from api.models import Cell, CellsQuery
from api.requests import expected_version, read_body, read_object, read_query
from api.responses import as_json
from data_access import models
from data_access.database import db
from data_access.queries import load_cell, load_cells
from data_access.writes import create_cell, delete_cell, restore_cell
from data_access.writes.cells import cell_problems
from ingest.cell_list import store_cell_list
from ingest.edits import edit_cell as store_edit
from pressiometry.errors import InvalidInputError, StaleEditError


@requires("viewer")
def list_cells() -> Response:
    """Every cell, by name."""
    query = read_query(CellsQuery)
    cells = load_cells(db.engine, archived=query.archived, deleted=query.deleted)
    return as_json({"cells": [cell_json(cell) for cell in cells]})


@requires("operator")
def new_cell() -> Response:
    """The new cell."""
    return cell_response(create_cell(db.engine, _values()), 201)


@requires("operator")
def new_cells() -> Response:
    """The new cells of a CSV list: all of them, or none where one has a problem."""
    cells = store_cell_list(db.engine, read_body())
    return as_json({"cells": [cell_json(cell) for cell in cells]}, 201)


@requires("viewer")
def one_cell(cell_id: int) -> Response:
    """One cell, with its version as ETag."""
    return cell_response(load_cell(db.engine, cell_id))


@requires("operator")
def edit_cell(cell_id: int) -> Response:
    """The cell with the values that were sent; the others stay."""
    version = expected_version()
    values = _values(cell_id)
    try:
        return cell_response(store_edit(db.engine, cell_id, values, version=version))
    except StaleEditError as error:
        return _conflict(error, cell_id, values)


@requires("operator")
def remove_cell(cell_id: int) -> Response:
    """Nothing: the cell is deleted, and can be restored for 30 days."""
    version = expected_version()
    try:
        delete_cell(db.engine, cell_id, version=version)
    except StaleEditError as error:
        return _conflict(error, cell_id, {"deleted": True})
    return Response(status=204)


@requires("operator")
def bring_back_cell(cell_id: int) -> Response:
    """The cell, no longer deleted."""
    return cell_response(restore_cell(db.engine, cell_id))


def cell_response(cell: models.Cell, status: int = 200) -> Response:
    """A stored cell with its version as ETag."""
    headers = {"ETag": f'"{cell.version}"'}
    if status == 201:  # noqa: PLR2004 - created
        headers["Location"] = f"/api/v1/cells/{cell.id}"
    return as_json(cell_json(cell), status, headers)


def cell_json(cell: models.Cell) -> dict[str, Any]:
    """A stored cell as plain values."""
    return Cell.model_validate(cell).model_dump(mode="json")


def _conflict(error: StaleEditError, cell_id: int, yours: dict[str, Any]) -> Response:
    current = load_cell(db.engine, cell_id)
    response = error_response(409, error.text, yours=yours, current=cell_json(current))
    response.headers["ETag"] = f'"{current.version}"'
    return response


def _values(cell_id: int | None = None) -> dict[str, Any]:
    """The values of a cell in the body; where types are wrong, InvalidInputError names every other problem too."""
    body = read_object()
    try:
        return CellValues.model_validate(body).model_dump(include=set(body))
    except ValidationError as error:
        wrong = tuple(f"{part['loc'][0]}:" for part in error.errors())
        rest = {name: value for name, value in body.items() if f"{name}:" not in wrong}
        found = cell_problems(db.engine, rest, cell_id=cell_id)
        problems = problems_of(error) + [problem for problem in found if not problem.startswith(wrong)]
        raise InvalidInputError("The values of the cell cannot be taken", problems=tuple(problems)) from error
