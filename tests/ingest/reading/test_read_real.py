"""Every real file is read or refused by name; what is read agrees with an independent reading (GROUND_TRUTH.json)."""

import json
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ingest.reading import Reading, read_export
from pressiometry.errors import RefusedFileError

DATA = Path(os.environ.get("BAROGRAPH_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not (DATA / "real").is_dir(), reason=f"no real files in {DATA}: set BAROGRAPH_TEST_DATA"
)

READ: dict[str, tuple[str, tuple[str, ...]]] = {
    "arbin/dca_CS2_33_10_04_10.csv": ("arbin_csv", ()),
    "arbin/dca_CS2_33_8_18_10.csv": ("arbin_csv", ()),
    "arbin/navani_bs542_004_gr_li_Channel_11.xlsx": ("arbin_csv", ()),
    "arbin/pyprobe_sample_data_arbin.csv": ("arbin_csv", ()),
    "bad/cellpy_custom_good_small.csv": ("generic", ()),
    "bad/cellpy_custom_nan_inf.csv": ("generic", ()),
    "bad/cellpy_custom_truncated.csv": ("generic", ()),
    "bdf/bdf_SINTEF_G20M7_C30_Neware.bdf.csv": ("bdf", ()),
    "bdf/bdf_SINTEF_SLPBA_Neware_Time_Bug.bdf.csv": ("bdf", ("time_backwards",)),
    "bdf/bdf_sample.bdf.csv": ("bdf", ()),
    "biologic/pyprobe_Sample_data_biologic_01_MB_CA1.txt": ("eclab_text", ()),
    "biologic/pyprobe_Sample_data_biologic_02_MB_CA1.txt": ("eclab_text", ()),
    "biologic/pyprobe_Sample_data_biologic_no_header.mpt": ("eclab_text", ()),
    "biologic/pyprobe_Sample_data_biologic_timestamped.txt": ("eclab_text", ()),
    "biologic/yadg_gcpl.issue_149.mpt": ("eclab_text", ()),
    "biologic/yadg_gcpl.pr_182.1.mpt": ("eclab_text", ()),
    "biologic/yadg_mb.issue_95.de.mpt": ("eclab_text", ()),
    "biologic/yadg_mb.issue_95.mpt": ("eclab_text", ()),
    "biologic/yadg_vsp_ocv_with.mpt": ("eclab_text", ()),
    **{
        f"dilatometry/nmc19_cycle_{n}.csv": ("generic", ("current_sign",))
        for n in ("001", "106", "213", "319", "424", "449")
    },
    "generic/cellpy_custom_data_001.csv": ("generic", ()),
    "basytec/pyprobe_sample_data_basytec.txt": ("basytec", ()),
    "land/bdf_SINTEF_LiGrR2032_Landt.csv": ("landt", ()),
    "logger/lvmread_long_single_header_multi_ch.lvm": (
        "labview",
        ("signal", "signal_quantity", "unit:surface_pressure_mpa"),
    ),
    "logger/lvmread_multi_time_column.lvm": ("labview", ("signal",)),
    "logger/lvmread_short.lvm": ("labview", ()),
    **{
        f"logger/yadg_sheet.{country}.tsv": (
            "generic",
            ("signal", "signal_quantity", "unit:surface_pressure_mpa", "date_order"),
        )
        for country in ("DE", "UK", "US")
    },
    "maccor/bdtoolkit_maccor_example.001": ("maccor", ()),
    "maccor/beep_PredictionDiagnostics_000151_test.052": ("maccor", ()),
    "maccor/cellpy_maccor_001.txt": ("maccor", ()),
    "maccor/cellpy_maccor_three.txt": ("maccor", ("voltage_unit",)),
    "novonix/pyprobe_sample_data_novonix.csv": ("novonix", ()),
    "pec/cellpy_Test25205.csv": ("pec", ()),
    "neware/cellpy_nw_regular_export_ife_example.csv": ("neware_nested", ()),
    "neware/cellpy_neware_uio.csv": ("neware_csv", ()),
    "neware/fastnda_interp-test.csv": ("neware_csv", ()),
    "strain_18650/Q30_S001_1C.csv": ("labview_bench", ("no_header",)),
    "strain_18650/Q30_S002_1C.csv": ("labview_bench", ("no_header",)),
}
"""Files that are read: format, and the questions that are asked."""

REFUSED: dict[str, tuple[str, str]] = {
    "logger/yadg_picolog_temperature.csv": ("missing_columns", "nor one of pressure, force or thickness"),
    "bad/cellpy_custom_missing_column.csv": ("missing_columns", "voltage"),
    "biologic/yadg_peis.issue_149.mpt": ("eis", "EIS, not cycling"),
    "biologic/yadg_wait.mpt": ("no_rows", "0 rows"),
    "gamry/impedancepy_exampleDataGamry.DTA": ("eis", "EIS, not cycling"),
    "logger/yadg_log_2021-09-17_11-26-14.140.csv": ("missing_columns", "voltage and current"),
    "other_eis/impedancepy_exampleDataBioLogic.mpt": ("eis", "EIS, not cycling"),
}
"""Files that are refused: code, and a word of the sentence."""

NEWARE = ("fastnda_Unit27_Example_Corrupt.ndax", "fastnda_nw4-120-1-6-53.ndax", "navani_test.nda")
if find_spec("fastnda") is None:
    REFUSED |= {f"neware/{name}": ("not_read_yet", "fastnda") for name in (*NEWARE, "fastnda_empty.ndax")}
else:
    READ |= {f"neware/{name}": ("neware_csv", ()) for name in NEWARE}
    REFUSED["neware/fastnda_empty.ndax"] = ("no_rows", "0 rows")

CAPACITY_REASONS = {
    ("neware/cellpy_neware_uio.csv", 1): "the truth's Qd is the largest step; the steps of cycle 1 add up to 5.086 mAh",
    ("neware/cellpy_neware_uio.csv", 2): "the same: its steps add up to 4.368 mAh",
    ("neware/cellpy_neware_uio.csv", 3): "the same, and two charges and discharges lie in it",
}
"""Cycles whose capacity differs from the truth's span of the raw column, and why."""


def real(name: str, answers: dict[str, Any] | None = None) -> Reading:
    """A real file, read, once for all tests that look at it."""
    return _read(name, json.dumps(answers or {}))


@cache
def _read(name: str, answers: str) -> Reading:
    path = DATA / "real" / name
    return read_export(path, path.name, json.loads(answers))


@cache
def truth(name: str) -> dict[str, Any]:
    """What an independent reading gave."""
    result: dict[str, Any] = json.loads((DATA / "GROUND_TRUTH.json").read_text())[name]
    return result


def limits_in_truth(name: str) -> dict[str, list[float | None]]:
    """Least and largest value of each channel that the truth knows, in our units; each format has its form."""
    known = truth(name)
    limits = {
        "voltage_volt": known.get("voltage_V") or known.get("voltage_minmax"),
        "current_ampere": known.get("current_A") or known.get("current_A_source_sign"),
        "test_time_second": known.get("time_s"),
        "strain": known.get("strain"),
    }
    if name.startswith("maccor"):
        volt = 1e-3 if known["voltage_unit"].startswith("mV") else 1.0
        ampere = 1e-3 if known["current_header"] == "mAmps" else 1.0
        limits["voltage_volt"] = [value * volt for value in known["voltage_raw"]]
        limits["current_ampere"] = [value * ampere for value in known["current_raw"]]
        limits["test_time_second"] = [None, known["time_last_s"]]
    if name.startswith("basytec"):
        places = {"voltage_volt": "U[V]", "current_ampere": "I[A]", "test_time_second": "Time[s]"}
        ends = {ours: known["columns"].index(theirs) for ours, theirs in places.items()}
        limits["test_time_second"] = [float(known[end][ends["test_time_second"]]) for end in ("first", "last")]
    return {column: found for column, found in limits.items() if found is not None}


def test_every_real_file_is_in_one_of_the_two_tables() -> None:
    """No collected file is forgotten: each is read or refused by name."""
    found = {str(path.relative_to(DATA / "real")) for path in (DATA / "real").rglob("*") if path.is_file()}
    assert found == set(READ) | set(REFUSED)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str) -> None:
    """A file that is not read says what it is."""
    with pytest.raises(RefusedFileError) as refused:
        real(name)
    assert (refused.value.code, REFUSED[name][1] in refused.value.text) == (REFUSED[name][0], True)


