"""The guard before every request: default deny, and no writes from foreign pages.

Dash serves all callbacks through one address, runs any of them for a client that never loaded the page, and
answers an unknown one with 500 (RELIABILITY section 5.8); so the role of the callback is looked up here.  Who asks is
looked up first: the body of a stranger's request is not read.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import SecurityError

from access.calls import wrong_part
from access.denials import Denials
from access.identity import ACCOUNTS, ANYONE, TRUSTED_PROXY, Identity, identity
from access.roles import Needs, Role, may, needs_of
from data_access.audit import Asker, set_asker
from data_access.database import db
from data_access.scope import NOTHING, Scope, set_scope

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
SIGN_IN = "/sign-in"
PUBLIC_WALL = "BAROGRAPH_PUBLIC_WALL"
"""Key of the server's configuration: whether the wall is there for whoever asks."""
_PAGES = frozenset({"/", "/<path:path>"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-Ip")
_ON_THE_WALL = Scope(readable=None, editable=frozenset())


def install_guard(
    server: Flask, callbacks: Mapping[str, Mapping[str, Any]], who_asks: Callable[[], Identity] = identity
) -> None:
    """Deny every request that comes from a foreign page, and every one whose target does not grant it to its asker.

    `callbacks` is Dash's callback map: {output: {"callback": function}}.
    """
    denials = Denials()

    def guard() -> Response | None:
        g.request_id, g.denials = secrets.token_hex(8), denials
        set_asker(Asker(ip=request.remote_addr or "", request_id=g.request_id))
        set_scope(NOTHING if _with_accounts() else None)
        _check_way()
        if request.endpoint is None:
            return None  # no such address or method: Flask answers 404 or 405
        if (needs := _declared(server)) == Needs("anyone"):
            return None  # a file or a door: whoever asks is not looked up
        found = who_asks()
        called: Mapping[str, Any] = {}
        if request.endpoint == CALLBACK_ENDPOINT and may(found.role, "viewer") and found.token_id is None:
            called = _called(callbacks)
            needs = needs_of(called["callback"])
        if answer := _answer(found, needs):
            return answer
        if called and (part := wrong_part(called, request.get_json())):
            deny(400, f"The call does not fit the callback: {part} is not as declared.")
        set_scope(_ON_THE_WALL if _shows_wall(found, needs) else found.scope)
        return None

    server.before_request(guard)
    server.after_request(_mark)
    server.teardown_request(_forget)


def role_of_target(server: Flask, endpoint: str) -> Needs | None:
    """Return what an endpoint declares; a call of a callback is one of a viewer at least."""
    if endpoint == CALLBACK_ENDPOINT:
        return Needs("viewer")
    if endpoint in DASH_ENDPOINTS:
        return Needs(DASH_ENDPOINTS[endpoint])
    return needs_of(server.view_functions.get(endpoint))


def deny(status: int, text: str) -> NoReturn:
    """End the request with a refusal, and write it down."""
    note_denial(text, status)
    if status == 401:  # noqa: PLR2004 - whoever asks is not known
        abort(401, text, www_authenticate=WWWAuthenticate("bearer"))
    abort(status, text)


def note_denial(text: str, status: int) -> None:
    """Write a refusal down, where there are accounts."""
    if not _with_accounts():
        return
    rule = request.url_rule.rule if request.url_rule is not None else ""
    path = rule if "<secret>" in rule else request.path
    what = f"{request.method} {path}: {text}"
    g.denials.note(db.engine, request.remote_addr or "", what, status)


def _declared(server: Flask) -> Needs | None:
    return role_of_target(server, request.endpoint or "")


def _check_way() -> None:
    """Refuse what came under a wrong name, past the proxy, through an undeclared one, or from a foreign page."""
    if isinstance(request.routing_exception, SecurityError):
        deny(400, "This server does not answer to that name: its names stand in BAROGRAPH_TRUSTED_HOSTS.")
    if not _with_accounts() and any(name in request.headers for name in _FORWARDED):
        deny(400, "A proxy stands in front of a server for one person: declare it by BAROGRAPH_TRUSTED_PROXY=1.")
    from_here = request.remote_addr in {"127.0.0.1", "::1"}
    if current_app.config.get(TRUSTED_PROXY) and not request.is_secure and not from_here:
        deny(400, "This came without TLS: ask the proxy, by https.")
    if request.method not in _READING and _is_foreign(request.headers.get("Origin"), request.host):
        deny(403, "This page may not write here: its origin is another one.")


def _answer(found: Identity, needs: Needs | None) -> Response | None:
    """Return None where the asker may go on; send a reader who is not signed in to the door, and refuse others."""
    is_page = request.endpoint in DASH_ENDPOINTS or request.endpoint == CALLBACK_ENDPOINT
    if needs is not None and is_page and found.token_id is not None:
        deny(403, "A token opens the API; pages are for people who sign in.")
    if needs is not None and (may(found.role, needs.role) or (needs.agent and found.channels is not None)):
        return None
    if _shows_wall(found, needs):
        return None
    if needs is None:
        deny(403, "This is closed to everybody: it declares no role.")
    if found.person_id is None and found.token_id is None:
        if request.endpoint in _PAGES and request.method in _READING and "Authorization" not in request.headers:
            return cast("Response", redirect(f"{SIGN_IN}?next={quote(_address())}", 303))
        deny(401, found.refusal or "Sign in, or send a token as Authorization: Bearer baro_...")
    if found.channels is not None:
        deny(403, "An agent's token may send on its channels, read where they stand, and nothing else.")
    deny(403, "This needs a role that you do not have.")


def _shows_wall(found: Identity, needs: Needs | None) -> bool:
    """Return whether this is the wall, which is there for anyone, asked for by somebody unknown."""
    return needs is not None and needs.wall and bool(current_app.config.get(PUBLIC_WALL)) and found == ANYONE


def _address() -> str:
    """Return the address that was asked for, with its query, as it may stand in a link."""
    return request.full_path.removesuffix("?")


def _called(callbacks: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the declaration of the callback that is called; 400 where there is none that the server runs."""
    body = request.get_json(silent=True)
    output = body.get("output") if isinstance(body, dict) else None
    declared = callbacks.get(output, {}) if isinstance(output, str) else {}
    if declared.get("callback") is None:
        deny(400, "There is no such callback.")
    return declared


def _is_foreign(origin: str | None, host: str) -> bool:
    """Return whether a browser says that another site's page sent this; programs send no Origin."""
    return origin is not None and urlsplit(origin).netloc != host


def _with_accounts() -> bool:
    return bool(current_app.config.get(ACCOUNTS))


def _mark(response: Response) -> Response:
    """Name the request, so that it is found in the log; what is streamed keeps its scope until its end."""
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if response.is_streamed and response.status_code < 400:  # noqa: PLR2004 - a refusal is short, however it is given
        g.setdefault("streamed", True)
        response.call_on_close(_leave_nothing)
    return response


def _forget(_error: BaseException | None) -> None:
    if not g.get("streamed"):
        _leave_nothing()


def _leave_nothing() -> None:
    """Let the next request of this thread begin as nobody."""
    set_scope(None)
    set_asker(Asker())
