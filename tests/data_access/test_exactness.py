"""The rule of the store: after any mix of writes every read equals a plain table in memory.

Chunks and levels are made tiny here, so that a few hundred records pass through every level, and every write
meets chunks that are full, partial, reopened and split.
"""

import os

import numpy as np
import pandas as pd
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
from sqlalchemy import Engine

from data_access.series import append_rows, create_series, load_overview, load_records, seal
from data_access.series import store_records as store_file
from data_access.writes import (
    create_cell,
    create_import,
    create_test,
    delete_import,
    finish_import,
    restore_import,
    store_source_file,
)
from pressiometry.errors import InvalidInputError

QUANTITIES = ("voltage_volt", "current_ampere", "surface_pressure_mpa")
Row = tuple[float, ...]  # time, then QUANTITIES
LIVE = 0


def row_of(sequence: int, variant: int) -> Row:
    """One record: equal stamps in pairs, NaN in some, quantities absent in long runs; variants differ."""
    voltage = np.nan if sequence % 11 == 0 else 3.0 + (sequence % 7) / 10 + variant
    pressure = np.nan if sequence % 40 < 20 else 70 + sequence / 3
    return (float(sequence // 2), voltage, float(np.sin(sequence)), pressure)


def table_of(rows: list[tuple[int, Row]]) -> pd.DataFrame:
    """The rows as a table, columns that nothing measured left out."""
    table = pd.DataFrame([row for _, row in rows], columns=["test_time_second", *QUANTITIES], dtype=np.float64)
    table.insert(0, "sequence", np.array([sequence for sequence, _ in rows], np.int64))
    return table.drop(columns=[name for name in QUANTITIES if table[name].isna().all()])


def equal(left: Row, right: Row) -> bool:
    """Whether two rows agree; not measured agrees with not measured."""
    return np.array_equal(left, right, equal_nan=True)


class Exactness(RuleBasedStateMachine):
    """Drives one series by files, live rows, late rows, repetitions, deletions; a dictionary is the truth."""

    engine: Engine

    @initialize()
    def start(self) -> None:
        """A fresh series of a fresh cell."""
        cell = create_cell(self.engine, {"name": f"cell {np.random.default_rng().integers(2**60)}"})
        self.cell_id = cell.id
        self.series_id = create_series(self.engine, create_test(self.engine, cell.id).id, "cycler", "A01", "A01").id
        self.strands: dict[int, dict[int, Row]] = {LIVE: {}}
        self.deleted: set[int] = set()

    def visible(self) -> dict[int, Row]:
        """What reads must give."""
        shown: dict[int, Row] = {}
        for import_id in sorted(set(self.strands) - self.deleted, reverse=True):
            shown |= self.strands[import_id]
        return shown

    def admit(self, import_id: int, rows: list[tuple[int, Row]]) -> tuple[int, int, int]:
        """Take rows into the model: numbers of stored, duplicate and quarantined ones."""
        stored = duplicate = quarantined = 0
        own = self.strands[import_id]
        others = [self.strands[other] for other in set(self.strands) - self.deleted - {import_id}]
        firsts: dict[int, Row] = {}
        for sequence, row in sorted(rows, key=lambda pair: pair[0]):
            if sequence in firsts:
                same = equal(firsts[sequence], row)
                duplicate, quarantined = duplicate + same, quarantined + (not same)
                continue
            firsts[sequence] = row
            there = [strand[sequence] for strand in (own, *others) if sequence in strand]
            if not all(equal(row, one) for one in there):
                quarantined += 1
                continue
            duplicate += bool(there)
            if sequence not in own:
                own[sequence] = row
                stored += 1
        return stored, duplicate, quarantined

    def write(self, import_id: int, rows: list[tuple[int, Row]], *, bulk: bool) -> None:
        """Write to the store and to the model, and compare what became of the rows."""
        if not rows:
            return
        writer = store_file if bulk else append_rows
        done = writer(self.engine, self.series_id, table_of(rows), import_id or None)
        assert (done.stored, done.duplicate, done.quarantined) == self.admit(import_id, rows)

    @rule(
        start=st.integers(0, 250),
        size=st.integers(1, 120),
        step=st.sampled_from([1, 1, 2, 5]),
        variant=st.sampled_from([0, 0, 0, 1]),
    )
    def import_file(self, start: int, size: int, step: int, variant: int) -> None:
        """A file comes in, as a new import."""
        source = store_source_file(self.engine, f"{self.cell_id}-{len(self.strands)}", "a.csv", 1, "a")
        job = create_import(self.engine, source_file_id=source.id, name="a.csv", cell_id=self.cell_id, status="reading")
        self.strands[job.id] = {}
        self.deleted.add(job.id)  # not seen before it is finished
        self.write(job.id, [(i, row_of(i, variant)) for i in range(start, start + size * step, step)], bulk=True)
        finish_import(self.engine, job.id, rows_stored=0)
        self.deleted.discard(job.id)

    @rule(data=st.data(), start=st.integers(0, 300), size=st.integers(1, 40), variant=st.sampled_from([0, 0, 0, 1]))
    def append_shuffled(self, data: st.DataObject, start: int, size: int, variant: int) -> None:
        """Live rows come shuffled, late, repeated, some with other values."""
        sequences = data.draw(st.permutations(range(start, start + size)))
        again = data.draw(st.lists(st.sampled_from(sequences), max_size=5))
        rows = [(i, row_of(i, 0)) for i in sequences] + [(i, row_of(i, variant)) for i in again]
        self.write(LIVE, rows, bulk=False)

    @rule(start=st.integers(0, 300), size=st.integers(1, 100))
    def store_live_in_bulk(self, start: int, size: int) -> None:
        """Rows without a file are stored in bulk."""
        self.write(LIVE, [(i, row_of(i, 0)) for i in range(start, start + size)], bulk=True)

    @precondition(lambda self: set(self.strands) - self.deleted - {LIVE})
    @rule(data=st.data(), bulk=st.booleans(), size=st.integers(1, 60))
    def send_again(self, data: st.DataObject, bulk: bool, size: int) -> None:  # noqa: FBT001
        """An import sends more rows, or the same again, overlapping what it has."""
        import_id = data.draw(st.sampled_from(sorted(set(self.strands) - self.deleted - {LIVE})))
        start = data.draw(st.integers(0, 300))
        self.write(import_id, [(i, row_of(i, 0)) for i in range(start, start + size)], bulk=bulk)

    @rule()
    def seal(self) -> None:
        """Hot rows are sealed."""
        seal(self.engine, self.series_id)

    @precondition(lambda self: set(self.strands) - self.deleted - {LIVE})
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """An import is deleted: its records and nothing else."""
        import_id = data.draw(st.sampled_from(sorted(set(self.strands) - self.deleted - {LIVE})))
        delete_import(self.engine, import_id)
        self.deleted.add(import_id)

    @precondition(lambda self: self.deleted)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """A deleted import is restored, unless others now hold other values for its records."""
        import_id = data.draw(st.sampled_from(sorted(self.deleted)))
        shown = self.visible()
        if all(equal(row, shown.get(i, row)) for i, row in self.strands[import_id].items()):
            restore_import(self.engine, import_id)
            self.deleted.discard(import_id)
        else:
            with pytest.raises(InvalidInputError):
                restore_import(self.engine, import_id)

    @invariant()
    def every_record_is_read(self) -> None:
        """load_records gives exactly the model."""
        expected = sorted(self.visible().items())
        read = load_records(self.engine, self.series_id, columns=QUANTITIES)
        assert read["sequence"].tolist() == [sequence for sequence, _ in expected]
        values = np.array([row for _, row in expected]).reshape(-1, 1 + len(QUANTITIES))
        np.testing.assert_array_equal(read[["test_time_second", *QUANTITIES]].to_numpy(), values)

    @rule(low=st.integers(-5, 160), width=st.integers(0, 80))
    def read_range(self, low: int, width: int) -> None:
        """A range of time gives exactly the model's records of that range."""
        read = load_records(self.engine, self.series_id, columns=["voltage_volt"], t_from=low, t_to=low + width)
        expected = [i for i, row in sorted(self.visible().items()) if low <= row[0] <= low + width]
        assert read["sequence"].tolist() == expected

    @rule(
        low=st.one_of(st.none(), st.integers(-5, 160)), width=st.integers(0, 200), points=st.sampled_from([16, 40, 100])
    )
    def read_overview(self, low: int | None, width: int, points: int) -> None:
        """An overview keeps the extremes of every column and lies within the range."""
        high = None if low is None else low + width
        drawn = load_overview(self.engine, self.series_id, QUANTITIES, low, high, points)
        rows = [row for row in self.visible().values() if low is None or (high is not None and low <= row[0] <= high)]
        assert drawn["test_time_second"].is_monotonic_increasing
        for position, name in enumerate(QUANTITIES, start=1):
            measured = [row[position] for row in rows if not np.isnan(row[position])]
            shown = drawn[name].dropna()
            assert (shown.min(), shown.max()) == (min(measured), max(measured)) if measured else shown.empty
            if measured:
                times = [row[0] for row in rows]
                shown_times = drawn.loc[shown.index, "test_time_second"]
                assert shown_times.between(min(times), max(times)).all()


def run_on(engine: Engine, examples: int) -> None:
    """Run the machine on a database."""
    machine = type("Exactness", (Exactness,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck),
            database=None, print_blob=True,
        ),
    )  # fmt: skip


@pytest.mark.usefixtures("tiny_chunks")
def test_exactness_on_sqlite(engine: Engine) -> None:
    """On SQLite every read equals a plain table, after any mix of writes."""
    run_on(engine, int(os.environ.get("EXACTNESS_EXAMPLES", "15")))


@pytest.mark.usefixtures("tiny_chunks")
def test_exactness_on_postgresql(postgres_engine: Engine) -> None:
    """On PostgreSQL every read equals a plain table, after any mix of writes."""
    run_on(postgres_engine, int(os.environ.get("EXACTNESS_EXAMPLES", "6")))
