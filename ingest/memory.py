"""What was answered for one file is remembered for the next file with the same header, until it is changed or undone.

The reader applies a remembered answer only where its question arises in the new file and nothing there contradicts it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from data_access.base import now
from data_access.models import Import, Profile
from data_access.queries import load_imports, load_profile
from data_access.writes import save_profile, update_import

MAPPING = "mapping"

OWN_KEYS = ("cell_id", "confirmed", "placement", "replacing", "mechanical_twice")
"""What says nothing about how to read the file; all other answers do."""

OF_ONE_CELL = ("channel", "workbook_channel", "signal")
"""Answers that belong to a cell and not to its instrument: another cell's file with this header is asked anew."""

WAITING = 1000
"""Imports that are looked through for open questions."""


def reader_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that say how to read the file.

    >>> reader_answers({"cell_id": 3, "date_order": "dmy"})
    {'date_order': 'dmy'}
    """
    return {key: value for key, value in answers.items() if key not in OWN_KEYS}


def remembered_answers(profile: Profile | None, cell_id: int | None) -> dict[str, Any]:
    """Answers given for earlier files with a header, as the reader takes them: {code: {"value", "said"}}.

    Under "mapping" stand the columns that were chosen, in the same form.
    """
    if profile is None:
        return {}
    answers, given = profile.answers.get("answers", {}), profile.answers.get("given", {})
    remembered: dict[str, Any] = {
        code: {"value": value, "said": _said(given.get(code))}
        for code, value in answers.items()
        if code != MAPPING and (code not in OF_ONE_CELL or given.get(code, {}).get("cell_id") == cell_id is not None)
    }
    columns = {
        source: {"value": choice, "said": _said(given.get(_column_key(source)))}
        for source, choice in answers.get(MAPPING, {}).items()
    }
    return {**remembered, MAPPING: columns} if columns else remembered


def remember_answers(engine: Engine, job: Import) -> None:
    """Keep what was said about reading this file for the next one with its header, in place of what was said before."""
    arose = {question["code"] for question in job.preview.get("answered_questions", [])} - {*OWN_KEYS}
    said = {code: value for code, value in job.answers.items() if code in arose}
    columns = job.answers.get(MAPPING, {})
    if not (said or columns) or not job.fingerprint:
        return
    profile = load_profile(engine, job.fingerprint)
    kept: dict[str, Any] = dict(profile.answers) if profile is not None else {}
    answers = {**kept.get("answers", {}), **said}
    if columns:
        answers[MAPPING] = {**answers.get(MAPPING, {}), **columns}
    source = {"import_id": job.id, "name": job.name, "cell_id": job.cell_id, "on": now().date().isoformat()}
    keys = [*said, *map(_column_key, columns)]
    given = {**kept.get("given", {}), **dict.fromkeys(keys, source)}
    save_profile(engine, job.fingerprint, {"answers": answers, "given": given}, name=job.name)


def read_waiting_again(engine: Engine, stored: Import) -> None:
    """Queue the imports with this header again whose open questions have an answer by now."""
    profile = load_profile(engine, stored.fingerprint) if stored.fingerprint else None
    known = set(profile.answers.get("answers", {})) if profile is not None else set()
    for waiting in load_imports(engine, statuses=("asks",), limit=WAITING) if known else ():
        asked = {question["code"] for question in waiting.questions}
        if waiting.fingerprint == stored.fingerprint and asked & known:
            update_import(engine, waiting.id, only_if={"asks"}, status="queued", progress=0.0, attempts=0)


def forget_answers(engine: Engine, job: Import) -> None:
    """Forget what was said for this import; what was said for others stays."""
    profile = load_profile(engine, job.fingerprint) if job.fingerprint else None
    if profile is None or not job.fingerprint:
        return
    given = profile.answers.get("given", {})
    gone = {key for key, source in given.items() if source["import_id"] == job.id}
    if not gone:
        return
    answers = {code: value for code, value in profile.answers.get("answers", {}).items() if code not in gone}
    columns = {key: value for key, value in answers.pop(MAPPING, {}).items() if _column_key(key) not in gone}
    if columns:
        answers[MAPPING] = columns
    left = {key: source for key, source in given.items() if key not in gone}
    save_profile(engine, job.fingerprint, {"answers": answers, "given": left})


def _column_key(source: str) -> str:
    return f"{MAPPING}:{source}"


def _said(source: Mapping[str, Any] | None) -> str:
    return f"for {source['name']} on {source['on']}" if source else "for this header before"
