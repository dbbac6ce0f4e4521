"""Which rows stay: repeated blocks go, rows without a time go, one channel of several; and where segments begin."""

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from ingest.reading.mapping import Plan
from ingest.reading.plausibility import Channel
from ingest.reading.segments import find_time_steps, number_segments

_MAX_CHANNELS = 64
_ROWS_PER_CHANNEL = 3
_AT_NEIGHBOUR = ("at_neighbour", "keep every row; a single one is put at the time of the row before it")
_BACKWARDS = (
    ("segments", "keep every row; a new segment begins at each step back"),
    ("set_aside", "set aside the rows whose time lies before that of earlier rows"),
)


@dataclass(slots=True)
class RowChoice:
    """Rows that stay (`keep`), their segments, and how many went for which reason."""

    keep: NDArray[np.bool_]
    segment: NDArray[np.int32]
    duplicates: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)

    @property
    def quarantined(self) -> int:
        """Rows set aside here, not by the reading of their cells."""
        return len(self.reasons)

    def apply(self, columns: dict[str, Floats], body: Body) -> None:
        """Drop the rows that do not stay from the columns and the body."""
        if self.keep.all():
            return
        body.keep(self.keep)
        self.segment = self.segment[self.keep]
        for name, values in columns.items():
            columns[name] = values[self.keep]


def choose_rows(columns: dict[str, Floats], plan: Plan, body: Body, findings: Findings) -> RowChoice:
    """The rows that stay and their segments, judged by the time, the repeated headers and the channel."""
    _one_channel(columns, plan, body, findings)
    time = columns["test_time_second"]
    source = plan.of("test_time_second") or plan.of("unix_time_second") or plan.of("date_time")
    title = source.source if source else "time"
    known = np.isfinite(time)
    reasons = [(int(line), f"{title}: the row has no time") for line in body.lines[~known]]
    if not known.all():
        body.keep(known)
        for name, values in columns.items():
            columns[name] = values[known]
        time = columns["test_time_second"]
    border = _after_headers(body)
    steps = find_time_steps(time, {**columns, **body.numbers}, border)
    choice = RowChoice(~steps.repeated, np.zeros(len(time), np.int32), int(steps.repeated.sum()), reasons)
    _report_repeated(steps.repeated, body, findings)
    starts = np.unique(np.concatenate([steps.restarts, np.flatnonzero(border & ~steps.repeated)]))
    starts = starts[starts > 0]
    if len(starts):
        first = int(body.lines[starts[0]])
        findings.warn(
            "time_restarts",
            f"The time starts again {len(starts)} times: a new segment begins at each",
            line=first,
            column=title,
        )
    choice.segment = number_segments(len(time), starts)
    if len(steps.backwards):
        _judge_backwards(choice, steps.backwards, Channel("test_time_second", title, time), body, findings)
    return choice


def _one_channel(columns: dict[str, Floats], plan: Plan, body: Body, findings: Findings) -> None:
    """Keep one channel of several; which one is asked."""
    source = plan.of("channel")
    if source is None or not 1 < len(body.channels) <= min(_MAX_CHANNELS, max(body.rows // _ROWS_PER_CHANNEL, 1)):
        return
    choices = tuple((name, f"channel {name}") for name in body.channels)
    text = f"{source.source} holds {len(choices)} channels: which one is this cell's?"
    name = findings.ask(Question("channel", text, choices, source.source), suggested=body.channels[0])
    mask = body.numbers["channel"] == body.channels.index(name)
    findings.assume("channel", f"Only channel {name} is read: {int((~mask).sum())} rows belong to other channels")
    body.keep(mask)
    for column, values in columns.items():
        columns[column] = values[mask]


def _after_headers(body: Body) -> NDArray[np.bool_]:
    """True for the first row after each repeated header."""
    border = np.zeros(body.rows, bool)
    places = np.searchsorted(body.lines, np.array(body.repeated_headers, np.int64))
    border[places[places < body.rows]] = True
    return border


def _report_repeated(repeated: NDArray[np.bool_], body: Body, findings: Findings) -> None:
    if not repeated.any():
        return
    places = np.flatnonzero(repeated)
    first, last = int(body.lines[places[0]]), int(body.lines[places[-1]])
    text = f"{len(places)} rows repeat the rows before them (lines {first} to {last}); they are read once"
    findings.warn("duplicate_rows", text, line=first)


def _are_single(time: Floats, places: NDArray[np.int64]) -> bool:
    """Whether time is back where it was after one row, at each of the steps back: wrong stamps, no other order."""
    return bool(places[-1] + 1 < len(time) and (time[places + 1] >= time[places - 1]).all())


def _judge_backwards(
    choice: RowChoice, places: NDArray[np.int64], clock: Channel, body: Body, findings: Findings
) -> None:
    """Ask what to do where time runs backwards without starting anew; new segments are shown meanwhile."""
    title, time = clock.source, clock.numbers
    first = int(body.lines[places[0]])
    single = _are_single(time, places)
    how = "each for a single row, " * single
    text = f"{title} runs backwards {len(places)} times ({how}first on line {first}): what shall be done?"
    findings.warn("time_backwards", f"{title} runs backwards {len(places)} times", line=first, column=title)
    question = Question("time_backwards", text, (*((_AT_NEIGHBOUR,) * single), *_BACKWARDS), title)
    answer = findings.ask(question, suggested=question.choices[0][0])
    if answer == "at_neighbour":
        time[places] = time[places - 1]
        if not findings.is_asked("time_backwards"):
            findings.assume("wrong_stamps", f"{title}: {len(places)} single rows are put at the time of the row before")
        return
    if answer == "segments":
        starts = np.flatnonzero(np.diff(choice.segment, prepend=choice.segment[:1]))
        choice.segment = number_segments(len(time), np.union1d(starts, places))
        return
    late = np.zeros(len(time), bool)
    borders = [0, *np.flatnonzero(np.diff(choice.segment)) + 1, len(time)]
    for begin, end in itertools.pairwise(borders):
        late[begin:end] = time[begin:end] < np.maximum.accumulate(time[begin:end])
    late &= choice.keep
    choice.keep &= ~late
    choice.reasons += [(int(line), f"{title}: earlier than the rows before it") for line in body.lines[late]]
