"""What the Overview says of the cells: rows of its list, groups, counts and sentence, all from tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from data_access.models import Cell
from figures.style import minus, plating_style
from layouts.times import age_words, time_words
from layouts.words import overview as words
from layouts.words.parts import LEVEL_ICONS
from pressiometry.columns import MECHANICAL_SIGNALS
from pressiometry.lines import find_theil_sen_slope

INDICATORS = [f"delta_delta_{signal.short}_q_percent" for signal in MECHANICAL_SIGNALS]
CYCLE_VALUES = [*INDICATORS, "mechanical_signal", "discharging_capacity_mah_per_g", "coulombic_efficiency_percent"]
"""Values of each cycle that the rows are made from."""

SLOPE_CYCLES = 5
REFERENCE_ENDS = 6
FIRST_WITH_REFERENCE = 4  # three of cycles 2-6 are needed for their median

Row = dict[str, Any]


def overview_rows(
    cells: Sequence[Cell],
    states: pd.DataFrame,
    values: pd.DataFrame,
    cycles_shown: int,
    feeds: pd.DataFrame | None = None,
) -> list[Row]:
    """Return one row a cell, by level (stale feeds, running, ended), within it falling fastest first.

    `states` is load_cell_states, `values` load_cycle_values of CYCLE_VALUES; `cycles_shown` is the width of every
    sparkline in cycles; `feeds` is feed_states: who sends, and who fell silent.
    """
    times = plating_times(cells)
    last: dict[int, Any] = {int(row["cell_id"]): row for row in states.to_dict("records")}
    cycles = {int(str(cell_id)): table for cell_id, table in values.groupby("cell_id")}
    nothing = values.iloc[:0]
    rows = [_row(cell, last.get(cell.id, {}), cycles.get(cell.id, nothing), times, cycles_shown) for cell in cells]
    if feeds is not None:
        for row in rows:
            _mark_feed(row, feeds[feeds["cell_id"] == row["cell_id"]])
    return sorted(rows, key=_urgency)


def _mark_feed(row: Row, channels: pd.DataFrame) -> None:
    """Say of a running cell how old its newest row is, and which of its channels is silent."""
    if not row["running"] or not len(channels) or channels["age_second"].isna().all():
        return
    age = float(channels["age_second"].min())
    seen = datetime.now(UTC) - timedelta(seconds=age)
    row["last"] = age
    row["marks"]["last"] = {"text": age_words(seen), "title": time_words(seen)}
    silent = channels[channels["status"] == "stale"]
    if not len(silent):
        return
    row["stale"] = True
    longest = datetime.now(UTC) - timedelta(seconds=float(silent["age_second"].max()))
    names = ", ".join(str(name) for name in silent["name"])
    title = words.STALE_TITLE.format(channels=names, age=age_words(longest))
    row["marks"]["state"] = {"level": "stale", "icon": LEVEL_ICONS["stale"], "word": words.STALE, "title": title}


def plating_times(cells: Iterable[Cell]) -> list[float]:
    """Every known plating time of the laboratory, min, so that each keeps its own mark on every page."""
    return sorted({cell.plating_time_min for cell in cells if cell.plating_time_min is not None})


def cycles_to_show(values: pd.DataFrame, least: int) -> int:
    """Width of all sparklines in cycles: as long as the oldest cell, at least `least`."""
    longest = values["cycle_count"].max() if len(values) else np.nan
    return least if np.isnan(longest) else max(least, int(longest))


def _row(cell: Cell, last: Mapping[str, Any], cycles: pd.DataFrame, times: list[float], cycles_shown: int) -> Row:
    """Return the row of one cell: values to sort by, and under "marks" how they look."""
    complete = cycles[(cycles["state"] == "complete") & cycles["cycle_count"].notna()]
    points = _indicator_points(complete)
    mark = asdict(plating_style(cell.plating_time_min, times))
    ended = cell.state != "running"
    newest = complete.iloc[-1] if len(complete) else None
    trusted = complete[complete["masked"] != 1]
    result = trusted.iloc[-1] if len(trusted) else None
    row: Row = {
        "key": str(cell.id),
        "cell_id": cell.id,
        "name": cell.name,
        "synthetic": cell.synthetic,
        "state": state_words(cell),
        "plating": cell.plating_time_min,
        "spark": _spark(points, mark["token"], cycles_shown, complete),
        "now": points[-1][1] if points else None,
        "slope": _slope(points),
        "cycle": None if newest is None else int(newest["cycle_count"]),
        "capacity": _number(result, "discharging_capacity_mah_per_g"),
        "efficiency": _number(result, "coulombic_efficiency_percent"),
        "voltage": None if ended else _number(last, "voltage_volt"),
        "pressure": None if ended else _number(last, "surface_pressure_mpa"),
        "step": "" if ended or pd.isna(last.get("step")) else str(last["step"]),
        "marks": {"state": status_mark(cell), "plating": mark},
        "group": cell.group or "",
        "properties": {str(name): str(value) for name, value in (cell.properties or {}).items()},
        "running": not ended,
        "stale": False,
    }
    moment = _number(last, "unix_time_second")
    if moment is not None and not ended:
        seen = datetime.fromtimestamp(moment, UTC)
        row["last"] = (datetime.now(UTC) - seen).total_seconds()
        row["marks"]["last"] = {"text": age_words(seen), "title": time_words(seen)}
    return row


def _indicator_points(complete: pd.DataFrame) -> list[tuple[int, float]]:
    """Return (cycle, relative indicator in %) of the cycles that enter trends, of the first signal that has any."""
    for name in INDICATORS:
        kept = complete[(complete["masked"] != 1) & complete[name].notna()]
        if len(kept):
            return [
                (int(cycle), round(float(value), 2))
                for cycle, value in zip(kept["cycle_count"], kept[name], strict=True)
            ]
    return []


def _slope(points: list[tuple[int, float]]) -> float | None:
    if len(points) < SLOPE_CYCLES:
        return None
    cycle, value = np.array(points[-SLOPE_CYCLES:]).T
    return round(find_theil_sen_slope(cycle, value), 2)


def _spark(points: list[tuple[int, float]], token: str, cycles_shown: int, complete: pd.DataFrame) -> dict[str, Any]:
    if not points:
        return {"points": [], **_why_no_indicator(complete)}
    (first, start), (last, end) = points[0], points[-1]
    said = words.SPARK_WORDS.format(first=first, last=last, start=start, end=end)
    return {"points": points, "token": token, "cycles": cycles_shown, "words": said}


def _why_no_indicator(complete: pd.DataFrame) -> dict[str, str]:
    """Words in place of a sparkline, and the whole sentence: what is missing, or how many cycles it still takes."""
    if not len(complete):
        return {"words": words.NO_CYCLES}
    if not complete["mechanical_signal"].notna().any():
        return {"words": words.NO_SIGNAL, "title": words.NO_SIGNAL_TITLE}
    newest = int(complete["cycle_count"].max())
    if newest < REFERENCE_ENDS:
        missing = max(1, FIRST_WITH_REFERENCE - newest)
        short = words.ONE_MORE_CYCLE if missing == 1 else words.MORE_CYCLES.format(count=missing)
        return {"words": short, "title": words.MORE_CYCLES_TITLE}
    return {"words": words.NO_REFERENCE, "title": words.NO_REFERENCE_TITLE}


def _number(values: Any, name: str) -> float | None:
    value = None if values is None else values.get(name)
    return None if value is None or pd.isna(value) else float(value)


def _urgency(row: Row) -> tuple[bool, bool, float, int]:
    slope = row["slope"]
    return (not row["running"], not row["stale"], np.inf if slope is None else slope, row["cell_id"])


def state_words(cell: Cell) -> str:
    """State of a cell in words, with the cause of a failure.

    >>> state_words(Cell(state="failed", cause="ISC"))
    'Ended · ISC'
    """
    word = words.STATE_WORDS[cell.state]
    return f"{word} · {cell.cause}" if cell.state == "failed" and cell.cause else word


def status_mark(cell: Cell) -> dict[str, str]:
    """How the state of a cell is drawn: level and icon."""
    return {"level": cell.state, "icon": LEVEL_ICONS[cell.state if cell.state == "running" else "finished"]}


def property_names(cells: Iterable[Cell]) -> list[str]:
    """Names of all further properties that some cell has."""
    return sorted({str(name) for cell in cells for name in (cell.properties or {})})


def filter_rows(rows: Iterable[Row], *, state: str = "", query: str = "") -> list[Row]:
    """Rows in a state ("running", "ended", "stale") whose name, group or plating time holds every word of a query."""
    needles = query.casefold().split()
    wanted = {"running": True, "ended": False}.get(state)
    return [
        row
        for row in rows
        if (wanted is None or row["running"] is wanted)
        and (state != "stale" or row["stale"])
        and all(needle in _haystack(row) for needle in needles)
    ]


def _haystack(row: Row) -> str:
    parts = (row["name"], row["group"], row["marks"]["plating"]["label"], row["state"], *row["properties"].values())
    return " ".join(parts).casefold()


def group_rows(rows: Sequence[Row], by: str) -> list[Row]:
    """Return the rows under full-width rows of their groups: uncoated first, unknown last, else by name."""
    if by == "none":
        return list(rows)
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(_group_of(row, by), []).append(row)
    grouped: list[Row] = []
    for order, group in sorted(groups.items(), key=lambda item: item[0]):
        mark = group[0]["marks"]["plating"] if by == "plating" else None
        title = order[1] or words.NO_GROUP
        if mark is not None:
            title = words.PLATING_TITLES.get(mark["label"], words.PLATING_TITLE.format(label=mark["label"]))
        head = {"title": title, "mark": mark, "facts": _group_facts(group)}
        grouped += [{"key": f"group-{title}", "full": True, "group": head}, *group]
    return grouped


def _group_of(row: Row, by: str) -> tuple[float, str]:
    """Sort key of a row's group: number first, then name; a row without a group comes last."""
    if by == "plating":
        return (np.inf, "") if row["plating"] is None else (row["plating"], "")
    name = row["group"] if by == "group" else row["properties"].get(by.removeprefix("property:"), "")
    return (0.0, name) if name else (np.inf, "")


