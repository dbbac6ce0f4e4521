"""Every error of the API in one shape, {"error": ..., "problems": [...]}, with the status that fits it."""

import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb

from flask import Flask, Response, has_request_context, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from api.responses import as_json
from data_access.database import db
from data_access.writes.errors import keep_error
from pressiometry.errors import (
    BarographError,
    DamagedDataError,
    DiskFullError,
    ForbiddenError,
    InvalidInputError,
    MissingDataError,
    NameTakenError,
    NotFoundError,
    RefusedFileError,
    StaleEditError,
    StoreBusyError,
)

PREFIXES = ("/api/", "/_dash-update-component", "/_dash-layout", "/_dash-dependencies", "/_reload-hash")
"""Addresses that programs and scripts ask."""
_ROOT = Path(__file__).parents[1]
_LOG = logging.getLogger("barograph")
_STATUSES: Sequence[tuple[type[BarographError], int]] = (
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (NameTakenError, 409),
    (StaleEditError, 409),
    (InvalidInputError, 422),
    (RefusedFileError, 422),
    (MissingDataError, 422),
    (DamagedDataError, 500),
    (StoreBusyError, 503),
    (DiskFullError, 507),
)
_RETRY_AFTER_SECOND = {503: 5, 507: 60}
_REFUSALS = {"too_large": 413, "disk_full": 507}


def log_unknown(error: BaseException) -> str:
    """Return a sentence with the number under which the error, with its traceback, stands in the log."""
    number = secrets.token_hex(4)
    _LOG.error("Error %s", number, exc_info=error)
    _keep(number, error)
    return f"Something went wrong here that we did not foresee. It is in the server's log as error {number}."


def _keep(number: str, error: BaseException) -> None:
    """Keep the error for the page System; where that cannot be, the log has it."""
    if not has_request_context():
        return
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    place = f" · {Path(own[-1].filename).relative_to(_ROOT)}:{own[-1].lineno} {own[-1].name}" if own else ""
    with suppress(Exception):
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        keep_error(db.engine, number, f"{request.method} {request.path}{place}", text)


def error_response(status: int, text: str, problems: Sequence[str] = (), **more: object) -> Response:
    """Return the one shape of an error; `problems` names every one, or repeats the text where there is only one."""
    return as_json({"error": text, "problems": list(problems) or [text], **more}, status)


def register_errors(server: Flask) -> None:
    """Answer errors as JSON where programs ask, and everywhere without a traceback."""
    server.register_error_handler(BarographError, _known)
    server.register_error_handler(ValidationError, _invalid)
    server.register_error_handler(HTTPException, _http)
    server.register_error_handler(Exception, _unknown)


def _known(error: BarographError) -> Response:
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)
    if isinstance(error, RefusedFileError):
        status = _REFUSALS.get(error.code, status)
        return _with_retry(error_response(status, error.text, code=error.code))
    if status == 500:  # noqa: PLR2004 - a fault of the server, whoever asked
        _LOG.error("%s", error.text)
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    return _with_retry(error_response(status, error.text, problems))


def _with_retry(response: Response) -> Response:
    """Say when to try again, where that may help."""
    if response.status_code in _RETRY_AFTER_SECOND:
        response.headers["Retry-After"] = str(_RETRY_AFTER_SECOND[response.status_code])
    return response


def _invalid(error: ValidationError) -> Response:
    problems = problems_of(error)
    return error_response(422, "The request holds values that cannot be taken.", problems)


def problems_of(error: ValidationError) -> list[str]:
    """Return every problem that pydantic found, each with the name of the field."""
    return [f"{'.'.join(str(part) for part in e['loc']) or 'body'}: {e['msg']}" for e in error.errors()]


def _http(error: HTTPException) -> Response | HTTPException:
    if not request.path.startswith(PREFIXES):
        return error
    response = error_response(error.code or 500, error.description or error.name)
    response.headers.extend({k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After", "WWW-Authenticate"}})
    return response


def _unknown(error: Exception) -> Response:
    return error_response(500, log_unknown(error))
