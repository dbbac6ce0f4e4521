"""What was understood of one file: its records, the mapping, and everything a person has to know before storing it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

Kind = Literal["cycler", "mechanical"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """One column of the file: what it became, in which unit it stood, and the factor to our unit.

    `column` is a name of columns.RECORD_COLUMNS or of mapping.PSEUDO_COLUMNS; None: not used.
    """

    source: str
    first_value: str
    column: str | None = None
    unit: str = ""
    factor: float = 1.0
    note: str = ""

    def as_json(self) -> Json:
        """Plain values, as stored with the import.

        >>> ColumnMapping("Current(mA)", "1.5", "current_ampere", "mA", 0.001).as_json()["factor"]
        0.001
        """
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Note:
    """One assumption that was made while reading: shown before anything is stored, kept with the data."""

    code: str
    text: str

    def as_json(self) -> Json:
        """Plain values, as stored with the import."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something found wrong in the file, with the line and the column where it was first seen."""

    code: str
    text: str
    line: int | None = None
    column: str | None = None
    fatal: bool = False

    def as_json(self) -> Json:
        """Plain values, as stored with the import."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say; the answer goes into `answers[code]` and is remembered for this header."""

    code: str
    text: str
    choices: tuple[tuple[str, str], ...]
    column: str | None = None

    def as_json(self) -> Json:
        """Plain values; choices as lists of [value, label]."""
        return {
            "code": self.code,
            "text": self.text,
            "choices": [list(choice) for choice in self.choices],
            "column": self.column,
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that arises in the file and has its answer, for this file or remembered; it may be changed."""

    question: Question
    answer: str
    remembered: bool

    def as_json(self) -> Json:
        """The question as plain values, with "answer" and "remembered"."""
        return {**self.question.as_json(), "answer": self.answer, "remembered": self.remembered}


def empty_quarantine() -> pd.DataFrame:
    """No quarantined rows: an empty table [line, text, reason]."""
    return pd.DataFrame(
        {"line": np.empty(0, np.int64), "text": pd.Series([], dtype="str"), "reason": pd.Series([], dtype="str")}
    )


@dataclass(slots=True)
class Reading:
    """One file, read: records in our columns and units, and what was understood, assumed, found wrong and asked.

    `table` has columns of columns.RECORD_COLUMNS, `source_row` (line of the file, from 1) and `segment`.
    rows_read = rows of `table` + rows_quarantined + rows_duplicate.
    While `questions` is not empty the table shows the most likely answer and is not to be stored.
    """

    format: str
    kind: Kind
    encoding: str
    delimiter: str
    decimal_mark: str
    header: list[str]
    fingerprint: str
    table: pd.DataFrame
    mapping: list[ColumnMapping] = field(default_factory=list)
    assumptions: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    optional_questions: list[Question] = field(default_factory=list)
    answered_questions: list[Answered] = field(default_factory=list)
    rows_read: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    quarantine: pd.DataFrame = field(default_factory=empty_quarantine)

    def as_json(self) -> Json:
        """Everything but the tables, as plain values."""
        return {
            "format": self.format,
            "kind": self.kind,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "decimal_mark": self.decimal_mark,
            "header": list(self.header),
            "fingerprint": self.fingerprint,
            "mapping": [item.as_json() for item in self.mapping],
            "assumptions": [item.as_json() for item in self.assumptions],
            "problems": [item.as_json() for item in self.problems],
            "questions": [item.as_json() for item in self.questions],
            "optional_questions": [item.as_json() for item in self.optional_questions],
            "answered_questions": [item.as_json() for item in self.answered_questions],
            "rows_read": self.rows_read,
            "rows_quarantined": self.rows_quarantined,
            "rows_duplicate": self.rows_duplicate,
        }
