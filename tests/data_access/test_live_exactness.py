"""The rule of the store for live batches: every read equals a plain table in memory.

However rows are cut, shuffled, repeated, sealed and given to cells; each is counted once as stored, duplicate or
conflict.
"""

import hashlib
import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select

from data_access.database import reading
from data_access.live.batches import LiveBatch, LiveRow
from data_access.models import Series
from data_access.queries import load_channel, load_new_records, load_series
from data_access.series import load_records, seal
from data_access.writes import assign_channel, create_cell, store_batches

NOW = 1_795_000_000.0
START = NOW - 10_000
CHANNELS = ("A01", "B02")
"""The rows of the first have their wall clock only, those of the second the instrument's test time too."""
Values = tuple[float, float, float]  # raw time, voltage, current


def values_of(channel: str, sequence: int, variant: int) -> Values:
    """What a row says; variants differ."""
    time = float(sequence) if channel == "B02" else START + sequence
    voltage = np.nan if sequence % 11 == 0 else 3.0 + (sequence % 7) / 10
    return time, voltage, float(np.sin(sequence)) + variant


def row_of(channel: str, sequence: int, variant: int) -> LiveRow:
    """The row as it is sent."""
    time, voltage, current = values_of(channel, sequence, variant)
    values = {"voltage_volt": voltage, "current_ampere": current}
    kept = {name: value for name, value in values.items() if not np.isnan(value)}
    given = time if channel == "B02" else None
    return LiveRow(channel, sequence, START + sequence, 0.0, kept, test_time_second=given)


def batch_of(key: str, rows: list[LiveRow], text: str = "") -> LiveBatch:
    """A sealed batch."""
    payload = (text or repr(rows)).encode()
    return LiveBatch(key, "lab", hashlib.sha256(payload).hexdigest(), payload, NOW, list(rows))


