"""Who may what: every route and every callback of the application, asked for by everybody who can ask.

Routes and callbacks are taken from the application itself.  Behind the guard each is replaced by one that only says
that it was reached, under the same declaration; so what is seen is the guard's word, and nothing is changed.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from dash.exceptions import InvalidCallbackReturnValue
from flask import Response
from sqlalchemy import Engine

from access.guard import CALLBACK_ENDPOINT, DASH_ENDPOINTS, role_of_target
from access.roles import ROLES, Needs, Role, needs_of
from data_access.models import Person
from data_access.queries import load_changes
from data_access.writes import create_cell
from settings import Settings
from tests.access.conftest import PASSWORD, new_client, running
from tests.access.test_calls import proper_call

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule

REACHED = 299
"""What every route and callback answers once it is reached."""
PEOPLE = ("viewer", "operator", "admin")
ASKERS = ("anonymous", *PEOPLE, "agent token", "read token")
PAGES = ("/", "/<path:path>")
CLOSED = {"static"}
"""Endpoints that declare nothing on purpose: Flask's own folder of files is not used."""
Asker = tuple["FlaskClient", dict[str, str]]


def undeclared(app: "Dash") -> set[str]:
    """Routes and callbacks that say nothing of who may."""
    routes = {str(rule.endpoint) for rule in app.server.url_map.iter_rules()}
    silent = {name for name in routes if role_of_target(app.server, name) is None}
    called = {output: entry["callback"] for output, entry in app.callback_map.items() if entry.get("callback")}
    return (silent | {output for output, function in called.items() if needs_of(function) is None}) - CLOSED


def expected(needs: Needs | None, asker: str, *, is_page: bool = False, leads: bool = False) -> int:
    """The status by the declaration; `is_page`: Dash's own, for people; `leads`: a page, which leads to the door."""
    if needs is None:
        return 403
    if needs.role == "anyone":
        return REACHED
    if asker == "anonymous":
        return 303 if leads else 401
    if asker == "agent token":
        return REACHED if needs.agent and not is_page else 403
    role: Role = "viewer" if asker == "read token" else asker  # type: ignore[assignment]
    granted = ROLES.index(role) >= ROLES.index(needs.role) and not (is_page and asker == "read token")
    return REACHED if granted else 403


@pytest.fixture
def probed(accounts_app: "Dash") -> "Dash":
    """The application, where whatever is reached says only that it was."""
    server = accounts_app.server
    for endpoint, view in server.view_functions.items():
        server.view_functions[endpoint] = _probe_of(view)
    for entry in accounts_app.callback_map.values():
        if entry.get("callback"):
            entry["callback"] = _probe_of(entry["callback"])
    return accounts_app


def _probe_of(function: Callable[..., Any]) -> Callable[..., Any]:
    def probe(*_: object, **__: object) -> Response:
        return Response(status=REACHED)

    vars(probe).update(vars(function))
    return probe


@pytest.fixture
def askers(
    accounts_app: "Dash",
    browser_of: Callable[[str], "FlaskClient"],
    token_of: Callable[..., dict[str, str]],
) -> dict[str, Asker]:
    """Everybody who can ask: a client, and the headers that it sends."""
    return {
        "anonymous": (new_client(accounts_app), {}),
        **{role: (browser_of(role), {}) for role in PEOPLE},
        "agent token": (new_client(accounts_app), token_of("agent", "A01")),
        "read token": (new_client(accounts_app), token_of("read")),
    }


