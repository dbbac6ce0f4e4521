"""The guard before every request: default deny, and no writes from foreign pages.

Dash serves all callbacks through one address, runs any of them for a client that never loaded the page, and
answers an unknown one with 500 (RELIABILITY section 5.8); so the role of the callback is looked up here.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, request

from access.calls import wrong_part
from access.roles import Role, may, required_role

DASH_ENDPOINTS: Mapping[str, Role] = {
    "/": "viewer",
    "/<path:path>": "viewer",
    "/_dash-layout": "viewer",
    "/_dash-dependencies": "viewer",
    "/_reload-hash": "viewer",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "anyone",
    "/_favicon.ico": "anyone",
    "_dash_assets.static": "anyone",
}
"""Roles of the endpoints that Dash itself adds, by endpoint name."""

CALLBACK_ENDPOINT = "/_dash-update-component"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def install_guard(
    server: Flask, callbacks: Mapping[str, Mapping[str, Any]], role_of_request: Callable[[], Role] = lambda: "admin"
) -> None:
    """Deny every request that comes from a foreign page, and every one whose target does not grant it to its role.

    `callbacks` is Dash's callback map: {output: {"callback": function}}.  A single user has every role.
    """

    def guard() -> None:
        if request.method not in _READING and _is_foreign(request.headers.get("Origin"), request.host):
            abort(403, "This page may not write here: its origin is another one.")
        if request.endpoint is None:
            return  # no such address or method: Flask answers 404 or 405
        needed = role_needed(server, callbacks)
        if not may(role_of_request(), needed):
            abort(403, "This needs a role that you do not have.")

    server.before_request(guard)


def role_needed(server: Flask, callbacks: Mapping[str, Mapping[str, Any]]) -> Role | None:
    """Return the role that the current request needs; None where none is declared.

    Aborts with 400 for a callback that does not exist, and for a call that is not as the page would send it.
    """
    endpoint = request.endpoint or ""
    if endpoint == CALLBACK_ENDPOINT:
        return required_role(_called(callbacks))
    return DASH_ENDPOINTS.get(endpoint) or required_role(server.view_functions[endpoint])


def _called(callbacks: Mapping[str, Mapping[str, Any]]) -> Callable[..., Any]:
    body = request.get_json(silent=True)
    output = body.get("output") if isinstance(body, dict) else None
    declared = callbacks.get(output, {}) if isinstance(output, str) else {}
    function: Callable[..., Any] | None = declared.get("callback")
    if function is None:
        abort(400, "There is no such callback.")
    if part := wrong_part(declared, body or {}):
        abort(400, f"The call does not fit the callback: {part} is not as declared.")
    return function


def _is_foreign(origin: str | None, host: str) -> bool:
    """Return whether a browser says that another site's page sent this; programs send no Origin."""
    return origin is not None and urlsplit(origin).netloc != host
