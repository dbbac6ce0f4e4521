"""Which stretch of time the Cell page shows: the address says it, or how many hours or cycles."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from figures.tables import SECONDS_PER_HOUR, numbers

CYCLES_SHOWN = 5
DAY_SECOND = 24 * SECONDS_PER_HOUR

Window = tuple[float, float]


def counted_cycles(cycles: pd.DataFrame) -> list[int]:
    """Return the numbers of the complete cycles, formation left out."""
    complete = cycles[cycles["state"] != "in_progress"] if "state" in cycles else cycles
    return sorted({int(count) for count in numbers(complete, "cycle_count") if count is not None})


def chosen_cycle(cycles: pd.DataFrame, wanted: Any) -> int | None:
    """Return the wanted cycle if it is complete, else the last that is complete and not masked (or only complete)."""
    counts = counted_cycles(cycles)
    if isinstance(wanted, int) and wanted in counts:
        return wanted
    valid = drawn_cycles(cycles)
    return max(valid or counts, default=None)


def drawn_cycles(cycles: pd.DataFrame, also: int | None = None) -> list[int]:
    """Return the complete cycles that are not masked, and `also`: what curves inside cycles are drawn of."""
    counts = counted_cycles(cycles)
    if "masked" not in cycles:
        return counts
    masked = {int(count) for count in numbers(cycles[cycles["masked"] == 1], "cycle_count") if count is not None}
    return [count for count in counts if count not in masked or count == also]


def find_window(view: Mapping[str, Any], cycles: pd.DataFrame, span: Window) -> Window:
    """Return the range to show, s on the cell's axis, never empty and within the span of the records.

    `view` holds "from" and "to" (s) or "range": "cycle", "5" or "24h" around the chosen cycle, or "all".
    `cycles` has cycle_count, formation_count, start_second and end_second.
    """
    if is_zoomed(view):
        low, high = max(float(view["from"]), span[0]), min(float(view["to"]), span[1])
        return (low, high) if high > low else span
    kind = view.get("range")
    if kind == "24h":
        return _day_window(cycles, view.get("cycle"), span)
    if kind in {"5", "cycle"}:
        return _cycles_window(cycles, view.get("cycle"), 1 if kind == "cycle" else CYCLES_SHOWN) or span
    return span


def is_zoomed(view: Mapping[str, Any]) -> bool:
    """Return whether the address names a range of its own, which stays where it is."""
    start, end = view.get("from"), view.get("to")
    return isinstance(start, int | float) and isinstance(end, int | float) and end > start


def shows_now(view: Mapping[str, Any], cycles: pd.DataFrame, window: Window) -> bool:
    """Return whether a range reaches to the end of the test, so that it grows as records arrive."""
    if is_zoomed(view):
        return False
    ends = [end for end in numbers(cycles, "end_second") if end is not None]
    return view.get("range") not in {"5", "cycle", "24h"} or window[1] >= max(ends, default=0.0)


def _day_window(cycles: pd.DataFrame, cycle: Any, span: Window) -> Window:
    """Return 24 h around the middle of a cycle, within the records; without one the last 24 h."""
    around = _cycles_window(cycles[cycles["cycle_count"] == cycle], cycle, 1)
    end = min(max(sum(around) / 2 + DAY_SECOND / 2, span[0] + DAY_SECOND), span[1]) if around else span[1]
    return max(span[0], end - DAY_SECOND), end


def _cycles_window(cycles: pd.DataFrame, cycle: Any, count: int) -> Window | None:
    """Return the range of `count` cycles around one; without one the last, the unfinished cycle among them."""
    columns = [numbers(cycles, name) for name in ("cycle_count", "start_second", "end_second")]
    rows = [
        (int(number or 0), start, end)
        for number, start, end in zip(*columns, strict=True)
        if start is not None and end is not None
    ]
    if not rows:
        return None
    counts = [number for number, _, _ in rows]
    middle = counts.index(cycle) if cycle in counts else len(rows) - 1
    first = min(max(middle - count // 2, 0), max(len(rows) - count, 0))
    shown = rows[first : first + count]
    return shown[0][1], shown[-1][2]
