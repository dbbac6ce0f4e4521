"""The engine itself: both ways through a file agree, units and names are understood, answers are used and checked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ingest import readers
from ingest.reading import Reading, export, read_export
from ingest.reading.aliases import understand
from ingest.reading.bulk import NotCleanError
from pressiometry.errors import InvalidInputError, RefusedFileError

HEADER = "Test_Time(s),Voltage(V),Current(A),Cycle_Index,Step_Index,State,Date_Time,Charge_Capacity(Ah),Pressure(MPa)"


def lines(count: int) -> list[str]:
    """Rows of charges and discharges with everything that has its own way of reading."""
    made = []
    for k in range(count):
        up = k % 100 < 50
        part = k % 50
        volts = 3.5 + 0.01 * part if up else 4.0 - 0.01 * part
        state = "CC Chg" if up else "CC DChg"
        made.append(
            f"{k * 10.0},{volts:.3f},{0.001 if up else -0.001},{k // 100 + 1},{1 if up else 2},{state},"
            f"2024-01-13 {k // 360:02d}:{k // 6 % 60:02d}:{k % 6}0.5,{part * 1e-5 * up:.6f},{68 + part / 100:.3f}"
        )
    return made


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Write a file and read it."""

    def reader(content: str, answers: dict[str, Any] | None = None) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(content.encode())
        return read_export(path, "export.csv", answers or {})

    return reader


def test_the_fast_and_the_careful_way_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value, line, note and problem of the two ways is equal."""
    path = tmp_path / "upload"
    content = lines(700)
    content[30] = content[30].replace(",0.001,", ",nan,")
    content[31] = content[31].replace(",0.001,", ",,")
    path.write_text("\n".join([HEADER, *content]) + "\n")
    answers = {"time_zone": "Asia/Seoul"}
    fast = read_export(path, "a.csv", answers)

    def unclean(*_: object) -> None:
        raise NotCleanError

    monkeypatch.setattr(export, "read_bulk", unclean)
    careful = read_export(path, "a.csv", answers)
    pd.testing.assert_frame_equal(fast.table, careful.table, check_exact=True)
    assert fast.as_json() == careful.as_json()
    assert next(p for p in fast.problems if p.code == "null_values").line == 32


def test_a_clean_file_goes_the_fast_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The careful way is not taken for a clean file, nor is a file held as text."""
    path = tmp_path / "upload"
    path.write_text("\n".join([HEADER, *lines(500)]) + "\n")
    monkeypatch.setattr(export, "read_rows", None)
    assert len(read_export(path, "a.csv").table) == 500


def test_progress_grows_to_one(tmp_path: Path) -> None:
    """Progress never falls and ends at 1, on both ways."""
    path = tmp_path / "upload"
    for odd in ([], ["x,y"]):
        path.write_text("\n".join([HEADER, *lines(40_000), *odd]) + "\n")
        seen: list[float] = []
        read_export(path, "a.csv", progress=seen.append)
        assert (seen == sorted(seen), seen[-1], len(seen) > 3) == (True, 1.0, True)


