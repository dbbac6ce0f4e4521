"""Records, cycles and comparisons through the API, as JSON and as CSV."""

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from api.responses import as_csv, harmless
from data_access.database import writing
from data_access.models import Chunk
from data_access.series import create_series, load_series, seal, store_records
from data_access.writes import create_cell, create_test, replace_cycles

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from sqlalchemy import Engine

ROWS = 5000


@pytest.fixture
def cell_id(engine: "Engine") -> int:
    """A cell with 5000 records, one deep dip, one repeated time stamp and some missing pressures."""
    cell = create_cell(engine, {"name": "In5-1", "plating_time_min": 5})
    test = create_test(engine, cell.id, name="")
    series = create_series(engine, test.id, source="cycler", channel="1", clock="test", offset_second=0.0)
    time = np.arange(ROWS, dtype=float)
    time[11] = time[10]
    voltage = 3.7 + 0.1 * np.sin(time / 500)
    voltage[1234] = 0.25
    pressure = 70 + time / ROWS
    pressure[100:110] = np.nan
    table = pd.DataFrame(
        {
            "sequence": np.arange(ROWS),
            "test_time_second": time,
            "voltage_volt": voltage,
            "surface_pressure_mpa": pressure,
        }
    )
    store_records(engine, series.id, table, None)
    seal(engine, series.id)
    return cell.id


def test_records_are_arrays_of_equal_length(client: "FlaskClient", cell_id: int) -> None:
    """Time and each column that was asked for, at the top; what was not measured is null."""
    answer = client.get(f"/api/v1/cells/{cell_id}/records?columns=surface_pressure_mpa,voltage_volt,strain").get_json()
    meta = answer.pop("meta")
    assert list(answer) == ["test_time_second", "surface_pressure_mpa", "voltage_volt", "strain"]
    assert {len(column) for column in answer.values()} == {ROWS} == {meta["n"]}
    assert answer["surface_pressure_mpa"][100:110] == [None] * 10
    assert set(answer["strain"]) == {None}
    assert answer["test_time_second"][10] == answer["test_time_second"][11]


