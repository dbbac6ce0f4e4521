"""Decides where the records of a new file lie beside those that the cell has already, and which it replaces.

Records are the same ones where they have the same time on the same clock.  A quantity that both have is compared; one
that only the new file has is filled in; what is new is added.  The earlier import is then superseded by the new one,
which holds all that it had.  Values that differ in a few records are kept aside; in more of them a person decides.
Nothing here touches the store; `plan_merge` is a function of tables.  The questions are `placement` and `replacing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ingest.merge_plan import (
    FORCE,
    KEY_COLUMNS,
    MEASURED,
    NOT_COMPARED,
    OF_THE_FILE,
    PRESSURE,
    Joined,
    MergePlan,
    Placement,
    StoredSegment,
    ascending,
    in_words,
    labels,
    stretch_of,
    wall_zero,
)
from ingest.overlap import Difference, Integers, Overlap, find_differences, find_overlap, is_measured
from ingest.placement import Bools, Choice, Kind, Place, Stretch, find_place, has_other_date, is_free
from pressiometry.columns import RECORD_COLUMNS

A_FEW = 20
"""So many records with another value than the stored ones are kept aside; more are asked for."""

SAME_RECORDS = "same_records"
"""Value of the answer that records with nearly the same values are those that are stored."""


def plan_merge(
    table: pd.DataFrame, kind: Kind, stored: Sequence[StoredSegment], answers: Mapping[str, Any] | None = None
) -> MergePlan:
    """The plan for a table with test_time_second, segment and, where known, unix_time_second or local_time_second.

    `stored` are the cell's visible series, of both kinds.  Without any, the file's own clock is the cell's axis.
    `answers` may hold "placement" and "replacing".
    """
    merging = _Merging(table, kind, answers or {})
    same = [one for one in stored if _is_same_instrument(merging, one)]
    merging.compare(same)
    plan = merging.plan
    left_out = ~merging.kept
    left_out[plan.differing_rows] = False
    plan.rows_duplicate = int(left_out.sum())
    remaining = [one for one in stored if one.import_id is None or one.import_id not in plan.superseded]
    merging.place([one for one in remaining if one in same], [one for one in remaining if one.kind != kind])
    return plan


def _is_same_instrument(merging: "_Merging", one: StoredSegment) -> bool:
    """Whether stored records are of the same kind and have a quantity in common: a second logger has none."""
    keys = KEY_COLUMNS[merging.kind][1:]
    return one.kind == merging.kind and any(name in merging.columns and is_measured(one.keys, name) for name in keys)


@dataclass(frozen=True, slots=True)
class _Shared:
    """Records that a segment of the new file and a stored series have at the same times."""

    segment: int
    stored: StoredSegment
    overlap: Overlap
    is_other_day: bool


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

    def compare(self, stored: Sequence[StoredSegment]) -> None:
        """Note what the new file and each earlier import have in common."""
        shared = [one for one in self._overlaps(stored) if not one.is_other_day]
        for one in shared:
            if one.overlap.likeness == "same":
                self.anchors.setdefault(one.segment, one.stored.offset_second)
        accepted = [one for one in shared if self._accepts(one)]
        for one in accepted:
            self.anchors.setdefault(one.segment, one.stored.offset_second)
        for import_id in dict.fromkeys(one.stored.import_id for one in accepted):
            own = [one for one in stored if one.import_id == import_id]
            self._judge(own, [one for one in accepted if one.stored.import_id == import_id])

    def _overlaps(self, stored: Sequence[StoredSegment]) -> list["_Shared"]:
        """What every segment of the file has in common with every series; rows count in the table."""
        found = []
        for number, (start, stop) in enumerate(self.segments):
            part, new = self.table.iloc[start:stop], self._stretch(start, stop)
            for one in stored:
                overlap = find_overlap(part, one.keys, self._comparable(KEY_COLUMNS[self.kind][1:], one))
                if overlap is not None:
                    rows = Overlap(overlap.new_rows + start, overlap.old_rows, overlap.likeness)
                    found.append(_Shared(number, one, rows, is_other_day=has_other_date(new, stretch_of(one))))
        return found

    def _comparable(self, names: Sequence[str], one: StoredSegment) -> list[str]:
        """The quantities that are compared; a pressure that is made from a force tells no more than the force."""
        by_force = FORCE in self.columns and FORCE in one.columns
        return [name for name in names if name not in NOT_COMPARED and not (name == PRESSURE and by_force)]

    def _accepts(self, one: "_Shared") -> bool:
        """Whether these are the same records: equal ones, ones on a clock that has equal ones, or as a person says."""
        if one.overlap.likeness == "same" or self.anchors.get(one.segment) == one.stored.offset_second:
            return True
        if one.overlap.likeness == "other" or one.segment in self.anchors:
            return False
        if self.answers.get("placement") == SAME_RECORDS:
            return True
        how = "with other digits" if one.overlap.likeness == "near" else f"though {in_words(self._differences(one))}"
        label = f"they are the {len(one.overlap.new_rows)} records of {one.stored.name}, {how}"
        self.placement_choices.append(Choice(SAME_RECORDS, 0.0, label, ("", "")))
        return False

    def _differences(self, one: "_Shared") -> list[Difference]:
        """What differs in the common records."""
        nearly = KEY_COLUMNS[self.kind] if one.overlap.likeness == "near" else ()
        columns = self._comparable(MEASURED, one.stored)
        return find_differences(self.table, one.stored.records(), one.overlap, columns, nearly)

    def _judge(self, own: Sequence[StoredSegment], shared: Sequence["_Shared"]) -> None:
        """Decide what becomes of records that are those of an import: left out, or taken together with its own."""
        import_id, name = own[0].import_id, own[0].name
        count = sum(len(one.overlap.new_rows) for one in shared)
        differences = [self._differences(one) for one in shared]
        differing = np.unique(np.concatenate([np.empty(0, np.int64), *map(_rows_of, shared, differences)]))
        is_few = len(differing) <= min(A_FEW, max(1, count // A_FEW))
        new_holds = not is_few and self._new_ones_hold(own[0], count, [d for found in differences for d in found])
        gains, lacks = self._gains_and_lacks(shared)
        holds_all = count == sum(len(one.keys) for one in own) and not lacks
        fate = ""
        if len(differing) and is_few:
            self._keep_aside(differing, differences)
            fate = f" {len(differing)} of them differ. Those stored first hold; the others are kept aside."
        elif len(differing) and not self._is_open("replacing"):
            words = in_words([d for found in differences for d in found])
            fate = f" {words}: {'those of this file hold' if new_holds else f'those of {name} hold'}, as answered."
        is_longer = count < len(self.table)
        if import_id is not None and (new_holds or gains or (holds_all and is_longer and not len(differing))):
            self._take_over(own, shared, new_holds=new_holds, is_whole=holds_all and (new_holds or not len(differing)))
            self._note_replaced(name, count, gains, fate, holds_all=holds_all)
            return
        for one in shared:
            self.kept[one.overlap.new_rows] = False
        self._lean_on(own)
        if gains:
            fate += f" {labels(gains)} of them came with this file and cannot be added to records that came live."
        self._note_stored(name, count, fate)

    def _new_ones_hold(self, own: StoredSegment, count: int, differences: Sequence[Difference]) -> bool:
        """Whether a person says that the values of the new file hold where they differ; live rows are never altered."""
        text = f"{count} records of this file have the times of those of {own.name}, but {in_words(differences)}."
        choices = [["add", f"keep those of {own.name} and add only what is new"]]
        choices += [["replace", "those of this file hold"]] if own.import_id is not None else []
        self._ask("replacing", text, choices, must=True)
        return own.import_id is not None and self.answers.get("replacing") == "replace"

    def _gains_and_lacks(self, shared: Sequence["_Shared"]) -> tuple[set[str], set[str]]:
        """Quantities that the common records have by the new file only, and by the stored ones only."""
        gains, lacks = set(), set()
        for one in shared:
            there = one.stored.records()
            made = {PRESSURE} if FORCE in self.columns else set()
            for name in (self.columns | one.stored.columns) - {*OF_THE_FILE}:
                new = _is_known(self.table, name, one.overlap.new_rows)
                old = _is_known(there, name, one.overlap.old_rows)
                if (new & ~old).any():
                    gains.add(name)
                if (old & ~new).any() and name not in made:
                    lacks.add(name)
        return gains, lacks

    def _keep_aside(self, rows: Integers, differences: Sequence[Sequence[Difference]]) -> None:
        """Note the rows that have another value than the stored ones, and in which quantities."""
        self.plan.differing_rows += rows.tolist()
        columns = {difference.column for found in differences for difference in found}
        self.plan.differing_columns += [name for name in MEASURED if name in columns]

    def _take_over(
        self, own: Sequence[StoredSegment], shared: Sequence["_Shared"], *, new_holds: bool, is_whole: bool
    ) -> None:
        """Supersede an import; what it has and the new file lacks is joined to it."""
        import_id = own[0].import_id
        if import_id is not None:
            self.plan.superseded.append(import_id)
        if is_whole:
            return
        for one in own:
            pairs = [each.overlap for each in shared if each.stored is one]
            none = np.empty(0, np.int64)
            new_rows = np.concatenate([none, *(pair.new_rows for pair in pairs)])
            old_rows = np.concatenate([none, *(pair.old_rows for pair in pairs)])
            self.plan.joined.append(Joined(one, new_rows, old_rows, new_holds))
        self._lean_on(own)

    def _lean_on(self, own: Sequence[StoredSegment]) -> None:
        if own[0].import_id is not None:
            self.plan.gave_to.append(own[0].import_id)

    def _note_replaced(self, name: str, count: int, gains: set[str], fate: str, *, holds_all: bool) -> None:
        """Say what is made of an import and the new file."""
        text = f"Holds {count} records of {name}, which it replaces."
        if not holds_all:
            text = f"Holds {count} records of {name}; what only {name} has is kept with it."
        if gains:
            text += f" {labels(gains)} of these records {'is' if len(gains) == 1 else 'are'} added."
        self.plan.notes.append(("supersedes", text + fate))

    def _is_open(self, code: str) -> bool:
        """Whether a person has to answer this first."""
        return code in [question["code"] for question in self.plan.questions]

    def _ask(self, code: str, text: str, choices: list[list[str]], *, must: bool) -> None:
        """Ask once; what is answered, or need not be asked, may be said otherwise all the same."""
        asked = (*self.plan.questions, *self.plan.optional_questions)
        if code in [question["code"] for question in asked]:
            return
        is_open = must and self.answers.get(code) not in [value for value, _ in choices]
        questions = self.plan.questions if is_open else self.plan.optional_questions
        questions.append({"code": code, "text": text, "choices": choices, "column": None})

    def _note_stored(self, name: str, count: int, fate: str) -> None:
        """Say which records are stored already."""
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
                if place.note and not self._is_open("placement") and self.kept[start:stop].any():
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
        return Stretch("this file", self.kind, ascending(seconds), 0.0, *zeros)


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


def _rows_of(shared: _Shared, differences: Sequence[Difference]) -> Integers:
    """Rows of the table in which anything differs."""
    where = np.logical_or.reduce([one.where for one in differences], initial=False)
    rows: Integers = shared.overlap.new_rows[np.broadcast_to(where, shared.overlap.new_rows.shape)]
    return rows


def _is_known(table: pd.DataFrame, name: str, rows: Integers) -> Bools:
    if name not in table.columns:
        return np.zeros(len(rows), dtype=np.bool_)
    known: Bools = np.isfinite(table[name].to_numpy(dtype=np.float64)[rows])
    return known
