"""Stores the records of an agreed import: force becomes pressure, segments become series on the cell's axis."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access.live.placing import WALL_CLOCK
from data_access.models import Import, Series
from data_access.queries import facts_of, load_cell, load_import
from data_access.queries.imports import LEANS_ON
from data_access.series import (
    MECHANICAL_TWICE,
    create_series,
    derive_column,
    load_measured,
    load_records,
    load_series,
    store_records,
)
from data_access.writes import ensure_test, finish_import, store_quarantine
from ingest.joining import fill_in, store_left_over
from ingest.leaning import leaning_on
from ingest.left_reading import load_quarantine, load_table
from ingest.mechanical_twice import choice_of, find_twice_measured
from ingest.merge import plan_merge
from ingest.merge_plan import FORCE, KEY_COLUMNS, PRESSURE, MergePlan, StoredSegment, labels
from ingest.overlap import is_measured
from ingest.placement import Kind
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.facts import CellFacts
from pressiometry.units import force_to_pressure


@dataclass(slots=True)
class StoringPlan:
    """What storing will do, in words and in numbers; empty where the cell is not known yet."""

    merge: MergePlan | None = None
    compared_with: frozenset[int] = frozenset()
    kind: Kind = "cycler"
    mechanical_source: str | None = None
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    assumptions: list[dict[str, str]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    optional_questions: list[dict[str, Any]] = field(default_factory=list)
    answered_questions: list[dict[str, Any]] = field(default_factory=list)


def plan_storing(engine: Engine, job: Import, summary: dict[str, Any], folder: Path) -> StoringPlan:
    """How the file that was read fits what the cell has; shown before anything is stored."""
    plan = StoringPlan(kind=summary["kind"])
    if job.cell_id is None:
        return plan
    cell = load_cell(engine, job.cell_id)
    table = load_table(folder)
    stored = load_stored_segments(engine, cell.id, job.id)
    plan.compared_with = frozenset(one.series_id for one in stored)
    plan.merge = plan_merge(table, plan.kind, stored, job.answers)
    plan.rows_duplicate = plan.merge.rows_duplicate
    plan.questions, plan.optional_questions = plan.merge.questions, plan.merge.optional_questions
    plan.rows_quarantined = len(plan.merge.differing_rows)
    plan.problems += _differing_problems(table, plan.merge)
    open_codes = {question["code"] for question in summary["questions"]}
    plan.assumptions = _said_once(
        note for note in plan.merge.notes if not (note[0] == "directly_after" and "time_backwards" in open_codes)
    )
    if makes_pressure(table):
        plan.assumptions.append(force_note(facts_of(cell)))
    _choose_mechanical_source(engine, job, plan, table, stored)
    return plan


def _said_once(notes: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """The notes, those that are the same counted."""
    counts = Counter(notes)
    return [
        {"code": code, "text": text if count == 1 else f"{text} ({count} times)"}
        for (code, text), count in counts.items()
    ]


def _differing_problems(table: pd.DataFrame, merge: MergePlan) -> list[dict[str, Any]]:
    """The records that are kept aside because they differ from stored ones, each with its line."""
    names = labels(merge.differing_columns)
    return [
        {
            "code": "differs_from_stored",
            "line": int(line),
            "column": merge.differing_columns[0],
            "text": f"{names}: another value than the record that is stored. That one holds; this one is kept aside.",
            "fatal": False,
        }
        for line in table["source_row"].to_numpy()[merge.differing_rows]
    ]


def _choose_mechanical_source(
    engine: Engine, job: Import, plan: StoringPlan, table: pd.DataFrame, stored: list[StoredSegment]
) -> None:
    """Ask which instrument's signal holds where the cell would have it from two, or note what was said before."""
    superseded = plan.merge.superseded if plan.merge is not None else []
    remaining = [one for one in stored if one.import_id not in superseded]
    columns = {str(name) for name in RECORD_COLUMNS if is_measured(table, str(name))}
    columns |= {PRESSURE} if makes_pressure(table) else set()
    earlier = [one.import_id for one in stored if one.import_id is not None]
    choice = choice_of(engine, job.answers, list(dict.fromkeys(earlier)))
    twice = find_twice_measured(job.name, plan.kind, columns, remaining, choice)
    if twice is None:
        return
    plan.mechanical_source = twice.choice
    if twice.choice is None:
        plan.questions.append(twice.question)
    else:
        plan.answered_questions.append({**twice.question, "answer": twice.choice, "remembered": False})
        plan.assumptions.append(twice.note)


def load_stored_segments(engine: Engine, cell_id: int, import_id: int) -> list[StoredSegment]:
    """The cell's visible series with the keys of their records, but for those of this import."""
    segments = []
    for series in load_series(engine, cell_id):
        if series.import_id != import_id:
            kind: Kind = "cycler" if series.source == "cycler" else "mechanical"
            zero = _zero_of(engine, series)
            keys = _load_from(engine, series.id, zero, (*KEY_COLUMNS[kind], "unix_time_second"))
            segments.append(
                StoredSegment(
                    series.id,
                    series.import_id,
                    series.channel,
                    kind,
                    series.offset_second + zero,
                    keys,
                    load_measured(engine, series.id),
                    series.local_zero_second,
                    cache(partial(_load_from, engine, series.id, zero)),
                )
            )
    return segments


