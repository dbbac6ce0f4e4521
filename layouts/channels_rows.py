"""What the Instruments page says of channels: rows of its list, its sentence, faults, and what was kept aside."""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data_access.models import Agent, Fault
from figures.style import minus
from layouts.parts import Level
from layouts.times import age_words, time_words
from layouts.words import channels as words
from layouts.words.parts import LEVEL_ICONS
from pressiometry.columns import RECORD_COLUMNS

FILES = "files"
"""Status of a channel that brings files and no rows."""
LEVELS: dict[str, Level] = {
    "live": "running",
    "late": "running",
    "stale": "stale",
    "ended": "finished",
    "unknown": "info",
    FILES: "info",
}
"""Level by which a status is drawn."""
AGENT_SILENT_SECOND = 35.0
"""An agent says every 10 s that it lives: after three that did not come, it is not heard."""
LONG_SECOND = 10.0
"""An interval from which on tenths of a second say nothing."""
LONGEST_PAYLOAD = 400
"""Characters of a payload that the page shows; the download has all."""

Row = dict[str, Any]


def channel_rows(feeds: pd.DataFrame, cells: Mapping[int, str], with_files: Container[int] = ()) -> list[Row]:
    """Return one row a channel: the silent ones first, then those that wait for a cell, then by name.

    `feeds` is feed_states, `cells` names of the cells by their ids, `with_files` the channels of which a file is
    stored: one that sends nothing else is not new.
    """
    rows = [_row(feed, cells, with_files) for feed in feeds.to_dict("records")]
    return sorted(rows, key=lambda row: (row["status"] != "stale", row["cell_id"] is not None, row["key"].casefold()))


def _row(feed: Mapping[Any, Any], cells: Mapping[int, str], with_files: Container[int]) -> Row:
    status, cell_id = str(feed["status"]), _whole(feed["cell_id"])
    if status == "unknown" and _whole(feed["last_sequence"]) is None and feed.get("channel_id") in with_files:
        status = FILES
    age, interval = _number(feed["age_second"]), _number(feed["usual_interval_second"])
    word = words.STATUS_WORDS[status]
    return {
        "key": feed["name"],
        "name": feed["name"],
        "status": status,
        "agent": feed["agent"] or "",
        "cell_id": cell_id,
        "cell": "" if cell_id is None else cells.get(cell_id, ""),
        "last": age,
        "interval": interval,
        "row": _whole(feed["last_sequence"]),
        "faults": int(feed["faults"]),
        "silent_partner": bool(feed.get("silent_partner", False)),
        "marks": {"status": {"level": LEVELS[status], "icon": LEVEL_ICONS[LEVELS[status]], "word": word}},
    }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def agent_rows(agents: Iterable[Agent], *, now: datetime | None = None) -> list[Row]:
    """Return one row an agent: when it was heard, what waits with it, what alarms it raises; as it said, if it did."""
    moment = now or datetime.now(UTC)
    rows = []
    for agent in agents:
        said = agent.said.get("alarms")
        alarms = said if isinstance(said, list) else []
        texts = [str(one["text"]) for one in alarms if isinstance(one, dict) and one.get("text")]
        seen = agent.seen_at
        rows.append(
            {
                "name": agent.name,
                "is_silent": (moment - seen).total_seconds() > AGENT_SILENT_SECOND,
                "heard": age_words(seen, now=moment),
                "title": time_words(seen),
                "waiting": _count(agent.said.get("waiting_rows")),
                "rejected": _count(agent.said.get("rejected")),
                "alarms": texts,
            }
        )
    return sorted(rows, key=lambda row: (not row["is_silent"], not row["alarms"], row["name"].casefold()))


