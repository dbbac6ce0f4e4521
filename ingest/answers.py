"""What a person says about an import: answers, the cell it belongs to, "store it", "cancel", "undo"."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_cell, load_import, load_source_file
from data_access.series import MECHANICAL_TWICE
from data_access.writes import delete_import, restore_import, update_import
from ingest.close_cycles import close_or_leave
from ingest.leaning import merge_with, merge_without, merged_without
from ingest.mechanical_twice import ANOTHER_CELL
from ingest.memory import forget_answers, remember_answers
from ingest.reading.aliases import QUANTITY_OF
from ingest.reading.dates import is_time_zone
from ingest.reading.header_units import factor_to_ours
from ingest.restoring import check_not_there_already
from ingest.upload import OPEN_STATES, same_import
from pressiometry.errors import InvalidInputError, NotFoundError, StaleEditError

LARGEST_ID = 2**63 - 1
"""The largest number that the database can hold."""

OF_THE_CELL = (MECHANICAL_TWICE, "cell_id", "placement", "replacing", "confirmed")
"""Answers that mean nothing once the file belongs to another cell."""


def answer_import(engine: Engine, import_id: int, answers: Mapping[str, Any]) -> Import:
    """The import with the answers added, queued to be read with them.

    Keys: codes of questions, also of answered ones, whose answer is changed; "mapping" {column of the file: {"column",
    "unit"}}; "cell_id"; "confirmed" (true: store it as soon as nothing is asked any more).  Raises InvalidInputError
    with every problem, NotFoundError, and StaleEditError where the import does not wait for an answer.
    """
    job = load_import(engine, import_id)
    if job.status != "asks":
        raise _not_waiting(job)
    problems = [*_wrong_keys(job, answers), *_wrong_mapping(job, answers.get("mapping", {}))]
    problems += _wrong_cell(engine, job, answers)
    if problems:
        raise InvalidInputError("These answers cannot be taken", where=job.name, problems=tuple(problems))
    merged = {**job.answers, **answers}
    if "mapping" in answers:
        merged["mapping"] = {**job.answers.get("mapping", {}), **answers["mapping"]}
    values: dict[str, Any] = {"answers": merged, "status": "queued", "progress": 0.0, "attempts": 0}
    if "cell_id" in answers:
        values["cell_id"] = answers["cell_id"]
        if MECHANICAL_TWICE not in answers:
            merged.pop(MECHANICAL_TWICE, None)
    if answers.get(MECHANICAL_TWICE) == ANOTHER_CELL:
        values["cell_id"] = None
        values["answers"] = {key: value for key, value in merged.items() if key not in OF_THE_CELL}
    answered = update_import(engine, import_id, only_if={"asks"}, **values)
    if answered is None:
        raise _not_waiting(load_import(engine, import_id))
    return answered


def cancel_import(engine: Engine, import_id: int) -> Import:
    """The cancelled import; a worker that is at it stops and removes what it had stored.

    An import that has ended already is left as it is, and StaleEditError says so.
    """
    cancelled = update_import(engine, import_id, only_if=set(OPEN_STATES), status="cancelled", questions=[])
    if cancelled is None:
        job = load_import(engine, import_id)
        raise StaleEditError(f"The import is {job.status} already", where=job.name)
    return cancelled


def undo_import(engine: Engine, import_id: int) -> Import:
    """The import, undone: its records are gone, those of an import that it replaced are back, cycles are computed anew.

    Imports that hold records of its file only through it are read again, so that theirs come back too.
    What was answered for it is forgotten: the next file with its header is asked again.  One that is still under way is
    cancelled.  `redo_import` brings it back for 30 days.
    """
    job = load_import(engine, import_id)
    if job.status in OPEN_STATES:
        return cancel_import(engine, import_id)
    undone = delete_import(engine, import_id)
    forget_answers(engine, job)
    if job.deleted_at is None:
        merge_without(engine, job)
    if job.status == "stored" and job.cell_id is not None:
        close_or_leave(engine, job.cell_id)
    return undone


def redo_import(engine: Engine, import_id: int) -> Import:
    """The import that was undone, stored again, and the cycles computed anew.

    Raises StaleEditError where its records have come in by another import meanwhile, NotFoundError after 30 days.
    """
    job = load_import(engine, import_id)
    compared_with = check_not_there_already(engine, job, merged_without(job))
    restored = restore_import(engine, import_id, compared_with=compared_with)
    if job.deleted_at is not None:
        merge_with(engine, restored)
    if restored.status == "stored" and restored.cell_id is not None:
        remember_answers(engine, restored)
        close_or_leave(engine, restored.cell_id)
    return restored


def shown_status(job: Import) -> str:
    """Status as people and machines see it: "stored" only when its cycles are computed too, "undone" afterwards."""
    if job.status == "stored" and job.deleted_at is not None:
        return "undone"
    return "reading" if job.status == "stored" and job.progress < 1 else job.status


def answered_questions(job: Import) -> list[dict[str, Any]]:
    """Questions that arise in the file and are answered: like open ones, with "answer" and "remembered"."""
    answered: list[dict[str, Any]] = job.preview.get("answered_questions", [])
    return answered


def _wrong_keys(job: Import, answers: Mapping[str, Any]) -> list[str]:
    """Answers to what was not asked, and values that are none of the choices."""
    questions = [*job.questions, *answered_questions(job), *job.preview.get("optional_questions", [])]
    asked = {question["code"]: [value for value, _ in question["choices"]] for question in questions}
    problems = []
    for code, value in answers.items():
        known = code in ("mapping", "cell_id", "confirmed") or code in asked or code in job.answers
        if not known:
            problems.append(f"{code}: this was not asked")
        elif asked.get(code) and value not in asked[code]:
            problems.append(f"{code}: {value!r} is none of {', '.join(map(str, asked[code]))}")
    if "time_zone" in answers and not is_time_zone(str(answers["time_zone"])):
        problems.append(f"time_zone: {answers['time_zone']!r} is no time zone; name it like Asia/Seoul")
    if not isinstance(answers.get("confirmed", True), bool):
        problems.append("confirmed: say true or false")
    return problems


def _wrong_mapping(job: Import, mapping: Any) -> list[str]:
    """Columns that the file does not have, and choices that are none."""
    if not isinstance(mapping, Mapping):
        return ['mapping: an object {column of the file: {"column": .., "unit": ..}} is needed']
    sources = {item["source"] for item in job.mapping}
    problems = [f"mapping: the file has no column {source!r}" for source in mapping if source not in sources]
    for source, choice in mapping.items():
        problems += [f"mapping: {source}: {problem}" for problem in _wrong_choice(choice)]
    return problems


def _wrong_choice(choice: Any) -> list[str]:
    """What is wrong with {"column", "unit"} or {"column", "factor", "offset"}; column None or "": not stored."""
    if not isinstance(choice, Mapping) or not set(choice) <= {"column", "unit", "factor", "offset"}:
        return ["column and unit, or column, factor and offset are needed"]
    column, unit = choice.get("column") or "", choice.get("unit") or ""
    if column and column not in QUANTITY_OF:
        return [f"there is no column {column!r}"]
    problems = []
    if column and unit and choice.get("factor") is None and factor_to_ours(QUANTITY_OF[column], str(unit)) is None:
        problems.append(f"{unit!r} is no unit of {column}")
    for name in ("factor", "offset"):
        number = choice.get(name)
        if number is not None and (isinstance(number, bool) or not isinstance(number, (int, float))):
            problems.append(f"{name}: a number is needed")
    return problems


def _wrong_cell(engine: Engine, job: Import, answers: Mapping[str, Any]) -> list[str]:
    """A cell that does not exist, or that has these bytes already."""
    if "cell_id" not in answers:
        return []
    cell_id = answers["cell_id"]
    if not isinstance(cell_id, int) or isinstance(cell_id, bool) or not 0 < cell_id <= LARGEST_ID:
        return ["cell_id: the number of a cell is needed"]
    try:
        cell = load_cell(engine, cell_id)
    except NotFoundError as error:
        return [f"cell_id: {error.text}"]
    same = same_import(engine, load_source_file(engine, job.source_file_id).sha256, cell_id)
    if same is not None and same.id != job.id:
        return [f"cell_id: {cell.name} has these bytes already, from {same.name}"]
    return []


def _not_waiting(job: Import) -> StaleEditError:
    return StaleEditError(f"The import is {shown_status(job)} and does not wait for an answer", where=job.name)