def _zero_of(engine: Engine, series: Series) -> float:
    """The first time of live rows that came without test time, s: a file of the same records counts from there."""
    if series.clock != WALL_CLOCK:
        return 0.0
    times = load_records(engine, series.id, columns=("test_time_second",))["test_time_second"]
    return float(times.min()) if len(times) else 0.0


def _load_from(engine: Engine, series_id: int, zero: float, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The records of a series with their times counted from `zero` on."""
    table = load_records(engine, series_id, columns=columns)
    return table.assign(test_time_second=table["test_time_second"] - zero) if zero else table


def store_import(
    engine: Engine, job: Import, folder: Path, plan: StoringPlan, progress: Callable[[float], None]
) -> Import | None:
    """The import, stored: its records become visible, and those of superseded imports invisible, in one transaction.

    None where it was cancelled meanwhile.  Raises StaleEditError where the cell has others than it was planned beside.
    """
    if job.cell_id is None or plan.merge is None:
        raise ValueError("An import is stored for a cell")
    cell = load_cell(engine, job.cell_id)
    table = load_table(folder)
    total = max(1, sum(place.stop - place.start for place in plan.merge.placements))
    test = ensure_test(engine, cell.id)
    done = 0
    for place in plan.merge.placements:
        series = create_series(
            engine,
            test.id,
            source=plan.kind,
            channel=job.name,
            clock=f"import {job.id}",
            offset_second=place.offset_second,
            import_id=job.id,
            local_zero_second=place.local_zero_second,
        )
        part = fill_in(records_of(table.iloc[place.start : place.stop], facts_of(cell)), place.start, plan.merge.joined)
        tell = partial(_tell, progress, done / total, len(part) / total)
        store_records(engine, series.id, part, job.id, progress=tell)
        done += len(part)
    store_left_over(engine, test.id, job.id, plan.merge.joined)
    _store_quarantine(engine, job, folder, table, plan.merge)
    chosen = {} if plan.mechanical_source is None else {MECHANICAL_TWICE: plan.mechanical_source}
    answers = {**job.answers, **chosen}  # with the records: what was said for an import that this one replaces too
    superseded = plan.merge.superseded
    preview = {**job.preview, LEANS_ON: leaning_on(engine, plan.merge.gave_to)}
    return finish_import(
        engine,
        job.id,
        rows_stored=done,
        superseded=superseded,
        compared_with=plan.compared_with,
        progress=0.95,
        answers=answers,
        preview=preview,
    )


def _tell(progress: Callable[[float], None], before: float, share: float, of_part: float) -> None:
    """Progress of the whole while one part is stored."""
    progress(before + share * of_part)


def records_of(table: pd.DataFrame, facts: CellFacts) -> pd.DataFrame:
    """Record columns as they are stored: sequence added, force turned into pressure where none was given."""
    lines = table["source_row"].to_numpy(dtype=np.int64)
    columns = {"sequence": lines if (lines[1:] > lines[:-1]).all() else np.arange(len(table), dtype=np.int64)}
    columns |= {name: table[name].to_numpy() for name in RECORD_COLUMNS if name in table.columns}
    columns.setdefault("record_index", lines)
    if makes_pressure(table):
        columns[PRESSURE] = force_to_pressure(table[FORCE].to_numpy(dtype=float), facts)
    return pd.DataFrame(columns, copy=False)


def makes_pressure(table: pd.DataFrame) -> bool:
    """Whether the pressure of this file is its force over the cell's area."""
    has_force = FORCE in table.columns and bool(table[FORCE].notna().any())
    return has_force and not (PRESSURE in table.columns and bool(table[PRESSURE].notna().any()))


def force_note(facts: CellFacts) -> dict[str, str]:
    """The assumption behind a pressure that was made from force."""
    per_kgf = force_to_pressure(np.array([9.80665]), facts)[0]
    area = f"over {facts.force_diameter_mm:g} mm: 1 kgf = {per_kgf:.5f} MPa"
    return {"code": "force_area", "text": f"Force becomes pressure {area}. The force is kept."}


def _store_quarantine(engine: Engine, job: Import, folder: Path, table: pd.DataFrame, merge: MergePlan) -> None:
    """Keep the lines that could not be read, and records that contradict stored ones."""
    quarantine = load_quarantine(folder)
    if merge.differing_rows:
        rows = table.iloc[merge.differing_rows]
        texts = [", ".join(f"{name}={value:g}" for name, value in row.dropna().items()) for _, row in rows.iterrows()]
        differing = pd.DataFrame(
            {"line": rows["source_row"].to_numpy(), "text": texts, "reason": "differs from the record that is stored"}
        )
        quarantine = pd.concat([quarantine, differing], ignore_index=True)
    if len(quarantine):
        store_quarantine(engine, job.id, quarantine)


def refresh_pressure(engine: Engine, cell_id: int) -> int:
    """Number of series whose pressure was computed anew from their force, because the cell's force diameter changed.

    Pressure that a file gave itself is never touched.
    """
    facts = facts_of(load_cell(engine, cell_id))
    made = [series for series in load_series(engine, cell_id) if _is_made_from_force(engine, series)]
    changed = 0
    for series in made:
        changed += derive_column(engine, series.id, PRESSURE, FORCE, lambda force: force_to_pressure(force, facts))
    return changed


def _is_made_from_force(engine: Engine, series: Series) -> bool:
    if series.import_id is None:
        return bool(series.pressure_from_force)
    return any(note["code"] == "force_area" for note in load_import(engine, series.import_id).assumptions)
