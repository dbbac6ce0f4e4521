"""A cell whose cycler's file and log both hold a pressure: one of them is asked for, and holds everywhere."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_cell_states, load_cycles, load_import
from data_access.series import load_cell_mechanical, load_cell_overview, load_cell_records
from data_access.writes import create_cell
from ingest.answers import answer_import, undo_import
from ingest.mechanical_twice import find_twice_measured
from ingest.merge_plan import StoredSegment
from ingest.upload import receive_upload
from ingest.worker import work_once

pytestmark = pytest.mark.usefixtures("read_here")

PRESSURE = "surface_pressure_mpa"
FILE_SWING, LOG_SWING = 2.0, 4.0
Send = Callable[..., Import]


def state(seconds: float) -> float:
    """Share of the charge at a time: an hour of charge, an hour of discharge, and so on."""
    phase = seconds / 3600 % 2
    return phase if phase < 1 else 2 - phase


def cycler(hours: int = 8, first: int = 0) -> str:
    """A synthetic export with a pressure column of its own, a record every minute."""
    lines = ["Test_Time(s),Current(A),Voltage(V),Pressure(MPa)"]
    for number in range(first * 60, hours * 60):
        current = 0.001 if number % 120 < 60 else -0.001
        here = state(60 * number)
        lines.append(f"{60 * number},{current},{3.4 + 0.7 * here + 40 * current:.4f},{70 + FILE_SWING * here:.4f}")
    return "\n".join(lines) + "\n"


def log(hours: int = 8) -> str:
    """A synthetic log of the same cell's pressure, a sample every half minute, with twice the swing."""
    rows = (f"{30 * n},{50 + LOG_SWING * state(30 * n):.4f}" for n in range(hours * 120))
    return "\n".join(["time/s,Pressure (MPa)", *rows]) + "\n"


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A cell to import into."""
    return create_cell(engine, {"name": "In0-3", "active_mass_mg": 16.72}).id


@pytest.fixture
def send(engine: Engine, data_dir: Path, tmp_path: Path, cell_id: int) -> Send:
    """Have text imported for the cell with confirm=auto, and perhaps one answer given."""

    def send_text(text: str, name: str, **answers: str) -> Import:
        path = tmp_path / "sent"
        path.write_text(text)
        with path.open("rb") as stream:
            job, _ = receive_upload(engine, stream, name=name, data_dir=data_dir, cell_id=cell_id, confirm="auto")
        work_once(engine, data_dir)
        if answers:
            answer_import(engine, job.id, answers)
            work_once(engine, data_dir)
        return load_import(engine, job.id)

    return send_text


def swings(engine: Engine, cell_id: int) -> tuple[float, float, float, float]:
    """Swing of the pressure in records and overview, the median one of the cycles, and the last value."""
    records = load_cell_records(engine, cell_id, columns=[PRESSURE])[PRESSURE]
    drawn = load_cell_overview(engine, cell_id, [PRESSURE])[PRESSURE][PRESSURE]
    in_cycles = load_cycles(engine, cell_id)["delta_delta_p_mpa"].median()
    return np.ptp(records.dropna()), np.ptp(drawn.dropna()), in_cycles, load_cell_states(engine)[PRESSURE].iloc[0]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("choice", "swing", "level"), [("log", LOG_SWING, 50), ("file", FILE_SWING, 70)])
def test_second_pressure_is_asked_about_and_the_chosen_one_holds_everywhere(  # noqa: PLR0913, PLR0917 - one table of cases
    engine: Engine, data_dir: Path, cell_id: int, send: Send, choice: str, swing: float, level: float, order: int
) -> None:
    """Nothing is stored before the answer; then records, overview, cycles and the last value have one source."""
    first, second = [(cycler(), "a.csv"), (log(), "force.csv")][::order]
    send(*first)
    waiting = send(*second)
    assert waiting.status == "asks"
    assert [question["code"] for question in waiting.questions] == ["mechanical_twice"]
    assert "force.csv" in waiting.questions[0]["text"]
    assert "a.csv" in waiting.questions[0]["text"]
    answer_import(engine, waiting.id, {"mechanical_twice": choice})
    work_once(engine, data_dir)
    stored = load_import(engine, waiting.id)
    assert stored.status == "stored"
    assert "mechanical_twice" in [note["code"] for note in stored.assumptions]
    in_records, drawn, in_cycles, last = swings(engine, cell_id)
    assert in_records == pytest.approx(swing, rel=0.01)
    assert drawn == pytest.approx(swing, rel=0.01)
    assert in_cycles == pytest.approx(swing, rel=0.05)
    assert last == pytest.approx(level, abs=0.2)
    assert (load_cell_mechanical(engine, cell_id) is None) == (choice == "file")


def test_later_files_follow_the_cells_choice_and_undo_takes_it_back(engine: Engine, cell_id: int, send: Send) -> None:
    """A longer export of the log is not asked about again; without any log the file's pressure holds."""
    send(cycler(), "a.csv")
    send(log(6), "force.csv", mechanical_twice="file")
    longer = send(log(8), "force-2.csv")
    assert longer.status == "stored"
    assert "supersedes" in [note["code"] for note in longer.assumptions]
    assert swings(engine, cell_id)[:2] == pytest.approx((FILE_SWING, FILE_SWING), rel=0.01)
    changed = send(log(9), "force-3.csv")
    undo_import(engine, changed.id)
    assert swings(engine, cell_id)[2] == pytest.approx(FILE_SWING, rel=0.05)


def test_file_of_another_cell_waits_for_its_cell_again(
    engine: Engine, data_dir: Path, cell_id: int, send: Send
) -> None:
    """The answer "another cell" takes the file from the cell; with the right one nothing is asked."""
    send(cycler(), "a.csv")
    moved = send(log(), "force.csv", mechanical_twice="another_cell")
    assert (moved.status, moved.cell_id) == ("asks", None)
    assert [question["code"] for question in moved.questions] == ["cell_id"]
    other = create_cell(engine, {"name": "In5-1"}).id
    answer_import(engine, moved.id, {"cell_id": other})
    work_once(engine, data_dir)
    assert load_import(engine, moved.id).status == "stored"
    assert load_cell_mechanical(engine, cell_id) is None


def test_different_quantities_are_not_the_same_signal_twice() -> None:
    """A dilatometer beside a file with a pressure is no second source of the pressure."""
    keys = pd.DataFrame({"test_time_second": []})
    stored = [StoredSegment(1, 1, "a.csv", "cycler", 0.0, keys, frozenset({PRESSURE}))]
    assert find_twice_measured("d.csv", "mechanical", {"thickness_micrometre"}, stored, None) is None
    assert find_twice_measured("b.csv", "cycler", {PRESSURE}, stored, None) is None
    assert find_twice_measured("p.csv", "mechanical", {PRESSURE}, stored, None) is not None