def test_long_arrays_are_written_in_parts_that_join(
    client: "FlaskClient", cell_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost or doubled at the seams."""
    address = f"/api/v1/cells/{cell_id}/records?columns=voltage_volt"
    whole = client.get(address).get_json()
    monkeypatch.setattr("api.responses.PART_ROWS", 999)
    assert client.get(address).get_json() == whole


def test_without_names_the_columns_that_were_measured_come(client: "FlaskClient", cell_id: int) -> None:
    """And no empty ones."""
    answer = client.get(f"/api/v1/cells/{cell_id}/records").get_json()
    assert {"test_time_second", "voltage_volt", "surface_pressure_mpa"} <= set(answer)
    assert "strain" not in answer


def test_a_range_of_time_is_cut_out(client: "FlaskClient", cell_id: int) -> None:
    """Both ends belong to it."""
    answer = client.get(f"/api/v1/cells/{cell_id}/records?columns=voltage_volt&from_s=20&to_s=29").get_json()
    assert answer["test_time_second"] == list(range(20, 30))


def test_thinned_records_keep_a_dip_of_one_sample(client: "FlaskClient", cell_id: int) -> None:
    """It is what a short circuit looks like."""
    answer = client.get(
        f"/api/v1/cells/{cell_id}/records?columns=voltage_volt,surface_pressure_mpa&points=100"
    ).get_json()
    assert 20 < answer["meta"]["n"] <= 100
    assert {len(answer[name]) for name in ("test_time_second", "voltage_volt", "surface_pressure_mpa")} == {
        answer["meta"]["n"]
    }
    assert min(value for value in answer["voltage_volt"] if value is not None) == 0.25
    assert answer["test_time_second"] == sorted(answer["test_time_second"])


def test_pandas_reads_the_records_as_csv(client: "FlaskClient", cell_id: int) -> None:
    """Accept: text/csv."""
    answer = client.get(f"/api/v1/cells/{cell_id}/records?columns=voltage_volt", headers={"Accept": "text/csv"})
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    table = pd.read_csv(io.BytesIO(answer.data))
    assert list(table) == ["test_time_second", "voltage_volt"]
    assert len(table) == ROWS
    assert table["voltage_volt"].min() == 0.25


@pytest.mark.parametrize("what", ["records?columns=voltage_volt&points=50", "cycles", "comparisons"])
def test_pandas_reads_an_address_without_saying_how(app: "Dash", engine: "Engine", cell_id: int, what: str) -> None:
    """No Accept, as pandas.read_csv(url): CSV; */* and application/json: JSON; with .csv always CSV."""
    replace_cycles(engine, cell_id, None, _cycles([16.0, 15.0]), {})
    address = f"/api/v1/{what}" if what == "comparisons" else f"/api/v1/cells/{cell_id}/{what}"
    client = app.server.test_client()
    answer = client.get(address)
    assert answer.mimetype == "text/csv", answer.get_json()
    assert 2 <= len(pd.read_csv(io.BytesIO(answer.data))) <= 50
    for accepted in ("*/*", "application/json", "text/html,*/*;q=0.8"):
        assert client.get(address, headers={"Accept": accepted}).mimetype == "application/json"
    name, _, query = address.partition("?")
    always = client.get(f"{name}.csv?{query}", headers={"Accept": "application/json"})
    assert (always.mimetype, always.data) == ("text/csv", answer.data)


@pytest.mark.parametrize("form", ["application/json", "text/csv"])
def test_thinned_records_are_never_more_than_asked_for(
    client: "FlaskClient", engine: "Engine", cell_id: int, form: str
) -> None:
    """Also of a cell of many files, and of few points; too few for a minimum and a maximum each are refused."""
    (test,) = {series.test_id for series in load_series(engine, cell_id) if series.test_id is not None}
    for start in range(1, 9):
        series = create_series(engine, test, source="cycler", channel="1", clock="test", offset_second=start * 1e6)
        time = np.arange(3000.0)
        table = pd.DataFrame({"sequence": np.arange(3000), "test_time_second": time, "voltage_volt": np.sin(time)})
        store_records(engine, series.id, table.assign(current_ampere=np.cos(time)), None)
    address = f"/api/v1/cells/{cell_id}/records?columns=voltage_volt,surface_pressure_mpa,current_ampere"
    for points in (6, 16, 100, 1000):
        answer = client.get(f"{address}&points={points}", headers={"Accept": form})
        assert answer.status_code == 200
        if form == "text/csv":
            table = pd.read_csv(io.BytesIO(answer.data))
        else:
            table = pd.DataFrame({name: column for name, column in answer.get_json().items() if name != "meta"})
        assert points / 4 < len(table) <= points
        assert table["voltage_volt"].astype(float).min() == pytest.approx(-1, abs=1e-4)
    refused = client.get(f"{address}&points=5", headers={"Accept": form})
    assert refused.status_code == 422
    assert "at least 6" in refused.get_json()["problems"][0]


@pytest.mark.parametrize("form", ["application/json", "text/csv"])
def test_damaged_records_are_a_fault_of_the_server(
    client: "FlaskClient", engine: "Engine", cell_id: int, form: str
) -> None:
    """500 with the reason, in every form, before the answer begins."""
    with writing(engine) as session:
        session.execute(update(Chunk).values(crc=1))
    for query in ("columns=voltage_volt", "columns=voltage_volt&points=50"):
        answer = client.get(f"/api/v1/cells/{cell_id}/records?{query}", headers={"Accept": form})
        assert answer.status_code == 500
        assert "damaged" in answer.get_json()["error"]


def test_a_download_has_a_name_that_any_header_can_hold(client: "FlaskClient", engine: "Engine") -> None:
    """Whatever the property that is grouped by is called."""
    for number, name in enumerate(("전해질", 'x"; y', 'x"; filename')):
        create_cell(engine, {"name": str(number), "properties": {name: 1}})
        answer = client.get("/api/v1/comparisons.csv", query_string={"by": name})
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].isascii()
    refused = client.get("/api/v1/comparisons.csv", query_string={"by": "a\r\nSet-Cookie: b"})
    assert refused.status_code == 422
    assert "Set-Cookie" not in refused.headers


def test_an_unknown_grouping_is_told_with_those_that_there_are(client: "FlaskClient", engine: "Engine") -> None:
    """422, as with an unknown metric, both at once."""
    create_cell(engine, {"name": "In5-1", "properties": {"batch": "b"}})
    answer = client.get("/api/v1/comparisons?by=nosuch&metric=quality")
    assert answer.status_code == 422
    assert len(answer.get_json()["problems"]) == 2
    assert "plating_time_min, group" in answer.get_json()["problems"][1]
    assert "batch" in answer.get_json()["problems"][1]


def test_a_cell_without_records_gives_empty_arrays(client: "FlaskClient", engine: "Engine") -> None:
    """Not an error."""
    cell = create_cell(engine, {"name": "empty"})
    for query in ("columns=voltage_volt", "columns=voltage_volt&points=100"):
        answer = client.get(f"/api/v1/cells/{cell.id}/records?{query}").get_json()
        assert answer["voltage_volt"] == []
    text = client.get(f"/api/v1/cells/{cell.id}/records?columns=voltage_volt", headers={"Accept": "text/csv"}).text
    assert text.strip() == "test_time_second,voltage_volt"


def test_an_unknown_column_is_named(client: "FlaskClient", cell_id: int) -> None:
    """All of them."""
    answer = client.get(f"/api/v1/cells/{cell_id}/records?columns=voltage,power")
    assert answer.status_code == 422
    assert len(answer.get_json()["problems"]) == 2


def _cycles(values: list[float], **more: Any) -> pd.DataFrame:
    number = np.arange(1, len(values) + 1)
    table = pd.DataFrame(
        {
            "cycle_count": number,
            "formation_count": None,
            "state": "complete",
            "start_second": number * 100.0,
            "end_second": number * 100.0 + 90,
            "masked": 0,
            "delta_delta_p_q_mpa_g_per_ah": values,
        }
    )
    table["quality"] = [["scatter"] for _ in values]
    reasons = pd.Series([{"strain": "=no strain"} for _ in values], dtype=object)
    return table.assign(not_computed=reasons, **more)


def test_cycles_are_one_row_each(client: "FlaskClient", engine: "Engine", cell_id: int) -> None:
    """JSON with lists and reasons; CSV that pandas reads."""
    replace_cycles(engine, cell_id, None, _cycles([16.0, float("nan")]), {})
    first, second = client.get(f"/api/v1/cells/{cell_id}/cycles").get_json()["cycles"]
    assert (first["cycle_count"], first["delta_delta_p_q_mpa_g_per_ah"], first["quality"]) == (1, 16.0, ["scatter"])
    assert first["not_computed"] == {"strain": "=no strain"}
    assert second["delta_delta_p_q_mpa_g_per_ah"] is None
    answer = client.get(f"/api/v1/cells/{cell_id}/cycles.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="cell-{cell_id}-cycles.csv"'
    table = pd.read_csv(io.BytesIO(answer.data))
    assert table["cycle_count"].tolist() == [1, 2]
    assert json.loads(table["quality"][0]) == ["scatter"]


def test_groups_are_compared_cycle_by_cycle(client: "FlaskClient", engine: "Engine", cell_id: int) -> None:
    """n, mean, sd, least and greatest; masked and formation cycles are left out."""
    replace_cycles(engine, cell_id, None, _cycles([16.0, 15.0]), {})
    other = create_cell(engine, {"name": "In5-2", "plating_time_min": 5, "properties": {"batch": "b"}})
    replace_cycles(engine, other.id, None, _cycles([18.0, 99.0], masked=[0, 1]), {})
    create_cell(engine, {"name": "unknown plating"})
    answer = client.get("/api/v1/comparisons").get_json()
    assert (answer["metric"], answer["by"]) == ("delta_delta_p_q_mpa_g_per_ah", "plating_time_min")
    assert answer["cells"] == {"5.0": [cell_id, other.id]}
    first, second = answer["rows"]
    assert (first["group"], first["cycle_count"], first["n"], first["mean"]) == (5.0, 1, 2, 17.0)
    assert (first["min"], first["max"], first["sd"]) == (16.0, 18.0, pytest.approx(2**0.5))
    assert (second["n"], second["mean"], second["sd"]) == (1, 15.0, None)
    by_batch = client.get("/api/v1/comparisons?by=batch").get_json()
    assert [row["group"] for row in by_batch["rows"]] == ["b"]
    table = pd.read_csv(io.BytesIO(client.get("/api/v1/comparisons", headers={"Accept": "text/csv"}).data))
    assert table["n"].tolist() == [2, 1]


def test_a_comparison_of_nothing_is_empty(client: "FlaskClient") -> None:
    """No cells, no rows."""
    assert client.get("/api/v1/comparisons").get_json()["rows"] == []


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(sign: str) -> None:
    """Numbers stay numbers."""
    assert harmless(f"{sign}1+1") == f"'{sign}1+1".replace("\r", "\n")
    assert harmless(-0.5) == -0.5
    table = pd.DataFrame({"name": [f"{sign}cmd", "In5-1"], "value": [-0.5, 1.0]})
    text = b"".join(as_csv([table], "x.csv").iter_encoded()).decode()
    back = pd.read_csv(io.StringIO(text))
    assert back["value"].tolist() == [-0.5, 1.0]
    assert back["name"][0].startswith("'")


def test_a_long_table_is_written_in_parts_with_one_header() -> None:
    """Nothing is lost at the seams."""
    tables = [pd.DataFrame({"a": range(50_000)}), pd.DataFrame({"a": range(3)})]
    parts = list(as_csv(tables, "x.csv").iter_encoded())
    assert len(parts) > 3
    assert len(pd.read_csv(io.BytesIO(b"".join(parts)))) == 50_003
