"""Decides where the records of a new file lie beside those that the cell has already, and which it replaces.

A new file may hold an earlier one whole (a later or richer export: the earlier import is superseded), share some
records with it (they are not stored twice), or be new.  Nothing here touches the store; `plan_merge` is a function of
tables.  What only a person can decide becomes a question: `placement` or `replacing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ingest.overlap import Overlap, find_overlap, is_measured
from ingest.placement import Bools, Choice, Floats, Kind, Place, Stretch, find_place, has_other_date, is_free
from pressiometry.columns import MECHANICAL_SIGNALS, RECORD_COLUMNS

FORCE, PRESSURE = "force_newton", "surface_pressure_mpa"

KEY_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "cycler": ("test_time_second", "voltage_volt", "current_ampere"),
    "mechanical": ("test_time_second", *(signal.column for signal in MECHANICAL_SIGNALS), FORCE, "analogue_input_volt"),
}
"""What a record is recognised by."""

NOT_MISSED = ("test_time_second", "unix_time_second", "record_index")
"""A file that lacks one of these is no poorer for it."""

SAME_RECORDS = "same_records"
"""Value of the answer that records with nearly the same values are those that are stored."""


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """One series of an earlier import: its records' keys on its raw clock, and where it lies on the cell's axis.

    `columns`: every quantity that was measured in it; `local_zero_second`: the instrument's date at its clock's zero.
    """

    series_id: int
    import_id: int | None
    name: str
    kind: Kind
    offset_second: float
    keys: pd.DataFrame
    columns: frozenset[str]
    local_zero_second: float | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Rows start..stop of the new table become one series with this offset on the cell's axis."""

    start: int
    stop: int
    offset_second: float
    local_zero_second: float | None = None


@dataclass(slots=True)
class MergePlan:
    """Where the rows go, what is replaced, what is left out, and why, in words; and what has to be asked first."""

    placements: list[Placement] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    rows_duplicate: int = 0
    differing_rows: list[int] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    optional_questions: list[dict[str, Any]] = field(default_factory=list)


def plan_merge(
    table: pd.DataFrame, kind: Kind, stored: Sequence[StoredSegment], answers: Mapping[str, Any] | None = None
) -> MergePlan:
    """The plan for a table with test_time_second, segment and, where known, unix_time_second or local_time_second.

    `stored` are the cell's visible series, of both kinds.  Without any, the file's own clock is the cell's axis.
    `answers` may hold "placement" and "replacing".
    """
    merging = _Merging(table, kind, answers or {})
    same = [one for one in stored if _is_same_instrument(merging, one)]
    for import_id in dict.fromkeys(one.import_id for one in same):
        merging.compare([one for one in same if one.import_id == import_id])
    plan = merging.plan
    plan.rows_duplicate = int(len(merging.kept) - merging.kept.sum())
    remaining = [one for one in stored if one.import_id is None or one.import_id not in plan.superseded]
    merging.place([one for one in remaining if one in same], [one for one in remaining if one.kind != kind])
    return plan


def _is_same_instrument(merging: "_Merging", one: StoredSegment) -> bool:
    """Whether stored records are of the same kind and have a quantity in common: a second logger has none."""
    keys = KEY_COLUMNS[merging.kind][1:]
    return one.kind == merging.kind and any(name in merging.columns and is_measured(one.keys, name) for name in keys)


