"""Errors of the API: one shape, the right status, never a traceback."""

import io
import logging
from typing import TYPE_CHECKING

import pytest

from access.roles import requires
from api.errors import log_unknown
from pressiometry.errors import BarographError, MissingDataError, RefusedFileError

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/nothing", 404),
        ("GET", "/api/v1/cells/abc", 404),
        ("GET", "/api/v1/imports/99", 404),
        ("GET", "/api/v1/cells/99/records", 404),
        ("GET", "/api/v1/cells/99/cycles", 404),
        ("GET", "/api/v1/cells?archived=perhaps", 422),
        ("GET", "/api/v1/cells?colour=blue", 422),
        ("GET", "/api/v1/imports?limit=0", 422),
        ("GET", "/api/v1/comparisons?metric=quality", 422),
    ],
)
def test_a_refusal_has_one_shape(client: "FlaskClient", method: str, address: str, status: int) -> None:
    """{"error": text, "problems": [text, ...]}, also where Dash would have answered with its page."""
    answer = client.open(address, method=method)
    assert answer.status_code == status
    assert set(answer.get_json()) == {"error", "problems"}
    assert answer.get_json()["problems"]


def test_a_wrong_method_says_which_are_right(client: "FlaskClient") -> None:
    """405 with Allow; 404 where nothing takes it."""
    answer = client.put("/api/v1/cells")
    assert answer.status_code == 405
    assert {method.strip() for method in answer.headers["Allow"].split(",")} == {"GET", "POST"}
    assert answer.get_json()["problems"]
    assert client.put("/api/v1/nothing").status_code == 404


def test_what_nobody_foresaw_gets_a_number_that_stands_in_the_log(
    app: "Dash", caplog: pytest.LogCaptureFixture
) -> None:
    """500 without a traceback; the log has it under the number."""

    @requires("viewer")
    def fail() -> str:
        raise ZeroDivisionError("secret")

    app.server.add_url_rule("/api/v1/fail", "fail", fail)
    with caplog.at_level(logging.ERROR):
        answer = app.server.test_client().get("/api/v1/fail")
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)
    number = answer.get_json()["error"].split("error ")[1].rstrip(".")
    assert number in caplog.text
    assert "ZeroDivisionError: secret" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RefusedFileError("too_large", "It is too large"), 413),
        (RefusedFileError("disk_full", "The disk is full"), 507),
        (RefusedFileError("empty", "It is empty"), 422),
        (MissingDataError("No voltage"), 422),
        (BarographError("Something else"), 400),
    ],
)
def test_each_kind_of_error_has_its_status(app: "Dash", error: BarographError, status: int) -> None:
    """What a person can act on keeps its own words."""

    @requires("viewer")
    def fail() -> str:
        raise error

    app.server.add_url_rule("/api/v1/fail", "fail", fail)
    answer = app.server.test_client().get("/api/v1/fail")
    assert answer.status_code == status
    assert answer.get_json()["error"] == error.text


def test_numbers_differ() -> None:
    """Each error has its own."""
    assert log_unknown(ValueError("a")) != log_unknown(ValueError("a"))


def test_a_body_above_8_mb_is_refused_where_no_file_is_expected(client: "FlaskClient") -> None:
    """413 before it is read."""
    answer = client.post("/api/v1/cells", data=b"x" * (8 * 1024**2 + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("address", ["/api/v1/cells", "/api/v1/cells/list"])
def test_a_body_that_does_not_announce_its_length_is_not_cut_off(client: "FlaskClient", address: str) -> None:
    """413 for a body in chunks as well: the first 8 MB of a list of cells are not the list."""
    lines = b"name,notes\n" + b"".join(b"cell %d,%s\n" % (i, b"x" * 3000) for i in range(3000))
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    answer = client.post(address, input_stream=io.BytesIO(lines), environ_overrides=chunked)
    assert answer.status_code == 413, answer.get_json()
    assert client.get("/api/v1/cells").get_json()["cells"] == []
    short = client.post("/api/v1/cells/list", input_stream=io.BytesIO(b"name\nA\n"), environ_overrides=chunked)
    assert short.status_code == 201, short.get_json()


@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 10**400], ids=["31", "63", "64", "400 digits"])
@pytest.mark.parametrize(
    "address",
    ["cells/{}", "cells/{}/records", "cells/{}/cycles", "imports/{}", "imports?cell_id={}", "changes?object_id={}"],
)
def test_a_number_beyond_all_numbers_is_nobodys(client: "FlaskClient", address: str, number: int) -> None:
    """404, 422 or nothing found, never a fault."""
    answer = client.get(f"/api/v1/{address.format(number)}")
    assert answer.status_code in ({200, 422} if "?" in address else {404}), answer.get_json()


def test_the_server_says_that_it_works(client: "FlaskClient") -> None:
    """/healthz, for anyone."""
    assert client.get("/healthz").get_json() == {"status": "ok"}
