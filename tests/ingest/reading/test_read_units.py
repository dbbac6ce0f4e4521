"""Units that the values contradict are asked, with the numbers that say so; files made here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.reading import Reading, read_export

CELL = {"cell": {"applied_pressure_mpa": 70.0, "force_area_mm2": 132.732}}
"""A cell of 13 mm that was put under 70 MPa: 9291 N, 947 kgf."""

Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read it."""

    def reader(content: str, answers: dict[str, Any] | None = None) -> Reading:
        path = tmp_path / "upload"
        path.write_text(content)
        return read_export(path, "export.csv", answers or {})

    return reader


def force_log(level: float, unit: str = "N") -> str:
    """A synthetic log of a force near a level."""
    rows = (f"{60 * k},{level * (1 + 0.001 * (k % 30)):.4f}\n" for k in range(200))
    return f"time/s,Force ({unit})\n" + "".join(rows)


def asked(reading: Reading) -> list[str]:
    """Codes of the questions."""
    return [question.code for question in reading.questions]


@pytest.mark.parametrize(
    ("level", "unit", "right"), [(947.4, "N", "kgf"), (9291.0, "kgf", "N"), (2088.7, "N", "lbf"), (9.291, "N", "kN")]
)
def test_57_a_force_that_cannot_be_the_cells_is_asked(read: Read, level: float, unit: str, right: str) -> None:
    """Kilograms under "N" give a tenth of the pressure that the cell was put under: asked, with each unit's."""
    reading = read(force_log(level, unit), CELL)
    assert asked(reading) == ["force_unit"]
    question = reading.questions[0]
    assert "70 MPa" in question.text
    assert next(label for value, label in question.choices if value == right).startswith(f"{right}: 7")
    mended = read(force_log(level, unit), {**CELL, "force_unit": right})
    assert mended.table["force_newton"].median() == pytest.approx(9291, rel=0.03)
    assert (mended.mapping[1].unit, asked(mended)) == (right, [])
    kept = read(force_log(level, unit), {**CELL, "force_unit": unit})
    assert kept.table["force_newton"].iloc[0] != pytest.approx(9291, rel=0.5)


@pytest.mark.parametrize(
    ("level", "answers"),
    [(9291.0, CELL), (5500.0, CELL), (18000.0, CELL), (947.4, {}), (0.0, CELL), (150000.0, CELL)],
)
def test_57_a_force_that_may_be_right_is_not_asked(read: Read, level: float, answers: dict[str, Any]) -> None:
    """Within twice and half the applied pressure, without a cell, or where no unit explains it."""
    assert asked(read(force_log(level), answers)) == []


def test_57_a_unit_that_is_not_named_is_asked_once(read: Read) -> None:
    """Where the header names no unit, that is the question; the answer is judged by the cell then."""
    content = force_log(947.4).replace("Force (N)", "Force")
    assert asked(read(content, CELL)) == ["unit:force_newton"]
    assert asked(read(content, {**CELL, "unit:force_newton": "N"})) == ["force_unit"]
    assert asked(read(content, {**CELL, "unit:force_newton": "kgf"})) == []


def test_57_volts_of_an_amplifier_are_not_judged_as_newtons(read: Read) -> None:
    """A factor that a person gave is no unit of a header."""
    said = {"Force (N)": {"column": "force_newton", "unit": "N", "factor": 2.0}}
    assert asked(read(force_log(947.4), {**CELL, "mapping": said})) == []


def test_57_only_a_plausible_answer_is_taken_over(read: Read) -> None:
    """A unit remembered for the header serves the next file; one that does not fit it is asked again."""
    for word, questions in (("kgf", []), ("N", ["force_unit"])):
        remembered = {"force_unit": {"value": word, "said": "for one.csv on 2026-01-02"}}
        assert asked(read(force_log(947.4), {**CELL, "remembered": remembered})) == questions


