"""Asks which source holds where a cycler's file and a log both measured a mechanical signal of one cell.

The answer stands in Import.answers; every read of the cell follows it (data_access.series.mechanical_source).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from data_access.queries import load_import
from data_access.series import KEEP_FILE, MECHANICAL_TWICE, USE_LOG
from ingest.merge_plan import StoredSegment
from ingest.placement import Kind
from pressiometry.columns import MECHANICAL_SIGNALS, RECORD_COLUMNS

ANOTHER_CELL = "another_cell"
"""Answer that the file is not of this cell: it waits for its cell again."""


@dataclass(frozen=True, slots=True)
class TwiceMeasured:
    """A signal with two sources: the choice that holds (None: it has to be made), its question and what is noted."""

    choice: str | None
    question: dict[str, Any]
    note: dict[str, str]


def find_twice_measured(
    name: str, kind: Kind, columns: set[str], stored: Sequence[StoredSegment], choice: str | None
) -> TwiceMeasured | None:
    """The signal that both the new file and stored records of the other kind have; None where there is none.

    `columns`: what the new file will store, the pressure that is made from its force among them.
    """
    signals = [signal.column for signal in MECHANICAL_SIGNALS if signal.column in columns]
    for column in signals:
        names = [one.name for one in stored if one.kind != kind and column in one.columns]
        if names:
            log, file = (name, names[0]) if kind == "mechanical" else (names[0], name)
            return _twice(RECORD_COLUMNS[column].label, log, file, choice)
    return None


def _twice(label: str, log: str, file: str, choice: str | None) -> TwiceMeasured:
    used, kept = (log, file) if choice == USE_LOG else (file, log)
    question = {
        "code": MECHANICAL_TWICE,
        "text": f"{label} of this cell comes twice: from the log {log} and from the cycler's file {file}. Which holds?",
        "choices": [
            [USE_LOG, f"Use the log {log}"],
            [KEEP_FILE, f"Keep that of {file}"],
            [ANOTHER_CELL, "Another cell: this file is not of this one"],
        ],
        "column": None,
    }
    text = f"{label} is that of {used} in records, curves and cycles; that of {kept} is kept, not used."
    return TwiceMeasured(choice, question, {"code": MECHANICAL_TWICE, "text": text})


def choice_of(engine: Engine, answers: Mapping[str, Any], import_ids: Sequence[int]) -> str | None:
    """What was answered for this import, else for the latest of the cell's earlier ones; None where nothing was."""
    earlier = (load_import(engine, number).answers for number in sorted(import_ids, reverse=True))
    said = (each.get(MECHANICAL_TWICE) for each in (answers, *earlier))
    return next((str(choice) for choice in said if choice in {USE_LOG, KEEP_FILE}), None)