@pytest.mark.parametrize(
    ("header", "column", "factor"),
    [
        ("Test_Time(s)", "test_time_second", 1.0), ("Test Time (Min)", "test_time_second", 60.0),
        ("Run Time (h)", "test_time_second", 3600.0), ("time/s", "test_time_second", 1.0),
        ("PassTime[Sec]", "test_time_second", 1.0), ("elapsed_s", "test_time_second", 1.0),
        ("Voltage(mV)", "voltage_volt", 1e-3), ("Ecell/V", "voltage_volt", 1.0), ("Voltage / V", "voltage_volt", 1.0),
        ("voltage_V", "voltage_volt", 1.0), ("U[V]", "voltage_volt", 1.0), ("전압(V)", "voltage_volt", 1.0),
        ("|Ewe|/V", None, None), ("dV/dt(V/s)", None, None), ("control/V/mA", None, None),
        ("<I>/mA", "current_ampere", 1e-3), ("Current(uA)", "current_ampere", 1e-6),
        ("전류(mA)", "current_ampere", 1e-3),
        ("Cycle Count / 1", "instrument_cycle_count", 1.0), ("cycle number", "instrument_cycle_count", 1.0),
        ("DChg. Cap.(mAs)", "cycle_discharging_capacity_ah", 1e-3 / 3600),
        ("Q charge/mA.h", "cycle_charging_capacity_ah", 1e-3), ("Q charge/discharge/mA.h", None, None),
        ("Pressure (MPa)", "surface_pressure_mpa", 1.0), ("Surface Pressure / Pa", "surface_pressure_mpa", 1e-6),
        ("surface_pressure_pa", "surface_pressure_mpa", 1e-6), ("Pressure_Psi", "surface_pressure_mpa", 6.894757e-3),
        ("Pressure (kgf/cm2)", "surface_pressure_mpa", 0.0980665), ("pressure (bar)", "surface_pressure_mpa", 0.1),
        ("pressure [mbar]", "surface_pressure_mpa", 1e-4), ("aux_pressure_cell", "surface_pressure_mpa", 1e-4),
        ("압력(kPa)", "surface_pressure_mpa", 1e-3), ("Force (kN)", "force_newton", 1e3),
        ("load_kgf", "force_newton", 9.80665), ("Weight (kg)", "force_newton", 9.80665),
        ("Force (lbf)", "force_newton", 4.4482216), ("로드셀(N)", "force_newton", 1.0),
        ("하중(kgf)", "force_newton", 9.80665),
        ("thickness_mm", "thickness_micrometre", 1e3), ("Strain (ue)", "strain", 1e-6), ("strain", "strain", 1.0),
        ("Analog IN 1/V", "analogue_input_volt", 1.0), ("Temperature/ï¿½C", "surface_temperature_celsius", 1.0),
        ("T1(?)", "surface_temperature_celsius", 1.0),
        ("Ambient Temperature / degC", "ambient_temperature_celsius", 1.0),
        ("T (C)", "surface_temperature_celsius", 1.0), ("Step_Time(s)", None, None), ("Pressure (furlong)", None, None),
    ],
)  # fmt: skip
def test_names_and_units_of_headers(header: str, column: str | None, factor: float | None) -> None:
    """Names as cyclers and loggers write them, with the factor to our unit (IMPORT 2.2 and 2.5)."""
    found = understand(header)
    assert found.column == column
    assert found.factor == (pytest.approx(factor, rel=1e-6) if factor is not None else None)


def test_kelvin_has_its_own_zero(read: Callable[..., Reading]) -> None:
    """K becomes °C by an offset, not only by a factor."""
    table = read("time/s,voltage/V,current/A,Temperature (K)\n0,3.5,0.1,298.15\n1,3.5,0.1,299.15\n").table
    assert table["surface_temperature_celsius"].tolist() == pytest.approx([25.0, 26.0])


def test_amplifier_volts_become_force_and_stay_raw(read: Callable[..., Reading]) -> None:
    """Volts with a factor and a zero, as answered; the raw volts are kept beside the force."""
    content = "time/s,Ewe/V,I/mA,Analog IN 1/V\n" + "".join(f"{k},3.5,1,{1 + k / 10}\n" for k in range(5))
    assert read(content).table["analogue_input_volt"].tolist()[:2] == [1.0, 1.1]
    said = {"Analog IN 1/V": {"column": "force_newton", "unit": "V", "factor": 500.0, "offset": -100.0}}
    table = read(content, {"mapping": said}).table
    assert table["force_newton"].tolist()[:2] == pytest.approx([400.0, 450.0])
    assert table["analogue_input_volt"].tolist()[:2] == [1.0, 1.1]


def test_a_column_may_be_left_out_or_renamed(read: Callable[..., Reading]) -> None:
    """The answered mapping wins over names; a column without a target is not read."""
    content = "time/s,voltage/V,current/A,temp (C),foo\n0,3.5,0.1,25,700\n1,3.6,0.1,26,701\n"
    said = {"temp (C)": {"column": None}, "foo": {"column": "surface_pressure_mpa", "unit": "bar"}}
    result = read(content, {"mapping": said})
    assert "surface_temperature_celsius" not in result.table
    assert result.table["surface_pressure_mpa"].tolist() == pytest.approx([70.0, 70.1])
    assert [item.note for item in result.mapping][3:] == ["left out", "as answered"]


def test_wrong_mappings_are_refused_all_at_once(read: Callable[..., Reading]) -> None:
    """Every wrong entry of a mapping is named."""
    said = {
        "nope": {"column": "strain"},
        "voltage/V": {"column": "colour"},
        "current/A": {"column": "current_ampere", "unit": "kg"},
    }
    with pytest.raises(InvalidInputError) as error:
        read("time/s,voltage/V,current/A\n0,3.5,0.1\n1,3.6,0.1\n", {"mapping": said})
    assert len(error.value.problems) == 3


@pytest.mark.parametrize("zone", ["Moon/Base", "../etc"])
def test_a_wrong_time_zone_is_refused(read: Callable[..., Reading], zone: str) -> None:
    """A zone that does not exist is not guessed at."""
    with pytest.raises(InvalidInputError):
        read("date,voltage/V,current/A\n2024-01-13 10:00,3.5,0.1\n2024-01-13 10:01,3.6,0.1\n", {"time_zone": zone})


