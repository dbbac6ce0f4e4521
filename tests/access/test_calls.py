"""Calls of callbacks: what a page would never send is the client's fault, with a sentence, and reaches no callback."""

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from access.calls import wrong_part

if TYPE_CHECKING:
    from dash import Dash

NONSENSE: tuple[Any, ...] = (None, "x", 7, {}, {"id": "x"}, [None], ["x"], [[]], [{"id": "x", "property": "y"}] * 9)


def sent(name: str, prop: str) -> Any:
    """What the page sends for one declared property."""
    if not name.startswith("{"):
        return {"id": name, "property": prop}
    pattern = json.loads(name)
    entry = {"id": {k: 1 if isinstance(v, list) else v for k, v in pattern.items()}, "property": prop, "value": None}
    return [entry] if ["ALL"] in pattern.values() else entry


def proper_call(output: str, declared: dict[str, Any]) -> dict[str, Any]:
    """A call as the page would send it, with nothing known of any value."""
    body: dict[str, Any] = {"output": output, "changedPropIds": []}
    for part in ("inputs", "state"):
        body[part] = [sent(one["id"], one["property"]) for one in declared[part]]
    if not declared["no_output"]:
        outputs = declared["output"]
        many = isinstance(outputs, list | tuple)
        found = [sent(one.component_id_str(), one.component_property) for one in (outputs if many else [outputs])]
        body["outputs"] = found if many else found[0]
    return body


def test_a_call_that_is_not_as_declared_is_refused_with_a_sentence(
    app: "Dash", caplog: pytest.LogCaptureFixture
) -> None:
    """Every callback, every part: 400, and nothing in the log; the proper call passes."""
    client = app.server.test_client()
    callbacks = {output: one for output, one in app.callback_map.items() if one.get("callback")}
    assert len(callbacks) > 10
    with caplog.at_level(logging.ERROR):
        for output, declared in callbacks.items():
            proper = proper_call(output, declared)
            assert wrong_part(declared, proper) is None, output
            forged = [proper | {part: value} for part in ("inputs", "state", "changedPropIds") for value in NONSENSE]
            forged += [{"output": output}] if declared["inputs"] else []
            forged += [] if declared["no_output"] else [proper | {"outputs": value} for value in NONSENSE]
            for body in forged[:: 1 + len(callbacks) // 20]:
                if wrong_part(declared, body) is None:
                    continue  # no component of many
                answer = client.post("/_dash-update-component", json=body)
                assert answer.status_code == 400, (output, body, answer.status_code)
                assert "callback" in answer.get_data(as_text=True)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("changed", "fits"), [(["a.x"], True), (['{"k":1}.x'], True), (["a"], False), (["{k.x"], False), (["[1].x"], True)]
)
def test_what_changed_is_named_by_id_and_property(changed: list[str], fits: bool) -> None:  # noqa: FBT001
    """An id is a text, or an object in JSON."""
    assert (wrong_part({}, {"changedPropIds": changed}) is None) == fits


def test_a_wildcard_stands_for_any_value_and_only_there() -> None:
    """A list where the id is one of many; the other keys of an id are as declared."""
    declared = {"inputs": [{"id": '{"cell":["ALL"],"type":"act"}', "property": "n_clicks"}]}

    def call(*ids: dict[str, Any]) -> dict[str, Any]:
        return {"inputs": [[{"id": one, "property": "n_clicks", "value": 1} for one in ids]]}

    assert wrong_part(declared, call({"cell": 1, "type": "act"}, {"cell": 2, "type": "act"})) is None
    assert wrong_part(declared, call()) is None
    for wrong in ({"cell": 1, "type": "other"}, {"cell": 1}, {"cell": [1], "type": "act"}):
        assert wrong_part(declared, call(wrong)) == "inputs"
