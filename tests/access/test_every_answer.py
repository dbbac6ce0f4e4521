"""The headers of every answer: each address of the application, its errors, its files and its streams."""

from typing import TYPE_CHECKING, Any

import pytest

from access.roles import requires

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

VALUES: dict[str, Any] = {
    "cell_id": 1, "import_id": 1, "name": "A01", "package_name": "dash", "fingerprinted_path": "deps/none.js",
    "filename": "tokens.css", "path": "cells",
}  # fmt: skip
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FILES = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")
"""What is the same for everybody, and may be kept."""


def rules(app: "Dash") -> list[tuple[str, str]]:
    """Every method and address, with something in place of each part that varies."""
    adapter = app.server.url_map.bind("localhost")
    return [
        (method, adapter.build(rule.endpoint, {name: _value(rule, name) for name in rule.arguments}, method))
        for rule in app.server.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _value(rule: "Rule", name: str) -> Any:
    return VALUES.get(name, 1 if "int:" in rule.rule else "1")


def check(answer: "TestResponse", what: str) -> None:
    """Fail unless the answer has every header and tells nothing of its maker."""
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, f"{what}: {name}"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, what
    assert "frame-ancestors 'none'" in policy, what
    assert "unsafe-eval" not in policy, what
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0], what
    assert answer.headers["Permissions-Policy"], what
    assert not [name for name in answer.headers.keys() if name.startswith("Access-Control-")], what  # noqa: SIM118
    path = what.split(" ")[1]
    if not path.startswith(FILES):
        assert answer.headers["Cache-Control"] == "no-store", what
    if answer.mimetype == "text/csv" and not path.startswith(FILES):
        assert answer.headers["Content-Disposition"].startswith("attachment; filename="), what


def test_every_address_answers_with_the_headers(app: "Dash", client: "FlaskClient") -> None:
    """Whatever the status, for each address and method of the application, streams included."""
    seen = rules(app)
    assert len(seen) > 40
    statuses = set()
    for method, path in seen:
        answer = client.open(path, method=method, buffered=False)
        check(answer, f"{method} {path}")
        statuses.add(answer.status_code)
        answer.close()
    assert {200, 400, 404, 422} <= statuses
    assert not [status for status in statuses if status >= 500]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/v1/cells/99", 404),
        ("DELETE", "/api/v1/cells", 405),
        ("PUT", "/", 405),
        ("OPTIONS", "/api/v1/cells", 200),
        ("HEAD", "/", 200),
        ("GET", "/assets/nowhere.css", 404),
        ("GET", "/assets/../app.py", 404),
        ("GET", "/assets/%2e%2e/app.py", 404),
        ("GET", "/_dash-component-suites/dash/../../app.py", 404),
        ("POST", "/_mcp", 405),
    ],
)
def test_refusals_have_them_too(client: "FlaskClient", method: str, path: str, status: int) -> None:
    """Also where Flask or Dash answers before any of our code."""
    answer = client.open(path, method=method)
    assert answer.status_code == status
    check(answer, f"{method} {path}")


def test_another_host_and_another_origin_are_refused_with_them(client: "FlaskClient") -> None:
    """A name that is not the server's is 400, a foreign page's write 403."""
    named = client.get("/api/v1/cells", headers={"Host": "evil.example"})
    assert named.status_code == 400
    check(named, "GET /api/v1/cells")
    written = client.post("/api/v1/cells", json={"name": "a"}, headers={"Origin": "https://evil.example"})
    assert written.status_code == 403
    check(written, "POST /api/v1/cells")


def test_a_fault_has_them_too(app: "Dash", monkeypatch: pytest.MonkeyPatch) -> None:
    """500: the number of the error, and the same headers."""

    @requires("viewer")
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(app.server.view_functions, _endpoint(app), fail)
    answer = app.server.test_client().get("/api/v1/cells")
    assert answer.status_code == 500
    check(answer, "GET /api/v1/cells")


def _endpoint(app: "Dash") -> str:
    return next(
        str(rule.endpoint)
        for rule in app.server.url_map.iter_rules()
        if rule.rule == "/api/v1/cells" and "GET" in (rule.methods or ())
    )
