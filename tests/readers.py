"""Requests of readers with a role, and presses of their buttons, for tests that call pages as plain functions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dash._callback_context import context_value
from dash._utils import AttributeDict
from flask import g

from access.identity import Identity
from access.roles import Role
from data_access.scope import Scope, limited_to

if TYPE_CHECKING:
    from dash import Dash


@contextmanager
def reading_as(
    app: "Dash",
    role: Role,
    *,
    person: int | None = None,
    session: int | None = None,
    editable: frozenset[int] | None = None,
) -> Iterator[None]:
    """A request of somebody with this role, where people sign in."""
    app.server.config["BAROGRAPH_ACCOUNTS"] = True
    if editable is None and role == "viewer":
        editable = frozenset()
    scope = Scope(None, editable, "somebody@lab")
    with app.server.test_request_context("/"), limited_to(scope):
        g.identity = Identity("somebody@lab", role, person, session_id=session, scope=scope)
        yield


@contextmanager
def triggered(by: str | dict[str, Any], prop: str = "n_clicks", value: Any = 1) -> Iterator[None]:
    """As if a component had been pressed or changed."""
    name = json.dumps(by, separators=(",", ":"), sort_keys=True) if isinstance(by, dict) else by
    said = {"triggered_inputs": [{"prop_id": f"{name}.{prop}", "value": value}], "updated_props": {}}
    token = context_value.set(AttributeDict(**said))
    try:
        yield
    finally:
        context_value.reset(token)