@pytest.mark.parametrize("name", READ)
def test_read_with_the_right_format_and_questions(name: str) -> None:
    """A file is read by its format's profile, asks what only a person knows, and loses no row silently."""
    reading = real(name)
    assert (reading.format, tuple(question.code for question in reading.questions)) == READ[name]
    assert reading.rows_read == len(reading.table) + reading.rows_quarantined + reading.rows_duplicate
    assert len(reading.quarantine) == reading.rows_quarantined
    json.dumps(reading.as_json())


IN_TRUTH = [name for name in READ if name.split("/")[0] not in ("bad", "generic", "logger")]


@pytest.mark.parametrize("name", IN_TRUTH)
def test_rows_and_ranges_agree_with_the_truth(name: str) -> None:
    """Rows exactly; voltage, current and time ranges to the six digits that the truth carries."""
    table = real(name, {"current_sign": "charge"} if "dilatometry" in name else {}).table
    assert len(table) == truth(name)["rows"]
    for column, limits in limits_in_truth(name).items():
        if name == "maccor/cellpy_maccor_001.txt" and column == "current_ampere":
            continue  # the truth's current has no sign: see test_maccor_current_gets_the_sign_of_the_state
        for ours, theirs in zip((table[column].min(), table[column].max()), limits, strict=True):
            if theirs is not None and theirs < 1e30:
                assert ours == pytest.approx(theirs, rel=5e-6, abs=1e-12), column


