"""Several files of one cell, from their bytes to the cell's cycles, in any order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import load_cycles, load_import
from data_access.series import load_cell_mechanical, load_cell_records
from data_access.writes import create_cell
from ingest.answers import answer_import
from ingest.upload import receive_upload
from ingest.worker import work_once

NAMES = {"t": "Test_Time(s)", "c": "Cycle_Index", "i": "Current(A)", "v": "Voltage(V)", "p": "Pressure(MPa)"}
WITHOUT_PRESSURE = {name: NAMES[name] for name in "tciv"}
START = pd.Timestamp("2024-05-20 10:00:00")


def synthetic_test(cycles: int = 4) -> pd.DataFrame:
    """Synthetic records: each cycle 10 of rest, 60 of charge and 60 of discharge, 60 s apart."""
    number = np.arange(cycles * 130)
    phase = number % 130 - 10
    state = np.clip(np.where(phase < 60, phase / 60, 2 - phase / 60), 0, 1)
    current = np.where(phase < 0, 0.0, np.where(phase < 60, 1e-3, -1e-3))
    voltage = np.round(3.4 + 0.7 * state + 40 * current + 1e-4 * (number // 130), 5)
    return pd.DataFrame(
        {"t": 60.0 * number, "c": number // 130 + 1, "i": current, "v": voltage, "p": np.round(70 + 2 * state, 4)}
    )


def dated(table: pd.DataFrame, shift_second: float = 0.0) -> pd.DataFrame:
    """The table with the date of a clock without a zone."""
    stamps = START + pd.to_timedelta(table["t"] + shift_second, unit="s")
    return table.assign(d=stamps.dt.strftime("%Y-%m-%d %H:%M:%S"))


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A cell to import into."""
    return create_cell(engine, {"name": "In0-3", "active_mass_mg": 16.72}).id


@pytest.fixture
def send(engine: Engine, data_dir: Path, tmp_path: Path, cell_id: int) -> Callable[..., Import]:
    """Have a table imported for the cell with confirm=auto."""

    def send_table(table: pd.DataFrame, columns: dict[str, str], name: str) -> Import:
        path = tmp_path / "sent"
        path.write_text(table[list(columns)].rename(columns=columns).to_csv(index=False))
        with path.open("rb") as stream:
            job, _ = receive_upload(engine, stream, name=name, data_dir=data_dir, cell_id=cell_id, confirm="auto")
        assert work_once(engine, data_dir)
        return load_import(engine, job.id)

    return send_table


def times(engine: Engine, cell_id: int) -> "np.ndarray[Any, Any]":
    """Times of the cell's records on its axis."""
    return load_cell_records(engine, cell_id)["test_time_second"].to_numpy()


def test_cycles_are_numbered_in_order_of_time(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """The later part first, overlapping the earlier one: every record once, cycles 1 to 4 from the first on."""
    data = synthetic_test()
    assert send(data[250:], NAMES, "b.csv").status == "stored"
    assert send(data[:330], NAMES, "a.csv").rows_stored == 250
    assert np.array_equal(times(engine, cell_id), data["t"])
    cycles = load_cycles(engine, cell_id)
    assert cycles["cycle_count"].tolist() == [1, 2, 3, 4]
    assert cycles["start_second"].is_monotonic_increasing


def test_place_is_asked_and_the_answer_holds(
    engine: Engine, data_dir: Path, send: Callable[..., Import], cell_id: int
) -> None:
    """confirm=auto does not guess a place; the answer stores the file there and is not remembered for the next."""
    data = synthetic_test()
    send(data[390:], NAMES, "d.csv")
    job = send(data[:130], NAMES, "a.csv")
    assert (job.status, [question["code"] for question in job.questions]) == ("asks", ["placement"])
    answer_import(engine, job.id, {"placement": "same_clock"})
    assert work_once(engine, data_dir)
    assert load_import(engine, job.id).status == "stored"
    assert np.array_equal(times(engine, cell_id), data["t"][(data.index < 130) | (data.index >= 390)])
    assert send(data[130:390], NAMES, "bc.csv").status == "stored"
    assert np.array_equal(times(engine, cell_id), data["t"])


def test_dates_without_a_zone_place_files_beside_each_other(
    engine: Engine, send: Callable[..., Import], cell_id: int
) -> None:
    """A force log that began an hour before the cycler lies an hour before it; both clocks name no zone."""
    data = synthetic_test()
    send(dated(data), {**WITHOUT_PRESSURE, "d": "Date_Time"}, "cycler.csv")
    log = dated(pd.DataFrame({"t": np.arange(0, 30_000, 30.0)}), -3600).assign(p=lambda t: 70 + np.sin(t["t"] / 3000))
    job = send(log, {"d": "DateTime", "p": "Pressure (MPa)"}, "force.csv")
    assert "wall_clock" in [note["code"] for note in job.assumptions]
    mechanical = load_cell_mechanical(engine, cell_id)
    assert mechanical is not None
    assert mechanical["test_time_second"].iloc[0] == -3600


def test_days_between_dated_files_stay_a_gap(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """Two daily files four days apart are four days apart, and no drift is published over them."""
    data = synthetic_test(3)
    columns = {"d": "Date_Time", **{name: NAMES[name] for name in "civp"}}
    send(dated(data[:130]), columns, "monday.csv")
    job = send(dated(data[130:], 4 * 86_400), columns, "friday.csv")
    assert job.status == "stored", (job.problems, job.questions)
    assert times(engine, cell_id)[-1] == data["t"].iloc[-1] + 4 * 86_400
    cycles = load_cycles(engine, cell_id)
    assert cycles["p_drift_mpa"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("order", ["restart", "back"])
def test_what_is_assumed_of_a_clock_is_said_once(send: Callable[..., Import], order: str) -> None:
    """Restarts in one file are counted; while it is asked what steps back mean, no place is said to be settled."""
    data = synthetic_test()
    if order == "restart":
        data["t"] = 60.0 * (data.index % 130)
    else:
        data.loc[100:, "t"] -= 1800
        data.loc[300:, "t"] -= 1800
    job = send(data, NAMES, "a.csv")
    placed = [note["text"] for note in job.assumptions if note["code"] == "directly_after"]
    if order == "back":
        assert ([question["code"] for question in job.questions], placed) == (["time_backwards"], [])
    else:
        assert [text[-9:] for text in placed] == ["(3 times)"]


def test_pressure_is_not_lost_by_a_re_export(engine: Engine, send: Callable[..., Import], cell_id: int) -> None:
    """An export that brings the pressure replaces; one that lost it adds its new records to those that are stored."""
    data = synthetic_test()
    send(data[:300], WITHOUT_PRESSURE, "a.csv")
    assert send(data[:300], NAMES, "b.csv").rows_stored == 300
    assert send(data, WITHOUT_PRESSURE, "c.csv").rows_stored == 220
    records = load_cell_records(engine, cell_id)
    assert (len(records), int(records["surface_pressure_mpa"].notna().sum())) == (520, 300)
