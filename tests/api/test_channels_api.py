"""Channels over the API: their state, their cell, their files, and agents that say they live."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import Engine

from data_access.queries import load_agents, load_changes, load_import
from data_access.series import load_cell_records
from data_access.writes import create_cell
from ingest.worker import work_once

if TYPE_CHECKING:
    from flask.testing import FlaskClient

START = datetime.now(UTC) - timedelta(hours=2)


def send(client: "FlaskClient", key: str, sequences: range, **values: Any) -> None:
    """Rows at one a second, taken."""
    rows = [
        {"channel": "A01", "sequence": i, "time": START + timedelta(seconds=i), "voltage_volt": 3.5, **values}
        for i in sequences
    ]
    body = b"\n".join(orjson.dumps(one) for one in rows)
    headers = {"Idempotency-Key": f"lab:{key}", "Content-Type": "application/x-ndjson"}
    assert client.post("/api/v1/ingest", data=body, headers=headers).status_code == 200


def put(client: "FlaskClient", body: object, version: int, name: str = "A01") -> Any:
    """The answer to an assignment."""
    return client.put(f"/api/v1/channels/{name}", json=body, headers={"If-Match": f'"{version}"'})


def test_an_agent_finds_where_its_channel_stands(client: "FlaskClient") -> None:
    """last_sequence, the wall clock and the raw test time of the last row; 404 where there was none."""
    assert client.get("/api/v1/channels/A01/state").status_code == 404
    send(client, "1", range(3), test_time_second=7.5)
    state = client.get("/api/v1/channels/A01/state").get_json()
    assert (state["channel"], state["agent"], state["last_sequence"], state["cell_id"]) == ("A01", "lab", 2, None)
    assert datetime.fromisoformat(state["last_time"]) == START + timedelta(seconds=2)
    assert state["last_test_time_second"] == 7.5
    assert client.get("/api/v1/channels").get_json() == {"channels": [state]}
    assert client.get("/api/v1/channels/A01").headers["ETag"] == '"1"'


def test_a_channel_without_test_time_tells_none(client: "FlaskClient") -> None:
    """The store's own clock is nothing that an agent could find in its file."""
    send(client, "1", range(3))
    assert client.get("/api/v1/channels/A01/state").get_json()["last_test_time_second"] is None


def test_a_channel_is_assigned_with_its_version(client: "FlaskClient", engine: Engine) -> None:
    """PUT with If-Match: 428 without, 409 with both versions when stale, 404 for no cell; rows go along."""
    send(client, "1", range(3))
    cell = create_cell(engine, {"name": "one"})
    assert client.put("/api/v1/channels/A01", json={"cell_id": cell.id}).status_code == 428
    assert put(client, {"cell_id": 99}, 1).status_code == 404
    assert put(client, {"cell": 1}, 1).status_code == 422
    assert put(client, {"cell_id": cell.id}, 1, name="A02").status_code == 404
    answer = put(client, {"cell_id": cell.id}, 1)
    assert (answer.status_code, answer.get_json()["cell_id"], answer.headers["ETag"]) == (200, cell.id, '"2"')
    stale = put(client, {"cell_id": None}, 1)
    assert stale.status_code == 409
    assert (stale.get_json()["yours"], stale.get_json()["current"]["version"]) == ({"cell_id": None}, 2)
    assert len(load_cell_records(engine, cell.id)) == 3
    assert put(client, {"cell_id": cell.id, "from_sequence": 17}, 2).status_code == 422
    (change,) = load_changes(engine, kind="channel")
    assert (change.action, change.after) == ("assigned", {"cell_id": cell.id, "from_sequence": 0})


def test_an_assignment_is_undone(client: "FlaskClient", engine: Engine) -> None:
    """Assigned again with the cell and number that the change names, all is as before; cycles follow."""
    send(client, "1", range(3), current_ampere=0.001)
    cell = create_cell(engine, {"name": "one"})
    put(client, {"cell_id": cell.id}, 1)
    (change,) = load_changes(engine, kind="channel")
    assert put(client, change.before, 2).status_code == 200
    assert load_cell_records(engine, cell.id).empty
    assert put(client, {"cell_id": cell.id}, 3).status_code == 200
    assert len(load_cell_records(engine, cell.id)) == 3


def test_a_release_needs_the_version_too(client: "FlaskClient") -> None:
    """428 without, 409 when stale."""
    send(client, "1", range(3))
    assert client.post("/api/v1/channels/A01/release").status_code == 428
    assert client.post("/api/v1/channels/A01/release", headers={"If-Match": '"9"'}).status_code == 409
    released = client.post("/api/v1/channels/A01/release", headers={"If-Match": '"1"'}).get_json()
    assert (released["agent"], released["version"]) == (None, 2)


def export() -> bytes:
    """Half an hour of a cell as a plain CSV."""
    time = np.arange(0, 1800, 10.0)
    table = pd.DataFrame({"test_time_second": time, "voltage_volt": 3.0 + time / 1800, "current_ampere": 0.001})
    return table.to_csv(index=False).encode()


def test_a_file_of_a_channel_waits_for_the_cell(client: "FlaskClient", engine: Engine, data_dir: Path) -> None:
    """Kept as it is until the channel has a cell, then imported into it without a question."""
    sent = client.post("/api/v1/channels/B02/files?name=export.csv", data=export())
    assert sent.status_code == 202, sent.get_json()
    number = sent.get_json()["import_id"]
    while work_once(engine, data_dir):
        pass
    assert load_import(engine, number).status == "asks"
    again = client.post("/api/v1/channels/B02/files?name=export.csv", data=export())
    assert (again.status_code, again.get_json()) == (200, {"import_id": number, "already": True})
    cell = create_cell(engine, {"name": "one"})
    assert put(client, {"cell_id": cell.id}, 1, name="B02").status_code == 200
    while work_once(engine, data_dir):
        pass
    assert load_import(engine, number).status == "stored"
    assert len(load_cell_records(engine, cell.id)) == 180
    later = client.post("/api/v1/channels/B02/files?name=export.csv", data=export())
    assert later.get_json() == {"import_id": number, "already": True}


def test_a_channel_needs_a_name_that_can_be(client: "FlaskClient") -> None:
    """No sign that cannot be seen, and no more than 120 characters."""
    assert client.post(f"/api/v1/channels/{'x' * 121}/files?name=a.csv", data=export()).status_code == 422


def test_an_agent_says_that_it_lives(client: "FlaskClient", engine: Engine) -> None:
    """What it says is kept, the answer tells where its channels stand."""
    send(client, "1", range(3))
    for rows in (5, 0):
        beat: dict[str, Any] = {"agent": "lab", "version": "1", "backlog_rows": rows, "alarms": []}
        answer = client.post("/api/v1/agents/heartbeat", json=beat)
        assert answer.status_code == 200
        assert answer.get_json()["channels"] == {"A01": 2}
    (agent,) = load_agents(engine)
    assert (agent.name, agent.said["backlog_rows"]) == ("lab", 0)
    for wrong in ({}, {"agent": ""}, {"agent": 5}, {"agent": "a/b"}):
        assert client.post("/api/v1/agents/heartbeat", json=wrong).status_code == 422
    assert client.post("/api/v1/agents/heartbeat", json={"agent": "lab", "x": "y" * 70_000}).status_code == 413
