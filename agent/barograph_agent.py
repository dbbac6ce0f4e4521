#!/usr/bin/env python3
"""Barograph's agent: reads what an instrument writes and sends it to the dashboard; no row is lost, none is doubled.

One file, the standard library only, Python 3.9 or newer, Linux and Windows:

    python barograph_agent.py run --config agent.toml       read and send, for as long as it runs
    python barograph_agent.py check --config agent.toml     say what it sees and would send
    python barograph_agent.py status --config agent.toml    last sent, backlog, alarms
    python barograph_agent.py resend --config agent.toml    send again what was rejected, after mending the reason

What holds the promise: rows, their numbers and the place in the file go into the spool (SQLite, synchronous=FULL)
in one transaction, sealed as batches that never change.  A batch leaves the spool when the server has answered that
it is stored.  The order below: settings, names of columns, tables of text, spool, sources, sending, commands.
"""

from __future__ import annotations

import argparse
import base64
import codecs
import csv
import glob
import gzip
import hashlib
import http.client
import json
import logging
import math
import os
import queue
import random
import re
import shlex
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Optional
from urllib.parse import quote, urlsplit

VERSION = "1"
LOG = logging.getLogger("barograph-agent")

BATCH_ROWS, BATCH_BYTES = 500, 1_000_000
POLL_SECONDS, SLOW_POLL_SECONDS, LAZY_POLL_SECONDS, MANY_BATCHES = 0.25, 1.0, 5.0, 100
"""How often files are looked at; more slowly while batches wait, so that they grow instead of their number."""
READ_BYTES = 1 << 18
HEAD_BYTES, TAIL_BYTES = 4096, 256
"""What is remembered of a file's beginning, and of what stands before the place it was read to."""
FIRST_ROWS = 20
"""So many of the first rows are marked, and then each whose number is a power of two."""
LANES = 4
"""Connections that send; a channel keeps to one of them, and so its rows keep their order."""
TIMEOUT_SECONDS = 30.0
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.05, 60.0
HEARTBEAT_SECONDS = 10.0
LONGEST_TEST_SECONDS = 366 * 86400.0
LONGEST_NAME = 120
HEADER_LINES = 200
UNREACHABLE_TRIES = 8
CHECK_SECONDS = 5.0

Row = dict[str, Any]
Key = Optional[float]
"""What tells a row's place in its test: its date as Unix seconds, else its test time."""
OK, BAD_REQUEST, NOT_FOUND, TOO_LARGE, TOO_MANY = 200, 400, 404, 413, 429
SERVER_ERROR, UNAVAILABLE, NO_ROOM = 500, 503, 507
UNAUTHORISED = {401, 403}
RETRIED_4XX = {404, 405, 408, 421, 425, 429}
"""Answers below 500 that say nothing of the batch itself."""


class AgentError(Exception):
    """Something that a person must mend: what, where, what to do."""


# -- Settings ---------------------------------------------------------------------------------------------------------

_BARE_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_TABLE = re.compile(rf"(\[\[?)\s*({_BARE_KEY}(?:\s*\.\s*{_BARE_KEY})*)\s*(\]\]?)\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(rf"({_BARE_KEY})\s*=\s*(.*)$")
_VALUES: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r'"(?:[^"\\]|\\.)*"'), json.loads),
    (re.compile(r"'[^']*'"), lambda text: text[1:-1]),
    (re.compile(r"(?:true|false)\b"), lambda text: text == "true"),
    (re.compile(r"[+-]?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?"), lambda text: _number_of_toml(text.replace("_", ""))),
)


def _number_of_toml(text: str) -> int | float:
    return float(text) if re.search(r"[.eE]", text) else int(text)


def read_toml(text: str) -> dict[str, Any]:
    """Settings as a dictionary: by Python's own reader from 3.11 on, before that by `read_toml_subset`."""
    if sys.version_info >= (3, 11):
        import tomllib

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise AgentError(f"The settings cannot be read: {error}") from error
    return read_toml_subset(text)


def read_toml_subset(text: str) -> dict[str, Any]:
    """The part of TOML that the settings need: tables, arrays of tables, and values on one line.

    Raises AgentError with the line for anything else.
    """
    root: dict[str, Any] = {}
    table = root
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        stripped = line.strip()
        header, assignment = _TABLE.match(stripped), _ASSIGNMENT.match(stripped)
        if not stripped or stripped.startswith("#"):
            continue
        if header is not None and len(header[1]) == len(header[3]):
            keys = [_plain_key(key) for key in re.findall(_BARE_KEY, header[2])]
            table = _table_at(root, keys, is_list=header[1] == "[[")
        elif assignment is not None:
            value, rest = _read_value(assignment[2], number)
            if rest and not rest.startswith("#"):
                raise AgentError(f"The settings cannot be read: line {number}: “{rest}” stands after the value")
            table[_plain_key(assignment[1])] = value
        else:
            raise AgentError(f"The settings cannot be read: line {number}: “{stripped}”")
    return root


def _plain_key(key: str) -> str:
    return str(json.loads(key)) if key.startswith('"') else key.strip("'")


def _table_at(root: dict[str, Any], keys: Sequence[str], *, is_list: bool) -> dict[str, Any]:
    table: Any = root
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        table = table[-1] if isinstance(table, list) else table
    new: dict[str, Any] = {}
    if is_list:
        table.setdefault(keys[-1], []).append(new)
        return new
    found: dict[str, Any] = table.setdefault(keys[-1], new)
    return found


def _read_value(text: str, line: int) -> tuple[Any, str]:
    """The value at the beginning of a text and what stands after it."""
    if text.startswith("["):
        values, rest = [], text[1:].strip()
        while rest and not rest.startswith("]"):
            value, rest = _read_value(rest, line)
            values.append(value)
            rest = rest[1:].strip() if rest.startswith(",") else rest
        if rest:
            return values, rest[1:].strip()
    for pattern, read in _VALUES:
        match = pattern.match(text)
        if match is not None:
            return read(match[0]), text[match.end() :].strip()
    raise AgentError(f"The settings cannot be read: line {line}: “{text}” is no value on one line")


@dataclass(frozen=True)
class Source:
    """One instrument's output and the channel it becomes.  Which settings matter depends on `kind`."""

    kind: str  # csv, folder, serial or command
    channel: str
    path: str = ""  # csv, folder: a file or a pattern with *
    columns: Mapping[str, str] = field(default_factory=dict)  # header -> "column" or "column / unit"; "" leaves it out
    encoding: str = ""  # csv
    time_zone: str = ""  # "+09:00" or "Asia/Seoul"; the computer's own where it is absent
    date_order: str = ""  # "dmy" or "mdy", for dates such as 03/04/2026
    numbered: bool = False  # the instrument's record numbers never start again: they are the sequence
    stable_second: float = 30.0  # folder: a file that has not changed for so long is complete
    port: str = ""  # serial: COM3, /dev/ttyUSB0
    baud: int = 9600
    protocol: str = "ad"  # serial: "ad" (sends by itself) or "bongshin" (is asked)
    address: str = "0"  # serial: the indicator's ID that bongshin is asked with
    column: str = "force_newton"  # serial: what the indicator shows
    unit: str = "kgf"  # serial: where the frame does not say it
    every_second: float = 1.0  # serial: one row each
    command: Sequence[str] = ()  # command

    @property
    def problems(self) -> list[str]:
        """What is wrong with the settings of this source."""
        needed = {"csv": "path", "folder": "path", "serial": "port", "command": "command"}
        found = []
        if self.kind not in needed:
            found.append(f"kind “{self.kind}” is not one of {', '.join(needed)}")
        elif not getattr(self, needed[self.kind]):
            found.append(f"{needed[self.kind]} is missing")
        if not self.channel or len(self.channel) > LONGEST_NAME or re.search(r"[/\x00-\x1f]", self.channel):
            found.append("channel is missing, longer than 120 characters, or holds a / or a control character")
        if self.protocol not in _PARSERS:
            found.append(f"protocol “{self.protocol}” is not one of {', '.join(_PARSERS)}")
        if self.date_order not in ("", "dmy", "mdy"):
            found.append("date_order is dmy or mdy")
        try:
            zone_of(self.time_zone)
        except AgentError as error:
            found.append(str(error))
        return [f"source {self.channel or '?'}: {text}" for text in found]


