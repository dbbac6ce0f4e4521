"""What was answered for one file and the next file with its header: applied, contradicted, changed, forgotten."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_import
from data_access.series import load_cell_records
from data_access.writes import create_cell
from ingest.answers import answer_import, redo_import, undo_import
from ingest.upload import receive_upload
from ingest.worker import work_once
from pressiometry.errors import InvalidInputError

pytestmark = pytest.mark.usefixtures("read_here")

HEADER = "Test_Time(s),Current(A),Voltage(V)"
Send = Callable[..., Import]


def cycling(sign: float = 1.0, *, shift: float = 0.0, header: str = HEADER, last: str = "") -> str:
    """Two synthetic cycles of a cell with a resistance; sign -1: positive discharges, 0: the current has no sign."""
    lines = []
    for number in range(240):
        charging = number % 120 < 60
        state = number % 60 / 60 if charging else 1 - number % 60 / 60
        current = 0.001 if charging else -0.001
        said = abs(current) if sign == 0 else sign * current
        lines.append(f"{60 * number},{said},{3.4 + shift + 0.7 * state + 40 * current:.4f}{last}")
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture
def send(engine: Engine, data_dir: Path, tmp_path: Path) -> Send:
    """Receive text for a new cell, or for this one, and let the worker work on it."""

    def send_text(text: str, *, name: str = "one.csv", cell_id: int | None = None, confirm: Any = "auto") -> Import:
        path = tmp_path / "sent"
        path.write_text(text)
        cell = cell_id or create_cell(engine, {"name": f"cell of {name}"}).id
        with path.open("rb") as stream:
            job, _ = receive_upload(engine, stream, name=name, data_dir=data_dir, cell_id=cell, confirm=confirm)
        work_once(engine, data_dir)
        return load_import(engine, job.id)

    return send_text


@pytest.fixture
def answered(engine: Engine, data_dir: Path) -> Callable[..., Import]:
    """Answer an import and let the worker read it again."""

    def answer(job: Import, **answers: Any) -> Import:
        answer_import(engine, job.id, answers)
        work_once(engine, data_dir)
        return load_import(engine, job.id)

    return answer


def asked(job: Import) -> list[str]:
    """Codes of the open questions."""
    return [question["code"] for question in job.questions]


def current(engine: Engine, job: Import) -> float:
    """The first stored current, which charges."""
    assert job.cell_id is not None
    return float(load_cell_records(engine, job.cell_id)["current_ampere"].iloc[0])


def remembered(job: Import) -> list[str]:
    """What was taken over from an earlier file, in words."""
    return [note["text"] for note in job.assumptions if note["code"] == "remembered"]


@pytest.fixture
def flipped(send: Send, answered: Callable[..., Import]) -> Import:
    """A stored file whose positive current discharges, as was answered."""
    job = send(cycling(-1))
    assert asked(job) == ["current_sign"]
    job = answered(job, current_sign="discharge")
    assert job.status == "stored"
    return job


def test_an_answer_serves_the_next_file_where_its_question_arises(engine: Engine, send: Send, flipped: Import) -> None:
    """A second flipped file is stored without a question; whose answer was taken over stands among the assumptions."""
    job = send(cycling(-1, shift=0.01), name="two.csv")
    assert (job.status, current(engine, job), current(engine, flipped)) == ("stored", 0.001, 0.001)
    (text,) = remembered(job)
    assert f"As answered for one.csv on {flipped.created_at.date()}: positive current discharges." in text


@pytest.mark.usefixtures("flipped")
def test_an_answer_never_turns_a_file_that_is_right(engine: Engine, send: Send) -> None:
    """The question does not arise where the voltage says that positive current charges."""
    job = send(cycling(), name="right.csv")
    assert (job.status, current(engine, job), remembered(job)) == ("stored", 0.001, [])


@pytest.mark.usefixtures("flipped")
def test_a_current_without_a_sign_is_another_question(send: Send) -> None:
    """The answer to the flipped sign says nothing of a current that has none."""
    job = send(cycling(0), name="unsigned.csv")
    assert (job.status, asked(job)) == ("asks", ["current_unsigned"])


def test_an_answer_against_the_evidence_holds_for_its_file_only(send: Send, answered: Callable[..., Import]) -> None:
    """Who says that positive charges against the voltage says so for one file; the next file is asked again."""
    assert answered(send(cycling(-1)), current_sign="charge").status == "stored"
    job = send(cycling(-1, shift=0.01), name="two.csv")
    assert (job.status, asked(job)) == ("asks", ["current_sign"])
    assert "Answered for one.csv on" in job.questions[0]["text"]


@pytest.mark.usefixtures("flipped")
def test_a_remembered_answer_is_shown_and_may_be_changed(
    engine: Engine, send: Send, answered: Callable[..., Import]
) -> None:
    """With confirm=ask the question stands there answered; another answer replaces it, also in the memory."""
    job = send(cycling(-1, shift=0.01), name="two.csv", confirm="ask")
    (question,) = job.preview["answered_questions"]
    assert (job.questions, question["code"], question["answer"]) == ([], "current_sign", "discharge")
    assert question["remembered"]
    with pytest.raises(InvalidInputError):
        answer_import(engine, job.id, {"current_sign": "sideways"})
    job = answered(job, current_sign="charge")
    assert (job.preview["answered_questions"][0]["answer"], remembered(job)) == ("charge", [])
    job = answered(job, confirmed=True)
    assert (job.status, current(engine, job)) == ("stored", -0.001)
    assert asked(send(cycling(-1, shift=0.02), name="three.csv")) == ["current_sign"]


def test_an_undone_import_is_forgotten(engine: Engine, send: Send, flipped: Import) -> None:
    """What was answered for an import goes with it, and comes back with it."""
    undo_import(engine, flipped.id)
    assert asked(send(cycling(-1, shift=0.01), name="two.csv")) == ["current_sign"]
    redo_import(engine, flipped.id)
    assert asked(send(cycling(-1, shift=0.02), name="three.csv")) == []


def test_an_undone_import_takes_its_columns_and_no_others(
    engine: Engine, send: Send, answered: Callable[..., Import]
) -> None:
    """Chosen columns are forgotten one by one: what another import said of its column stays."""
    header = f"{HEADER},x,y"
    first = send(cycling(header=header, last=",25,7"), confirm="ask")
    answered(answered(first, mapping={"x": {"column": "surface_temperature_celsius"}}), confirmed=True)
    second = send(cycling(shift=0.01, header=header, last=",25,7"), name="two.csv", confirm="ask")
    assert len(remembered(second)) == 1
    answered(answered(second, mapping={"y": {"column": "instrument_cycle_count"}}), confirmed=True)
    undo_import(engine, first.id)
    third = send(cycling(shift=0.02, header=header, last=",25,7"), name="three.csv", confirm="ask")
    assert [text[:21] for text in remembered(third)] == ["As chosen for two.csv"]


def test_a_channel_belongs_to_its_cell(engine: Engine, send: Send, answered: Callable[..., Import]) -> None:
    """The next file of the same cell takes its channel over; another cell is asked, and so is a file without it."""
    header = f"{HEADER},Channel"

    def two(names: str, shift: float) -> str:
        lines = [
            cycling(shift=shift + k / 10, last=f",{name}").splitlines()[1:] for k, name in enumerate(names.split())
        ]
        rows = [line for pair in zip(*lines, strict=True) for line in pair]
        return "\n".join([header, *rows]) + "\n"

    first = send(two("A1 A2", 0.0))
    assert answered(first, channel="A2").status == "stored"
    second = send(two("A1 A2", 0.01), name="two.csv", cell_id=first.cell_id)
    assert asked(second) == ["placement"]  # the same times, and nearly the same values
    assert answered(second, placement="directly_after").status == "stored"
    assert asked(send(two("A1 A2", 0.02), name="three.csv")) == ["channel"]
    other = send(two("B1 B2", 0.03), name="four.csv", cell_id=first.cell_id)
    assert (other.status, asked(other)) == ("asks", ["channel", "placement"])
    assert answered(other, channel="B1", placement="directly_after").status == "stored"
    assert other.cell_id is not None
    assert np.isfinite(load_cell_records(engine, other.cell_id)["voltage_volt"]).all()


def test_a_column_is_known_by_its_name_however_it_is_spelled(send: Send, answered: Callable[..., Import]) -> None:
    """Capitals and blanks make no other header: the choice is found under the new spelling, not refused."""
    job = send(cycling(header=f"{HEADER},My Column", last=",70.5"), confirm="ask")
    said = {"My Column": {"column": "surface_pressure_mpa", "unit": "MPa"}}
    answered(answered(job, mapping=said), confirmed=True)
    job = send(cycling(shift=0.01, header=f"{HEADER},my_column", last=",70.5"), name="two.csv")
    assert job.status == "stored"
    assert "my_column is surface_pressure_mpa in MPa" in remembered(job)[0]


def test_a_time_zone_that_does_not_exist_is_no_answer(
    engine: Engine, send: Send, answered: Callable[..., Import]
) -> None:
    """It is said at once, and the import goes on waiting."""
    lines = [f"{line},2024-01-13 {n // 60:02d}:{n % 60:02d}:00" for n, line in enumerate(cycling().splitlines()[1:])]
    job = send("\n".join([f"{HEADER},Date", *lines]) + "\n", confirm="ask")
    with pytest.raises(InvalidInputError, match="cannot be taken"):
        answer_import(engine, job.id, {"time_zone": "Moon/Base"})
    job = answered(job, time_zone="Asia/Seoul")
    assert job.preview["answered_questions"][0]["answer"] == "Asia/Seoul"


def test_a_force_is_judged_by_its_cell(engine: Engine, send: Send, answered: Callable[..., Import]) -> None:
    """Kilograms under "N" are asked as soon as the cell is known; the next cell's file is stored without a question."""
    log = "time/s,Force (N)\n" + "".join(f"{60 * n},{940 + n % 30}\n" for n in range(200))
    cells = [create_cell(engine, {"name": name, "applied_pressure_mpa": 70.0}).id for name in "ab"]
    free = create_cell(engine, {"name": "c"}).id
    assert send(log, cell_id=free).status == "stored"  # nothing is known to judge it by
    job = send(log, cell_id=cells[0])
    assert (job.status, asked(job)) == ("asks", ["force_unit"])
    assert answered(job, force_unit="kgf").status == "stored"
    assert load_cell_records(engine, cells[0])["surface_pressure_mpa"].iloc[0] == pytest.approx(69.45, rel=1e-3)
    job = send(log.replace("940", "941"), name="two.csv", cell_id=cells[1])
    assert (job.status, len(remembered(job))) == ("stored", 1)


