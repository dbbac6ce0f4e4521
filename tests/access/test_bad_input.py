"""What is thrown at the server: each gets its status and a sentence, stands in the log, and costs nothing."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from data_access.models import Person
from data_access.queries import load_audit, load_cells, load_tokens
from data_access.writes import create_cell, delete_person
from tests.access.test_calls import proper_call

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

Browser = Callable[[str], "FlaskClient"]
TENTH_OF_WHAT_WOULD_HURT = 2**20


class Endless(io.RawIOBase):
    """A body that has no end; it counts what was read of it."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        super().__init__()
        self.read_bytes = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give as much as is asked for."""
        self.read_bytes += len(buffer)
        return len(buffer)


def sentence_of(answer: "TestResponse") -> str:
    """What the answer says."""
    said = answer.get_json()["error"] if answer.is_json else answer.get_data(as_text=True)
    assert len(said) > 10
    return str(said)


def last(engine: Engine) -> tuple[str, str, int | None]:
    """Who did what, with which status, according to the log."""
    row = load_audit(engine, 1)[0]
    return row.who, row.action, row.status


def test_a_host_of_another_name(stranger: "FlaskClient", engine: Engine) -> None:
    """400, at any address, also one that is open to anyone."""
    for host in ("evil.example", "127.0.0.1.evil.example", "lab.example.org.evil", "a b", "[::2]"):
        for path in ("/api/v1/cells", "/healthz", "/"):
            answer = stranger.get(path, headers={"Host": host})
            assert answer.status_code == 400, host
            assert "does not answer to that name" in sentence_of(answer)
    assert last(engine) == ("", "denied", 400)
    assert stranger.get("/healthz", headers={"Host": "lab.example.org"}).status_code == 200
    assert stranger.get("/healthz", headers={"Host": "lab.example.org:8050"}).status_code == 200


def test_a_strangers_body_without_an_end_is_not_read(stranger: "FlaskClient", engine: Engine) -> None:
    """401 before a byte of it, whatever its length is said to be."""
    for path in ("/api/v1/imports", "/api/v1/ingest", "/_dash-update-component", "/api/v1/cells"):
        body = Endless()
        environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body}
        assert stranger.post(path, environ_overrides=environ).status_code == 401
        assert body.read_bytes == 0
        announced = stranger.post(path, data=b"x", headers={"Content-Length": str(10 * 2**30)})
        assert announced.status_code == 401
    assert last(engine) == ("", "denied", 401)


def test_a_form_without_an_end_is_cut_off(stranger: "FlaskClient") -> None:
    """The door reads 16 kB."""
    body = Endless()
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    form = "application/x-www-form-urlencoded"
    answer = stranger.post("/sign-in", content_type=form, environ_overrides={**environ, "wsgi.input": body})
    assert answer.status_code in {400, 413}
    assert sentence_of(answer)
    assert body.read_bytes < TENTH_OF_WHAT_WOULD_HURT


def test_an_operators_body_without_an_end_stops_at_the_limit(browser_of: Browser) -> None:
    """8 MB, then 413."""
    body = Endless()
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = browser_of("operator").post("/api/v1/cells", environ_overrides={**environ, "wsgi.input": body})
    assert answer.status_code == 413
    assert sentence_of(answer)
    assert body.read_bytes <= 2 * 8 * 2**20


OUTSIDE = (
    "/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py", "/assets/%00", "/assets/\\..\\app.py",
    "/_dash-component-suites/dash/../../app.py", "/api/v1/../../etc/passwd", "/api/v1/cells/..", "/welcome/..",
    "/static/../app.py", "//etc/passwd", "/api/v1/channels/%2e%2e/state",
)  # fmt: skip


def test_a_path_with_dots_leads_out_of_nothing(browser_of: Browser, stranger: "FlaskClient") -> None:
    """Neither for a stranger nor for an administrator; a redirect or a page of ours at most."""
    for client in (stranger, browser_of("admin")):
        for path in OUTSIDE:
            answer = client.get(path, buffered=True)
            assert answer.status_code in {200, 303, 308, 400, 401, 403, 404}, path
            said = answer.get_data(as_text=True)
            assert "create_app" not in said
            assert "root:" not in said
            answer.close()


def test_a_viewer_who_writes(browser_of: Browser, engine: Engine) -> None:
    """403 by every way: the API, a callback, a file, an agent's door; nothing is changed."""
    cell = create_cell(engine, {"name": "kept"})
    viewer = browser_of("viewer")
    tries = (
        ("POST", "/api/v1/cells", {"json": {"name": "new"}}),
        ("PATCH", f"/api/v1/cells/{cell.id}", {"json": {"name": "other"}, "headers": {"If-Match": '"1"'}}),
        ("DELETE", f"/api/v1/cells/{cell.id}", {"headers": {"If-Match": '"1"'}}),
        ("POST", f"/api/v1/cells/{cell.id}/files?name=a.csv", {"data": b"x"}),
        ("POST", "/api/v1/ingest", {"data": b"{}"}),
    )
    for method, path, what in tries:
        answer = viewer.open(path, method=method, **what)
        assert answer.status_code == 403
        assert "role" in sentence_of(answer)
        assert last(engine) == ("viewer", "denied", 403)
    assert [(one.name, one.version) for one in load_cells(engine)] == [("kept", 1)]


def test_a_forged_callback(browser_of: Browser, stranger: "FlaskClient", accounts_app: "Dash", engine: Engine) -> None:
    """One that is the operators', from a viewer: 403; unknown, or of another shape: 400; from a stranger: 401."""
    viewer = browser_of("viewer")
    output = next(one for one, entry in accounts_app.callback_map.items() if one.startswith("..toasts") and entry)
    proper = proper_call(output, accounts_app.callback_map[output])
    for client, body, status in (
        (viewer, proper, 403), (viewer, proper | {"output": "secret.children"}, 400), (viewer, {"output": output}, 403),
        (viewer, {"output": "page.children", "inputs": "x"}, 400), (viewer, [], 400), (stranger, proper, 401),
    ):  # fmt: skip
        answer = client.post("/_dash-update-component", json=body)
        assert answer.status_code == status, body
        assert sentence_of(answer)
        assert last(engine)[1:] == ("denied", status)


def test_a_token_of_a_deleted_person_and_a_cookie_of_another_server(
    stranger: "FlaskClient", token_of: Callable[..., dict[str, str]], people: dict[str, Person], engine: Engine
) -> None:
    """401, and the log says so; the token's own text stands nowhere."""
    header = token_of("read", maker="operator")
    delete_person(engine, people["operator"].id)
    for headers in (header, {"Cookie": "session=of-another-server"}):
        answer = stranger.get("/api/v1/cells", headers=headers)
        assert answer.status_code == 401
        assert sentence_of(answer)
        assert last(engine) == ("", "denied", 401)
    secret = header["Authorization"].split("_", 2)[2]
    assert secret not in str([(row.what, row.details) for row in load_audit(engine)])
    assert load_tokens(engine)


def test_who_asks_is_not_what_a_header_says(stranger: "FlaskClient", engine: Engine) -> None:
    """Without a declared proxy X-Forwarded-For is only a text."""
    stranger.get("/api/v1/cells", headers={"X-Forwarded-For": "10.9.8.7"})
    assert load_audit(engine, 1)[0].ip == "127.0.0.1"
