"""The description of the API against the server, for everybody who can ask (schemathesis).

Requests are made from the description, right and wrong ones; each answer must be one that it declares, in the form that
it declares, and never a fault of the server.
"""

import warnings
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from api.openapi import describe
from api.routes import ROUTES
from data_access.writes import create_cell

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from sqlalchemy import Engine

ENDLESS = "/api/v1/stream"
"""An answer that has no end; /api/v1/stream/once tells the same."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
Askers = dict[str, dict[str, str]]
PLAIN = {"Accept": "*/*", "Accept-Encoding": "identity"}


@pytest.fixture
def askers(browser_of: Callable[[str], "FlaskClient"], token_of: Callable[..., dict[str, str]]) -> Askers:
    """The headers of everybody who can ask; whoever may most comes last."""
    found = {
        "anonymous": PLAIN,
        "agent token": PLAIN | token_of("agent", "A01"),
        "read token": PLAIN | token_of("read"),
    }
    for role in ("viewer", "operator", "admin"):
        cookie = browser_of(role).get_cookie("session")
        assert cookie is not None
        found[role] = PLAIN | {"Cookie": f"session={cookie.value}"}
    return found


def test_every_answer_is_one_that_the_description_declares(
    askers: Askers, accounts_app: "Dash", engine: "Engine"
) -> None:
    """Every method of every address but the stream, with values that fit and values that do not, by everybody."""
    create_cell(engine, {"name": "one"})
    schema = schemathesis.openapi.from_dict(describe(ROUTES))
    schema.app = accounts_app.server
    seen: dict[str, Counter[int]] = {name: Counter() for name in askers}
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the description is right
        takes = operation.query or operation.path_parameters or operation.body
        for mode in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if takes else [])):
            if operation.path != ENDLESS:
                ask(operation, mode, askers, seen)
    assert set(seen["anonymous"]) <= {200, 400, 401, 404}
    assert set(seen["agent token"]) <= {200, 400, 401, 403, 404, 409, 413, 415, 422}
    assert not {201, 202, 204} & set(seen["read token"]) | {201, 202, 204} & set(seen["viewer"])
    for name in ("viewer", "operator", "admin"):
        assert {200, 404} <= set(seen[name])
    assert sum(seen["admin"].values()) > 100


def ask(operation: Any, mode: GenerationMode, askers: Askers, seen: dict[str, Counter[int]]) -> None:
    """Ask some times what one operation takes, or what it does not."""

    @settings(max_examples=3, phases=[Phase.generate], database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        case.cookies = {}
        own = {"authorization", "cookie", "accept-encoding"}
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() not in own}
        for name, headers in askers.items():
            answer = case.call(headers=headers)
            seen[name][answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the generator, about what it cannot negate
        each()