@dataclass(frozen=True)
class Settings:
    """Everything that the file of settings says."""

    server: str
    source: Sequence[Source]
    spool: Path
    agent: str = ""
    token_file: str = ""
    ca_file: str = ""
    insecure_lan: bool = False
    buffer_days: float = 7.0

    @property
    def token(self) -> str:
        """The secret by which the server knows this agent: of the file or BAROGRAPH_TOKEN; empty: there is none."""
        if self.token_file:
            try:
                return Path(self.token_file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise AgentError(f"The token cannot be read: {error}. Mend token_file.") from error
        return os.environ.get("BAROGRAPH_TOKEN", "").strip()


def load_settings(path: Path) -> Settings:
    """The settings in a file; relative paths in it start from its folder.  Raises AgentError with all its problems."""
    try:
        given = read_toml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise AgentError(f"The settings cannot be read: {error}. Name their file with --config.") from error
    sources, problems = _sources(given.pop("source", []), path.parent)
    problems += _unknown("settings", given, Settings)
    given.setdefault("agent", re.sub(r"[^!-9;-~]", "-", socket.gethostname()))
    if not re.match(r"[!-9;-~]([ -9;-~]{0,118}[!-9;-~])?$", str(given["agent"])):
        problems.append("agent is not 1 to 120 printable ASCII characters without a colon")
    if urlsplit(str(given.get("server", ""))).scheme not in ("http", "https"):
        problems.append("server is missing, such as https://barograph.lab")
    if problems:
        raise AgentError(f"{path}: " + "; ".join(problems))
    for name in {"token_file", "ca_file"} & set(given):
        given[name] = str(path.parent / given[name])
    given["spool"] = path.parent / given.get("spool", "barograph-spool")
    settings = Settings(**given, source=tuple(sources))
    _refuse_open_token(settings)
    return settings


def _sources(entries: Any, folder: Path) -> tuple[list[Source], list[str]]:
    sources: list[Source] = []
    problems: list[str] = []
    for entry in entries if isinstance(entries, list) else []:
        problems += _unknown(f"source {entry.get('channel', '?')}", entry, Source)
        if isinstance(entry.get("command"), str):
            entry["command"] = shlex.split(entry["command"], posix=os.name != "nt")
        if "path" in entry:
            entry["path"] = str(folder / entry["path"])
        known = {name: value for name, value in entry.items() if name in Source.__dataclass_fields__}
        sources.append(Source(**{"kind": "", "channel": "", **known}))
        problems += sources[-1].problems
    rows = [source.channel for source in sources if source.kind != "folder"]
    problems += [f"source {name}: two sources cannot be one channel" for name in set(rows) if rows.count(name) > 1]
    return sources, problems if sources else ["there is no [[source]]"]


def _unknown(where: str, given: Mapping[str, Any], kind: Any) -> list[str]:
    known = {item.name for item in fields(kind)}
    return [f"{where}: “{name}” is not a setting" for name in given if name not in known]


def _refuse_open_token(settings: Settings) -> None:
    address = urlsplit(settings.server)
    is_local = address.hostname in ("127.0.0.1", "localhost", "::1")
    if address.scheme == "http" and not is_local and settings.token and not settings.insecure_lan:
        raise AgentError("The token would cross the network in the clear: use https, or set insecure_lan = true.")


# -- Names of columns -------------------------------------------------------------------------------------------------

_UNIT_PLACES = (
    re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$"),
    re.compile(r"^(?P<name>.+?)\s*/\s*(?P<unit>[^/]+(?:/(?:cm2|cm²|mm2|mm²|m))?)$"),
    re.compile(r"^(?P<name>.+?)\s*,\s*(?P<unit>[^,]+)$"),
    re.compile(r"^(?P<name>.+)[_ ](?P<unit>[^_ ]+)$"),
)
"""Where headers put their units: Voltage(V), Voltage / V, Voltage, V and voltage_volt."""
_COUNTS = {"cycle_count", "step_count", "record_index"}
_WITHOUT_UNIT = {"test_time_second", "strain"}
"""Columns that may come without a unit: durations such as 12:00:01, and a pure number."""


class Named(NamedTuple):
    """What a header cell is: its column, the unit as written, and how specific its name is (0 the most)."""

    column: str
    unit: str
    rank: int


def plain(name: str) -> str:
    """A header's name as it is looked up among the aliases."""
    return re.sub(r"[\s_\-]+", "", name).lower()


def plain_unit(unit: str) -> str:
    """A unit as it is looked up among the spellings."""
    return "".join(unit.split()).lower().replace("μ", "µ")


class Names:
    """The server's aliases and units (its profile), with a source's own table before them."""

    def __init__(self, profile: Mapping[str, Any], own: Mapping[str, str]) -> None:
        """`profile` is what GET /api/v1/profiles answers; `own` maps headers to "column" or "column / unit"."""
        self.columns: dict[str, Mapping[str, Any]] = {item["column"]: item for item in profile.get("columns", [])}
        self.fixed_units: Mapping[str, str] = profile.get("fixed_units", {})
        self.places: dict[str, list[tuple[str, int]]] = {}
        for column, item in self.columns.items():
            for rank, name in enumerate(item["aliases"]):
                self.places.setdefault(name, []).append((column, rank))
        self.own: dict[str, Named | None] = {}
        for header, meaning in own.items():
            column, _, unit = (part.strip() for part in meaning.partition("/"))
            self.own[header.strip()] = Named(column, unit, -1) if column else None

    def find(self, header: str) -> Named | None:
        """What a header cell is; None where nobody knows, or where the settings leave it out."""
        text = header.strip().strip('"').strip()
        if text in self.own:
            return self.own[text]
        for pattern in _UNIT_PLACES:
            match = pattern.match(text)
            found = self._known(match["name"], match["unit"].strip()) if match else None
            if found is not None:
                return found
        return self._known(text, "")

    def _known(self, name: str, unit: str) -> Named | None:
        key = plain(name)
        for column, rank in self.places.get(key, ()):
            stated = unit or self.fixed_units.get(key, "")
            if not stated or plain_unit(stated) in self.columns[column]["units"]:
                return Named(column, stated, rank)
        return None

    def field_of(self, column: str) -> str | None:
        """The name of a column in a row that is sent; None for one that is not."""
        sent = self.columns.get(column, {"field": column})["field"]
        return None if sent is None else str(sent)

    def needs_unit(self, column: str) -> bool:
        """Whether numbers of this column mean nothing without a unit."""
        units = set(self.columns.get(column, {"units": {}})["units"])
        return bool(units - {"", "1", "#"}) and column not in _WITHOUT_UNIT

    def factor(self, column: str, unit: str) -> float:
        """What one of the unit is in the column's own unit; 1 where it is not known."""
        units: Mapping[str, float] = self.columns.get(column, {"units": {}})["units"]
        return float(units.get(plain_unit(unit), 1.0))


# -- Numbers, dates, tables of text -----------------------------------------------------------------------------------

_NO_NUMBER = re.compile(r"-*$|nan$|null$|none$|n/?a$|[+-]?inf$|#div/0!$|#n/a$|ovld$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")
_DURATION = re.compile(r"(?:(\d+)\s*[dD]\.?\s+)?(\d+):(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)$")
_ZONE = re.compile(r"(?<=[\d ])(Z|[+-]\d{2}:?\d{2})$")
_DATE = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d+))?)?\s*([AaPp][Mm])?)?$"
)
_UNIX = (0.6e9, 4.0e9)
_MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
_DELIMITERS = "\t;,|"


class UnreadableError(Exception):
    """A line that cannot be read for certain; it is kept aside and said, never guessed."""


def read_number(cell: str, decimal: str) -> float | None:
    """The number in a cell, None for a word that says there is none.

    `decimal` is the file's mark, empty while it is not known.  Raises UnreadableError for anything else.
    """
    text = cell.strip()
    if _NO_NUMBER.match(text):
        return None
    if set(",.") <= set(text) or (decimal == "," and "." in text) or (decimal == "." and "," in text):
        raise UnreadableError(f"“{text}” has another decimal mark than the rest")
    text = text.replace(",", ".")
    if not _NUMBER.match(text):
        raise UnreadableError(f"“{text}” is no number")
    value = float(text)
    return value if math.isfinite(value) else None


def read_duration(cell: str) -> float | None:
    """Seconds of “144:01:18.5” or “2d 00:10:00”; None for anything else."""
    match = _DURATION.match(cell.strip())
    if match is None:
        return None
    seconds = float(match[4].replace(",", "."))
    return int(match[1] or 0) * 86400.0 + int(match[2]) * 3600.0 + int(match[3]) * 60.0 + seconds


def zone_of(name: str) -> timezone | None:
    """The zone that a setting names: “+09:00” or “Asia/Seoul”; None is the computer's own."""
    if not name:
        return None
    match = re.match(r"([+-])(\d{2}):?(\d{2})$", name)
    if match is not None:
        return timezone((1 if match[1] == "+" else -1) * timedelta(hours=int(match[2]), minutes=int(match[3])))
    try:
        from zoneinfo import ZoneInfo

        return ZoneInfo(name)  # type: ignore[return-value]
    except Exception as error:
        raise AgentError(f"time_zone “{name}” is not known on this computer; write it like +09:00") from error


def read_date(cell: str, order: str, zone: timezone | None, near: datetime) -> datetime:
    """The moment that a cell names, with its zone.

    Where neither the cell nor `order` tells day from month, the reading nearer to `near` (when the file was written)
    is taken.  Raises UnreadableError.
    """
    text = cell.strip()
    if _NUMBER.match(text) and _UNIX[0] < float(text) < _UNIX[1]:
        return datetime.fromtimestamp(float(text), timezone.utc)
    offset = _ZONE.search(text)
    match = _DATE.match(text[: offset.start()].strip() if offset and ":" in text else text)
    if match is None:
        raise UnreadableError(f"“{text}” is no date")
    if offset and ":" in text:
        zone = timezone.utc if offset[1] == "Z" else zone_of(offset[1])
    first, second, third = int(match[1]), int(match[2]), int(match[3])
    if len(match[1]) == len("2026"):
        orders = [(first, second, third)]
    else:
        year = third + 2000 if len(match[3]) <= len("26") else third
        orders = [(year, second, first)] * (order != "mdy") + [(year, first, second)] * (order != "dmy")
    moments = [moment for moment in (_moment(*each, match, zone) for each in orders) if moment is not None]
    if not moments:
        raise UnreadableError(f"“{text}” is no date")
    return min(moments, key=lambda moment: abs((moment - near).total_seconds()))


def _moment(year: int, month: int, day: int, match: re.Match[str], zone: timezone | None) -> datetime | None:
    hour, half = int(match[4] or 0), (match[8] or "").lower()
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    fraction = int(((match[7] or "") + "000000")[:6])
    try:
        moment = datetime(year, month, day, hour, int(match[5] or 0), int(match[6] or 0), fraction, zone)
        return moment if zone else moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def iso(moment: datetime) -> str:
    """A moment as rows carry it: ISO 8601 with milliseconds and its offset from UTC."""
    return moment.isoformat(timespec="milliseconds")


def now() -> datetime:
    """The moment now, in the computer's own zone."""
    return datetime.now(timezone.utc).astimezone()


def split_line(line: str, delimiter: str) -> list[str]:
    """Cells of a line; quotes are taken off."""
    return next(csv.reader([line], delimiter=delimiter), []) if '"' in line else line.split(delimiter)


def find_encoding(head: bytes, wanted: str) -> str:
    """Python's name of the encoding of a file that begins so: by its mark, the setting, its zeros, else UTF-8."""
    for name, mark in _MARKS.items():
        if head.startswith(mark):
            return name
    if wanted:
        return wanted
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head and head[place::2].count(0) > 0.3 * len(head) / 2:
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp949" if _is_korean(head) else "cp1252"
    return "utf-8"


def _is_korean(head: bytes) -> bool:
    text = codecs.getincrementaldecoder("cp949")(errors="replace").decode(head)
    return "\ufffd" not in text and bool(re.search("[가-힣]", text))