def test_answer_reaches_files_with_the_same_header_that_wait(
    engine: Engine, data_dir: Path, send: Send, answered: Callable[..., Import]
) -> None:
    """Once the answered file is stored, the others of its kind are read again and ask no more; other kinds wait on."""
    first, second = send(cycling(0)), send(cycling(0, shift=0.01), name="two.csv")
    other = send(cycling(0, header="t/s,I/A,Ecell/V"), name="other.csv")
    assert asked(first) == asked(second) == ["current_unsigned"]
    assert answered(first, current_unsigned="by_voltage").status == "stored"
    while work_once(engine, data_dir):
        pass
    assert load_import(engine, second.id).status == "stored"
    assert load_import(engine, other.id).status == "asks"


def test_choice_with_which_the_file_cannot_be_read_stays_changeable(
    send: Send, answered: Callable[..., Import], engine: Engine
) -> None:
    """A column that is needed and was left out is a problem of the choice: the import waits and can be mended."""
    job = send(cycling(), confirm="ask")
    wrong = answered(job, mapping={"Current(A)": {"column": ""}}, confirmed=True)
    assert wrong.status == "asks"
    assert [problem["fatal"] for problem in wrong.problems] == [True]
    assert next(item for item in wrong.mapping if item["source"] == "Current(A)")["column"] is None
    mended = answered(wrong, mapping={"Current(A)": {"column": "current_ampere", "unit": "A"}})
    assert (mended.status, mended.problems) == ("asks", [])
    assert answered(mended, confirmed=True).status == "stored"
    assert len(load_cell_records(engine, mended.cell_id or 0)) == 240
