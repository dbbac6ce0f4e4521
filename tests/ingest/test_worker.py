"""From a queued import to stored records, and every way in which it can end otherwise."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Never

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_cell, load_cycles, load_import, load_profile, load_quarantine
from data_access.series import load_cell_mechanical, load_cell_records, load_series
from data_access.writes import create_cell, update_cell, update_import
from ingest import child, storing, worker
from ingest.answers import answer_import, cancel_import, redo_import, shown_status, undo_import
from ingest.close_cycles import close_cycles
from ingest.left_reading import load_table
from ingest.upload import receive_upload
from ingest.worker import finish_closing, sweep, work_once
from pressiometry.errors import InvalidInputError, RefusedFileError, StaleEditError, StoreBusyError

HEADER = "Test_Time(s),Cycle_Index,Current(A),Voltage(V)"


def cycling(
    cycles: int = 4, *, first: int = 0, extra: Callable[[int, float], str] | None = None, header: str = HEADER
) -> bytes:
    """A synthetic export: each cycle 60 records of charge and 60 of discharge, 60 s apart."""
    lines = [header]
    for number in range(first * 120, cycles * 120):
        phase = number % 120
        state = phase / 60 if phase < 60 else 2 - phase / 60
        current = 0.001 if phase < 60 else -0.001
        line = f"{number * 60},{number // 120 + 1},{current},{3.4 + 0.7 * state + 40 * current:.4f}"
        lines.append(line + (extra(number, state) if extra else ""))
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A cell to import into."""
    return create_cell(engine, {"name": "In0-3", "active_mass_mg": 16.72}).id


@pytest.fixture
def send(engine: Engine, data_dir: Path, tmp_path: Path) -> Callable[..., Import]:
    """Receive bytes and let the worker work on them."""

    def send_bytes(content: bytes, *, name: str = "a.csv", work: bool = True, **options: Any) -> Import:
        path = tmp_path / "sent"
        path.write_bytes(content)
        with path.open("rb") as stream:
            job, _ = receive_upload(engine, stream, name=name, data_dir=data_dir, **options)
        if work:
            assert work_once(engine, data_dir)
        return load_import(engine, job.id)

    return send_bytes


def answered(engine: Engine, data_dir: Path, import_id: int, answers: dict[str, Any]) -> Import:
    """The import after an answer and the worker's next turn."""
    answer_import(engine, import_id, answers)
    assert work_once(engine, data_dir)
    return load_import(engine, import_id)


def test_nothing_to_do_is_said(engine: Engine, data_dir: Path) -> None:
    """Without a queued import the worker has nothing to do."""
    assert work_once(engine, data_dir) is False