class _Merging:
    """One new file on its way to a plan."""

    def __init__(self, table: pd.DataFrame, kind: Kind, answers: Mapping[str, Any]) -> None:
        self.table, self.kind, self.answers = table, kind, answers
        self.plan = MergePlan()
        self.kept: Bools = np.ones(len(table), dtype=np.bool_)
        self.segments = segments_of(table)
        self.anchors: dict[int, float] = {}
        self.columns = {str(name) for name in RECORD_COLUMNS if is_measured(table, str(name))}
        self.placement_choices: list[Choice] = []

    def compare(self, own: Sequence[StoredSegment]) -> None:
        """Note what the new file and one earlier import have in common."""
        found = [(number, one, overlap) for number, one, overlap in self._overlaps(own) if self._accepts(own, overlap)]
        if not found:
            return
        for number, one, _ in found:
            self.anchors.setdefault(number, one.offset_second)
        count = sum(len(overlap.new_rows) for _, _, overlap in found)
        holds_all = count == sum(len(one.keys) for one in own)
        differing = np.concatenate([overlap.new_rows[overlap.differing] for _, _, overlap in found])
        if own[0].import_id is not None and self._replaces(own, count, holds_all=holds_all):
            self.plan.superseded.append(own[0].import_id)
            fate = f" {len(differing)} of them differ. Those of this file hold." if len(differing) else ""
            self.plan.notes.append(("supersedes", f"Holds {count} records of {own[0].name}, which it replaces.{fate}"))
            return
        for _, _, overlap in found:
            self.kept[overlap.new_rows] = False
        self.plan.differing_rows += differing.tolist()
        fate = f" {len(differing)} of them differ. Those stored first hold; the others are kept aside."
        self._note_stored(own, count, fate if len(differing) else "")

    def _overlaps(self, own: Sequence[StoredSegment]) -> list[tuple[int, StoredSegment, Overlap]]:
        """What every segment of the file has in common with every series of an import; rows count in the table."""
        columns = [name for name in KEY_COLUMNS[self.kind][1:] if name != PRESSURE or FORCE not in self.columns]
        found = []
        for number, (start, stop) in enumerate(self.segments):
            part, new = self.table.iloc[start:stop], self._stretch(start, stop)
            for one in own:
                overlap = find_overlap(part, one.keys, columns)
                if overlap is not None and not has_other_date(new, stretch_of(one)):
                    rows = overlap.new_rows + start
                    found.append((number, one, Overlap(rows, overlap.old_rows, overlap.differing, overlap.is_certain)))
        return found

    def _accepts(self, own: Sequence[StoredSegment], overlap: Overlap) -> bool:
        """Whether these are the same records; where their values are only close, a person says so."""
        if overlap.is_certain or self.answers.get("placement") == SAME_RECORDS:
            return True
        label = f"they are the {len(overlap.new_rows)} records of {own[0].name}, with other digits"
        self.placement_choices.append(Choice(SAME_RECORDS, 0.0, label, ("", "")))
        return False

    def _replaces(self, own: Sequence[StoredSegment], count: int, *, holds_all: bool) -> bool:
        """Whether the new file is richer than the import; asked where it has more of one thing and less of another."""
        before = frozenset().union(*(one.columns for one in own)) - {*NOT_MISSED}
        lost, gained = before - self._columns_once_stored(), self.columns - before - {*NOT_MISSED}
        is_part = count == len(self.table)
        if not (gained or not is_part) or not (holds_all or (gained and is_part)):
            return False
        if holds_all and not lost:
            return True
        poorer = _in_words(lost) if holds_all else "some of its records"
        self._ask_whether_to_replace(own[0].name, count, poorer)
        return self.answers.get("replacing") == "replace"

    def _columns_once_stored(self) -> set[str]:
        """The quantities of the new file, the pressure that is made from its force among them."""
        return self.columns | ({PRESSURE} if FORCE in self.columns else set())

    def _ask_whether_to_replace(self, name: str, count: int, poorer: str) -> None:
        text = f"{count} records of this file are those of {name}, but it lacks {poorer}."
        choices = [
            ["add", f"keep those of {name} and add only what is new"],
            ["replace", f"replace {name}: {poorer} will be gone"],
        ]
        self._ask("replacing", text, choices, must=True)

    def _ask(self, code: str, text: str, choices: list[list[str]], *, must: bool) -> None:
        """Ask once; what is answered, or need not be asked, may be said otherwise all the same."""
        asked = (*self.plan.questions, *self.plan.optional_questions)
        if code in [question["code"] for question in asked]:
            return
        is_open = must and self.answers.get(code) not in [value for value, _ in choices]
        questions = self.plan.questions if is_open else self.plan.optional_questions
        questions.append({"code": code, "text": text, "choices": choices, "column": None})

    def _note_stored(self, own: Sequence[StoredSegment], count: int, fate: str) -> None:
        """Say which records are stored already."""
        name = own[0].name
        if count == len(self.table):
            note = ("already_stored", f"All {count} records are stored already, from {name}.{fate}")
        else:
            note = ("overlap", f"{count} records are stored already, from {name}, and are not stored twice.{fate}")
        self.plan.notes.append(note)

    def place(self, same: Sequence[StoredSegment], other: Sequence[StoredSegment]) -> None:
        """Give every remaining stretch of every segment its offset."""
        taken = [stretch_of(one) for one in same if len(one.keys)]
        beside = [stretch_of(one) for one in other if len(one.keys)]
        previous: Stretch | None = None
        for number, (start, stop) in enumerate(self.segments):
            new = self._stretch(start, stop)
            if number in self.anchors:
                offset = self.anchors[number]
            else:
                place = self._after_previous(new, previous, taken) or self._find(new, taken, beside)
                offset = place.offset_second
                if place.note and not place.must_ask and self.kept[start:stop].any():
                    self.plan.notes.append(place.note)
            previous = Stretch(new.name, new.kind, new.seconds, offset, new.unix_zero_second, new.local_zero_second)
            taken.append(previous)
            runs = _runs(self.kept[start:stop])
            self.plan.placements += [Placement(start + a, start + b, offset, new.local_zero_second) for a, b in runs]

    def _after_previous(self, new: Stretch, previous: Stretch | None, taken: Sequence[Stretch]) -> Place | None:
        """A later segment of one file follows the one before it, unless a date or a stored record says otherwise."""
        if previous is None or new.unix_zero_second is not None or new.local_zero_second is not None:
            return None
        offset = previous.end + new.interval - float(new.seconds[0])
        text = "Its clock starts anew within the file: placed directly after the records before it."
        return Place(offset, ("directly_after", text)) if is_free(new, offset, taken) else None

    def _find(self, new: Stretch, taken: Sequence[Stretch], beside: Sequence[Stretch]) -> Place:
        """The place of a segment, and the question that it raises."""
        answer = self.answers.get("placement")
        place = find_place(new, taken, beside, answer)
        choices = [*self.placement_choices, *place.choices]
        if len(choices) > 1:
            must = place.must_ask or bool(self.placement_choices)
            text = "Where on the cell's time axis do these records lie?"
            self._ask("placement", text, [[choice.value, choice.label] for choice in choices], must=must)
        return place

    def _stretch(self, start: int, stop: int) -> Stretch:
        part = self.table.iloc[start:stop]
        seconds = part["test_time_second"].to_numpy(dtype=np.float64)
        zeros = [wall_zero(part, name) for name in ("unix_time_second", "local_time_second")]
        return Stretch("this file", self.kind, _ascending(seconds), 0.0, *zeros)


