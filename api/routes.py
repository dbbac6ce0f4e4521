"""Every address of the API, in one table."""

from flask import Flask, Response, abort, current_app, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import IntegerConverter

from access.roles import requires
from api import about, cells, changes, cycles, imports, ingest, projects, quarantine, records, wall
from api.cell_values import MOST, CellValues
from api.errors import register_errors
from api.live_routes import LIVE_ROUTES
from api.models import (
    Cell,
    Cells,
    CellsQuery,
    Changes,
    ChangesQuery,
    Comparison,
    ComparisonQuery,
    Conflict,
    Cycles,
    Failure,
    Health,
    Import,
    Imports,
    ImportsQuery,
    LiveEvents,
    NewFileQuery,
    Profiles,
    Records,
    RecordsQuery,
    StreamQuery,
    Uploaded,
    UploadQuery,
)
from api.openapi import describe
from api.responses import as_json
from api.route import Route
from api.stream import install_hub, stream, stream_once

V1 = "/api/v1"
CELL, IMPORT = f"{V1}/cells/<int:cell_id>", f"{V1}/imports/<int:import_id>"
BYTES = "application/octet-stream"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NOTHING = "api_nothing"
"""Endpoint of every address that is none."""
_UPLOAD_ERRORS = {413: Failure, 507: Failure}


class _StoredNumber(IntegerConverter):
    """A number in an address; one that the database cannot hold is the largest that it can, which nothing has."""

    def to_python(self, value: str) -> int:
        """Return the number: werkzeug would call a larger one a wrong method where an address has several."""
        return min(int(value), MOST)


@requires("viewer")
def openapi() -> Response:
    """The description of the API, OpenAPI 3.1."""
    return as_json(describe(ROUTES))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/healthz", about.health, Health),
    Route("GET", f"{V1}/openapi.json", openapi),
    Route("GET", f"{V1}/profiles", about.list_profiles, Profiles),
    Route("GET", f"{V1}/projects", projects.list_projects, projects.Projects),
    Route("GET", f"{V1}/cells", cells.list_cells, Cells, query=CellsQuery),
    Route("POST", f"{V1}/cells", cells.new_cell, Cell, 201, body=CellValues, errors={409: Failure}),
    Route("POST", f"{V1}/cells/list", cells.new_cells, Cells, 201, body="text/csv"),
    Route("GET", CELL, cells.one_cell, Cell),
    Route("PATCH", CELL, cells.edit_cell, Cell, body=CellValues, versioned=True, errors={409: Conflict}),
    Route("DELETE", CELL, cells.remove_cell, status=204, versioned=True, errors={409: Conflict}),
    Route("POST", f"{CELL}/restore", cells.bring_back_cell, Cell, errors={409: Failure}),
    Route(
        "POST",
        f"{CELL}/files",
        imports.receive_file,
        Uploaded,
        202,
        UploadQuery,
        BYTES,
        already=True,
        form=True,
        errors=_UPLOAD_ERRORS,
    ),
    Route("GET", f"{CELL}/records", records.cell_records, Records, query=RecordsQuery, csv=True),
    Route("GET", f"{CELL}/records.csv", records.cell_records_csv, query=RecordsQuery, csv=True),
    Route("GET", f"{CELL}/cycles", cycles.cell_cycles, Cycles, csv=True),
    Route("GET", f"{CELL}/cycles.csv", cycles.cell_cycles_csv, csv=True),
    Route(
        "POST",
        f"{V1}/imports",
        imports.receive_new_file,
        Uploaded,
        202,
        NewFileQuery,
        BYTES,
        already=True,
        form=True,
        errors=_UPLOAD_ERRORS,
    ),
    Route("GET", f"{V1}/quarantine.csv", quarantine.list_quarantine, csv=True),
    Route("GET", f"{V1}/wall", wall.show_wall, wall.Wall),
    Route("GET", f"{V1}/imports", imports.list_imports, Imports, query=ImportsQuery),
    Route("GET", IMPORT, imports.one_import, Import),
    Route("POST", f"{IMPORT}/answers", imports.answer, Import, body="application/json", errors={409: Failure}),
    Route("POST", f"{IMPORT}/cancel", imports.cancel, Import, errors={409: Failure}),
    Route("DELETE", IMPORT, imports.undo, status=204, errors={409: Failure}),
    Route("POST", f"{IMPORT}/restore", imports.redo, Import, errors={409: Failure}),
    Route("GET", f"{V1}/stream", stream, query=StreamQuery, errors={503: Failure}),
    Route("GET", f"{V1}/stream/once", stream_once, LiveEvents, query=StreamQuery, errors={503: Failure}),
    Route("GET", f"{V1}/comparisons", cycles.compare_groups, Comparison, query=ComparisonQuery, csv=True),
    Route("GET", f"{V1}/comparisons.csv", cycles.compare_groups_csv, query=ComparisonQuery, csv=True),
    Route("GET", f"{V1}/changes", changes.list_changes, Changes, query=ChangesQuery),
    Route("POST", f"{V1}/changes/<int:change_id>/undo", changes.undo_change, Cell, errors={409: Failure}),
    *LIVE_ROUTES,
)


@requires("anyone")
def nothing_here(path: str) -> Response:
    """404 or 405 as JSON: without it Dash would answer every unknown address with its page."""
    if methods := _methods_here():
        raise MethodNotAllowed(methods, f"{request.method} is not possible at /api/{path}.")
    abort(404, f"There is nothing at /api/{path}.")


def _methods_here() -> list[str]:
    """The methods that the address of the request takes."""
    addresses = current_app.create_url_adapter(request)
    if addresses is None:
        return []
    rules = {method: addresses.match(method=method, return_rule=True)[0] for method in _METHODS}
    return [method for method, rule in rules.items() if rule.endpoint != _NOTHING]


def register_api(server: Flask) -> None:
    """Put every address and the handling of errors on the server."""
    server.url_map.converters["int"] = _StoredNumber
    for route in ROUTES:
        endpoint = f"{route.view.__module__}.{route.view.__name__}"
        server.add_url_rule(route.path, endpoint.replace(".", "_"), route.view, methods=[route.method])
    server.add_url_rule("/api/<path:path>", _NOTHING, nothing_here, methods=_METHODS)
    ingest.install_collector(server)
    install_hub(server)
    register_errors(server)