def cut_lines(data: bytes, encoding: str) -> list[bytes]:
    """The complete lines at the beginning of some bytes, with their ends; what is not ended yet is left out."""
    if not encoding.startswith("utf-16"):
        return data[: data.rfind(b"\n") + 1].splitlines(keepends=True) if b"\r" not in data else _split(data, b"\n", 1)
    return _split(data, "\n".encode(encoding), 2)


def _split(data: bytes, end: bytes, width: int) -> list[bytes]:
    lines, start, place = [], 0, data.find(end)
    while place >= 0:
        if place % width == 0:
            lines.append(data[start : place + width])
            start = place + width
        place = data.find(end, place + 1)
    return lines


@dataclass
class Table:
    """How a text table is laid out.  `cells` and `units` are its header; `header_bytes` is where its rows begin."""

    encoding: str
    delimiter: str
    cells: list[str]
    units: list[str]
    header_bytes: int
    decimal: str = ""


class Meaning:
    """What the columns of one table are: which cell becomes which field, in which unit, what is left out and why."""

    def __init__(self, table: Table, names: Names, source: Source) -> None:
        """Decide on each header cell; of two that are the same column the one with a unit or the plainer name holds."""
        self.table, self.source, self.names = table, source, names
        self.zone = zone_of(source.time_zone)
        self.left_out: dict[str, str] = {}
        best: dict[str, tuple[tuple[bool, int], int, Named]] = {}
        for place, cell in enumerate(table.cells):
            found = names.find(cell)
            if found is not None and not found.unit and place < len(table.units):
                found = found._replace(unit=table.units[place])
            if found is None:
                self.left_out[cell] = 'not known; name it under [source.columns], or leave it out there with ""'
            else:
                claim = ((found.unit == "" and names.needs_unit(found.column), found.rank), place, found)
                if found.column in best and best[found.column][:2] <= claim[:2]:
                    self.left_out[cell] = f"{table.cells[best[found.column][1]]} is {found.column} already"
                else:
                    if found.column in best:
                        self.left_out[table.cells[best[found.column][1]]] = f"{cell} is {found.column}"
                    best[found.column] = claim
        self.date = self._place(best, "date_time", "unix_time_second")
        self.test_time = self._place(best, "test_time_second")
        self.number = self._place(best, "record_index")
        self.clock = next(
            (p for p, c in enumerate(table.cells) if plain(c) in ("time", "clock") and p != self.test_time), None
        )
        self.fields: dict[int, str] = {}
        self.units: dict[str, str] = {}
        for column, (_, place, found) in best.items():
            self._send(column, place, found)
        self.test_unit = self.units.get("test_time_second", "")

    @staticmethod
    def _place(best: Mapping[str, tuple[Any, int, Named]], *columns: str) -> int | None:
        return next((best[column][1] for column in columns if column in best), None)

    def _send(self, column: str, place: int, found: Named) -> None:
        cell, sent = self.table.cells[place], self.names.field_of(column)
        if column in ("date_time", "unix_time_second"):
            return
        if sent is None:
            self.left_out[cell] = f"{column} is not sent"
        elif not found.unit and self.names.needs_unit(column):
            self.left_out[cell] = f'it states no unit; write "{cell}" = "{column} / UNIT" under [source.columns]'
        else:
            self.fields[place] = sent
            if found.unit:
                self.units[sent] = found.unit

    def read_row(self, cells: Sequence[str], near: datetime) -> tuple[Row, Key, datetime | None]:
        """A row of values, the key that tells its place in the test (date or test time), and its date.

        Raises UnreadableError.
        """
        if len(cells) != len(self.table.cells) and not (
            len(cells) == len(self.table.cells) + 1 and not cells[-1].strip()
        ):
            raise UnreadableError(f"{len(cells)} cells instead of {len(self.table.cells)}")
        date = None
        if self.date is not None and cells[self.date].strip():
            text = cells[self.date]
            if ":" not in text and self.clock is not None:
                text = f"{text.strip()} {cells[self.clock].strip()}"
            date = read_date(text, self.source.date_order, self.zone, near)
        row: Row = {}
        for place, sent in self.fields.items():
            row[sent] = self._value(sent, cells[place])
        if row.get("test_time_second") is not None and date is None:
            return row, self._test_second(row), None
        return row, None if date is None else date.timestamp(), date

    def _value(self, sent: str, cell: str) -> float | int | None:
        if sent == "test_time_second":
            duration = read_duration(cell)
            if duration is not None:
                return duration
        value = read_number(cell, self.table.decimal)
        if value is not None and sent in _COUNTS and value.is_integer():
            return int(value)
        return value

    def _test_second(self, row: Row) -> float:
        return float(row["test_time_second"]) * self.names.factor("test_time_second", self.test_unit)

    def units_of(self, row: Row) -> dict[str, str]:
        """The units of what a row holds."""
        return {name: unit for name, unit in self.units.items() if row.get(name) is not None}


def find_table(head: bytes, names: Names, source: Source) -> Table | None:
    """The layout of the table in a file's beginning, headed by the line with most known names; None: not there yet."""
    encoding = find_encoding(head, source.encoding)
    lines = cut_lines(head, encoding)[:HEADER_LINES]
    ends = list(accumulate(map(len, lines)))
    texts = [_line(line, encoding) for line in lines]
    best, table = (1, 0), None  # one known name may be a word of a title
    for text, end in zip(texts, ends):
        for delimiter in _DELIMITERS:
            cells = [cell.strip() for cell in split_line(text, delimiter)]
            known = sum(names.find(cell) is not None for cell in cells)
            if known > 1 and (known, len(cells)) > best:
                best, table = (known, len(cells)), Table(encoding, delimiter, cells, [], end)
    if table is None:
        return None
    after = [text for text, end in zip(texts, ends) if end > table.header_bytes]
    units = [cell.strip().strip("()[]") for cell in split_line(after[0], table.delimiter)] if after else []
    if is_units([cell for cell in units if cell], names):
        table.units = units
        table.header_bytes = ends[ends.index(table.header_bytes) + 1]
    table.decimal = find_decimal(after[:50], table.delimiter)
    return table


def is_units(cells: Sequence[str], names: Names) -> bool:
    """Whether all of some cells are units."""
    spellings = {unit for item in names.columns.values() for unit in item["units"]}
    bare = [plain_unit(cell.strip("()[]")) for cell in cells]
    return bool(bare) and all(cell in spellings and not _NUMBER.match(cell) for cell in bare)


def find_decimal(rows: Sequence[str], delimiter: str) -> str:
    """The decimal mark of the numbers in some rows; empty where none has one."""
    cells = [cell.strip() for row in rows for cell in split_line(row, delimiter)]
    numbers = [cell for cell in cells if _NUMBER.match(cell.replace(",", "."))]
    commas, points = (sum(mark in cell for cell in numbers) for mark in ",.")
    return "" if commas == points == 0 else "," if commas > points else "."