def test_unambiguous_file_is_stored_with_confirm_auto(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """confirm=auto stores every record, closes the cycles, and leaves no working files."""
    job = send(cycling(), cell_id=cell_id, confirm="auto")
    assert (job.status, job.rows_read, job.rows_stored, job.progress) == ("stored", 480, 480, 1.0)
    records = load_cell_records(engine, cell_id)
    assert len(records) == 480
    assert records["record_index"].iloc[0] == 2  # the line of the file: every point can be traced
    cycles = load_cycles(engine, cell_id)
    assert cycles["state"].tolist()[:3] == ["complete"] * 3
    assert cycles["cycle_discharging_capacity_ah"].iloc[0] == pytest.approx(0.001 * 59 / 60, rel=0.05)
    assert list((data_dir / "work").iterdir()) == []


def test_confirm_ask_waits_for_the_word(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """Nothing is stored before somebody says so; what was understood is there to look at."""
    job = send(cycling(), cell_id=cell_id)
    assert job.status == "asks"
    assert job.questions == []
    assert len(load_cell_records(engine, cell_id)) == 0
    assert {item["column"] for item in job.mapping} >= {"test_time_second", "voltage_volt", "current_ampere"}
    assert len(job.preview["cycles"]) == 4
    assert job.preview["shown_cycles"] == 3
    assert job.preview["head"][0][0] == 0.0
    job = answered(engine, data_dir, job.id, {"confirmed": True})
    assert job.status == "stored"
    assert len(load_cell_records(engine, cell_id)) == 480


def test_file_without_a_cell_asks_for_it(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """The cell is a question like any other; with its answer and confirm=auto the file is stored."""
    job = send(cycling(), confirm="auto")
    assert [question["code"] for question in job.questions] == ["cell_id"]
    job = answered(engine, data_dir, job.id, {"cell_id": cell_id})
    assert (job.status, job.cell_id) == ("stored", cell_id)


def test_refused_file_names_its_reason(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """A file that is no record of cycling is refused in words, and nothing of it is kept."""
    job = send(b"<!DOCTYPE html><html>Please log in</html>", cell_id=cell_id, confirm="auto")
    assert job.status == "refused"
    assert job.problems[-1]["fatal"]
    assert job.error_number is None
    assert len(load_cell_records(engine, cell_id)) == 0


def test_answer_is_remembered_for_the_header(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """What was chosen for one file is applied to the next with the same header, and stated as an assumption."""
    job = send(cycling(), cell_id=cell_id)
    job = answered(engine, data_dir, job.id, {"mapping": {"Voltage(V)": {"column": "voltage_volt", "unit": "mV"}}})
    assert job.status == "asks"
    assert job.preview["head"][0][job.preview["columns"].index("voltage_volt")] == pytest.approx(0.00344)
    answered(engine, data_dir, job.id, {"confirmed": True})
    assert load_profile(engine, job.fingerprint or "") is not None
    other = create_cell(engine, {"name": "In0-4"}).id
    again = send(cycling(2), cell_id=other, confirm="auto")
    assert [note["code"] for note in again.assumptions].count("remembered") == 1
    assert load_cell_records(engine, other)["voltage_volt"].iloc[0] == pytest.approx(0.00344)


def test_question_blocks_until_it_is_answered(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """confirm=auto does not guess: an ambiguous date is asked, and the answer's words are remembered."""
    lines = ["Date_Time,Test_Time(s),Current(A),Voltage(V)"]
    lines += [
        f"03/04/2024 {n // 60:02d}:{n % 60:02d}:00,{n * 60},{0.001 if n < 60 else -0.001},{3.5 + n / 1000}"
        for n in range(120)
    ]
    job = send("\n".join(lines).encode(), cell_id=cell_id, confirm="auto")
    assert job.status == "asks"
    (question,) = job.questions
    with pytest.raises(InvalidInputError) as wrong:
        answer_import(engine, job.id, {question["code"]: "neither", "nonsense": 1, "confirmed": 3, "cell_id": "x"})
    assert len(wrong.value.problems) == 4
    job = answered(engine, data_dir, job.id, {question["code"]: question["choices"][0][0]})
    assert job.status == "stored"
    profile = load_profile(engine, job.fingerprint or "")
    assert profile is not None
    assert profile.answers["given"][question["code"]]["name"] == job.name


def test_wrong_mappings_are_named_before_the_file_is_read_again(
    engine: Engine, send: Callable[..., Import], cell_id: int
) -> None:
    """A column the file lacks, a quantity we lack, a unit that is none: all problems at once."""
    job = send(cycling(), cell_id=cell_id)
    mapping = {
        "Nonsense": {"column": None},
        "Voltage(V)": {"column": "voltage_volt", "unit": "furlong"},
        "Current(A)": {"column": "wishes"},
        "Cycle_Index": 3,
        "Test_Time(s)": {"column": "test_time_second", "factor": "much"},
    }
    with pytest.raises(InvalidInputError) as wrong:
        answer_import(engine, job.id, {"mapping": mapping})
    assert len(wrong.value.problems) == 5
    with pytest.raises(InvalidInputError):
        answer_import(engine, job.id, {"mapping": ["x"]})
    with pytest.raises(InvalidInputError, match="cannot be taken"):
        answer_import(engine, job.id, {"cell_id": 999})


def test_only_a_waiting_import_takes_answers(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """An import that is stored, or still queued, is not answered."""
    job = send(cycling(), cell_id=cell_id, confirm="auto")
    with pytest.raises(StaleEditError):
        answer_import(engine, job.id, {"confirmed": True})


def test_same_bytes_do_not_enter_a_cell_twice(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """A file without a cell cannot be given to the cell that has its bytes already."""
    send(cycling(), cell_id=cell_id, confirm="auto")
    second = send(cycling())
    with pytest.raises(InvalidInputError) as wrong:
        answer_import(engine, second.id, {"cell_id": cell_id})
    assert "has these bytes already" in wrong.value.problems[0]


def test_force_becomes_pressure_over_the_cells_area(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """Force over 13 mm, in kgf: the force is kept, and another diameter changes the pressure (SCIENCE 1.2)."""
    content = cycling(extra=lambda _n, state: f",{900 + 27 * state:.2f}", header=f"{HEADER},Force (kgf)")
    send(content, cell_id=cell_id, confirm="auto")
    records = load_cell_records(engine, cell_id)
    assert records["force_newton"].iloc[0] == pytest.approx(900 * 9.80665)
    assert records["surface_pressure_mpa"].iloc[0] == pytest.approx(66.4946, rel=1e-5)
    before = load_cycles(engine, cell_id)["delta_delta_p_mpa"].iloc[1]
    cell = load_cell(engine, cell_id)
    update_cell(engine, cell_id, {"force_diameter_mm": 12.0}, version=cell.version)
    close_cycles(engine, cell_id)
    records = load_cell_records(engine, cell_id)
    assert records["surface_pressure_mpa"].iloc[0] == pytest.approx(66.4946 * (13 / 12) ** 2, rel=1e-5)
    assert load_cycles(engine, cell_id)["delta_delta_p_mpa"].iloc[1] == pytest.approx(before * (13 / 12) ** 2, rel=1e-3)


def test_pressure_that_a_file_gave_is_never_altered(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """A reported pressure stays, whatever the diameter."""
    content = cycling(extra=lambda _n, state: f",{68 + 2 * state:.3f}", header=f"{HEADER},Pressure (MPa)")
    send(content, cell_id=cell_id, confirm="auto")
    update_cell(engine, cell_id, {"force_diameter_mm": 12.0}, version=load_cell(engine, cell_id).version)
    close_cycles(engine, cell_id)
    assert load_cell_records(engine, cell_id)["surface_pressure_mpa"].iloc[0] == pytest.approx(68.0)


def test_force_log_becomes_a_series_of_its_own(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """A log of the same clock is joined to the cycler's records and drives the indicator with its own samples."""
    send(cycling(), cell_id=cell_id, confirm="auto")
    state = [n % 240 / 120 if n % 240 < 120 else 2 - n % 240 / 120 for n in range(960)]
    log = "time/s,Force (kgf)\n" + "".join(f"{30 * n},{900 + 27 * s:.1f}\n" for n, s in enumerate(state))
    job = send(log.encode(), name="force.csv", cell_id=cell_id, confirm="auto")
    assert job.status == "stored"
    assert {"same_clock", "force_area"} <= {note["code"] for note in job.assumptions}
    mechanical = load_cell_mechanical(engine, cell_id)
    assert mechanical is not None
    assert len(mechanical) == 960
    assert load_cycles(engine, cell_id)["delta_delta_p_q_mpa_g_per_ah"].notna().any()


def test_later_export_replaces_and_undo_restores(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """A re-export of the running test supersedes the first; undone, the first is back; redone, it is gone again."""
    first = send(cycling(2), cell_id=cell_id, confirm="auto")
    second = send(cycling(4), name="b.csv", cell_id=cell_id, confirm="auto")
    assert load_import(engine, first.id).superseded_by_id == second.id
    assert len(load_cell_records(engine, cell_id)) == 480
    undo_import(engine, second.id)
    assert len(load_cell_records(engine, cell_id)) == 240
    assert len(load_cycles(engine, cell_id)) == 2
    redo_import(engine, second.id)
    assert len(load_cell_records(engine, cell_id)) == 480


def test_continuation_with_an_overlap_does_not_double_a_record(
    engine: Engine, send: Callable[..., Import], cell_id: int
) -> None:
    """Daily splits with shared records give every record once."""
    send(cycling(3), cell_id=cell_id, confirm="auto")
    job = send(cycling(5, first=2), name="b.csv", cell_id=cell_id, confirm="auto")
    assert (job.rows_read, job.rows_duplicate, job.rows_stored) == (360, 120, 240)
    times = load_cell_records(engine, cell_id)["test_time_second"].to_numpy()
    assert np.array_equal(times, 60.0 * np.arange(600))


def test_records_that_contradict_stored_ones_are_kept_aside(
    engine: Engine, send: Callable[..., Import], cell_id: int
) -> None:
    """The stored record holds; the other one is in quarantine with its line."""
    send(cycling(3), cell_id=cell_id, confirm="auto")
    lines = cycling(5, first=2).decode().splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + ",3.9999"
    job = send("\n".join(lines).encode(), name="b.csv", cell_id=cell_id, confirm="auto")
    kept = load_quarantine(engine, job.id)
    assert kept["line"].tolist() == [4]
    assert "3.9999" in kept["text"].iloc[0]


def test_cancel_at_any_time_leaves_nothing(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancel while the records are being stored wins: none of them stays."""
    job = send(cycling(), cell_id=cell_id, confirm="auto", work=False)
    monkeypatch.setattr(worker, "HEARTBEAT_SECOND", 0.0)

    def cancel_while_storing(*arguments: Any, **options: Any) -> Any:
        cancel_import(engine, job.id)
        return original(*arguments, **options)

    original = storing.store_import
    monkeypatch.setattr(worker, "store_import", cancel_while_storing)
    assert work_once(engine, data_dir)
    assert load_import(engine, job.id).status == "cancelled"
    assert load_series(engine, cell_id) == []
    assert len(load_cell_records(engine, cell_id)) == 0
    with pytest.raises(StaleEditError):
        cancel_import(engine, job.id)


def test_undo_of_an_open_import_cancels_it(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """DELETE of an import that is under way discards it; shown states say what happened."""
    job = send(cycling(), cell_id=cell_id)
    assert shown_status(undo_import(engine, job.id)) == "cancelled"
    refused = send(b"nothing of use\n", name="c.csv")
    undo_import(engine, refused.id)
    assert redo_import(engine, refused.id).status == "refused"


def test_worker_that_is_stopped_gives_the_job_back(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """SIGTERM in the middle: nothing is stored, the job is queued as if it had never been claimed."""
    job = send(cycling(), cell_id=cell_id, confirm="auto", work=False)
    assert work_once(engine, data_dir, should_stop=lambda: True)
    again = load_import(engine, job.id)
    assert (again.status, again.attempts) == ("queued", 0)
    assert work_once(engine, data_dir)
    assert load_import(engine, job.id).status == "stored"


def test_database_that_is_held_only_delays_an_import(
    engine: Engine,
    data_dir: Path,
    send: Callable[..., Import],
    cell_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever step finds the database held, the import is neither refused nor lost, and is tried again."""
    monkeypatch.setattr(worker, "IDLE_SECOND", 0.0)
    for number, step in enumerate(("store_import", "plan_storing", "remember_answers", "discard_records")):
        held, plain = iter((True, True)), getattr(worker, step)

        def busy(*arguments: Any, plain: Any = plain, held: Any = held, **options: Any) -> Any:
            if next(held, False):
                raise StoreBusyError("The database is busy")
            return plain(*arguments, **options)

        job = send(
            cycling(4 * number + 4, first=4 * number), name=f"{number}.csv", cell_id=cell_id, confirm="auto", work=False
        )
        with monkeypatch.context() as patch:
            patch.setattr(worker, step, busy)
            stops = step == "discard_records"
            for _ in range(4):
                work_once(engine, data_dir, should_stop=iter([stops] + 1000 * [False]).__next__)
                stops = False
        stored = load_import(engine, job.id)
        assert (stored.status, stored.progress, stored.problems) == ("stored", 1.0, [])


def test_worker_outlives_a_database_that_is_held_when_it_claims(
    engine: Engine, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop goes on where nothing can be claimed or swept because another writer holds the database."""
    tries: list[str] = []

    def busy(name: str, *_: Any, **__: Any) -> Never:
        tries.append(name)
        if len(tries) > 3:
            signal.raise_signal(signal.SIGTERM)
        raise StoreBusyError("The database is busy")

    monkeypatch.setattr(worker, "IDLE_SECOND", 0.0)
    monkeypatch.setattr(child.Standby, "prepare", lambda _: None)
    monkeypatch.setattr(worker, "sweep", lambda *_: None if tries else busy("sweep"))
    monkeypatch.setattr(worker, "claim_import", partial(busy, "claim"))
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        worker.run_worker(engine.url.render_as_string(hide_password=False), data_dir)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert tries == ["sweep", "claim", "claim", "claim"]


def test_fault_of_the_reader_gets_a_number(
    send: Callable[..., Import], cell_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is refused with a number that stands in the log; nothing is half-stored."""
    for fault in (child.ReadingFaultError("Traceback ..."), RuntimeError("surprise")):

        def fail(*_: Any, error: Exception = fault, **__: Any) -> Never:
            raise error

        monkeypatch.setattr(child, "read_in_child", fail)
        job = send(cycling(3), name=f"{fault}.csv", cell_id=cell_id)
        assert job.status == "refused"
        assert job.error_number
        assert job.error_number in job.problems[-1]["text"]


def test_failure_while_storing_leaves_none_of_its_records(
    engine: Engine, send: Callable[..., Import], cell_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that fails after some records were written removes them."""

    def fail_late(*_: Any, **__: Any) -> Never:
        raise RuntimeError("the disk")

    monkeypatch.setattr("ingest.storing.finish_import", fail_late)
    job = send(cycling(), cell_id=cell_id, confirm="auto")
    assert job.status == "refused"
    assert load_series(engine, cell_id) == []


def test_lost_worker_is_tried_once_more_and_then_refused(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """A job whose worker died twice is refused with a number, not tried for ever."""
    job = send(cycling(), cell_id=cell_id, confirm="auto", work=False)
    long_ago = pd.Timestamp("2020-01-01", tz="UTC").to_pydatetime()
    update_import(engine, job.id, status="reading", attempts=1, heartbeat_at=long_ago)
    assert work_once(engine, data_dir)
    assert load_import(engine, job.id).status == "stored"
    other = send(cycling(1), name="b.csv", cell_id=cell_id, work=False)
    update_import(engine, other.id, status="reading", attempts=2, heartbeat_at=long_ago)
    assert work_once(engine, data_dir) is False
    refused = load_import(engine, other.id)
    assert refused.status == "refused"
    assert refused.error_number


def test_cycles_are_closed_after_a_worker_died_between(
    engine: Engine, send: Callable[..., Import], cell_id: int
) -> None:
    """Stored records whose cycles were not computed get them when a worker starts; until then it is not done."""
    job = send(cycling(), cell_id=cell_id, confirm="auto")
    update_import(engine, job.id, progress=0.95)
    assert shown_status(load_import(engine, job.id)) == "reading"
    finish_closing(engine)
    assert load_import(engine, job.id).progress == 1.0


def test_working_files_of_ended_imports_are_swept(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """What an open import needs stays; what a cancelled one, or none, left behind goes."""
    job = send(cycling(), cell_id=cell_id)
    (data_dir / "work" / "import-999").mkdir()
    sweep(engine, data_dir)
    assert [path.name for path in (data_dir / "work").iterdir()] == [f"import-{job.id}"]
    cancel_import(engine, job.id)
    sweep(engine, data_dir)
    assert list((data_dir / "work").iterdir()) == []


def reached(engine: Engine, import_id: int, progress: float) -> bool:
    """Whether the import is being worked on, and so far; or done before we looked."""
    job = load_import(engine, import_id)
    return job.status == "stored" or (job.status == "reading" and job.progress >= progress)


def done(engine: Engine, import_id: int) -> bool:
    """Whether the import is stored and its cycles are closed."""
    return shown_status(load_import(engine, import_id)) == "stored"


def start_worker(engine: Engine, data_dir: Path) -> "subprocess.Popen[bytes]":
    """The worker as the supervisor starts it."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "ingest.worker", "--database-url", url, "--data-dir", str(data_dir)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])  # noqa: S603


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_kill_in_the_middle_leaves_nothing_half_stored(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """After kill -9 while reading or storing readers see no record; the next worker stores all of them once."""
    job = send(cycling(300), cell_id=cell_id, confirm="auto", work=False)
    for progress in (0.0, 0.6):
        process = start_worker(engine, data_dir)
        wait_until(partial(reached, engine, job.id, progress))
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen = load_import(engine, job.id)
        if seen.status == "stored":
            break
        assert len(load_cell_records(engine, cell_id, columns=["voltage_volt"])) == 0
        update_import(engine, job.id, attempts=1, heartbeat_at=pd.Timestamp("2020-01-01", tz="UTC").to_pydatetime())
    process = start_worker(engine, data_dir)
    wait_until(partial(done, engine, job.id))
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    times = load_cell_records(engine, cell_id, columns=["voltage_volt"])["test_time_second"].to_numpy()
    assert np.array_equal(times, 60.0 * np.arange(36_000))


def limits(memory: int = 2**30, seconds: int = 60) -> child.Limits:
    """Limits of a reading."""
    return child.Limits(memory, seconds)


def test_reading_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """The wall clock ends a reading with a sentence, and its process with it."""
    path = tmp_path / "a.csv"
    path.write_bytes(cycling(20))
    standby = child.Standby()
    standby.prepare()
    started = standby._child
    with pytest.raises(RefusedFileError, match="stopped after 0 s"):
        child.read_in_child(path, "a.csv", {}, tmp_path / "work", limits=limits(seconds=0), standby=standby)
    standby.close()
    assert started is not None
    assert started.returncode is not None


def test_reading_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    """The limit of memory holds in the child; the worker lives on."""
    path = tmp_path / "a.csv"
    path.write_bytes(cycling(2000))
    with pytest.raises((RefusedFileError, child.ReadingFaultError)):
        child.read_in_child(path, "a.csv", {}, tmp_path / "work", limits=limits(memory=2**28))


@pytest.mark.parametrize(
    ("returncode", "expected"),
    [(-signal.SIGXCPU, "stopped after"), (-signal.SIGKILL, "memory"), (3, "The reader failed")],
)
def test_every_end_of_a_child_means_something(returncode: int, expected: str) -> None:
    """A child that ended without an answer is explained by how it ended."""
    with pytest.raises((RefusedFileError, child.ReadingFaultError), match=expected):
        child._explain_end(returncode, "a.csv", limits())


def test_child_says_how_it_went(tmp_path: Path) -> None:
    """Progress and done, refused, faulty answers, out of memory, fault: each is one message, nothing is raised."""
    path = tmp_path / "a.csv"
    path.write_bytes(cycling())
    said: list[dict[str, Any]] = []
    request = {"path": str(path), "name": "a.csv", "answers": {}, "folder": str(tmp_path / "w"), "memory_byte": 2**30}

    def serve(request: dict[str, Any]) -> None:
        with ThreadPoolExecutor(1) as threads:
            child.serve(request, said.append, threads)

    serve(request)
    assert said[-1] == {"done": True}
    assert len(load_table(tmp_path / "w")) == 480
    assert json.loads((tmp_path / "w" / "reading.json").read_text())["answers"] == {}
    serve({**request, "answers": {"mapping": {"x": {"column": "voltage_volt"}}}})
    assert said[-1]["refused"]["code"] == "answers"
    path.write_bytes(b"")
    serve(request)
    assert "refused" in said[-1]
    serve({**request, "path": str(tmp_path / "absent")})
    assert "FileNotFoundError" in said[-1]["fault"]
    with pytest.MonkeyPatch.context() as patch:

        def no_memory(*_: Any, **__: Any) -> Never:
            raise MemoryError

        patch.setattr(child, "read_export", no_memory)
        serve(request)
    assert said[-1]["refused"]["code"] == "too_much_memory"


def test_child_dies_with_its_worker() -> None:
    """A child that waits for its request ends when the pipe from its worker ends."""
    waiting = child.start_child()
    assert waiting.stdin is not None
    waiting.stdin.close()
    assert waiting.wait(30) == 0
    child.end_child(waiting)


def test_decimal_commas_and_a_foreign_encoding_are_among_the_assumptions(
    send: Callable[..., Import], cell_id: int
) -> None:
    """What is not the usual notation is said; what is, is not."""
    usual = send(cycling(), cell_id=cell_id)
    assert {"decimal_comma", "encoding"}.isdisjoint(note["code"] for note in usual.assumptions)
    text = cycling().decode().replace(",", ";").replace(".", ",").replace("Voltage(V)", "Voltage(V);Größe")
    lines = text.splitlines()
    german = "\n".join([lines[0], *(f"{line};ä" for line in lines[1:])]) + "\n"
    job = send(german.encode("cp1252"), name="de.csv", cell_id=cell_id)
    said = {note["code"]: note["text"] for note in job.assumptions}
    assert said["decimal_comma"] == "Decimal comma, in all 480 rows."
    assert "cp1252" in said["encoding"]