def test_maccor_current_gets_the_sign_of_the_state() -> None:
    """Amperes without a sign: negative where the state is D, so that the largest is the truth's."""
    reading = real("maccor/cellpy_maccor_001.txt")
    current = reading.table["current_ampere"]
    assert [current.abs().min(), current.abs().max()] == pytest.approx(
        truth("maccor/cellpy_maccor_001.txt")["current_raw"], rel=5e-6
    )
    assert current.min() == -current.abs().max()
    assert "sign_from_state" in {note.code for note in reading.assumptions}


def test_nested_neware_capacities_are_those_of_its_cycle_rows() -> None:
    """Each record belongs to the cycle above it; the steps of a cycle add up to what its own row says."""
    name = "neware/cellpy_nw_regular_export_ife_example.csv"
    table = real(name).table
    rows = [line.split(",") for line in (DATA / "real" / name).read_text("latin-1").splitlines()[3:] if line[0] != ","]
    assert len(rows) == truth(name)["n_cycle_rows"]
    ours = table.groupby("instrument_cycle_count")
    charged, discharged = ours["cycle_charging_capacity_ah"].max(), ours["cycle_discharging_capacity_ah"].max()
    for row in rows:
        assert charged[int(row[0])] == pytest.approx(float(row[1]), abs=1e-5), row[0]
        assert discharged[int(row[0])] == pytest.approx(float(row[2]), abs=1e-5), row[0]
    first, last = truth(name)["first_record"], truth(name)["last_record"]
    for record, ours_of_it in ((first, table.iloc[0]), (last, table.iloc[-1])):
        hours, minutes, seconds = (int(part) for part in record[4].split(":"))
        assert ours_of_it["test_time_second"] == hours * 3600 + minutes * 60 + seconds
        assert (ours_of_it["voltage_volt"], ours_of_it["record_index"]) == (float(record[6]), float(record[2]))


