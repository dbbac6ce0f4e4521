"""Files through the API: the body or a form, streamed; imports followed, answered, undone and redone."""

import hashlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from api.imports import UPLOAD_BYTES
from ingest.worker import work_once

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from sqlalchemy import Engine


@pytest.fixture(scope="module")
def export() -> bytes:
    """Two cycles as a plain CSV: 1 h charge, 1 h discharge, pressure going with the charge."""
    time = np.arange(0, 4 * 3600 + 1, 60.0)
    charging = (time // 3600) % 2 == 0
    within = np.where(charging, time % 3600, 3600 - time % 3600) / 3600
    table = pd.DataFrame(
        {
            "test_time_second": time,
            "voltage_volt": 3.0 + within,
            "current_ampere": np.where(charging, 0.001, -0.001),
            "surface_pressure_mpa": 70.0 + within * 0.15,
        }
    )
    return table.to_csv(index=False).encode()


@pytest.fixture
def cell_id(client: "FlaskClient") -> int:
    """A cell to import into."""
    number: int = client.post("/api/v1/cells", json={"name": "In5-1", "active_mass_mg": 16.7}).get_json()["id"]
    return number


def stored_import(client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int, export: bytes) -> int:
    """Number of an import that was uploaded and stored."""
    sent = client.post(f"/api/v1/cells/{cell_id}/files?name=export.csv&confirm=auto", data=export)
    assert sent.status_code == 202, sent.get_json()
    while work_once(engine, data_dir):
        pass
    job = client.get(f"/api/v1/imports/{sent.get_json()['import_id']}").get_json()
    assert job["status"] == "stored", job
    number: int = sent.get_json()["import_id"]
    return number


def test_a_file_becomes_records_and_cycles(
    client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int, export: bytes
) -> None:
    """202, then stored; the bytes are kept under their hash; records and cycles are there."""
    number = stored_import(client, engine, data_dir, cell_id, export)
    job = client.get(f"/api/v1/imports/{number}").get_json()
    assert (job["rows_read"], job["rows_stored"], job["rows_quarantined"]) == (241, 241, 0)
    assert (data_dir / "files" / hashlib.sha256(export).hexdigest()).read_bytes() == export
    records = client.get(f"/api/v1/cells/{cell_id}/records").get_json()
    assert len(records["voltage_volt"]) == 241
    cycles = client.get(f"/api/v1/cells/{cell_id}/cycles").get_json()["cycles"]
    assert [cycle["cycle_count"] for cycle in cycles if cycle["state"] == "complete"] == [1, 2]
    listed = client.get("/api/v1/imports").get_json()
    assert [job["id"] for job in listed["imports"]] == [number], listed


def test_the_same_bytes_again_are_the_same_import(client: "FlaskClient", cell_id: int, export: bytes) -> None:
    """200 with `already`, whatever the name."""
    first = client.post(f"/api/v1/cells/{cell_id}/files?name=export.csv", data=export)
    again = client.post(f"/api/v1/cells/{cell_id}/files?name=copy.csv", data=export)
    assert again.status_code == 200
    assert again.get_json() == {"import_id": first.get_json()["import_id"], "already": True}


def test_a_form_is_taken_as_well(client: "FlaskClient", data_dir: "Path", cell_id: int, export: bytes) -> None:
    """The part's own name is used; the bytes are the same."""
    sent = client.post(f"/api/v1/cells/{cell_id}/files", data={"note": "x", "file": (io.BytesIO(export), "export.csv")})
    assert sent.status_code == 202
    assert client.get(f"/api/v1/imports/{sent.get_json()['import_id']}").get_json()["name"] == "export.csv"
    assert (data_dir / "files" / hashlib.sha256(export).hexdigest()).read_bytes() == export


def test_a_large_form_is_streamed(client: "FlaskClient", data_dir: "Path", cell_id: int) -> None:
    """Above the 8 MB of other requests, with the boundary's own characters inside."""
    content = b"--\r\n-boundary\r\n" * 700_000
    head = b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n'
    form, kind = head + content + b"\r\n--boundary--\r\n", "multipart/form-data; boundary=boundary"
    sent = client.post(f"/api/v1/cells/{cell_id}/files", data=form, content_type=kind)
    assert sent.status_code == 202
    assert (data_dir / "files" / hashlib.sha256(content).hexdigest()).stat().st_size == len(content)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (
            b"--b\r\nContent-Disposition: form-data; name=f; filename=a.csv\r\n\r\n1,2",
            "multipart/form-data; boundary=b",
        ),
        (b"--b\r\n\r\n1\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (b"nothing", "multipart/form-data; boundary=b"),
        (b"nothing", "multipart/form-data"),
    ],
)
def test_a_form_without_a_whole_file_is_refused(
    client: "FlaskClient", data_dir: "Path", cell_id: int, data: bytes, content_type: str
) -> None:
    """No file, cut off, broken: 422, and nothing is kept."""
    sent = client.post(f"/api/v1/cells/{cell_id}/files", data=data, content_type=content_type)
    assert sent.status_code == 422, sent.get_json()
    assert client.get("/api/v1/imports").get_json()["imports"] == []
    assert list((data_dir / "files").glob("*")) == [] if (data_dir / "files").exists() else True