def _group_facts(group: Sequence[Row]) -> str:
    running = sum(row["running"] for row in group)
    said = [words.CELLS_ONE if len(group) == 1 else words.CELLS_MANY.format(count=len(group))]
    if running:
        said.append(words.SENTENCE_RUNNING.format(running=running))
    ended = [row["cycle"] for row in group if not row["running"] and row["cycle"] is not None]
    if ended:
        said.append(
            words.ENDED_AFTER.format(cycles=f"{np.median(ended):g}", ended=len(group) - running, count=len(group))
        )
    elif running == len(group):
        said.append(words.NO_CELL_ENDED)
    return " · ".join(said)


def overview_sentence(rows: Sequence[Row]) -> str:
    """What is the case, in one sentence.

    >>> overview_sentence([{"running": True}, {"running": False}, {"running": False}])
    '3 cells: 1 running, 2 ended.'
    >>> overview_sentence([{"running": True, "stale": True}, {"running": False}])
    '2 cells: 1 running, 1 ended, 1 feed is silent.'
    """
    silent = sum(row.get("stale", False) for row in rows)
    feeds = words.ONE_SILENT if silent == 1 else words.MANY_SILENT.format(count=silent) if silent else ""
    return _states_sentence(rows).removesuffix(".") + feeds + "."


def _states_sentence(rows: Sequence[Row]) -> str:
    running = sum(row["running"] for row in rows)
    count = words.CELLS_ONE if len(rows) == 1 else words.CELLS_MANY.format(count=len(rows))
    if running == len(rows):
        return words.ALL_RUNNING.format(count=count)
    if running == 0:
        return words.ALL_ENDED.format(count=count)
    return words.SENTENCE.format(count=count, running=running, ended=len(rows) - running)


def falling_sentence(rows: Sequence[Row]) -> str:
    """Which running cell's indicator falls fastest, or nothing if none falls."""
    falling = [row for row in rows if row["running"] and row["slope"] is not None and row["slope"] < 0]
    if not falling:
        return ""
    row = min(falling, key=lambda one: float(one["slope"]))
    return words.FALLING.format(name=row["name"], slope=minus(f"{row['slope']:.1f}"))