def stretch_of(stored: StoredSegment) -> Stretch:
    """Where a stored series lies."""
    seconds = _ascending(stored.keys["test_time_second"].to_numpy(dtype=np.float64))
    unix = wall_zero(stored.keys, "unix_time_second")
    return Stretch(stored.name, stored.kind, seconds, stored.offset_second, unix, stored.local_zero_second)


def wall_zero(table: pd.DataFrame, name: str) -> float | None:
    """What a wall clock said at the zero of the raw clock, s since 1970; None where the table has none."""
    if name not in table.columns:
        return None
    wall = table[name].to_numpy(dtype=np.float64)
    known = np.flatnonzero(np.isfinite(wall))
    return float(wall[known[0]] - table["test_time_second"].iloc[known[0]]) if len(known) else None


def segments_of(table: pd.DataFrame) -> list[tuple[int, int]]:
    """First row and end of each segment, in order of the rows."""
    if table.empty:
        return []
    if "segment" not in table.columns:
        return [(0, len(table))]
    segment = table["segment"].to_numpy()
    starts = [0, *(np.flatnonzero(segment[1:] != segment[:-1]) + 1).tolist()]
    return list(zip(starts, [*starts[1:], len(table)], strict=True))


def _runs(kept: Bools) -> list[tuple[int, int]]:
    """First row and end of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _ascending(seconds: Floats) -> Floats:
    return seconds if (seconds[1:] >= seconds[:-1]).all() else np.sort(seconds)


def _in_words(columns: frozenset[str] | set[str]) -> str:
    """Labels of columns: "Pressure and Force"."""
    return " and ".join(RECORD_COLUMNS[name].label for name in RECORD_COLUMNS if name in columns)
