"""Files that share records: stored in any order they give the true table, and undone they leave no hole."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_cycles, load_import, load_quarantine
from data_access.series import load_cell_records
from data_access.writes import create_cell
from ingest import storing, worker
from ingest.answers import answer_import, redo_import, undo_import
from ingest.upload import receive_upload
from ingest.worker import work_once

pytestmark = pytest.mark.usefixtures("read_here")

NAMES = {
    "test_time_second": "Test_Time(s)",
    "voltage_volt": "Voltage(V)",
    "current_ampere": "Current(A)",
    "instrument_cycle_count": "Cycle_Index",
    "surface_pressure_mpa": "Pressure(MPa)",
    "surface_temperature_celsius": "Temperature (C)",
}
NEEDED = ("test_time_second", "voltage_volt", "current_ampere")
OPTIONAL = tuple(name for name in NAMES if name not in NEEDED)
Send = Callable[..., Import]


def truth(count: int = 400) -> pd.DataFrame:
    """A synthetic test: cycles of an hour, a record every minute."""
    number = np.arange(count)
    phase = number % 60
    state = np.where(phase < 30, phase / 30, 2 - phase / 30)
    current = np.where(phase < 30, 1e-3, -1e-3)
    return pd.DataFrame(
        {
            "test_time_second": 60.0 * number,
            "voltage_volt": np.round(3.4 + 0.7 * state + 40 * current + 1e-4 * (number // 60), 5),
            "current_ampere": current,
            "instrument_cycle_count": number // 60 + 1.0,
            "surface_pressure_mpa": np.round(70 + 2 * state, 4),
            "surface_temperature_celsius": np.round(60 + np.sin(number / 9), 2),
        }
    )


NUMBERS = itertools.count()


@pytest.fixture
def new_cell(engine: Engine) -> Callable[[], int]:
    """Make a cell to import into."""
    return lambda: create_cell(engine, {"name": f"In0-{next(NUMBERS)}", "active_mass_mg": 16.72}).id


@pytest.fixture
def send(engine: Engine, data_dir: Path, tmp_path: Path) -> Send:
    """Have a table imported for a cell with confirm=auto, and perhaps answered."""

    def send_table(cell_id: int, table: pd.DataFrame, name: str, **answers: str) -> Import:
        path = tmp_path / "sent"
        path.write_text(table.rename(columns=NAMES).to_csv(index=False))
        with path.open("rb") as stream:
            job, _ = receive_upload(engine, stream, name=name, data_dir=data_dir, cell_id=cell_id, confirm="auto")
        work(engine, data_dir)
        for code, answer in answers.items():
            assert [question["code"] for question in load_import(engine, job.id).questions] == [code]
            answer_import(engine, job.id, {code: answer})
            work(engine, data_dir)
        return load_import(engine, job.id)

    return send_table


def work(engine: Engine, data_dir: Path) -> None:
    """Let the worker do all that is queued."""
    while work_once(engine, data_dir):
        pass


def asked(engine: Engine, job: Import) -> list[str]:
    """Codes of what an import asks now."""
    now = load_import(engine, job.id)
    return [question["code"] for question in now.questions] if now.status == "asks" else []


def there(engine: Engine, cell_id: int) -> pd.DataFrame:
    """The cell's records, as far as the truth has them."""
    records = load_cell_records(engine, cell_id)
    return records.reindex(columns=list(NAMES)).astype(float)


def assert_is(engine: Engine, cell_id: int, expected: pd.DataFrame) -> None:
    """Every record once, with every value that any file had."""
    expected = expected.reindex(columns=list(NAMES)).astype(float).reset_index(drop=True)
    pd.testing.assert_frame_equal(there(engine, cell_id), expected, rtol=1e-9)