STAMPS_IN_TRUTH = [
    name
    for name in IN_TRUTH
    if not name.startswith(("dilatometry", "maccor", "basytec", "pec"))
    and not name.endswith(("timestamped.txt", "ife_example.csv"))
]
"""The truth counts no stamps of the others, and does not read the dates of the timestamped one."""


@pytest.mark.parametrize("name", STAMPS_IN_TRUTH)
def test_repeated_stamps_are_kept(name: str) -> None:
    """Equal time stamps stay, as many as the truth counts; steps backwards begin segments."""
    expected = truth(name)
    table = real(name, {"time_backwards": "segments"}).table
    steps = np.diff(table["test_time_second"])
    assert int((steps < 0).sum()) == expected["time_nonmonotonic_steps"]
    if not expected["time_nonmonotonic_steps"]:
        assert int((steps == 0).sum()) == expected["duplicate_timestamps"]
    within = np.diff(table["segment"]) == 0
    assert (steps[within] >= 0).all()


@pytest.mark.parametrize("name", [name for name in IN_TRUTH if not name.startswith(("bdf", "dilat", "strain"))])
def test_capacity_of_each_cycle_agrees_with_the_truth(name: str) -> None:
    """The largest capacity of a cycle is the truth's span to 0.5 %, or the reason is stated in CAPACITY_REASONS."""
    expected = truth(name)
    table = real(name).table
    for place in ("cycle_first", "cycle_second", "cycle_second_last", "cycle_last"):
        for number, values in expected.get(place, {}).items():
            rows = table[table["instrument_cycle_count"] == int(number)]
            assert len(rows) == values["rows"]
            for column, key in (("discharging", "Qd_span_Ah"), ("charging", "Qc_span_Ah")):
                if key not in values:
                    continue
                ours = rows[f"cycle_{column}_capacity_ah"].max()
                if (name, int(number)) in CAPACITY_REASONS:
                    continue
                assert ours == pytest.approx(values[key], rel=5e-3, abs=1e-12), (place, column)


def test_steps_of_a_neware_cycle_are_added() -> None:
    """A capacity that starts anew in each step is added up: 5.086 mAh, not the largest step's 4.680 (IMPORT 2.4)."""
    table = real("neware/cellpy_neware_uio.csv").table
    cycles = table.groupby("instrument_cycle_count")
    ours = cycles["cycle_discharging_capacity_ah"].max()
    integrated = {1: 5.08623e-3, 2: 4.3684e-3}
    for number, value in integrated.items():
        assert ours[number] == pytest.approx(value, rel=5e-3)


def test_dilatometry_gives_a_falling_thickness_change() -> None:
    """With "positive discharges" answered, the net thickness change per Ah falls from 0.0203 to 0.0131 mm/Ah."""
    found = []
    for cycle in ("001", "449"):
        name = f"dilatometry/nmc19_cycle_{cycle}.csv"
        reading = real(name, {"current_sign": "discharge"})
        assert not reading.questions
        table = reading.table
        charge = np.trapezoid(table["current_ampere"], table["test_time_second"]) / 3600
        assert -charge == pytest.approx(truth(name)["discharge_Ah"], rel=1e-3)
        change = (table["thickness_micrometre"].iloc[-1] - table["thickness_micrometre"].iloc[0]) / 1000
        assert -change == pytest.approx(truth(name)["thickness_change_over_discharge_mm"], rel=1e-6)
        found.append(change / charge)
    assert found == pytest.approx([0.0203, 0.0131], abs=5e-5)