def _count(said: object) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def channels_sentence(rows: Sequence[Row], agents: Sequence[Row] = ()) -> str:
    """What is the case with all channels and agents.

    >>> channels_sentence([{"status": "live", "cell_id": 1}, {"status": "stale", "cell_id": None}])
    '2 channels, 1 is silent, 1 waits for a cell.'
    """
    silent = sum(row["status"] == "stale" for row in rows)
    waiting = sum(row["cell_id"] is None for row in rows)
    heard = any(row["status"] in {"live", "late", "unknown", FILES} for row in rows)
    said = [words.CHANNELS_ONE if len(rows) == 1 else words.CHANNELS_MANY.format(count=len(rows))]
    if not rows:
        said = [words.NO_CHANNELS]
    if silent:
        said.append(words.SILENT_ONE if silent == 1 else words.SILENT_MANY.format(count=silent))
    elif len(rows) > 1 or (rows and not heard):
        said.append(words.ALL_HEARD if heard else words.NONE_HEARD)
    if waiting:
        said.append(words.WAITING_ONE if waiting == 1 else words.WAITING_MANY.format(count=waiting))
    silent_agents = sum(agent["is_silent"] for agent in agents)
    if silent_agents:
        one, many = words.AGENTS_SILENT_ONE, words.AGENTS_SILENT_MANY
        said.append(one if silent_agents == 1 else many.format(count=silent_agents))
    alarms = sum(bool(agent["alarms"]) for agent in agents)
    if alarms:
        said.append(words.AGENTS_ALARM_ONE if alarms == 1 else words.AGENTS_ALARM_MANY.format(count=alarms))
    return ", ".join(said) + "."


def interval_words(second: float | None) -> str:
    """A usual interval in words: "1 s", "0.1 s", "60 s"; a dash where it is not known.

    >>> interval_words(0.1), interval_words(60.0), interval_words(None)
    ('0.1 s', '60 s', '–')
    """
    if second is None:
        return "–"
    return f"{second:.0f} s" if second >= LONG_SECOND else f"{second:.2g} s"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago something was, in words that stay true for a minute.

    >>> ago(datetime(2026, 8, 1, 12, 0, tzinfo=UTC), datetime(2026, 8, 1, 12, 26, tzinfo=UTC))
    '26 min ago'
    """
    age = age_words(moment, now=now)
    return words.JUST_NOW if age.endswith(" s") else words.AGO.format(age=age)


def fault_rows(faults: Iterable[Fault], *, now: datetime | None = None) -> list[tuple[str, str, str, str, str, str]]:
    """Word, text, rows, number of times, age and exact time of each fault, newest first."""
    rows = []
    for fault in faults:
        word = words.FAULT_WORDS.get(fault.code, fault.code)
        span = _span(fault.first_sequence, fault.last_sequence)
        rows.append((word, fault.text, span, str(fault.n), ago(fault.last_at, now), time_words(fault.last_at)))
    return rows


def _span(first: int | None, last: int | None) -> str:
    if first is None:
        return ""
    return str(first) if last in {None, first} else words.FAULT_ROWS.format(first=first, last=last)


def aside_rows(quarantine: pd.DataFrame, *, now: datetime | None = None) -> list[Row]:
    """What was kept aside of live rows: sent and stored values that differ beside each other, where both are known."""
    return [_aside(one, now or datetime.now(UTC)) for one in quarantine.to_dict("records")]


def _aside(kept: Mapping[Any, Any], now: datetime) -> Row:
    sent, stored = _values(kept["text"]), _values(str(kept["reason"]).partition("stored: ")[2])
    names = [name for name in sent or {} if stored is None or (sent or {})[name] != stored.get(name)]
    why = next((said for start, said in words.ASIDE_REASONS.items() if str(kept["reason"]).startswith(start)), "")
    sequence = _whole(kept["sequence"])
    shown = str(kept["text"])[:LONGEST_PAYLOAD] if sent is None else [_named(name, sent[name]) for name in names]
    return {
        "received": ago(kept["received_at"], now),
        "title": time_words(kept["received_at"]),
        "channel": kept["channel"] or "",
        "row": words.ASIDE_WHOLE if sequence is None else str(sequence),
        "sent": shown or [words.ASIDE_SAME],
        "stored": [] if stored is None or sent is None else [_named(name, stored.get(name)) for name in names],
        "why": why if stored is not None and why else kept["reason"],
    }


def _values(text: str) -> dict[str, Any] | None:
    """The values of a row, or None where the text holds no row."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _named(name: str, value: Any) -> str:
    """A value with the label and unit of its column."""
    column = RECORD_COLUMNS.get(name)
    if name == "unix_time_second" and isinstance(value, int | float):
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
    shown = "–" if value is None else minus(f"{value:.10g}") if isinstance(value, int | float) else str(value)
    return f"{column.label} {shown} {column.unit}".strip() if column else f"{name} {shown}"
