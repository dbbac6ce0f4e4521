"""What a person says about an import: answers, the cell it belongs to, "store it", "cancel", "undo"."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from data_access.models import Import, Profile
from data_access.queries import load_cell, load_import, load_profile, load_source_file
from data_access.writes import delete_import, restore_import, save_profile, update_import
from ingest.close_cycles import close_cycles
from ingest.reading.aliases import QUANTITY_OF
from ingest.reading.header_units import factor_to_ours
from ingest.upload import OPEN_STATES, same_import
from pressiometry.errors import InvalidInputError, NotFoundError, StaleEditError

WORDS = "words"
"""Key of the answers under which each is kept as a sentence, for the next file with this header."""

OWN_KEYS = ("cell_id", "confirmed", WORDS)
"""What says nothing about how to read the file; all other answers do."""


def answer_import(engine: Engine, import_id: int, answers: Mapping[str, Any]) -> Import:
    """The import with the answers added, queued to be read with them.

    Keys: question codes; "mapping" {column of the file: {"column", "unit"}}; "cell_id"; "confirmed" (true: store it as
    soon as nothing is asked any more).  Raises InvalidInputError with every problem, NotFoundError, and StaleEditError
    where the import does not wait for an answer.
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
    merged[WORDS] = _words_of(job, answers)
    values: dict[str, Any] = {"answers": merged, "status": "queued", "progress": 0.0, "attempts": 0}
    if "cell_id" in answers:
        values["cell_id"] = answers["cell_id"]
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

    One that is still under way is cancelled.  `redo_import` brings it back for 30 days.
    """
    job = load_import(engine, import_id)
    if job.status in OPEN_STATES:
        return cancel_import(engine, import_id)
    undone = delete_import(engine, import_id)
    if job.status == "stored" and job.cell_id is not None:
        close_cycles(engine, job.cell_id)
    return undone


def redo_import(engine: Engine, import_id: int) -> Import:
    """The import that was undone, stored again, and the cycles computed anew."""
    restored = restore_import(engine, import_id)
    if restored.status == "stored" and restored.cell_id is not None:
        close_cycles(engine, restored.cell_id)
    return restored


def shown_status(job: Import) -> str:
    """Status as people and machines see it: an import is "stored" only when its cycles are computed too."""
    return "reading" if job.status == "stored" and job.progress < 1 else job.status


def reader_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that say how to read the file.

    >>> reader_answers({"cell_id": 3, "date_order": "day_first"})
    {'date_order': 'day_first'}
    """
    return {key: value for key, value in answers.items() if key not in OWN_KEYS}


def remembered_answers(profile: Profile | None, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers given for this header before that were not given anew; a new mapping stands beside the remembered one."""
    if profile is None:
        return {}
    given: dict[str, Any] = dict(profile.answers.get("answers", {}))
    merged = {key: value for key, value in given.items() if key not in answers}
    if "mapping" in given and "mapping" in answers:
        merged_mapping = {**given["mapping"], **answers["mapping"]}
        if merged_mapping != answers["mapping"]:
            merged["mapping"] = merged_mapping
    return merged


def remembered_notes(profile: Profile, remembered: Mapping[str, Any]) -> list[dict[str, str]]:
    """The remembered answers as assumptions, in words."""
    words: dict[str, str] = profile.answers.get("words", {})
    notes = [
        {"code": "remembered", "text": f"As answered for this header before: {words.get(code, f'{code}: {value}')}"}
        for code, value in remembered.items()
        if code != "mapping"
    ]
    for source, chosen in remembered.get("mapping", {}).items():
        stored_as = chosen.get("column") or "not stored"
        unit = f" in {chosen['unit']}" if chosen.get("unit") else ""
        notes.append(
            {"code": "remembered", "text": f"As chosen for this header before: {source} is {stored_as}{unit}."}
        )
    return notes


def remember_answers(engine: Engine, job: Import, remembered: Mapping[str, Any]) -> None:
    """Keep what was said about reading this file for the next file with the same header."""
    words = job.answers.get(WORDS, {})
    answers = {**reader_answers(job.answers), **remembered}
    if answers and job.fingerprint:
        profile = load_profile(engine, job.fingerprint)
        earlier = profile.answers.get("words", {}) if profile is not None else {}
        save_profile(engine, job.fingerprint, {"answers": answers, "words": {**earlier, **words}}, name=job.name)


def _words_of(job: Import, answers: Mapping[str, Any]) -> dict[str, str]:
    """Each answered question as one sentence: what was asked, and the label of the choice."""
    sentences = dict(job.answers.get(WORDS, {}))
    for question in job.questions:
        given = answers.get(question["code"])
        labels = [label for value, label in question["choices"] if value == given]
        if labels:
            sentences[question["code"]] = f"{question['text']} {labels[0]}."
    return sentences


def _wrong_keys(job: Import, answers: Mapping[str, Any]) -> list[str]:
    """Answers to what was not asked, and values that are none of the choices."""
    questions = [*job.questions, *job.preview.get("optional_questions", [])]
    asked = {question["code"]: [value for value, _ in question["choices"]] for question in questions}
    problems = []
    for code, value in answers.items():
        known = code in ("mapping", "cell_id", "confirmed") or code in asked or code in job.answers
        if not known:
            problems.append(f"{code}: this was not asked")
        elif asked.get(code) and value not in asked[code]:
            problems.append(f"{code}: {value!r} is none of {', '.join(map(str, asked[code]))}")
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
    if not isinstance(cell_id, int) or isinstance(cell_id, bool):
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