@pytest.mark.parametrize(
    ("query", "status"), [("name=a.csv&confirm=perhaps", 422), ("", 422), ("name=a.csv&colour=blue", 422)]
)
def test_a_request_that_says_too_little_or_too_much_is_refused(
    client: "FlaskClient", cell_id: int, query: str, status: int
) -> None:
    """Confirm is ask or auto; a name is needed; what nobody knows is a mistake."""
    assert client.post(f"/api/v1/cells/{cell_id}/files?{query}", data=b"1,2\n").status_code == status


def test_a_file_that_is_announced_as_too_large_is_refused_unread(client: "FlaskClient", cell_id: int) -> None:
    """413 by its announced length."""
    sent = client.post(
        f"/api/v1/cells/{cell_id}/files?name=a.csv",
        input_stream=io.BytesIO(b""),
        environ_overrides={"CONTENT_LENGTH": str(UPLOAD_BYTES + 1)},
    )
    assert sent.status_code == 413, sent.get_json()


@pytest.mark.parametrize("as_form", [False, True])
def test_a_file_that_does_not_announce_its_length_is_not_cut_off(
    client: "FlaskClient", data_dir: "Path", cell_id: int, monkeypatch: pytest.MonkeyPatch, *, as_form: bool
) -> None:
    """413 where it is larger than the limit, by a byte or by far; nothing is kept.  At the limit it is taken."""
    monkeypatch.setattr("api.imports.UPLOAD_BYTES", 1000)
    kind = "multipart/form-data; boundary=b" if as_form else "application/octet-stream"
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    head, tail = b"--b\r\nContent-Disposition: form-data; name=f; filename=a.csv\r\n\r\n", b"\r\n--b--\r\n"
    for size, status in ((1001, 413), (3 * 2**20, 413), (1000, 202)):
        body = head + b"1" * size + tail if as_form else b"1" * size
        sent = client.post(
            f"/api/v1/cells/{cell_id}/files?name=a.csv",
            input_stream=io.BytesIO(body),
            content_type=kind,
            environ_overrides=chunked,
        )
        assert sent.status_code == status, (size, sent.get_json())
    assert [path.stat().st_size for path in (data_dir / "files").iterdir()] == [1000]


def test_a_file_for_a_cell_that_does_not_exist_is_a_404(client: "FlaskClient") -> None:
    """And nothing is kept."""
    assert client.post("/api/v1/cells/99/files?name=a.csv", data=b"1,2\n").status_code == 404


def test_a_file_without_a_cell_waits_for_one(
    client: "FlaskClient", engine: "Engine", data_dir: "Path", export: bytes, cell_id: int
) -> None:
    """POST /imports asks for the cell; the answer names it."""
    sent = client.post("/api/v1/imports?name=export.csv&confirm=auto", data=export)
    assert sent.status_code == 202
    address = f"/api/v1/imports/{sent.get_json()['import_id']}"
    work_once(engine, data_dir)
    job: dict[str, Any] = client.get(address).get_json()
    assert job["status"] == "asks", job
    answered = client.post(f"{address}/answers", json={"cell_id": cell_id, "confirmed": True})
    assert answered.status_code == 200, answered.get_json()
    while work_once(engine, data_dir):
        pass
    assert client.get(address).get_json()["status"] == "stored"
    assert client.post(f"{address}/answers", json={"cell_id": cell_id}).status_code == 409


def test_an_import_can_be_undone_and_redone(
    client: "FlaskClient", engine: "Engine", data_dir: "Path", cell_id: int, export: bytes
) -> None:
    """Its records and cycles go and come back."""
    number = stored_import(client, engine, data_dir, cell_id, export)
    assert client.delete(f"/api/v1/imports/{number}").status_code == 204
    assert client.get(f"/api/v1/cells/{cell_id}/records?columns=voltage_volt").get_json()["voltage_volt"] == []
    assert client.get(f"/api/v1/cells/{cell_id}/cycles").get_json()["cycles"] == []
    assert client.get(f"/api/v1/imports/{number}").get_json()["status"] == "undone"
    assert client.post(f"/api/v1/imports/{number}/restore").get_json()["status"] == "stored"
    assert len(client.get(f"/api/v1/cells/{cell_id}/records").get_json()["voltage_volt"]) == 241
    assert len(client.get(f"/api/v1/cells/{cell_id}/cycles").get_json()["cycles"]) >= 2


def test_an_import_can_be_cancelled_before_it_is_stored(client: "FlaskClient", cell_id: int, export: bytes) -> None:
    """A second time it is a conflict."""
    number = client.post(f"/api/v1/cells/{cell_id}/files?name=export.csv", data=export).get_json()["import_id"]
    assert client.post(f"/api/v1/imports/{number}/cancel").get_json()["status"] == "cancelled"
    assert client.post(f"/api/v1/imports/{number}/cancel").status_code == 409