class LiveExactness(RuleBasedStateMachine):
    """Drives two channels and two cells; dictionaries are the truth."""

    engine: Engine

    @initialize()
    def start(self) -> None:
        """Fresh cells and channels; the names differ from run to run."""
        run = np.random.default_rng().integers(2**60)
        self.cells: list[int | None] = [create_cell(self.engine, {"name": f"{run} {i}"}).id for i in range(2)]
        self.name = {channel: f"{channel} {run}" for channel in CHANNELS}
        self.stored: dict[str, dict[int, Values]] = {channel: {} for channel in CHANNELS}
        self.owners: dict[str, list[tuple[int, int | None]]] = {channel: [(0, None)] for channel in CHANNELS}
        self.sent: dict[str, tuple[LiveBatch, int, list[dict[str, Any]]]] = {}
        self.run = run

    def send(self, rows: list[tuple[str, int, int]]) -> None:
        """Send one batch under a new key, and compare what became of it with the model."""
        named = [row_of(channel, sequence, variant) for channel, sequence, variant in rows]
        named = [
            LiveRow(self.name[r.channel], *(getattr(r, slot) for slot in LiveRow.__slots__[1:]))  # the run's channel
            for r in named
        ]
        stored, conflicts = 0, []
        for channel, sequence, variant in sorted(rows, key=lambda one: one[1]):
            own = self.stored[channel]
            if sequence not in own:
                own[sequence] = values_of(channel, sequence, variant)
                stored += 1
            elif not np.array_equal(own[sequence], values_of(channel, sequence, variant), equal_nan=True):
                conflicts.append({"channel": self.name[channel], "sequence": sequence})
        batch = batch_of(f"lab:{self.run}-{len(self.sent)}", named)
        answer = store_batches(self.engine, [batch])[0]
        assert (answer.stored, answer.duplicate) == (stored, len(rows) - stored - len(conflicts))
        assert by_number(answer.conflicts) == by_number(conflicts)
        assert answer.last_sequences == {
            self.name[channel]: max(self.stored[channel]) for channel in {one[0] for one in rows}
        }
        self.sent[batch.key] = batch, len(rows) - len(conflicts), answer.conflicts

    @rule(
        data=st.data(),
        start=st.integers(0, 200),
        size=st.integers(1, 40),
        step=st.sampled_from([1, 1, 3]),
        variant=st.sampled_from([0, 0, 0, 1]),
        channels=st.sampled_from([("A01",), ("B02",), CHANNELS]),
    )
    def send_shuffled(  # noqa: PLR0913, PLR0917
        self, data: st.DataObject, start: int, size: int, step: int, variant: int, channels: tuple[str, ...]
    ) -> None:
        """Rows come shuffled, late, repeated, some with other values, of one or two channels."""
        numbers = data.draw(st.permutations(range(start, start + size * step, step)))
        again = data.draw(st.lists(st.sampled_from(numbers), max_size=4))
        rows = [(channel, number, 0) for number in numbers for channel in channels]
        self.send(rows + [(channels[0], number, variant) for number in again])

    @rule(channel=st.sampled_from(CHANNELS), size=st.integers(1, 40))
    def send_next(self, channel: str, size: int) -> None:
        """Rows come as they should."""
        first = max(self.stored[channel], default=-1) + 1
        self.send([(channel, number, 0) for number in range(first, first + size)])

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A batch whose acknowledgement was lost: nothing is stored, the conflicts are told again."""
        batch, agreed, conflicts = self.sent[data.draw(st.sampled_from(sorted(self.sent)))]
        answer = store_batches(self.engine, [batch])[0]
        assert (answer.stored, answer.duplicate, answer.conflicts, answer.again) == (0, agreed, conflicts, True)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def use_a_key_again(self, data: st.DataObject) -> None:
        """Another payload under a key that was used: nothing of it is stored."""
        key = data.draw(st.sampled_from(sorted(self.sent)))
        other = batch_of(key, [row_of("A01", 999, 0)], "other content")
        assert store_batches(self.engine, [other])[0].verdict == "other_content"

    @rule(channel=st.sampled_from(CHANNELS))
    def seal(self, channel: str) -> None:
        """Hot rows are sealed."""
        for series_id in self.series(channel):
            seal(self.engine, series_id)

    @precondition(lambda self: any(self.stored.values()))
    @rule(data=st.data(), which=st.sampled_from([0, 1, None]))
    def assign(self, data: st.DataObject, which: int | None) -> None:
        """The rows from some number on, or the next, become those of a cell, or of none."""
        channel = data.draw(st.sampled_from([one for one in CHANNELS if self.stored[one]]))
        behind = max(self.stored[channel]) + 1
        first = data.draw(st.integers(0, behind))
        cell_id = None if which is None else self.cells[which]
        version = load_channel(self.engine, self.name[channel]).version
        assign_channel(self.engine, self.name[channel], cell_id, version=version, from_sequence=first)
        self.owners[channel] = [one for one in self.owners[channel] if one[0] < first] + [(first, cell_id)]

    def series(self, channel: str) -> list[int]:
        """Every series of a channel."""
        name = self.name[channel]
        with reading(self.engine) as session:
            return list(session.scalars(select(Series.id).where(Series.channel == name)))

    def truth(self, channel: str, cell_id: int | None) -> dict[int, Values]:
        """What a cell must have of a channel."""
        owners = self.owners[channel]
        return {
            number: values
            for number, values in self.stored[channel].items()
            if [owner for first, owner in owners if first <= number][-1] == cell_id
        }

    def read(self, series_id: int) -> dict[int, Values]:
        """What a series holds."""
        table = load_records(self.engine, series_id, columns=["voltage_volt", "current_ampere"])
        rows = table[["test_time_second", "voltage_volt", "current_ampere"]].itertuples(index=False, name=None)
        return dict(zip(table["sequence"].tolist(), rows, strict=True))

    @invariant()
    def every_row_is_read_where_it_belongs(self) -> None:
        """Each cell has exactly its rows, each row is in one series only."""
        for channel in CHANNELS:
            parts = {series_id: self.read(series_id) for series_id in self.series(channel)}
            assert sum(map(len, parts.values())) == len(self.stored[channel])
            check(self.stored[channel], {k: v for part in parts.values() for k, v in part.items()})
            for cell_id in self.cells:
                own = {one.id for one in load_series(self.engine, cell_id or 0)} & parts.keys()
                check(self.truth(channel, cell_id), {k: v for i in own for k, v in parts[i].items()})

    @rule(channel=st.sampled_from(CHANNELS), limit=st.sampled_from([1, 7, 5000]))
    def follow(self, channel: str, limit: int) -> None:
        """Whoever asks for what comes after the last row that it has gets every row once."""
        for series_id in self.series(channel):
            seen: list[int] = []
            while len(part := load_new_records(self.engine, series_id, seen[-1] if seen else -1, [], limit)):
                seen += part["sequence"].tolist()
            assert seen == sorted(self.read(series_id))


def by_number(conflicts: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Conflicts in an order."""
    return sorted((one["channel"], one["sequence"]) for one in conflicts)


def check(truth: dict[int, Values], read: dict[int, Values]) -> None:
    """Whether two tables are the same to the last bit."""
    assert sorted(truth) == sorted(read)
    for number, values in truth.items():
        assert np.array_equal(values, read[number], equal_nan=True), number


def run_on(engine: Engine, examples: int) -> None:
    """Run the machine on a database."""
    run_state_machine_as_test(
        type("LiveExactness", (LiveExactness,), {"engine": engine}),
        settings=settings(
            max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck),
            database=None, print_blob=True,
        ),
    )  # fmt: skip


@pytest.mark.usefixtures("tiny_chunks")
def test_live_exactness_on_sqlite(engine: Engine) -> None:
    """On SQLite every read equals a plain table, after any mix of batches and assignments."""
    run_on(engine, int(os.environ.get("EXACTNESS_EXAMPLES", "12")))


@pytest.mark.usefixtures("tiny_chunks")
def test_live_exactness_on_postgresql(postgres_engine: Engine) -> None:
    """On PostgreSQL every read equals a plain table, after any mix of batches and assignments."""
    run_on(postgres_engine, int(os.environ.get("EXACTNESS_EXAMPLES", "4")))