def addresses(app: "Dash") -> Iterator[tuple["Rule", str, str]]:
    """Every route with each method, and an address of it."""
    adapter = app.server.url_map.bind("localhost")
    for rule in app.server.url_map.iter_rules():
        values: dict[str, Any] = {name: 1 if f"<int:{name}>" in rule.rule else "A01" for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield rule, method, adapter.build(rule.endpoint, values, method)


def test_every_route_and_callback_declares_who_may(app: "Dash", accounts_app: "Dash") -> None:
    """With accounts and for a single user."""
    assert undeclared(app) == undeclared(accounts_app) == set()


def test_what_is_added_without_a_declaration_is_found_and_closed_to_everybody(
    askers: dict[str, Asker], accounts_app: "Dash"
) -> None:
    """A route and a callback that nobody thought about: the test above fails, and the guard denies them."""
    callbacks = accounts_app.callback_map
    output, entry = next((output, entry) for output, entry in callbacks.items() if entry.get("callback"))
    accounts_app.server._got_first_request = False  # a route may be added before the first request only
    accounts_app.server.add_url_rule("/forgotten", "forgotten", lambda: "open")
    callbacks[output] = {**entry, "callback": lambda *_: "open"}
    assert undeclared(accounts_app) == {"forgotten", output}
    for name, (client, headers) in askers.items():
        assert client.get("/forgotten", headers=headers).status_code == 403, name
        body = proper_call(output, entry)
        answer = client.post(CALLBACK_ENDPOINT, json=body, headers=headers)
        assert answer.status_code == (401 if name == "anonymous" else 403), name


def test_every_route_is_open_to_whom_it_says_and_closed_to_all_others(askers: dict[str, Asker], probed: "Dash") -> None:
    """Each method of each route, for everybody: its declaration, to the letter."""
    seen = Counter[str]()
    for rule, method, path in addresses(probed):
        if rule.endpoint == CALLBACK_ENDPOINT:
            continue
        needs = role_of_target(probed.server, str(rule.endpoint))
        is_page = rule.endpoint in DASH_ENDPOINTS
        for name, (client, headers) in askers.items():
            answer = client.open(path, method=method, headers=headers)
            leads = rule.endpoint in PAGES
            assert answer.status_code == expected(needs, name, is_page=is_page, leads=leads), f"{name} {method} {path}"
            seen[rule.rule] += 1
    assert set(seen) == {rule.rule for rule in probed.server.url_map.iter_rules()} - {CALLBACK_ENDPOINT}
    assert min(seen.values()) >= len(ASKERS)


def test_every_callback_is_run_for_whom_it_says_and_for_nobody_else(askers: dict[str, Asker], probed: "Dash") -> None:
    """For everybody; one that runs in the browser is none of the server's, and unknown ones are the client's fault."""
    seen = 0
    for output, entry in [*probed.callback_map.items(), ("none.children", {})]:
        function = entry.get("callback")
        body = proper_call(output, entry) if function else {"output": output, "inputs": [], "changedPropIds": []}
        for name, (client, headers) in askers.items():
            answer = client.post(CALLBACK_ENDPOINT, json=body, headers=headers)
            status = expected(needs_of(function) if function else Needs("viewer"), name, is_page=True)
            wanted = 400 if status == REACHED and function is None else status
            assert answer.status_code == wanted, f"{name} {output}"
            seen += 1
    assert seen == (len(probed.callback_map) + 1) * len(ASKERS)
    assert probed.callback_map


def test_declarations_that_change_something_need_an_operator_at_least(accounts_app: "Dash") -> None:
    """Every method that writes, but the doors, which are there before anybody is known; agents are named one by one."""
    doors = {"sign_in_by_form", "sign_out", "welcome_by_form", "api_nothing", CALLBACK_ENDPOINT}
    for rule, method, path in addresses(accounts_app):
        needs = role_of_target(accounts_app.server, str(rule.endpoint))
        if method not in {"GET", "HEAD"} and rule.endpoint not in doors:
            assert needs is not None
            assert needs.role in {"operator", "admin"}, f"{method} {path}"
    agents = {
        str(rule.rule)
        for rule in accounts_app.server.url_map.iter_rules()
        if (needs := role_of_target(accounts_app.server, str(rule.endpoint))) and needs.agent
    }
    assert agents == {
        "/api/v1/ingest", "/api/v1/agents/heartbeat", "/api/v1/profiles", "/api/v1/channels/<name>",
        "/api/v1/channels/<name>/state", "/api/v1/channels/<name>/files",
    }  # fmt: skip


def test_people_tokens_projects_and_the_system_are_the_administrators(accounts_app: "Dash") -> None:
    """Every callback that writes into their pages."""
    kinds = ("people-", "tokens-", "projects-", "system-")
    found = 0
    for output, entry in accounts_app.callback_map.items():
        ids = [output.strip("."), *(one["id"] for one in entry["inputs"])]
        if entry.get("callback") and any(one.startswith(kinds) for one in ids):
            assert needs_of(entry["callback"]) == Needs("admin"), output
            found += 1
    assert found >= 10


FORGED: tuple[Any, ...] = ("\x00", 10**30, -1.5, True, [], {"a": {"b": []}}, [[None]], "/cells/99999999999", "x" * 9000)


def test_a_forged_value_breaks_nothing(
    askers: dict[str, Asker], accounts_app: "Dash", engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """What no page would send, for every input and state of every callback: never 500, for a viewer nothing changes."""
    create_cell(engine, {"name": "kept"})
    statuses = Counter[int]()
    for asker, values in (("viewer", FORGED), ("admin", FORGED[::3])):
        changes = load_changes(engine)
        client, headers = askers[asker]
        for output, entry in accounts_app.callback_map.items():
            for value in values if entry.get("callback") else ():
                answer = client.post(CALLBACK_ENDPOINT, json=forged_call(output, entry, value), headers=headers)
                statuses[answer.status_code] += 1
                assert answer.status_code < 500, (output, value)
        if asker == "viewer":
            assert len(load_changes(engine)) == len(changes)
    assert set(statuses) <= {200, 204, 400, 403}
    assert statuses[400] > 100
    faults = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [one for one in faults if not isinstance(one, InvalidCallbackReturnValue)] == []


def forged_call(output: str, entry: dict[str, Any], value: object) -> dict[str, Any]:
    """A call of the right shape in which every value is this one."""
    body = proper_call(output, entry)
    for part in (*body["inputs"], *body["state"]):
        for one in part if isinstance(part, list) else [part]:
            one["value"] = value
    body["changedPropIds"] = [_name_of(one) for one in body["inputs"][:1] if isinstance(one, dict)]
    return body


def _name_of(part: dict[str, Any]) -> str:
    name = part["id"] if isinstance(part["id"], str) else json.dumps(part["id"], sort_keys=True, separators=(",", ":"))
    return f"{name}.{part['property']}"


def test_the_public_wall_is_the_wall_and_nothing_else(
    settings: Settings, engine: Engine, people: dict[str, Person]
) -> None:
    """Anybody sees its page, its results and what instruments say now; no rows of a cell, and no other address."""
    cell = create_cell(engine, {"name": "<b>on the wall</b>"})
    for app in running(replace(settings, insecure_lan=True, public_wall=True)):
        stranger = new_client(app)
        page = stranger.get("/wall")
        assert page.status_code == 200
        assert "/assets/public_wall.js" in page.get_data(as_text=True)
        assert "without encryption" in page.get_data(as_text=True)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert [one["name"] for one in stranger.get("/api/v1/wall").get_json()["cells"]] == [cell.name]
        assert stranger.get("/api/v1/stream/once").status_code == 200
        for path in (f"/api/v1/stream/once?rows={cell.id}", f"/api/v1/stream?rows={cell.id}"):
            assert stranger.get(path).status_code == 401
        open_to_all = {"/api/v1/wall", "/api/v1/stream", "/api/v1/stream/once"}
        for rule, method, path in addresses(app):
            needs = role_of_target(app.server, str(rule.endpoint))
            if needs is not None and needs.role != "anyone" and rule.rule not in open_to_all:
                assert stranger.open(path, method=method).status_code in {303, 401}, f"{method} {path}"
        signed_in = new_client(app)
        assert (
            signed_in.post("/sign-in", data={"login": people["viewer"].login, "password": PASSWORD}).status_code == 303
        )
        assert "_dash-renderer" in signed_in.get("/wall").get_data(as_text=True)


def test_without_the_setting_the_wall_is_closed(stranger: "FlaskClient") -> None:
    """As every other page."""
    assert stranger.get("/wall").status_code == 303
    assert stranger.get("/api/v1/wall").status_code == 401
