"""Errors of the API: one shape, the right status, never a traceback."""

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
    """405 with Allow, or 404 where nothing takes it."""
    assert client.put("/api/v1/cells").status_code in {404, 405}


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


def test_the_server_says_that_it_works(client: "FlaskClient") -> None:
    """/healthz, for anyone."""
    assert client.get("/healthz").get_json() == {"status": "ok"}
