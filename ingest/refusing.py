"""How an import ends whose file was not stored: refused with its reason, or waiting for other answers."""

import logging
import secrets
from typing import Any

from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_import
from data_access.writes import discard_records, update_import
from ingest import child
from ingest.memory import reader_answers
from pressiometry.errors import RefusedFileError

log = logging.getLogger(__name__)


def ask_to_change_answers(engine: Engine, claimed: Import, error: RefusedFileError) -> bool:
    """Whether the file could be read before somebody chose otherwise: it waits then, with the choices as they stand."""
    chosen = reader_answers(claimed.answers)
    if not claimed.mapping or not chosen or error.code in child.STOPPED:
        return False
    discard_records(engine, claimed.id)
    problem = {"code": error.code, "line": None, "column": None, "text": error.text, "fatal": True}
    update_import(
        engine,
        claimed.id,
        only_if={"reading"},
        status="asks",
        progress=0.0,
        mapping=[_as_chosen(item, chosen.get("mapping", {})) for item in claimed.mapping],
        problems=[*(earlier for earlier in claimed.problems if not earlier["fatal"]), problem],
        questions=[],
        answers={key: value for key, value in claimed.answers.items() if key != "confirmed"},
    )
    return True


def _as_chosen(item: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    """A column of the mapping with what was chosen for it."""
    if item["source"] not in chosen:
        return item
    said = chosen[item["source"]]
    return {**item, "column": said.get("column") or None, "unit": said.get("unit") or ""}


def refuse(engine: Engine, import_id: int, code: str, text: str, number: str | None = None) -> None:
    """End the import with its reason; what it may have stored is removed."""
    discard_records(engine, import_id)
    problem = {"code": code, "line": None, "column": None, "text": text, "fatal": True}
    problems = [*load_import(engine, import_id).problems, problem]
    update_import(
        engine, import_id, only_if={"reading"}, status="refused", problems=problems, questions=[], error_number=number
    )


def refuse_numbered(engine: Engine, import_id: int, what: str, details: str, error: Exception | None = None) -> None:
    """End the import with a number that the log explains."""
    number = new_error_number()
    log.error("import %s failed, number %s: %s", import_id, number, details, exc_info=error)
    refuse(engine, import_id, "fault", f"{what}. Nothing was stored. Tell your admin number {number}.", number)


def new_error_number() -> str:
    """A short number to tell to an admin, such as 7F3A-12."""
    return f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
