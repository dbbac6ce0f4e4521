"""Bringing back what was deleted: nothing doubles, and nothing comes back after 30 days."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from data_access.database import writing
from data_access.models import Cell, Import
from data_access.queries import load_import
from ingest.worker import sweep, work_once

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from sqlalchemy import Engine

HEAD = "test_time_second,voltage_volt,current_ampere,surface_pressure_mpa\n"
SIGNS = [1 if i % 40 < 20 else -1 for i in range(200)]
LEVELS = [min(i % 40, 40 - i % 40) for i in range(200)]
ROWS = [
    f"{60 * i},{3.2 + 0.03 * level + 0.1 * sign:.3f},{0.001 * sign},{70 + 0.01 * level + 0.0001 * i:.4f}\n"
    for i, (sign, level) in enumerate(zip(SIGNS, LEVELS, strict=True))
]
"""Five cycles of 20 min up and 20 min down."""


@pytest.fixture
def cell_id(client: "FlaskClient") -> int:
    """A cell to import into."""
    number: int = client.post("/api/v1/cells", json={"name": "In5-1"}).get_json()["id"]
    return number


def send(client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int, rows: list[str]) -> int:
    """Number of an import of these rows, stored."""
    address = f"/api/v1/cells/{cell_id}/files?name=rows-{len(rows)}.csv&confirm=auto"
    number: int = client.post(address, data=(HEAD + "".join(rows)).encode()).get_json()["import_id"]
    while work_once(engine, data_dir):
        pass
    assert load_import(engine, number).status == "stored", load_import(engine, number).questions
    return number


def count(client: "FlaskClient", cell_id: int) -> int:
    """Number of records of the cell."""
    return len(client.get(f"/api/v1/cells/{cell_id}/records?columns=voltage_volt").get_json()["voltage_volt"])


@pytest.mark.parametrize("again", [ROWS, ROWS[40:], ROWS[:120]])
def test_an_import_does_not_come_back_beside_its_own_records(
    client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int, again: list[str]
) -> None:
    """Undone, sent again, restored: 409 and the number of the import that holds them; whole files and parts of one."""
    first = send(client, engine, data_dir, cell_id, ROWS)
    client.delete(f"/api/v1/imports/{first}")
    second = send(client, engine, data_dir, cell_id, again)
    answer = client.post(f"/api/v1/imports/{first}/restore")
    assert answer.status_code == 409, answer.get_json()
    assert f"{len(again)} of its records are there already, through import {second}" in answer.get_json()["error"]
    assert count(client, cell_id) == len(again)
    client.delete(f"/api/v1/imports/{second}")
    assert client.post(f"/api/v1/imports/{first}/restore").status_code == 200
    assert count(client, cell_id) == len(ROWS)
    assert client.post(f"/api/v1/imports/{second}/restore").status_code == 409


def test_an_import_comes_back_beside_other_records(
    client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int
) -> None:
    """The first part of a continuation, and one that a later export replaced."""
    first = send(client, engine, data_dir, cell_id, ROWS[:80])
    send(client, engine, data_dir, cell_id, ROWS[80:160])
    client.delete(f"/api/v1/imports/{first}")
    assert client.post(f"/api/v1/imports/{first}/restore").status_code == 200
    assert count(client, cell_id) == 160
    whole = send(client, engine, data_dir, cell_id, ROWS)
    for expected, act in ((160, client.delete), (200, client.post)):
        act(f"/api/v1/imports/{whole}{'/restore' if act == client.post else ''}")
        assert count(client, cell_id) == expected


def test_a_deletion_is_final_after_thirty_days(
    client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int
) -> None:
    """Of an import and of a cell: 404; the worker's sweep removes the records."""
    old, young = (send(client, engine, data_dir, cell_id, rows) for rows in (ROWS[:80], ROWS[80:]))
    for number, days in ((old, 31), (young, 29)):
        client.delete(f"/api/v1/imports/{number}")
        _delete_before(engine, Import, number, days)
    assert client.post(f"/api/v1/imports/{old}/restore").status_code == 404
    sweep(engine, data_dir)
    assert load_import(engine, old).status == "purged"
    assert client.post(f"/api/v1/imports/{young}/restore").status_code == 200
    assert count(client, cell_id) == 120
    client.delete(f"/api/v1/cells/{cell_id}", headers={"If-Match": '"1"'})
    (deletion, *_) = client.get(f"/api/v1/changes?kind=cell&object_id={cell_id}").get_json()["changes"]
    _delete_before(engine, Cell, cell_id, 31)
    assert client.post(f"/api/v1/cells/{cell_id}/restore").status_code == 404
    assert client.post(f"/api/v1/changes/{deletion['id']}/undo").status_code in {404, 409}


def _delete_before(engine: "Engine", kind: type[Import | Cell], number: int, days: int) -> None:
    """Have something be deleted so many days ago."""
    with writing(engine) as session:
        moment = datetime.now(UTC) - timedelta(days=days)
        session.execute(update(kind).where(kind.id == number).values(deleted_at=moment))