@st.composite
def splits(draw: st.DrawFn) -> list[tuple[int, int, tuple[str, ...]]]:
    """Files that overlap, each without some of the columns, in any order: first row, end, columns."""
    cuts = sorted(draw(st.lists(st.integers(40, 360), min_size=1, max_size=3, unique=True)))
    overlaps = draw(st.lists(st.integers(12, 80), min_size=len(cuts), max_size=len(cuts)))
    ends = [*(min(cut + more, 400) for cut, more in zip(cuts, overlaps, strict=True)), 400]
    chosen = st.lists(st.sampled_from(OPTIONAL), unique=True).map(tuple)
    files = [(start, end, draw(chosen)) for start, end in zip([0, *cuts], ends, strict=True)]
    return draw(st.permutations(files))


def union(parts: list[tuple[int, int, tuple[str, ...]]]) -> pd.DataFrame:
    """What files of the truth hold together."""
    whole = truth()
    held = pd.DataFrame(np.nan, index=whole.index, columns=whole.columns)
    for start, end, columns in parts:
        held.loc[start : end - 1, [*NEEDED, *columns]] = whole.loc[start : end - 1, [*NEEDED, *columns]]
    return held.dropna(subset=["test_time_second"])


@given(splits())
@settings(max_examples=5)
def test_overlapping_files_in_any_order_give_the_true_table(
    engine: Engine, new_cell: Callable[[], int], send: Send, parts: list[tuple[int, int, tuple[str, ...]]]
) -> None:
    """Every record once, with all that any of the files has of it; nothing is asked but a place that is not told."""
    cell_id = new_cell()
    for number, (start, end, columns) in enumerate(parts):
        table = truth()[start:end][[*NEEDED, *columns]]
        job = send(cell_id, table, f"{number}.csv")
        if [question["code"] for question in job.questions] == ["placement"]:
            job = send(cell_id, table, f"{number}.csv", placement="same_clock")
        assert job.status == "stored", (job.questions, job.problems)
    assert_is(engine, cell_id, union(parts))


@given(splits(), st.data())
@settings(max_examples=4)
def test_an_undone_file_takes_its_own_and_nothing_else(  # noqa: PLR0913, PLR0917 - what an undo needs
    engine: Engine,
    data_dir: Path,
    new_cell: Callable[[], int],
    send: Send,
    parts: list[tuple[int, int, tuple[str, ...]]],
    data: st.DataObject,
) -> None:
    """Whichever of the files is undone, the others give all that they hold; brought back, it is as before."""
    cell_id = new_cell()
    parts = sorted(parts)  # so that no place is asked
    order = data.draw(st.sampled_from([parts, parts[::-1]]))
    jobs = [send(cell_id, truth()[a:b][[*NEEDED, *columns]], f"{k}.csv") for k, (a, b, columns) in enumerate(order)]
    undone = data.draw(st.integers(0, len(order) - 1))
    undo_import(engine, jobs[undone].id)
    work(engine, data_dir)
    for job in jobs:
        if asked(engine, job) == ["placement"]:  # what joined it to the others is gone
            answer_import(engine, job.id, {"placement": "same_clock"})
            work(engine, data_dir)
    assert_is(engine, cell_id, union([part for k, part in enumerate(order) if k != undone]))
    redo_import(engine, jobs[undone].id)
    work(engine, data_dir)
    assert_is(engine, cell_id, union(parts))


@given(
    st.sampled_from([(0, 250), (0, 400), (100, 250), (100, 400), (0, 120)]),
    st.sampled_from([name for name in NAMES if name != "test_time_second"]),
    st.sampled_from([(1.02, 0.0), (2.0, 0.0), (1.0, 3.0)]),
    st.sampled_from([1, 5, 400]),
)
@settings(max_examples=6, phases=[Phase.generate])
def test_altered_values_are_asked_for_or_kept_aside(  # noqa: PLR0913, PLR0917 - one altered file
    engine: Engine,
    new_cell: Callable[[], int],
    send: Send,
    rows: tuple[int, int],
    name: str,
    change: tuple[float, float],
    count: int,
) -> None:
    """Never silently dropped and never doubled: a question, or lines that are kept aside."""
    cell_id = new_cell()
    send(cell_id, truth()[:250], "a.csv")
    new = truth()[slice(*rows)].reset_index(drop=True)
    altered = change[0] * new.loc[20 : 19 + count, name] + change[1]
    new.loc[20 : 19 + count, name] = np.ceil(altered) if name == "instrument_cycle_count" else altered
    job = send(cell_id, new, "b.csv")
    if count > 5 or job.status == "asks":
        assert (job.status, bool(job.questions), len(there(engine, cell_id))) == ("asks", True, 250)
    else:
        assert (job.rows_quarantined, len(load_quarantine(engine, job.id))) == (count, count)
        aside = [problem["line"] for problem in job.problems if problem["code"] == "differs_from_stored"]
        assert aside == [22 + k for k in range(count)]
        assert len(there(engine, cell_id)) == max(250, rows[1])
        assert_is(engine, cell_id, truth()[: max(250, rows[1])])