def capacity_export(unit: str, times: float, current: float = 0.002) -> str:
    """Three synthetic cycles of an hour each way; the reported capacities are written `times` too large."""
    lines = [f"time/s,voltage/V,current/A,cycle,Charge_Capacity({unit}),Discharge_Capacity({unit})"]
    for number in range(360):
        phase = number % 120
        charging = phase < 60
        passed = [min(phase, 59) / 60 * 0.002 * times, max(phase - 59, 0) / 60 * 0.002 * times]
        amps = current if charging else -current
        volts = 3.4 + 0.01 * (phase if charging else 120 - phase) + 50 * amps
        lines.append(f"{60 * number},{volts:.3f},{amps},{number // 120 + 1},{passed[0]:.8f},{passed[1]:.8f}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("unit", "times", "word"),
    [("Ah", 1e3, "mAh"), ("mAh", 1.0, "Ah"), ("Ah", 3600.0, "As"), ("Ah", 60.0, "0.0167 Ah"), ("Ah", 1e6, "µAh")],
)
def test_capacity_in_another_unit_is_asked_once(read: Read, unit: str, times: float, word: str) -> None:
    """A ratio of exactly a unit is no gap and no rounding: explained, and asked for both directions together."""
    reading = read(capacity_export(unit, times))
    assert asked(reading) == ["capacity_unit"]
    assert [value for value, _ in reading.questions[0].choices] == [word, "as_named"]
    mended = read(capacity_export(unit, times), {"capacity_unit": word})
    assert len(mended.answered_questions) == 1
    assert mended.table["cycle_charging_capacity_ah"].max() == pytest.approx(0.002, rel=0.02)
    assert mended.table["cycle_discharging_capacity_ah"].max() == pytest.approx(0.002, rel=0.02)
    assert "capacity_disagrees" not in {problem.code for problem in mended.problems}
    kept = read(capacity_export(unit, times), {"capacity_unit": "as_named"})
    assert "capacity_disagrees" in {problem.code for problem in kept.problems}
    named = 1e-3 if unit == "mAh" else 1.0
    assert kept.table["cycle_charging_capacity_ah"].max() == pytest.approx(0.002 * times * named, rel=0.02)


@pytest.mark.parametrize("times", [1.0, 1.3, 10.0, 800.0])
def test_capacity_that_no_unit_explains_is_not_asked(read: Read, times: float) -> None:
    """A gap, a coarse current or another cell's capacity is named, not put down to a unit."""
    assert asked(read(capacity_export("Ah", times))) == []


@pytest.mark.parametrize(("word", "questions"), [("mAh", []), ("as_named", ["capacity_unit"])])
def test_remembered_capacity_unit_must_agree_with_the_current(read: Read, word: str, questions: list[str]) -> None:
    """The unit is taken over where the current says it too; that the current is wrong is asked for every file."""
    remembered = {"capacity_unit": {"value": word, "said": "for one.csv on 2026-01-02"}}
    reading = read(capacity_export("Ah", 1e3), {"remembered": remembered})
    assert asked(reading) == questions
    assert len([note for note in reading.assumptions if note.code == "remembered"]) == 1 - len(questions)


def test_volts_of_an_amplifier_alone_give_no_pressure_and_say_so(read: Read) -> None:
    """Stored, but nothing results from it until somebody says what a volt is."""
    content = "time/s,Ewe/V,I/mA,Analog IN 1/V\n" + "".join(f"{k},3.5,1,{1 + k / 10}\n" for k in range(5))
    (problem,) = [problem for problem in read(content).problems if problem.code == "only_volts"]
    assert (problem.column, "no pressure" in problem.text) == ("Analog IN 1/V", True)
    said = {"Analog IN 1/V": {"column": "force_newton", "unit": "V", "factor": 500.0}}
    told = read(content, {"mapping": said})
    assert "only_volts" not in {problem.code for problem in told.problems}
    assert np.isfinite(told.table["force_newton"]).all()