def test_logs_are_read_as_their_instruments_count() -> None:
    """A measurement of LabVIEW has its rows, times of Delta_X, decimal commas; dates and times of day are one clock."""
    long = real("logger/lvmread_long_single_header_multi_ch.lvm", {"signal": "F (g)"}).table
    lines = (DATA / "real/logger/lvmread_long_single_header_multi_ch.lvm").read_text().splitlines()
    assert len(long) == sum(line.startswith("\t") and line.strip() != "" for line in lines)
    np.testing.assert_allclose(long["test_time_second"], np.arange(len(long)) * 0.000977, atol=1e-9)
    short = real("logger/lvmread_short.lvm")
    assert (short.decimal_mark, short.table["force_newton"].iloc[0]) == (",", 0.914018)
    for country in ("DE", "UK", "US"):
        order = {"date_order": "mdy" if country == "US" else "dmy"}
        table = real(f"logger/yadg_sheet.{country}.tsv", order).table
        assert table["test_time_second"].tolist() == [0, 0, 0, 60, 86460], country


def test_the_over_range_current_is_empty_and_counted() -> None:
    """3.4e38 (LabVIEW's overflow) becomes empty, is counted, and its line is named."""
    reading = real("strain_18650/Q30_S002_1C.csv", {"no_header": "labview_bench"})
    problem = next(problem for problem in reading.problems if problem.code == "over_range")
    assert (problem.line, np.isnan(reading.table["current_ampere"].iloc[0])) == (1, True)
    assert reading.table["current_ampere"].max() < 1


def test_bad_files_get_their_stated_response() -> None:
    """Words for no number are emptied and counted; a cut last line is set aside with its line."""
    nulls = next(p for p in real("bad/cellpy_custom_nan_inf.csv").problems if p.code == "null_values")
    assert (nulls.column, nulls.line) == ("voltage", 28)
    assert real("bad/cellpy_custom_truncated.csv").quarantine["line"].tolist() == [80]


def test_wrong_time_is_asked_and_may_be_set_aside() -> None:
    """Time that runs backwards is never sorted: segments, or the late rows are set aside as answered."""
    name = "bdf/bdf_SINTEF_SLPBA_Neware_Time_Bug.bdf.csv"
    assert real(name, {"time_backwards": "segments"}).table["segment"].max() == 19
    assert "each for a single row" in real(name).questions[0].text
    told = real(name, {"time_backwards": "at_neighbour"})
    assert (len(told.table), told.rows_quarantined, told.table["segment"].max()) == (13086, 0, 0)
    assert told.table["test_time_second"].iloc[-1] == pytest.approx(truth(name)["time_s"][1], abs=1)
    reading = real(name, {"time_backwards": "set_aside"})
    assert (np.diff(reading.table["test_time_second"]) >= 0).all()
    assert reading.rows_quarantined == 13086 - len(reading.table) > 0


@pytest.mark.parametrize(
    ("name", "column"), [("s1_merged", "surface_pressure_mpa"), ("s2_merged", "surface_pressure_mpa")]
)
def test_synthetic_merged_exports_are_read(name: str, column: str) -> None:
    """The merged tables of the independent generator: every row, current in A, pressure in MPa."""
    path = DATA / "synthetic" / f"{name}.csv"
    raw = pd.read_csv(path)
    reading = read_export(path, path.name)
    assert (reading.format, reading.questions, len(reading.table)) == ("merged", [], len(raw))
    np.testing.assert_array_equal(reading.table[column], raw["Pressure (MPa)"])
    np.testing.assert_allclose(reading.table["current_ampere"], raw["I/mA"] / 1000, rtol=1e-15)


def test_synthetic_force_log_is_mechanical() -> None:
    """Semicolons, decimal commas and kgf: force in N, and no voltage asked for."""
    path = DATA / "synthetic" / "s3_force.csv"
    reading = read_export(path, path.name)
    assert (reading.kind, reading.delimiter, reading.decimal_mark, reading.questions) == ("mechanical", ";", ",", [])
    assert reading.table["force_newton"].iloc[0] == pytest.approx(922.2 * 9.80665)
