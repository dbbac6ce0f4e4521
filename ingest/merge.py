"""Decides where the records of a new file lie beside those that the cell has already.

Three things can be true of a new file: it holds an earlier one whole (a later export of a running test: the earlier
import is superseded), it begins or ends with records that are stored (they are not stored twice), or it is new (it is
appended).  Nothing here touches the store; `plan_merge` is a function of tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from pressiometry.columns import MECHANICAL_SIGNALS

Kind = Literal["cycler", "mechanical"]

AGREEMENT = 0.95
"""Share of equal records above which two stretches are the same records, exported twice."""

KEY_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "cycler": ("test_time_second", "voltage_volt", "current_ampere"),
    "mechanical": (
        "test_time_second",
        *(signal.column for signal in MECHANICAL_SIGNALS),
        "force_newton",
        "analogue_input_volt",
    ),
}
"""What a record is recognised by; pressure made from force is left out, it changes with the cell's area."""

CONTINUES_WITHIN = 100.0
"""A clock that goes on after a pause of up to this many times the length of the earlier file is the same clock."""


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """One series of an earlier import: its records' keys on its raw clock, and where it lies on the cell's axis."""

    series_id: int
    import_id: int | None
    name: str
    kind: Kind
    offset_second: float
    keys: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Placement:
    """Rows start..stop of the new table become one series with this offset on the cell's axis."""

    start: int
    stop: int
    offset_second: float


@dataclass(slots=True)
class MergePlan:
    """Where the rows go, what is replaced, what is left out, and why, in words."""

    placements: list[Placement] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    rows_duplicate: int = 0
    differing_rows: list[int] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overlap:
    """new[new_start:new_stop] and old[old_start:old_start + ...] are the same records, but for `differing` of them."""

    new_start: int
    new_stop: int
    old_start: int
    differing: np.ndarray


def plan_merge(table: pd.DataFrame, kind: Kind, stored: Sequence[StoredSegment]) -> MergePlan:
    """The plan for a table with test_time_second, segment and, where known, unix_time_second.

    `stored` are the cell's visible series, of both kinds.  Without any, the file's own clock is the cell's axis.
    """
    plan = MergePlan()
    kept = np.ones(len(table), dtype=bool)
    anchors: list[tuple[int, float]] = []
    imports = {segment.import_id: segment.name for segment in stored if segment.kind == kind}
    hashes = record_hashes(table, kind) if imports else np.empty(0, np.uint64)
    for import_id, name in imports.items():
        if import_id is not None:
            own = [segment for segment in stored if segment.import_id == import_id and segment.kind == kind]
            _compare_with(plan, kept, anchors, hashes, own, name)
    plan.rows_duplicate = int(len(kept) - kept.sum())
    remaining = [segment for segment in stored if segment.import_id is None or segment.import_id not in plan.superseded]
    _place(plan, table, kept, anchors, kind, remaining)
    return plan


def record_hashes(table: pd.DataFrame, kind: Kind) -> np.ndarray:
    """One 64-bit number a record, equal for equal keys; absent values count as equal to each other."""
    mixed = np.zeros(len(table), dtype=np.uint64)
    for name in KEY_COLUMNS[kind]:
        if name == "surface_pressure_mpa" and "force_newton" in table.columns:
            continue
        if name in table.columns and table[name].notna().any():
            values = table[name].to_numpy(dtype=np.float64) + 0.0  # -0.0 becomes 0.0
            bits = np.where(np.isnan(values), np.float64("nan"), values).view(np.uint64)
            mixed = (mixed ^ bits) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(32)
    return mixed


def find_overlap(new: np.ndarray, old: np.ndarray) -> Overlap | None:
    """The stretch that both hold, where at least 95 % of its records are equal; None where there is none.

    >>> find_overlap(np.array([3, 4, 5, 6]), np.array([1, 2, 3, 4])).new_stop
    2
    """
    if not len(new) or not len(old):
        return None
    shifts = {int(place) for place in np.flatnonzero(old == new[0])[:50]}
    shifts |= {-int(place) for place in np.flatnonzero(new == old[0])[:50]}
    shifts |= {len(old) - 1 - int(place) for place in np.flatnonzero(new == old[-1])[-50:]}
    shifts |= {int(place) - len(new) + 1 for place in np.flatnonzero(old == new[-1])[-50:]}
    best: Overlap | None = None
    for shift in shifts:
        start, stop = max(0, -shift), min(len(new), len(old) - shift)
        equal = new[start:stop] == old[start + shift : stop + shift]
        longer = best is None or stop - start > best.new_stop - best.new_start
        if longer and equal.mean() >= AGREEMENT:
            best = Overlap(start, stop, start + shift, np.flatnonzero(~equal) + start)
    return best


def _compare_with(  # noqa: PLR0913, PLR0917 - it fills one plan
    plan: MergePlan,
    kept: np.ndarray,
    anchors: list[tuple[int, float]],
    hashes: np.ndarray,
    own: Sequence[StoredSegment],
    name: str,
) -> None:
    """Note what the new file and one earlier import have in common."""
    old = np.concatenate([record_hashes(segment.keys, segment.kind) for segment in own])
    overlap = find_overlap(hashes, old)
    if overlap is None:
        return
    length = overlap.new_stop - overlap.new_start
    anchors.append((overlap.new_start, _offset_at(own, overlap.old_start)))
    differing = f" {len(overlap.differing)} of them differ." if len(overlap.differing) else ""
    if length == len(old) and length < len(hashes):
        import_id = own[0].import_id
        if import_id is not None:
            plan.superseded.append(import_id)
        fate = differing and f"{differing} Those of this file hold."
        plan.notes.append(("supersedes", f"Holds all {length} records of {name}, which it replaces.{fate}"))
        return
    kept[overlap.new_start : overlap.new_stop] = False
    plan.differing_rows += overlap.differing.tolist()
    fate = differing and f"{differing} Those stored first hold; the others are kept aside."
    if length == len(hashes):
        plan.notes.append(("already_stored", f"All {length} records are stored already, from {name}.{fate}"))
    else:
        plan.notes.append(
            ("overlap", f"{length} records are stored already, from {name}, and are not stored twice.{fate}")
        )