def test_column_that_an_overlapping_file_brings_is_added(
    engine: Engine, new_cell: Callable[[], int], send: Send
) -> None:
    """Rows 0-249 without a pressure, rows 100-399 with it: the common ones have it, and so have their cycles."""
    cell_id = new_cell()
    send(cell_id, truth()[:250].drop(columns="surface_pressure_mpa"), "a.csv")
    job = send(cell_id, truth()[100:], "b.csv")
    assert (job.status, job.rows_stored) == ("stored", 300)
    assert "Pressure of these records is added" in " ".join(note["text"] for note in job.assumptions)
    expected = truth()
    expected.loc[:99, "surface_pressure_mpa"] = np.nan
    assert_is(engine, cell_id, expected)
    cycles = load_cycles(engine, cell_id)
    assert cycles["p_eoc_mpa"].notna().tolist()[3:6] == [True] * 3


@pytest.mark.parametrize(("answer", "pressure"), [("add", 0.0), ("replace", 5.0)])
def test_the_answer_says_which_pressure_holds(
    engine: Engine, new_cell: Callable[[], int], send: Send, answer: str, pressure: float
) -> None:
    """The stored one or the new one in the common records; all others are kept."""
    cell_id = new_cell()
    send(cell_id, truth()[:250], "a.csv")
    other = truth()[100:].assign(surface_pressure_mpa=lambda t: t.surface_pressure_mpa + 5)
    job = send(cell_id, other, "b.csv", replacing=answer)
    assert job.status == "stored"
    expected = truth()
    expected.loc[100:249, "surface_pressure_mpa"] += pressure
    expected.loc[250:, "surface_pressure_mpa"] += 5
    assert_is(engine, cell_id, expected)


def test_import_that_comes_back_while_another_is_stored(
    engine: Engine,
    data_dir: Path,
    new_cell: Callable[[], int],
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was planned without its records is planned anew: nothing doubles."""
    cell_id = new_cell()
    first = send(cell_id, truth()[:250], "a.csv")
    second = send(cell_id, truth()[100:], "b.csv")
    undo_import(engine, first.id)
    store = storing.store_import

    def meanwhile(*arguments: Any) -> Import | None:
        monkeypatch.setattr(worker, "store_import", store)
        redo_import(engine, first.id)
        return store(*arguments)

    monkeypatch.setattr(worker, "store_import", meanwhile)
    work(engine, data_dir)
    assert load_import(engine, second.id).rows_stored == 150
    assert_is(engine, cell_id, truth())


def test_restoring_what_was_merged_without_another(
    engine: Engine, data_dir: Path, new_cell: Callable[[], int], send: Send
) -> None:
    """Both undone, the leaning one restored: it has its own rows alone; then the other: every record once."""
    cell_id = new_cell()
    first = send(cell_id, truth()[:250], "a.csv")
    second = send(cell_id, truth()[100:], "b.csv")
    assert (second.rows_stored, second.rows_duplicate) == (150, 150)
    undo_import(engine, second.id)
    undo_import(engine, first.id)
    redo_import(engine, second.id)
    work(engine, data_dir)
    assert_is(engine, cell_id, truth()[100:])
