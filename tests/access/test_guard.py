"""The guard: default deny, roles, foreign pages, unknown callbacks."""

from typing import Any

import pytest
from flask import Flask

from access.guard import install_guard
from access.headers import content_security_policy, install_headers
from access.identity import Identity
from access.roles import ROLES, Role, may, requires


@requires("viewer")
def _look() -> str:
    return "seen"


@requires("operator")
def _write() -> str:
    return "written"


def _undeclared() -> str:
    return "open"


def _server(role: Role = "admin") -> Flask:
    server = Flask("guarded", static_folder=None)
    server.add_url_rule("/look", "look", _look)
    server.add_url_rule("/write", "write", _write, methods=["POST"])
    server.add_url_rule("/undeclared", "undeclared", _undeclared)
    server.add_url_rule("/_dash-update-component", "/_dash-update-component", _undeclared, methods=["POST"])
    callbacks: dict[str, Any] = {
        "a.x": {"callback": _look},
        "b.x": {"callback": _write},
        "c.x": {"callback": _undeclared},
    }
    callbacks["d.x"] = {}  # clientside
    install_guard(server, callbacks, lambda: Identity("somebody", role, person_id=1))
    install_headers(server, ["'sha256-x'"])
    return server


def test_a_route_that_declares_no_role_is_denied_even_to_an_admin() -> None:
    """A forgotten declaration closes the door instead of opening it."""
    assert _server("admin").test_client().get("/undeclared").status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_covers(role: Role) -> None:
    """Roles are ordered from anyone to admin."""
    client = _server(role).test_client()
    assert (client.get("/look").status_code == 200) == may(role, "viewer")
    assert (client.post("/write").status_code == 200) == may(role, "operator")


def test_a_write_from_another_origin_is_refused() -> None:
    """A page of another site cannot write through the reader's browser; programs send no Origin."""
    client = _server().test_client()
    assert client.post("/write", headers={"Origin": "http://localhost"}).status_code == 200
    assert client.post("/write").status_code == 200
    for origin in ("http://evil.example", "http://localhost:8051", "null"):
        assert client.post("/write", headers={"Origin": origin}).status_code == 403


def test_a_read_from_another_origin_is_not_mistaken_for_a_write() -> None:
    """Reads are covered by the same-origin rules of the browser."""
    assert _server().test_client().get("/look", headers={"Origin": "http://evil.example"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"output": "a.x"}, 200),
        ({"output": "b.x"}, 403),
        ({"output": "c.x"}, 403),
        ({"output": "d.x"}, 400),
        ({"output": "unknown.x"}, 400),
        ({"output": ["a.x"]}, 400),
        ({}, 400),
        (["a.x"], 400),
        (None, 400),
    ],
)
def test_a_callback_is_run_only_for_its_role_and_an_unknown_one_is_the_clients_fault(body: Any, status: int) -> None:
    """A viewer may look (a), not write (b); undeclared (c) is denied; clientside (d) and unknown ones are 400."""
    answer = _server("viewer").test_client().post("/_dash-update-component", json=body)
    assert answer.status_code == status


def test_an_address_that_does_not_exist_stays_a_404() -> None:
    """The guard does not hide what is not there."""
    assert _server().test_client().get("/nowhere").status_code == 404


def test_every_answer_carries_the_security_headers() -> None:
    """Also refusals."""
    for answer in (_server().test_client().get("/look"), _server().test_client().get("/undeclared")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "'sha256-x'" in answer.headers["Content-Security-Policy"]


def test_the_policy_lets_nothing_foreign_and_nothing_inline_run() -> None:
    """Scripts come from the server, or have a known hash; eval is not allowed."""
    policy = dict(part.split(" ", 1) for part in content_security_policy(["'sha256-x'"]).split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'sha256-x'"
    assert "http" not in str(policy)
    assert "unsafe-eval" not in str(policy)