def test_an_answer_that_is_no_choice_is_asked_again(read: Callable[..., Reading]) -> None:
    """It is neither guessed at nor a reason to refuse the file."""
    asked = read("time/s,load\n0,900\n1,901\n", {"unit:force_newton": "bar"}).questions
    assert [question.code for question in asked] == ["unit:force_newton"]


def test_force_without_a_unit_is_asked(read: Callable[..., Reading]) -> None:
    """Kgf or N is a factor of ten: never assumed."""
    content = "time/s,load\n0,900\n1,901\n"
    assert [question.code for question in read(content).questions] == ["unit:force_newton"]
    answered = read(content, {"unit:force_newton": "kgf"})
    assert (answered.questions, answered.table["force_newton"].iloc[0]) == ([], pytest.approx(900 * 9.80665))


def test_dates_alone_give_the_running_time(read: Callable[..., Reading]) -> None:
    """Without a running time it is counted from the first date, and said."""
    result = read("date,voltage/V,current/A\n2024-01-13 10:00:00,3.5,0.1\n2024-01-13 10:00:10.5,3.6,0.1\n")
    assert result.table["test_time_second"].tolist() == [0.0, 10.5]
    assert "time_from_date" in {note.code for note in result.assumptions}
    assert [question.code for question in result.optional_questions] == ["time_zone"]


def test_unix_time_needs_no_zone(read: Callable[..., Reading]) -> None:
    """Unix seconds are UTC; they serve as running time where there is none."""
    result = read("unix_time_second,voltage/V,current/A\n1700000000,3.5,0.1\n1700000010,3.6,0.1\n")
    assert result.table["unix_time_second"].tolist() == [1.7e9, 1.7e9 + 10]
    assert result.table["test_time_second"].tolist() == [0.0, 10.0]
    assert result.optional_questions == []


@pytest.mark.parametrize("mark", ["Z", "+00:00"])
def test_dates_that_name_their_zone_need_no_answer(read: Callable[..., Reading], mark: str) -> None:
    """A date with its offset is UTC: nothing is asked."""
    rows = "".join(f"2023-11-14T22:13:{20 + k}.5{mark},3.5,0.1\n" for k in range(3))
    result = read("timestamp,voltage/V,current/A\n" + rows)
    assert result.table["unix_time_second"].tolist() == [1.7e9 + 0.5, 1.7e9 + 1.5, 1.7e9 + 2.5]
    assert (result.optional_questions, result.table["test_time_second"].tolist()) == ([], [0.0, 1.0, 2.0])


def test_dates_in_mixed_forms_are_read_by_pattern(read: Callable[..., Reading]) -> None:
    """Where the fraction of the second comes and goes, as some loggers write."""
    dates = ["13.01.2024 10:00", "13.01.2024 10:00:01.5", "13.01.24 10:00:02,5"]
    result = read("date\tvoltage/V\tcurrent/A\n" + "".join(f"{date}\t3.5\t0.1\n" for date in dates))
    assert result.table["test_time_second"].tolist() == [0.0, 1.5, 2.5]


@pytest.mark.parametrize("form", ["1/13/24 {}:00:00 PM", "13/1/2024 {}:00:00 PM"])
def test_afternoon(read: Callable[..., Reading], form: str) -> None:
    """12 PM is noon, 1 PM an hour later."""
    rows = "".join(f"{form.format(hour)},3.5,0.1\n" for hour in (12, 1))
    assert read("date,voltage/V,current/A\n" + rows).table["test_time_second"].tolist() == [0.0, 3600.0]


def test_hours_minutes_seconds_and_midnight(read: Callable[..., Reading]) -> None:
    """Times such as 23:59:50 are read; midnight begins a segment, with a warning."""
    result = read(
        "time,voltage/V,current/A\n"
        + "".join(f"{t},3.5,0.1\n" for t in ("23:59:40", "23:59:50", "00:00:00", "00:00:10"))
    )
    assert result.table["test_time_second"].tolist() == [86380.0, 86390.0, 0.0, 10.0]
    assert result.table["segment"].max() == 1


def test_a_row_without_a_time_is_set_aside(read: Callable[..., Reading]) -> None:
    """A record needs a time; its line is kept with the reason."""
    result = read("time/s,voltage/V,current/A\n0,3.5,0.1\n,3.6,0.1\n2,3.6,0.1\n")
    assert result.quarantine[["line", "text"]].values.tolist() == [[3, ",3.6,0.1"]]  # noqa: PD011 - a frame's values
    assert len(result.table) == 2


