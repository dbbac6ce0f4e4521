"""What the API answers while the database is held or the disk is full: when to come again, never a numbered 500."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, event

from data_access import database
from data_access.database import db, writing

if TYPE_CHECKING:
    from dash import Dash

CELLS = "/api/v1/cells"


def test_a_held_database_answers_503(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """While another writer holds the database a write is put off, a read is not; afterwards the write succeeds."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECOND", 0.1)
    client = request.getfixturevalue("client")
    with writing(engine):
        answer = client.post(CELLS, json={"name": "one"})
        assert client.get(CELLS).status_code == 200
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "busy" in answer.get_json()["error"]
    assert client.post(CELLS, json={"name": "one"}).status_code == 201


def test_a_full_disk_answers_507(app: "Dash") -> None:
    """Where there is no room the answer says so and when to come again; nothing is stored, reads go on."""
    with app.server.app_context():
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    client = app.server.test_client()
    answer = client.post(CELLS, json={"name": "one", "tags": [f"{number:0>100}" for number in range(10_000)]})
    assert answer.status_code == 507
    assert int(answer.headers["Retry-After"]) > 0
    assert "disk is full" in answer.get_json()["error"]
    assert client.get(CELLS).get_json()["cells"] == []