# -- The spool --------------------------------------------------------------------------------------------------------

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS channel(name TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lineage(id INTEGER PRIMARY KEY, channel TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batch(id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, lane INTEGER NOT NULL,
  channel TEXT NOT NULL, first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL, n_rows INTEGER NOT NULL,
  body BLOB NOT NULL, digest TEXT NOT NULL, sealed_at REAL NOT NULL, lived REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS batch_order ON batch(lane, tries / 5, sealed_at, first_sequence);
CREATE INDEX IF NOT EXISTS batch_age ON batch(sealed_at, n_rows);
CREATE TABLE IF NOT EXISTS upload(sha256 TEXT NOT NULL, channel TEXT NOT NULL, path TEXT NOT NULL,
  size INTEGER NOT NULL, mtime REAL NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY(sha256, channel));
CREATE TABLE IF NOT EXISTS alarm(code TEXT NOT NULL, channel TEXT NOT NULL, text TEXT NOT NULL, n INTEGER NOT NULL,
  first_at REAL NOT NULL, last_at REAL NOT NULL, PRIMARY KEY(code, channel));
"""


class Batch(NamedTuple):
    """A sealed batch: what is sent, byte for byte, however often."""

    id: int
    key: str
    channel: str
    n_rows: int
    body: bytes
    digest: str
    tries: int

    @property
    def rows(self) -> list[Row]:
        """The rows in it."""
        return [json.loads(line) for line in gzip.decompress(self.body).splitlines()]


class Spool:
    """What waits to be sent, and how far each file was read: one SQLite database, shared by the agent's threads."""

    def __init__(self, folder: Path, agent: str) -> None:
        """Open the spool in a folder, which is made where it is absent."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.agent = folder, agent
        self.lock = threading.RLock()
        self.database = sqlite3.connect(
            folder / "spool.sqlite", isolation_level=None, check_same_thread=False, timeout=30
        )
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        with self.transaction():
            for statement in _SCHEMA.split(";\n"):
                self.database.execute(statement)
            if self.meta("id") is None:
                self.set_meta("id", uuid.uuid4().hex[:12])
        self._only_one: sqlite3.Connection | None = None

    def take(self) -> None:
        """Keep a second agent off this spool while this process lives; raises AgentError where one is there."""
        self._only_one = sqlite3.connect(self.folder / "lock.sqlite", isolation_level=None, timeout=0)
        try:
            self._only_one.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise AgentError(f"Another agent works with the spool {self.folder}.") from error

    def close(self) -> None:
        """Close it; what it holds stays."""
        with self.lock:
            self.database.close()
        if self._only_one is not None:
            self._only_one.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside, on the disk when it ends."""
        with self.lock:
            if self.database.in_transaction:
                yield
                return
            self.database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.database.execute("COMMIT")
            except BaseException:
                if self.database.in_transaction:  # a full disk has rolled back already
                    self.database.execute("ROLLBACK")
                raise

    def _all(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            return self.database.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: Any) -> None:
        with self.transaction():
            self.database.execute(statement, values)

    def meta(self, name: str) -> str | None:
        """A value that was kept under a name."""
        found = self._all("SELECT value FROM meta WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def set_meta(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        self._write("INSERT OR REPLACE INTO meta VALUES(?, ?)", name, value)

    def last_sequence(self, channel: str) -> int | None:
        """The last number that was given on a channel; None where this spool has not learnt it yet."""
        found = self._all("SELECT last_sequence FROM channel WHERE name = ?", channel)
        return int(found[0][0]) if found else None

    def begin(self, channel: str, state: Mapping[str, Any]) -> None:
        """Number a channel on from what the server says of it, and keep that: tables are read on from there too."""
        with self.transaction():
            self._set_last_sequence(channel, int(state.get("last_sequence") or 0))
            if state.get("last_sequence"):
                self.set_meta(f"resume {channel}", json.dumps(state))

    def resume(self, channel: str) -> dict[str, Any] | None:
        """What the server said of a channel when the spool was new; None where it had no rows."""
        kept = self.meta(f"resume {channel}")
        return None if kept is None else dict(json.loads(kept))

    def _set_last_sequence(self, channel: str, sequence: int) -> None:
        self._write("INSERT OR REPLACE INTO channel VALUES(?, ?)", channel, sequence)

    def lineages(self, channel: str) -> dict[int, dict[str, Any]]:
        """What is known of the files of a channel, by its number, the oldest first."""
        found = self._all("SELECT id, state FROM lineage WHERE channel = ? ORDER BY id", channel)
        return {number: json.loads(state) for number, state in found}

    def save_lineage(self, channel: str, number: int | None, state: Mapping[str, Any]) -> int:
        """Keep how far a file was read; its number."""
        with self.transaction():
            cursor = self.database.execute(
                "INSERT OR REPLACE INTO lineage VALUES(?, ?, ?)", (number, channel, json.dumps(state))
            )
            return int(cursor.lastrowid or 0)

    def append(self, channel: str, rows: Sequence[Row]) -> None:
        """Number rows that have no number and seal them as batches; inside a transaction with the place in the file."""
        if not rows:
            return
        with self.transaction():
            last = self.last_sequence(channel)
            if last is None:
                raise AgentError(f"The number of the last row of {channel} is not known yet.")
            numbered = []
            for row in rows:
                sequence = int(row.get("sequence", last + 1))
                last = max(last, sequence)
                numbered.append(
                    {"channel": channel, "sequence": sequence, **{k: v for k, v in row.items() if k != "sequence"}}
                )
            self._set_last_sequence(channel, last)
            for part in _parts(numbered):
                self.seal(channel, part, time.time())

    def seal(self, channel: str, rows: Sequence[Row], sealed_at: float) -> None:
        """Make a batch of rows: from here on it never changes."""
        body = gzip.compress("".join(f"{_json(row)}\n" for row in rows).encode(), 6, mtime=0)
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        lane = zlib.crc32(channel.encode()) % LANES
        numbers = [row["sequence"] for row in rows]
        with self.transaction():
            cursor = self.database.execute(
                "INSERT INTO batch(key, lane, channel, first_sequence, last_sequence, n_rows, body, digest, sealed_at,"
                " lived) VALUES('', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (lane, channel, min(numbers), max(numbers), len(rows), body, digest, sealed_at, self.lived_second()),
            )
            key = f"{self.agent}:{self.meta('id')}-{cursor.lastrowid}"
            self.database.execute("UPDATE batch SET key = ? WHERE id = ?", (key, cursor.lastrowid))

    def next_batch(self, lane: int, without: Sequence[str] = ()) -> Batch | None:
        """The batch to send next on a lane: the oldest, but one that failed the server five times lets others pass."""
        found = self._all(
            "SELECT id, key, channel, n_rows, body, digest, tries FROM batch"
            f" WHERE lane = ? AND channel NOT IN ({', '.join('?' * len(without))})"
            " ORDER BY tries / 5, sealed_at, first_sequence LIMIT 1",  # the order of an index
            *(lane, *without),
        )
        return Batch(*found[0]) if found else None

    def acknowledge(self, batch: Batch) -> None:
        """Let go of a batch that the server has stored."""
        with self.transaction():
            self._write("DELETE FROM batch WHERE id = ?", batch.id)
            self.set_meta("last_sent_at", repr(time.time()))

    def count_try(self, batch: Batch) -> None:
        """Count an error of the server at a batch."""
        self._write("UPDATE batch SET tries = tries + 1 WHERE id = ?", batch.id)

    def halve(self, batch: Batch) -> None:
        """Seal the two halves of a batch that is too large anew, under new keys, in its place."""
        rows = batch.rows
        with self.transaction():
            sealed_at = self._all("SELECT sealed_at FROM batch WHERE id = ?", batch.id)[0][0]
            self._write("DELETE FROM batch WHERE id = ?", batch.id)
            for part in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
                self.seal(batch.channel, part, sealed_at)

    def reject(self, batch: Batch, status: int, answer: bytes) -> None:
        """Put a batch and the answer to it into the folder `rejected`, and take it off the spool."""
        folder = self.folder / "rejected"
        folder.mkdir(exist_ok=True)
        name = f"{_file_name(batch.channel)}-{self.meta('id')}-{batch.id}"
        said = json.dumps({"status": status, "answer": _text(answer)}).encode()
        _write_safely(folder / f"{name}.answer.json", said)
        _write_safely(folder / f"{name}.ndjson.gz", batch.body)
        with self.transaction():
            self._write("DELETE FROM batch WHERE id = ?", batch.id)
            text = f"The server refused rows with {status}; they are in {folder}. Its last words: {_text(answer)[:300]}"
            self.alarm("rejected", text, batch.channel)

    def lived_second(self) -> float:
        """How long agents have run with this spool: no clock that is set wrong makes rows older than they are."""
        return float(self.meta("lived_second") or 0.0)

    def live(self, second: float) -> None:
        """Count time that the agent has run."""
        self.set_meta("lived_second", repr(self.lived_second() + second))

    def drop_older_than(self, days: float) -> int:
        """Give up batches that are older than the buffer's limit, with an alarm; how many rows that were.

        They are older by the wall clock and by the time that the agent has run.
        """
        limits = (time.time() - days * 86400, self.lived_second() - days * 86400)
        with self.transaction():
            found = self._all(
                "SELECT channel, SUM(n_rows), MIN(first_sequence), MAX(last_sequence) FROM batch"
                " WHERE sealed_at < ? AND lived < ? GROUP BY channel",
                *limits,
            )
            for channel, rows, first, last in found:
                text = f"{rows} rows ({first} to {last}) waited for more than {days:g} days and were given up."
                self.alarm("given_up", text, channel)
            if found:
                self._write("DELETE FROM batch WHERE sealed_at < ? AND lived < ?", *limits)
        return sum(int(each[1]) for each in found)

    def alarm(self, code: str, text: str, channel: str = "") -> None:
        """Raise an alarm, or count it where it is raised already; the log has it once a minute at most."""
        found = self._all("SELECT last_at, text FROM alarm WHERE code = ? AND channel = ?", code, channel)
        if not found or found[0][1] != text or time.time() - found[0][0] > LONGEST_WAIT_SECONDS:
            LOG.warning("%s%s", f"{channel}: " if channel else "", text)
        self._write(
            "INSERT INTO alarm VALUES(?, ?, ?, 1, ?, ?) ON CONFLICT(code, channel)"
            " DO UPDATE SET text = excluded.text, n = n + 1, last_at = excluded.last_at",
            *(code, channel, text, time.time(), time.time()),
        )

    def clear(self, *codes: str, channel: str = "") -> None:
        """Take back alarms whose reason is gone."""
        marks = ", ".join("?" * len(codes))
        if self._all(f"SELECT 1 FROM alarm WHERE channel = ? AND code IN ({marks})", channel, *codes):
            self._write(f"DELETE FROM alarm WHERE channel = ? AND code IN ({marks})", channel, *codes)

    def alarms(self) -> list[dict[str, Any]]:
        """Every alarm that stands."""
        found = self._all("SELECT code, channel, text, n, first_at, last_at FROM alarm ORDER BY last_at DESC")
        names = ("code", "channel", "text", "n", "first_unix_second", "last_unix_second")
        return [dict(zip(names, each)) for each in found]

    def backlog(self) -> dict[str, Any]:
        """How much waits, since when, and when something was sent last."""
        batches, rows, oldest = self._all("SELECT COUNT(*), COALESCE(SUM(n_rows), 0), MIN(sealed_at) FROM batch")[0]
        last = self.meta("last_sent_at")
        return {
            "waiting_batches": batches,
            "waiting_rows": rows,
            "oldest_unsent_second": None if oldest is None else round(max(0.0, time.time() - oldest), 1),
            "last_sent_unix_second": None if last is None else float(last),
        }

    def waiting_batches(self) -> int:
        """How many batches wait, as far as it matters for the pace of reading."""
        return int(self._all("SELECT COUNT(*) FROM (SELECT 1 FROM batch LIMIT ?)", MANY_BATCHES + 1)[0][0])

    def is_uploaded(self, path: str, size: int, mtime: float, channel: str) -> bool:
        """Whether this very file was answered already."""
        statement = "SELECT 1 FROM upload WHERE path = ? AND size = ? AND mtime = ? AND channel = ?"
        return bool(self._all(statement, path, size, mtime, channel))

    def is_sent(self, sha256: str, channel: str) -> bool:
        """Whether a file with these bytes was answered already."""
        return bool(self._all("SELECT 1 FROM upload WHERE sha256 = ? AND channel = ?", sha256, channel))

    def save_upload(self, sha256: str, channel: str, path: Path, stat: os.stat_result, answer: str) -> None:
        """Keep that a file was answered; the same bytes are not sent twice."""
        self._write(
            "INSERT OR REPLACE INTO upload VALUES(?, ?, ?, ?, ?, ?, ?)",
            *(sha256, channel, str(path), stat.st_size, stat.st_mtime, answer, time.time()),
        )

    def put_aside(self, channel: str, lines: Sequence[tuple[str, str]]) -> None:
        """Keep lines that could not be read, each with its reason, in `rejected`."""
        folder = self.folder / "rejected"
        folder.mkdir(exist_ok=True)
        with (folder / f"{_file_name(channel)}-unreadable.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{iso(now())}\t{reason}\t{line[:2000]}\n" for line, reason in lines)
        self.alarm(
            "unreadable", f"{len(lines)} lines could not be read: {lines[-1][1]}. They are in {folder}.", channel
        )


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in parts that a batch may hold."""
    part: list[Row] = []
    size = 0
    for row in rows:
        length = len(_json(row).encode()) + 1
        if part and (len(part) == BATCH_ROWS or size + length > BATCH_BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield part


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _file_name(channel: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", lambda match: f"%{ord(match[0]):x}", channel)


def _write_safely(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


# -- Sources: a growing table -----------------------------------------------------------------------------------------


Lineage = dict[str, Any]
"""What is known of one content: where its table lies, how far it was read, and by what it is known again."""


class ShorterError(Exception):
    """A file begins as one that was read, and is shorter: it is being written anew, or is an older copy."""


class CsvTail:
    """Follows a table that an instrument writes to, through growth, rotation, renaming and being exported anew.

    What was read is known by its content, not by its name: the first 4 KB and the bytes before the place it was read
    to; else by marks of its rows.  Each content (a lineage) is read once, wherever it lies.
    """

    def __init__(self, source: Source, spool: Spool, profile: Mapping[str, Any]) -> None:
        """`profile` names the columns."""
        self.source, self.spool = source, spool
        self.names = Names(profile, source.columns)
        self.more = False
        self.known = spool.lineages(source.channel)
        self._seen = {path: (size, mtime) for path, size, mtime in (state["seen"] for state in self.known.values())}

    def poll(self) -> int:
        """Read what is new into the spool; how many rows that were."""
        rows, self.more = 0, False
        try:
            paths = self.paths()
            for path in [*self._moved_away(paths), *paths]:
                stat = path.stat()
                if self._seen.get(str(path)) != (stat.st_size, stat.st_mtime):
                    rows += self._follow(path, stat, is_newest=path == paths[-1])
                    self.spool.clear("file", channel=self.source.channel)
        except OSError as error:  # another program may hold it, or have renamed it, for a moment
            self.spool.alarm("file", f"A file cannot be read: {error}", self.source.channel)
        return rows

    def paths(self) -> list[Path]:
        """The files that the pattern names, the oldest first."""
        return sorted(map(Path, glob.glob(self.source.path)), key=lambda path: path.stat().st_mtime)

    def _moved_away(self, paths: Sequence[Path]) -> list[Path]:
        """The file that was followed, under a name outside the pattern: its last rows are read first."""
        state = next(reversed(list(self.known.values())), None)
        if state is None or state["identity"] in [_identity(path.stat()) for path in paths]:
            return []
        folder = Path(state["seen"][0]).parent
        files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
        return [path for path in files if _identity(path.stat()) == state["identity"] and _is_grown(path, state)]

    def _follow(self, path: Path, stat: os.stat_result, *, is_newest: bool) -> int:
        channel, seen = self.source.channel, (stat.st_size, stat.st_mtime)
        self._seen[str(path)] = seen
        with path.open("rb") as file:
            try:
                number, state = self._recognise(file, stat)
            except ShorterError as error:
                if is_newest and stat.st_size:
                    self.spool.alarm("shorter", f"{path.name} {error}; it is waited for.", channel)
                return 0
            if not state:
                return 0
            file.seek(state["offset"])
            data = file.read(READ_BYTES)
            lines = cut_lines(data, state["encoding"])
            state["offset"] += sum(map(len, lines))
            state["tail"] = _b64(_bytes_before(file, state["offset"]))
            is_part = len(data) == READ_BYTES
            last_key = self._last_key(file, state, stat) if is_part else None
        rows, unreadable = self.read_lines(lines, state, stat, last_key)
        if not state["rows"]:
            return 0
        if is_part:
            self.more, self._seen[str(path)] = True, (-1, 0.0)
        state.update(identity=_identity(stat), seen=[str(path), *self._seen[str(path)]])
        if unreadable:
            self.spool.put_aside(channel, unreadable)
        with self.spool.transaction():
            self.spool.append(channel, rows)
            number = self.spool.save_lineage(channel, number, state)
        self.known[number] = state
        self.spool.clear("shorter", channel=channel)
        return len(rows)

    def _recognise(self, file: BinaryIO, stat: os.stat_result) -> tuple[int | None, Lineage]:
        """The lineage of a file (None: a new one) and where to read on; empty: it has no table yet.

        Raises ShorterError.
        """
        head = file.read(HEAD_BYTES)
        newest_first = list(self.known.items())[::-1]
        for number, known in newest_first:
            if _is_same(file, head, stat, known):
                return number, {**known, "marks": dict(known["marks"]), "head": _b64(head)}
        file.seek(len(head))
        table = find_table(head + file.read(HEAD_BYTES * 15), self.names, self.source)
        if table is None:
            return None, {}
        for number, known in newest_first:
            place = self._find_place(file, table, known, stat)
            if place is not None:
                LOG.info("%s: the file was written anew; it is read on after row %d", self.source.channel, place[1])
                state = {**known, "marks": dict(known["marks"]), "head": _b64(head), **vars(table)}
                return number, {**state, "offset": place[0], "rows": place[1]}
        fresh = {**vars(table), "offset": table.header_bytes, "rows": 0, "key": None, "marks": {}, "head": _b64(head)}
        resume = self.spool.resume(self.source.channel)
        if newest_first or resume is None:
            return None, fresh
        last = self._last_stored(table, resume)
        offset, rows = self._find_place(file, table, {"rows": -1, "key": last, "marks": {}}, stat) or (0, 0)
        if last is None:
            text = f"{rows} rows were there before and are not sent: upload the file."
            self.spool.alarm("skipped", text, self.source.channel)
        return None, {**fresh, "offset": offset, "rows": rows}

    def _last_stored(self, table: Table, resume: Mapping[str, Any]) -> Key:
        """The key of the last row that the server has; None where it does not say so."""
        if Meaning(table, self.names, self.source).date is not None and resume.get("last_time"):
            return datetime.fromisoformat(str(resume["last_time"]).replace("Z", "+00:00")).timestamp() + 0.001
        second = resume.get("last_test_time_second")
        return None if second is None else float(second)

    def _rows_of(self, lines: Iterable[bytes], table: Table, stat: os.stat_result) -> Iterator[tuple[int, Key, str]]:
        """Length, key and mark of each line that is a row; the length counts lines before it that are none."""
        meaning, length = Meaning(table, self.names, self.source), 0
        for line in lines:
            length += len(line)
            with suppress(UnreadableError):
                cells = split_line(_line(line, table.encoding), table.delimiter)
                row, key, date = meaning.read_row(cells, _written(stat))
                yield length, key, _mark(row, key, date)
                length = 0

    def _last_key(self, file: BinaryIO, state: Lineage, stat: os.stat_result) -> Key:
        """The key of the last row of a file, of which only a part is read now."""
        file.seek(max(state["offset"], stat.st_size - HEAD_BYTES * 4) // 2 * 2)
        lines = cut_lines(file.read(), state["encoding"])[1:]
        return next((key for _, key, _ in self._rows_of(lines[::-1], Table(**_table_of(state)), stat)), None)

    def _find_place(self, file: BinaryIO, table: Table, known: Lineage, stat: os.stat_result) -> tuple[int, int] | None:
        """The place in a file, written anew, after the last row that was read, and how many rows stand before it.

        That is after the row of the same number and key; where it is not there, before the first row with a later key;
        where there is none, the end.  None where a mark differs: it is another test.  Raises ShorterError.
        """
        place, number = table.header_bytes, 0
        later: tuple[int, int] | None = None
        for length, key, mark in self._rows_of(_lines_from(file, place, table.encoding), table, stat):
            if later is None and key is not None and known["key"] is not None and key > known["key"]:
                later = (place, number)
            place, number = place + length, number + 1
            if known["marks"].get(str(number), mark) != mark:
                return None
            if number == known["rows"] and key == known["key"]:
                return place, number
        if later is None and number < known["rows"]:
            raise ShorterError(f"has {number} rows where {known['rows']} were read")
        return later or (place, number)

    def read_lines(
        self, lines: Sequence[bytes], state: Lineage, stat: os.stat_result, last_key: Key = None
    ) -> tuple[list[Row], list[tuple[str, str]]]:
        """Rows of complete lines and the lines that could not be read; `state` moves on."""
        texts = [_line(line, state["encoding"]) for line in lines]
        state["decimal"] = state["decimal"] or find_decimal(texts, state["delimiter"])
        meaning = Meaning(Table(**_table_of(state)), self.names, self.source)
        unreadable: list[tuple[str, str]] = []
        read: list[tuple[Row, Key, datetime | None]] = []
        for text in texts:
            cells = split_line(text, state["delimiter"])
            if not any(cell.strip() for cell in cells):
                continue
            try:
                row, key, date = meaning.read_row(cells, _written(stat))
                if self.source.numbered and meaning.number is not None:
                    row["sequence"] = int(read_number(cells[meaning.number], "") or 0)
            except UnreadableError as error:
                if header_in(cells, state, self.names):  # a logger that starts again may have other units
                    meaning = Meaning(Table(**_table_of(state)), self.names, self.source)
                else:
                    unreadable.append((text, str(error)))
                continue
            state.update(rows=state["rows"] + 1, key=key)
            if state["rows"] <= FIRST_ROWS or not state["rows"] & (state["rows"] - 1):
                state["marks"][str(state["rows"])] = _mark(row, key, date)
            if units := meaning.units_of(row):
                row["units"] = units
            read.append((row, key, date))
        return _timed(read, _written(stat), last_key), unreadable


def header_in(cells: Sequence[str], state: Lineage, names: Names) -> bool:
    """Whether a line amid the rows is a header, or its row of units; `state` then holds it."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if 2 * sum(names.find(cell) is not None for cell in filled) > len(filled):
        state.update(cells=[cell.strip() for cell in cells], units=[])
    elif is_units(filled, names):
        state["units"] = [cell.strip().strip("()[]") for cell in cells]
    else:
        return False
    return True


def _mark(row: Row, key: Key, date: datetime | None) -> str:
    """What a row is known again by: its date, or its values where it has none."""
    values = key if date else [key, {name: value for name, value in row.items() if name not in ("sequence", "units")}]
    return hashlib.sha256(_json(values).encode()).hexdigest()[:8]


def _is_same(file: BinaryIO, head: bytes, stat: os.stat_result, known: Lineage) -> bool:
    """Whether a file is what was read, as it was or longer."""
    old = base64.b64decode(known["head"])
    length = min(len(old), len(head))
    if head[:length] != old[:length] or length <= known["header_bytes"] or stat.st_size < known["offset"]:
        return False
    return _bytes_before(file, known["offset"]) == base64.b64decode(known["tail"])


def _is_grown(path: Path, known: Lineage) -> bool:
    with path.open("rb") as file:
        return _is_same(file, file.read(HEAD_BYTES), path.stat(), known)


def _timed(read: Sequence[tuple[Row, Key, datetime | None]], written: datetime, last_key: Key) -> list[Row]:
    """Rows with their wall clock: the instrument's; else by its test time, counted back from when the file was written.

    Rows without either have the time of writing.
    """
    keys = [key for _, key, date in read if key is not None and date is None]
    last = last_key if last_key is not None else keys[-1] if keys else 0.0
    rows = []
    for row, key, date in read:
        if date is not None:
            rows.append({"time": iso(date), **row})
        elif key is not None and 0 <= last - key < LONGEST_TEST_SECONDS:
            rows.append({"time": iso(written - timedelta(seconds=last - key)), **row})
        else:
            rows.append({"time": iso(written), **row})
    return rows


def _table_of(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in Table.__dataclass_fields__}


def _line(line: bytes, encoding: str) -> str:
    return line.decode(encoding, "replace").strip("\r\n\x00\ufeff")


def _bytes_before(file: BinaryIO, place: int) -> bytes:
    file.seek(max(0, place - TAIL_BYTES))
    return file.read(min(TAIL_BYTES, place))


def _lines_from(file: BinaryIO, place: int, encoding: str) -> Iterator[bytes]:
    """Complete lines of a file from a place on."""
    while True:
        file.seek(place)
        lines = cut_lines(file.read(READ_BYTES), encoding)
        if not lines:
            return
        yield from lines
        place += sum(map(len, lines))


def _identity(stat: os.stat_result) -> list[int]:
    """The file itself, whatever its name: device and inode, or the file's number on Windows."""
    return [stat.st_dev, stat.st_ino]


def _written(stat: os.stat_result) -> datetime:
    return datetime.fromtimestamp(stat.st_mtime, timezone.utc).astimezone()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# -- Sources: whole exports, serial indicators, commands --------------------------------------------------------------


class FolderWatch:
    """Uploads new whole exports of a folder, each content once, when it has not changed for some seconds."""

    def __init__(self, source: Source, spool: Spool, client: Client) -> None:
        """`client` is this watch's own connection."""
        self.source, self.spool, self.client = source, spool, client
        self._seen: dict[str, tuple[int, float, float]] = {}

    def ready(self) -> list[Path]:
        """Files that are complete and were not sent yet."""
        found = []
        self.spool.clear("file", channel=self.source.channel)
        for name in sorted(glob.glob(self.source.path)):
            path = Path(name)
            stat = path.stat()
            if not path.is_file() or self.spool.is_uploaded(name, stat.st_size, stat.st_mtime, self.source.channel):
                continue
            size, mtime, since = self._seen.get(name, (-1, 0.0, 0.0))
            if (size, mtime) != (stat.st_size, stat.st_mtime):
                self._seen[name] = (stat.st_size, stat.st_mtime, time.monotonic())
            elif time.monotonic() - since >= self.source.stable_second:
                found.append(path)
        return found

    def poll(self) -> float:
        """Send what is ready; how many seconds to wait until the next look."""
        try:
            for path in self.ready():
                wait = self._send(path)
                if wait:
                    return wait
        except OSError as error:
            self.spool.alarm("file", f"{self.source.path} cannot be read: {error}", self.source.channel)
        return min(1.0, self.source.stable_second)

    def _send(self, path: Path) -> float:
        channel, stat = self.source.channel, path.stat()
        with path.open("rb") as file:
            digest = hashlib.sha256()
            for block in iter(lambda: file.read(READ_BYTES), b""):
                digest.update(block)
            if self.spool.is_sent(digest.hexdigest(), channel):
                self.spool.save_upload(digest.hexdigest(), channel, path, stat, "sent before")
                return 0.0
            file.seek(0)
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(stat.st_size),
                "Content-Digest": f"sha-256=:{_b64(digest.digest())}:",
            }
            address = f"/api/v1/channels/{quote(channel, safe='')}/files?name={quote(path.name, safe='')}"
            try:
                answer = self.client.request("POST", address, file, headers)
            except (OSError, http.client.HTTPException) as error:
                LOG.info("%s was not sent: %s", path, error)
                return 10.0
        if path.stat().st_mtime != stat.st_mtime or path.stat().st_size != stat.st_size:
            return 0.0  # it was written to meanwhile: once more when it is still
        if answer.status in (200, 201, 202):
            LOG.info("%s: uploaded %s", channel, path)
        elif answer.is_about_this:
            self.spool.alarm(
                "upload", f"{path.name} was refused with {answer.status}: {_text(answer.body)[:300]}", channel
            )
        elif answer.status in UNAUTHORISED:
            alarm_refusal(self.spool, answer)
            return LONGEST_WAIT_SECONDS
        else:
            return 10.0 if answer.retry_after is None else answer.retry_after
        self.spool.save_upload(digest.hexdigest(), channel, path, stat, f"{answer.status}")
        return 0.0


class Frame(NamedTuple):
    """What an indicator shows: value (None: overload), unit as it spells it (may be empty), whether it is at rest."""

    value: float | None
    unit: str
    stable: bool


_AD_FRAME = re.compile(
    rb"(?P<state>ST|US|OL|LO|HD|QT)\s*,\s*(?:(?P<kind>GS|NT|TR|PT|G|N|T)\s*,)?\s*"
    rb"(?P<value>[+-]?[ \d]*[.,]?\d*)\s*(?P<unit>[A-Za-z]{0,3})\s*$"
)
_BONGSHIN_FRAME = re.compile(rb"\x02(?P<address>.)(?P<value>[+-][ \d.]{6})\x03")


def read_ad_frame(line: bytes) -> Frame | None:
    """A line of an A&D indicator, such as "ST,GS,+  4.876kg"; None where it is cut or something else.

    ST stable, US not, OL and LO out of range; GS gross, NT net.  Tare (TR, PT) is no measurement.
    """
    match = _AD_FRAME.match(line.strip(b"\r\n\x00 \x02\x03"))
    if match is None or match["kind"] in (b"TR", b"PT", b"T"):
        return None
    unit = match["unit"].decode()
    if match["state"] in (b"OL", b"LO"):
        return Frame(None, unit, stable=False)
    digits = match["value"].replace(b" ", b"").replace(b",", b".")
    if not unit or not re.match(rb"[+-]?(\d+\.?\d*|\.\d+)$", digits):
        return None  # the unit is last: a line without it may have lost digits too
    return Frame(float(digits), unit, stable=match["state"] != b"US")


def read_bongshin_frame(reply: bytes, address: str) -> Frame | None:
    """The reply of a Bongshin indicator: STX, ID, sign, six figures, ETX; None where it is cut or another's.

    Figures without a digit are an overload.
    """
    match = _BONGSHIN_FRAME.search(reply)
    if match is None or match["address"] != address.encode():
        return None
    digits = match["value"].replace(b" ", b"")
    if not re.match(rb"[+-](\d+\.?\d*|\.\d+)$", digits):
        return Frame(None, "", stable=True) if not re.search(rb"\d", digits) else None
    return Frame(float(digits), "", stable=True)


_PARSERS = ("ad", "bongshin")


class Lines:
    """A source that a thread reads: rows wait here until the agent puts them into the spool."""

    def __init__(self, source: Source, spool: Spool, profile: Mapping[str, Any], stop: threading.Event) -> None:
        """Nothing is read before `start`."""
        self.source, self.spool, self.stop = source, spool, stop
        self.names = Names(profile, source.columns)
        self.waiting: queue.Queue[Row] = queue.Queue(maxsize=200_000)
        self.unsafe: list[Row] = []
        self.thread = threading.Thread(target=self._keep_reading, name=source.channel, daemon=True)
        self.header: Meaning | None = None

    def start(self) -> None:
        """Begin to read; what ends is begun again, later each time."""
        self.thread.start()

    def _keep_reading(self) -> None:
        read = self._read_serial if self.source.kind == "serial" else self._read_command
        wait = 1.0
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                read()
                reason = "it ended"
            except Exception as error:  # noqa: BLE001 - a driver may raise anything, and the others go on
                reason = str(error)
            if self.stop.is_set():
                return
            self.spool.alarm("source", f"{self.source.port or self.source.command}: {reason}", self.source.channel)
            wait = 1.0 if time.monotonic() - began > LONGEST_WAIT_SECONDS else min(2 * wait, LONGEST_WAIT_SECONDS)
            self.stop.wait(wait)

    def poll(self) -> None:
        """Put the rows that came since the last time into the spool; they stay here until they are in it."""
        self.unsafe += [self.waiting.get_nowait() for _ in range(self.waiting.qsize())]
        self.spool.append(self.source.channel, self.unsafe)
        self.unsafe.clear()

    def _put(self, row: Row) -> None:
        timed = {"time": iso(now()), "monotonic_second": round(time.monotonic(), 3)}
        self.waiting.put({**({} if "time" in row else timed), **row}, timeout=60)
        self.spool.clear("source", channel=self.source.channel)

    def _read_serial(self) -> None:
        import serial  # type: ignore[import-not-found,import-untyped,unused-ignore]

        with serial.Serial(self.source.port, self.source.baud, timeout=max(1.0, self.source.every_second)) as port:
            self.read_port(port)

    def read_port(self, port: Any) -> None:
        """Rows of an indicator at an open port, one every so many seconds, until asked to stop."""
        due = time.monotonic()
        while not self.stop.is_set():
            if self.source.protocol == "bongshin":
                self.stop.wait(max(0.0, due - time.monotonic()))
                port.write(f"{self.source.address}R".encode())
                frame = read_bongshin_frame(port.read(10), self.source.address)
            else:
                frame = read_ad_frame(port.read_until(b"\n"))
            if frame is None or time.monotonic() < due:
                continue
            due = max(due + self.source.every_second, time.monotonic() - self.source.every_second)
            if frame.value is None:
                self.spool.alarm("overload", "The indicator is out of its range.", self.source.channel)
            self._put({self.source.column: frame.value, "units": {self.source.column: frame.unit or self.source.unit}})

    def _read_command(self) -> None:
        with subprocess.Popen(list(self.source.command), stdout=subprocess.PIPE) as process:
            threading.Thread(target=self._end_at_stop, args=(process,), daemon=True).start()
            for line in process.stdout or ():
                text = _text(line).strip()
                try:
                    row = self.read_line(text) if text else None
                except (UnreadableError, ValueError, TypeError) as error:
                    self.spool.put_aside(self.source.channel, [(text, str(error))])
                    continue
                if row is not None:
                    self._put(row)

    def _end_at_stop(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None and not self.stop.wait(0.5):
            pass
        process.terminate()

    def read_line(self, text: str) -> Row | None:
        """The row in a line of a command: JSON, or cells under the header that came first; None for the header."""
        if text.startswith("{"):
            return self._named(json.loads(text, parse_constant=lambda _: None))
        delimiter = next((mark for mark in _DELIMITERS if mark in text), ",")
        cells = split_line(text, delimiter)
        if self.header is None:
            table = Table("utf-8", delimiter, [cell.strip() for cell in cells], [], 0)
            header = Meaning(table, self.names, self.source)
            if not header.fields:
                raise UnreadableError("it is neither JSON nor a header with known names")
            self.header = header
            return None
        row, _, date = self.header.read_row(cells, now())
        return {**({"time": iso(date)} if date else {}), **row, "units": self.header.units_of(row)}

    def _named(self, given: Mapping[str, Any]) -> Row:
        """A row with the names of columns in place of the command's own."""
        row: Row = {name: given[name] for name in given if name in _PLAIN_FIELDS}
        if not isinstance(row.get("sequence", 0), int) or not isinstance(row.get("time", ""), str):
            raise UnreadableError("its sequence is no integer, or its time no text")
        units = dict(given.get("units", {}))
        for name in given.keys() - _PLAIN_FIELDS:
            found = self.names.find(name)
            sent = None if found is None else self.names.field_of(found.column)
            if found is None or sent is None:
                self.spool.alarm(
                    "unknown", f"“{name}” is not sent: name it under [source.columns].", self.source.channel
                )
                continue
            row[sent] = None if given[name] in (math.inf, -math.inf) else given[name]
            if found.unit:
                units.setdefault(sent, found.unit)
        return {**row, "units": units}


_PLAIN_FIELDS = {"sequence", "time", "monotonic_second", "units", "test_time_second"}


# -- Sending ----------------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_about_this(self) -> bool:
        """Whether it refuses what was sent, so that sending it again would be refused again."""
        return BAD_REQUEST <= self.status < SERVER_ERROR and self.status not in RETRIED_4XX | UNAUTHORISED

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait."""
        text = self.headers.get("retry-after", "")
        return min(float(text), 3600.0) if re.match(r"\d+(\.\d+)?$", text) else None

    def json(self) -> dict[str, Any]:
        """The answer's object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Client:
    """One kept connection to the server.  It follows no redirect and checks the certificate."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened before the first request."""
        self.settings = settings
        self.address = urlsplit(settings.server.rstrip("/"))
        self.connection: http.client.HTTPConnection | None = None

    def _open(self) -> http.client.HTTPConnection:
        host, port = self.address.hostname or "", self.address.port
        if self.address.scheme == "https":
            context = ssl.create_default_context(cafile=self.settings.ca_file or None)
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The server's answer, read whole; OSError or HTTPException where there is none."""
        sent = {"User-Agent": f"barograph-agent/{VERSION}", "X-Agent-Time": iso(now()), **(headers or {})}
        sent["X-Agent"] = quote(self.settings.agent)
        if token := self.settings.token:
            sent["Authorization"] = f"Bearer {token}"
        if self.connection is None:
            self.connection = self._open()
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read everything
                self.connection.request(method, self.address.path + path, body, sent)
            response = self.connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except BaseException:
            self.close()
            raise
        if response.will_close:
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Sender:
    """Sends the batches of one lane, oldest first, and does with each what the answer says."""

    def __init__(self, spool: Spool, client: Client, lane: int) -> None:
        """`client` is this lane's own connection."""
        self.spool, self.client, self.lane = spool, client, lane
        self.failures = 0
        self.held: dict[str, float] = {}
        """Channels that another agent writes to, and until when they are left alone."""

    def step(self) -> float:
        """Send one batch; how many seconds to wait before the next step (0: at once)."""
        others = [channel for channel, until in self.held.items() if until > time.monotonic()]
        batch = self.spool.next_batch(self.lane, others)
        if batch is None:
            return POLL_SECONDS / 5
        try:
            answer = self.client.request("POST", "/api/v1/ingest", batch.body, _headers(batch))
        except (OSError, http.client.HTTPException) as error:
            if self.failures >= UNREACHABLE_TRIES:
                self.spool.alarm("unreachable", f"The server cannot be reached ({error}); rows wait in the spool.")
            return self._back_off()
        return self._obey(batch, answer)

    def _obey(self, batch: Batch, answer: Answer) -> float:
        counted = answer.json()
        if answer.status == OK and "stored" in counted:
            if counted["stored"] + counted.get("duplicate", 0) == batch.n_rows:
                self.spool.acknowledge(batch)
            else:
                self.spool.reject(batch, answer.status, answer.body)  # the rows are kept where a person sees them
            self.spool.clear("unauthorised", "not_barograph", "unreachable", "settings")
            self.spool.clear("second_agent", channel=batch.channel)
        elif counted.get("code") == "second_agent":
            text = "Another agent writes to it: release it on the page Instruments."
            self.spool.alarm("second_agent", text, batch.channel)
            self.held[batch.channel] = time.monotonic() + (answer.retry_after or LONGEST_WAIT_SECONDS)
        elif answer.status == TOO_LARGE and batch.n_rows > 1:
            self.spool.halve(batch)
        elif answer.is_about_this:
            self.spool.reject(batch, answer.status, answer.body)
        else:
            return self._wait_after(batch, answer)
        self.failures = 0
        return 0.0

    def _wait_after(self, batch: Batch, answer: Answer) -> float:
        """Seconds to wait after an answer that says nothing of the batch, which stays."""
        if answer.status in UNAUTHORISED:
            alarm_refusal(self.spool, answer)
            return LONGEST_WAIT_SECONDS
        if answer.status in (TOO_MANY, UNAVAILABLE, NO_ROOM):
            wait = answer.retry_after
            return self._back_off() if wait is None else wait * random.uniform(1.0, 1.2)
        if answer.status >= SERVER_ERROR:
            self.spool.count_try(batch)
        else:
            server = self.client.settings.server
            self.spool.alarm("not_barograph", f"{server} answered {answer.status}: is it Barograph?")
        return self._back_off()

    def _back_off(self) -> float:
        wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(self.failures, 20), LONGEST_WAIT_SECONDS)
        self.failures += 1
        return wait * random.uniform(0.5, 1.0)


def alarm_refusal(spool: Spool, answer: Answer) -> None:
    """Say that the token does not serve, and in the server's words why; what waits stays in the spool."""
    why = str(answer.json().get("error", ""))[:200]
    spool.alarm("unauthorised", f"The server refuses this agent ({answer.status}): renew its token. {why}".strip())


def _headers(batch: Batch) -> dict[str, str]:
    return {
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
        "Idempotency-Key": batch.key,
        "Content-Digest": f"sha-256=:{batch.digest}:",
    }


class Agent:
    """Everything together: reads in its main thread, and sends, beats and uploads in others."""

    def __init__(self, settings: Settings, spool: Spool) -> None:
        """Nothing runs before `run`."""
        self.settings, self.spool = settings, spool
        self.stop = threading.Event()
        self.client = Client(settings)
        self.beats = Client(settings)
        self.clients = [self.client, self.beats]
        self.tails: list[CsvTail] = []
        self.lines: list[Lines] = []
        self.files_due = self.drop_due = 0.0
        self.refused: dict[str, float] = {}
        """Channels that the token does not name, and until when the server is not asked again."""

    def profile(self) -> Mapping[str, Any]:
        """The server's names of columns; as it gave them last where it cannot be reached."""
        return load_profile(self.client, self.spool)

    def run(self) -> None:
        """Read and send until `stop` is set; the very first time the server is waited for."""
        profile = self.profile()
        while not profile and not self.stop.wait(SLOW_POLL_SECONDS):
            profile = self.profile()
        for source in self.settings.source:
            if source.kind == "csv":
                self.tails.append(CsvTail(source, self.spool, profile))
            elif source.kind != "folder":
                self.lines.append(Lines(source, self.spool, profile, self.stop))
                self.lines[-1].start()
        steps: list[Callable[[], float]] = [self._beat]
        steps += [Sender(self.spool, self._connection(), lane).step for lane in range(LANES)]
        folders = [source for source in self.settings.source if source.kind == "folder"]
        steps += [FolderWatch(source, self.spool, self._connection()).poll for source in folders]
        threads = [threading.Thread(target=self._keep, args=(step,), daemon=True) for step in steps]
        for thread in threads:
            thread.start()
        self._keep(self.pass_once)
        self.pass_once()  # what came since is safe in the spool before the end
        for thread in [*threads, *(lines.thread for lines in self.lines)]:
            thread.join(2.0)
        self.close()

    def close(self) -> None:
        """Close its connections."""
        for client in self.clients:
            client.close()

    def _connection(self) -> Client:
        """One more connection to the server."""
        self.clients.append(Client(self.settings))
        return self.clients[-1]

    def _keep(self, step: Callable[[], float]) -> None:
        """Do a step again and again until asked to stop; a fault is an alarm and stops nothing else."""
        wait = 0.0
        while not self.stop.wait(wait):
            try:
                wait = step()
            except AgentError as error:
                self.spool.alarm("settings", str(error))
                wait = LONGEST_WAIT_SECONDS / 6
            except Exception as error:
                LOG.exception("An unexpected fault")
                wait = LONGEST_WAIT_SECONDS / 6
                with suppress(sqlite3.Error):
                    self.spool.alarm("fault", f"{type(error).__name__}: {error}")

    def pass_once(self) -> float:
        """Read every source into the spool once; how many seconds to wait until the next time."""
        waiting = self.spool.waiting_batches()
        more = False
        if self.files_due <= time.monotonic():
            for tail in self.tails:
                if self._is_numbered(tail.source.channel):
                    tail.poll()
                    more = more or tail.more
            self.files_due = time.monotonic() + (LAZY_POLL_SECONDS if waiting > MANY_BATCHES else 0.0)
        for lines in self.lines:
            if self._is_numbered(lines.source.channel):
                lines.poll()
        if self.drop_due <= time.monotonic():
            self.spool.live(LONGEST_WAIT_SECONDS if self.drop_due else 0.0)
            self.spool.drop_older_than(self.settings.buffer_days)
            self.drop_due = time.monotonic() + LONGEST_WAIT_SECONDS
        return 0.0 if more else POLL_SECONDS if waiting < 2 * LANES else SLOW_POLL_SECONDS

    def _is_numbered(self, channel: str) -> bool:
        """Whether the next number of a channel is known; a new spool asks the server for it."""
        if self.spool.last_sequence(channel) is None:
            if self.refused.get(channel, 0.0) > time.monotonic():
                return False
            state = self.channel_state(channel)
            if state is None:
                return False
            self.spool.begin(channel, state)
        return True

    def channel_state(self, channel: str) -> Mapping[str, Any] | None:
        """What the server has of a channel, empty for a new one; None where it cannot be asked."""
        try:
            answer = self.client.request("GET", f"/api/v1/channels/{quote(channel, safe='')}/state")
        except (OSError, http.client.HTTPException):
            return None
        if answer.status == NOT_FOUND:
            return {}
        if answer.status in UNAUTHORISED:
            alarm_refusal(self.spool, answer)  # without the next number nothing of the channel is read
            self.refused[channel] = time.monotonic() + LONGEST_WAIT_SECONDS
        return answer.json() if answer.status == OK else None

    def _beat(self) -> float:
        """Tell the server that this agent lives and what it holds."""
        alarms = self.spool.alarms()
        beat = {
            "agent": self.settings.agent,
            "version": VERSION,
            "time": iso(now()),
            "channels": sorted({source.channel for source in self.settings.source}),
            **self.spool.backlog(),
            "rejected": len(rejected(self.spool)),
            "alarm": alarms[0]["text"] if alarms else "",
            "alarms": alarms[:50],
        }
        sent = {"Content-Type": "application/json"}
        with suppress(OSError, http.client.HTTPException):
            self.beats.request("POST", "/api/v1/agents/heartbeat", _json(beat).encode(), sent)
        return HEARTBEAT_SECONDS


def load_profile(client: Client, spool: Spool) -> Mapping[str, Any]:
    """The server's names of columns, kept in the spool for the times when it cannot be reached."""
    try:
        answer = client.request("GET", "/api/v1/profiles")
        if answer.status == OK and "columns" in answer.json():
            spool.set_meta("profile", _text(answer.body))
        elif answer.status in UNAUTHORISED:
            alarm_refusal(spool, answer)
    except (OSError, http.client.HTTPException) as error:
        LOG.debug("The server cannot be reached (%s); its names of columns are taken from the spool.", error)
    kept = spool.meta("profile")
    found: Mapping[str, Any] = json.loads(kept) if kept else {}
    return found


# -- Commands ---------------------------------------------------------------------------------------------------------


def run(settings: Settings) -> int:
    """Read and send until Ctrl-C or TERM; 0."""
    spool = Spool(settings.spool, settings.agent)
    try:
        spool.take()
        agent = Agent(settings, spool)
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: agent.stop.set())
        LOG.info("Agent %s sends %d sources to %s", settings.agent, len(settings.source), settings.server)
        agent.run()
    finally:
        spool.close()
    return 0


def check(settings: Settings) -> int:
    """Say what each source shows and what would be sent; 1 where something is to be mended."""
    spool = Spool(settings.spool, settings.agent)
    agent = Agent(settings, spool)
    problems: list[str] = []
    try:
        profile = agent.profile()
        _say(f"Agent {settings.agent}, server {settings.server}")
        if not profile:
            problems.append("The server cannot be reached and its names of columns are not in the spool.")
        for source in settings.source:
            _say(f"\nChannel {source.channel} ({source.kind} {source.path or source.port or ' '.join(source.command)})")
            state = agent.channel_state(source.channel)
            if state is None:
                problems.append(f"{source.channel}: the server does not answer, or refuses this agent.")
            else:
                _say(f"  the server has rows up to number {state.get('last_sequence') or 0}")
            if source.kind == "csv":
                problems += _check_csv(source, CsvTail(source, spool, profile))
            elif source.kind == "folder":
                _say(f"  {len(glob.glob(source.path))} files")
            else:
                problems += _check_lines(Lines(source, spool, profile, threading.Event()))
    finally:
        agent.close()
        spool.close()
    _say("\n" + ("\n".join(f"TO MEND: {text}" for text in problems) or "Nothing to mend."))
    return 1 if problems else 0


def _check_lines(lines: Lines) -> list[str]:
    channel = lines.source.channel
    lines.spool.clear("source", channel=channel)
    lines.start()
    try:
        row = lines.waiting.get(timeout=CHECK_SECONDS)
    except queue.Empty:
        reasons = [alarm["text"] for alarm in lines.spool.alarms() if alarm["channel"] == channel]
        return [f"{channel}: no row came in {CHECK_SECONDS:.0f} s. {' '.join(reasons)}".strip()]
    finally:
        lines.stop.set()
        lines.thread.join(2.0)
    _say(f"  a row would be sent as {_json(row)}")
    return []


def _check_csv(source: Source, tail: CsvTail) -> list[str]:
    paths = tail.paths()
    if not paths:
        return [f"{source.channel}: there is no file {source.path}"]
    path = paths[-1]
    stat = path.stat()
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES * 16)
    table = find_table(head, tail.names, source)
    _say(f"  {len(paths)} files, the newest is {path.name}, {stat.st_size} bytes")
    if table is None:
        return [f"{source.channel}: no header with known names was found in {path.name}"]
    meaning = Meaning(table, tail.names, source)
    _say(f"  {table.encoding}, cells parted by {table.delimiter!r}, decimal mark {table.decimal or 'not seen yet'}")
    for place, sent in meaning.fields.items():
        _say(f"  {table.cells[place]!r} is sent as {sent} {meaning.units.get(sent, '')}".rstrip())
    if meaning.date is not None:
        _say(f"  {table.cells[meaning.date]!r} is the wall clock")
    for cell, reason in meaning.left_out.items():
        _say(f"  {cell!r} is NOT sent: {reason}")
    state: dict[str, Any] = {**vars(table), "rows": 0, "key": None, "marks": {}}
    lines = cut_lines(head[table.header_bytes :], table.encoding)
    rows, unreadable = tail.read_lines(lines, state, stat)
    _say(f"  the first of its rows would be sent as {_json(rows[0])}" if rows else "  it has no row yet")
    unsaid = [f"{source.channel}: {cell!r}: {why}" for cell, why in meaning.left_out.items() if "unit" in why]
    if not {"voltage_volt", "surface_pressure_mpa", "force_newton"} & set(meaning.fields.values()):
        unsaid.append(f"{source.channel}: neither voltage nor pressure nor force was found")
    return unsaid + [f"{source.channel}: {text!r}: {why}" for text, why in unreadable[:5]]


def status(settings: Settings) -> int:
    """Say what was sent last, what waits and which alarms stand; 1 where there is one."""
    spool = Spool(settings.spool, settings.agent)
    try:
        figures, alarms = spool.backlog(), spool.alarms()
        last, oldest = figures["last_sent_unix_second"], figures["oldest_unsent_second"]
        _say(f"Last sent: {_ago(None if last is None else time.time() - last)}")
        _say(f"Unsent: {figures['waiting_rows']} rows in {figures['waiting_batches']} batches")
        age = "none" if oldest is None else _ago(oldest)
        _say(f"Oldest unsent: {age}; rows are kept for {settings.buffer_days:g} days")
        _say(f"Rejected: {len(rejected(spool))} batches in {spool.folder / 'rejected'}")
        for alarm in alarms:
            since = _ago(time.time() - alarm["last_unix_second"])
            _say(f"ALARM {alarm['code']} {alarm['channel']}: {alarm['text']} ({alarm['n']} x, {since})")
    finally:
        spool.close()
    return 1 if alarms else 0


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    return f"{seconds:.0f} s ago" if seconds < 10 * LONGEST_WAIT_SECONDS else f"{seconds / 3600:.1f} h ago"


def rejected(spool: Spool) -> list[Path]:
    """The batches that the server refused."""
    return sorted((spool.folder / "rejected").glob("*.ndjson.gz"))


def resend(settings: Settings) -> int:
    """Put rejected batches back, under new keys, and take back the alarms; for after the reason was mended."""
    spool = Spool(settings.spool, settings.agent)
    try:
        for path in rejected(spool):
            rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
            spool.seal(rows[0]["channel"], rows, time.time())
            path.unlink()
            path.with_name(path.name.replace(".ndjson.gz", ".answer.json")).unlink(missing_ok=True)
            _say(f"{rows[0]['channel']}: {len(rows)} rows wait to be sent again")
        for alarm in spool.alarms():
            spool.clear(alarm["code"], channel=alarm["channel"])
    finally:
        spool.close()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    commands = {"run": run, "check": check, "status": status, "resend": resend}
    parser = argparse.ArgumentParser(prog="barograph_agent", description="Sends an instrument's rows to Barograph.")
    parser.add_argument("command", nargs="?", choices=list(commands), default="run")
    parser.add_argument("--config", type=Path, default=Path("agent.toml"), help="file of settings (agent.toml)")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        return commands[options.command](load_settings(options.config))
    except AgentError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