def test_capacity_of_one_direction_at_a_time(read: Callable[..., Reading]) -> None:
    """A capacity of the step is charge or discharge by the sign of the current, added within the cycle."""
    steps = (
        [(1, 0.001, k * 1e-3) for k in range(5)]
        + [(1, -0.001, k * 1e-3) for k in range(4)]
        + [(2, 0.001, k * 1e-3) for k in range(3)]
    )
    content = "time/s,voltage/V,current/A,cycle,Step_Capacity(mAh)\n"
    content += "".join(f"{k},3.5,{amps},{cycle},{passed}\n" for k, (cycle, amps, passed) in enumerate(steps))
    table = read(content).table
    largest = table.groupby("instrument_cycle_count")[
        ["cycle_charging_capacity_ah", "cycle_discharging_capacity_ah"]
    ].max()
    assert largest.to_numpy().tolist() == [pytest.approx([4e-6, 3e-6]), pytest.approx([2e-6, 0.0])]


def test_disagreeing_capacity_is_named_and_kept(read: Callable[..., Reading]) -> None:
    """The reported capacity stays; the disagreement with the integrated current is said with its size."""
    content = "time/s,voltage/V,current/A,cycle,Charge_Capacity(Ah)\n"
    content += "".join(f"{k * 10},{3.5 + k / 100},0.36,1,{k * 2e-3}\n" for k in range(20))
    result = read(content)
    problem = next(item for item in result.problems if item.code == "capacity_disagrees")
    assert "0.5" in problem.text
    assert result.table["cycle_charging_capacity_ah"].max() == pytest.approx(0.038)


def test_the_fingerprint_is_that_of_the_header(read: Callable[..., Reading]) -> None:
    """Files of one instrument share it, whatever their rows; another header has another."""
    one = read("time/s,voltage/V,current/A\n0,3.5,0.1\n1,3.6,0.1\n")
    two = read("time/s,voltage/V,current/A\n0,3.9,0.1\n1,3.8,0.1\n2,3.8,0.1\n")
    other = read("time/s,voltage/V,current/mA\n0,3.9,0.1\n1,3.8,0.1\n")
    assert one.fingerprint == two.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 32


def test_every_part_can_be_stored_as_json(read: Callable[..., Reading]) -> None:
    """Mapping, notes, problems and questions are plain values."""
    result = read("date,V (V),current,load,load\n03/04/2024,3.5,0.1,1,x\n03/04/2024,3.6,0.1,1,2\n")
    plain = json.loads(json.dumps(result.as_json()))
    assert plain["questions"][0]["choices"]
    assert (plain["rows_read"], plain["rows_quarantined"]) == (2, 1) or plain["questions"]


def test_profiles_have_one_name_and_a_title() -> None:
    """A profile is recognised by an opening or a header, the generic and the bench excepted."""
    for profile in readers.PROFILES:
        assert profile.name
        assert profile.title
        assert profile.opening or profile.headers or profile.name in ("generic", "labview_bench")


@pytest.mark.parametrize("announced", ["0", "99"])
def test_an_announced_header_that_is_not_there(read: Callable[..., Reading], announced: str) -> None:
    """EC-Lab text whose number of header lines is wrong is refused."""
    with pytest.raises(RefusedFileError) as error:
        read(f"EC-Lab ASCII FILE\nNb header lines : {announced}\n\ntime/s\tEwe/V\tI/mA\n0\t3.5\t1\n")
    assert error.value.code == "no_table"


def test_current_outliers_are_named(read: Callable[..., Reading]) -> None:
    """A current far beyond all others stays and is named with its line."""
    content = "time/s,voltage/V,current/A\n" + "".join(
        f"{k},{3.5 + k / 1000},{-50 if k == 150 else 0.1}\n" for k in range(300)
    )
    problem = next(item for item in read(content).problems if item.code == "current_outlier")
    assert (problem.line, problem.column) == (152, "current/A")


def test_a_block_of_a_long_file_may_be_odd_without_spoiling_the_rest(read: Callable[..., Reading]) -> None:
    """Odd cells in one block of rows leave the other blocks as they are."""
    content = [f"{k},{3.5 + (k % 100) / 1000:.4f},0.1" for k in range(40_000)]
    content[20_000] = "20000,abc,0.1"
    result = read("\n".join(["time/s,voltage/V,current/A", *content]) + "\n")
    assert (len(result.table), result.quarantine["line"].tolist()) == (39_999, [20_002])
    np.testing.assert_array_equal(result.table["source_row"].to_numpy()[[0, 20_000, -1]], [2, 20_003, 40_001])
