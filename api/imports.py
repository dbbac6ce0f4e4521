"""Files on their way in: receive, follow, answer, cancel, undo, redo."""

from typing import Any, Literal

from flask import Response, current_app, request

from access.roles import requires
from api.models import Import, ImportsQuery, ImportSummary, NewFileQuery, UploadQuery
from api.multipart import uploaded_file
from api.requests import read_object, read_query
from api.responses import as_json
from data_access import models
from data_access.database import db
from data_access.queries import load_import, load_imports
from ingest.answers import answer_import, cancel_import, redo_import, shown_status, undo_import
from ingest.upload import receive_upload

UPLOAD_BYTES = 2 * 1024**3
"""The largest file; it is streamed to disk and never held in memory."""
SPARE_BYTES = 2**20
"""What is read beyond that: a larger file is seen to be larger instead of being cut off, and forms have a frame."""


@requires("operator")
def receive_file(cell_id: int) -> Response:
    """The number of the import that reads the file in the body."""
    request.max_content_length = UPLOAD_BYTES + SPARE_BYTES
    query = read_query(UploadQuery)
    return _receive(query.name, query.confirm, cell_id)


@requires("operator")
def receive_new_file() -> Response:
    """The number of the import that reads the file in the body; its cell may be named later."""
    request.max_content_length = UPLOAD_BYTES + SPARE_BYTES
    query = read_query(NewFileQuery)
    return _receive(query.name, query.confirm, query.cell_id)


def _receive(name: str, confirm: Literal["ask", "auto"], cell_id: int | None) -> Response:
    file = uploaded_file(request)
    job, already = receive_upload(
        db.engine,
        file.stream,
        name=name or file.name,
        data_dir=current_app.config["BAROGRAPH_DATA_DIR"],
        cell_id=cell_id,
        confirm=confirm,
        length=file.length,
        limit=UPLOAD_BYTES,
    )
    if already:
        return as_json({"import_id": job.id, "already": True})
    return as_json({"import_id": job.id}, 202, {"Location": f"/api/v1/imports/{job.id}"})


@requires("viewer")
def list_imports() -> Response:
    """The newest imports."""
    query = read_query(ImportsQuery)
    jobs = load_imports(db.engine, cell_id=query.cell_id, limit=query.limit)
    return as_json({"imports": [_plain(job, ImportSummary) for job in jobs]})


@requires("viewer")
def one_import(import_id: int) -> Response:
    """How far the import is, what was understood and what is wrong."""
    return _import_response(load_import(db.engine, import_id))


@requires("operator")
def answer(import_id: int) -> Response:
    """The import, queued again with the answers."""
    return _import_response(answer_import(db.engine, import_id, read_object()))


@requires("operator")
def cancel(import_id: int) -> Response:
    """The import, cancelled before anything was stored."""
    return _import_response(cancel_import(db.engine, import_id))


@requires("operator")
def undo(import_id: int) -> Response:
    """Nothing: the records of the import are gone, and nothing else; for 30 days it can be restored."""
    undo_import(db.engine, import_id)
    return Response(status=204)


@requires("operator")
def redo(import_id: int) -> Response:
    """The import, with its records again."""
    return _import_response(redo_import(db.engine, import_id))


def _import_response(job: models.Import) -> Response:
    return as_json(_plain(job, Import))


def _plain(job: models.Import, model: type[ImportSummary]) -> dict[str, Any]:
    return model.model_validate(job).model_dump(mode="json") | {"status": shown_status(job)}