def _offset_at(own: Sequence[StoredSegment], row: int) -> float:
    """Offset of the series that holds this row of the joined series."""
    for segment in own:
        if row < len(segment.keys):
            return segment.offset_second
        row -= len(segment.keys)
    return own[-1].offset_second


def _place(  # noqa: PLR0913, PLR0917 - it fills one plan
    plan: MergePlan,
    table: pd.DataFrame,
    kept: np.ndarray,
    anchors: list[tuple[int, float]],
    kind: Kind,
    stored: Sequence[StoredSegment],
) -> None:
    """Give every remaining stretch of every segment its offset."""
    seconds = table["test_time_second"].to_numpy(dtype=float)
    unix = table["unix_time_second"].to_numpy(dtype=float) if "unix_time_second" in table.columns else None
    axis = _Axis.of(stored, kind)
    for start, stop in segments_of(table):
        inside = [offset for row, offset in anchors if start <= row < stop]
        if inside:
            offset = inside[0]
        else:
            wall = _wall_zero(seconds[start:stop], unix[start:stop]) if unix is not None else None
            offset, note = axis.offset_for(seconds[start:stop], wall)
            if note and kept[start:stop].any():
                plan.notes.append(note)
        axis.extend(seconds[start:stop], offset, unix[start:stop] if unix is not None else None)
        plan.placements += [Placement(start + a, start + b, offset) for a, b in _runs(kept[start:stop])]


def segments_of(table: pd.DataFrame) -> list[tuple[int, int]]:
    """First row and end of each segment, in order of the rows."""
    if table.empty:
        return []
    if "segment" not in table.columns:
        return [(0, len(table))]
    segment = table["segment"].to_numpy()
    starts = [0, *(np.flatnonzero(segment[1:] != segment[:-1]) + 1).tolist()]
    return list(zip(starts, [*starts[1:], len(table)], strict=True))


def _runs(kept: np.ndarray) -> list[tuple[int, int]]:
    """First row and end of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _wall_zero(seconds: np.ndarray, unix: np.ndarray) -> float | None:
    """UTC seconds at the zero of the raw clock, where the file gives a wall clock."""
    known = np.flatnonzero(np.isfinite(unix))
    return float(unix[known[0]] - seconds[known[0]]) if len(known) else None


@dataclass(slots=True)
class _Axis:
    """The cell's time axis as far as it is taken: its end, the clock that runs on it, its wall-clock zero."""

    kind: Kind
    end: float | None = None  # end of this kind's records on the axis
    other_start: float | None = None  # offset of the first series of the other kind
    raw_end: float | None = None  # last raw time of the latest series of this kind
    raw_length: float = 0.0
    raw_offset: float = 0.0
    wall_zero: float | None = None  # UTC seconds at zero of the axis

    @classmethod
    def of(cls, stored: Sequence[StoredSegment], kind: Kind) -> "_Axis":
        axis = cls(kind)
        for segment in stored:
            seconds = segment.keys["test_time_second"].to_numpy(dtype=float)
            if not len(seconds):
                continue
            unix = (
                segment.keys["unix_time_second"].to_numpy(dtype=float) if "unix_time_second" in segment.keys else None
            )
            if segment.kind == kind:
                axis.extend(seconds, segment.offset_second, unix)
            else:
                axis.other_start = segment.offset_second if axis.other_start is None else axis.other_start
                axis.note_wall(seconds, segment.offset_second, unix)
        return axis

    def note_wall(self, seconds: np.ndarray, offset: float, unix: np.ndarray | None) -> None:
        wall = _wall_zero(seconds, unix) if unix is not None else None
        if self.wall_zero is None and wall is not None:
            self.wall_zero = wall - offset

    def extend(self, seconds: np.ndarray, offset: float, unix: np.ndarray | None) -> None:
        """Take the stretch that a series occupies."""
        self.note_wall(seconds, offset, unix)
        end = float(seconds[-1]) + offset
        if self.end is None or end >= self.end:
            self.end, self.raw_end, self.raw_offset = end, float(seconds[-1]), offset
            self.raw_length = float(seconds[-1] - seconds[0])

    def offset_for(self, seconds: np.ndarray, wall: float | None) -> tuple[float, tuple[str, str] | None]:
        """Offset of a new series, and what was assumed for it."""
        first = float(seconds[0])
        if wall is not None and self.wall_zero is not None:
            return wall - self.wall_zero, ("wall_clock", "Placed on the cell's time axis by its wall clock.")
        if self.end is None or self.raw_end is None:
            if self.other_start is None:
                return 0.0, None
            return self.other_start, (
                "same_clock",
                "Both files are taken to count from the same start: neither gives a wall clock that says otherwise.",
            )
        interval = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
        pause = first - self.raw_end
        if 0 < pause <= max(self.raw_length, interval) * CONTINUES_WITHIN and first > 10 * interval:
            return self.raw_offset, ("continues", "Its clock goes on where that of the records before it stopped.")
        return self.end + interval - first, (
            "directly_after",
            "Its clock starts anew and gives no date: placed directly after the records before it.",
        )
