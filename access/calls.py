"""Whether a call of a callback has the shape that its declaration gives it.

The page in the browser always sends that shape; Dash trusts it, and answers anything else with a fault.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_MANY = (["ALL"], ["ALLSMALLER"])
"""Wildcards of an id that stand for any number of components, as Dash writes them."""


def wrong_part(declared: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """Return the part of the body that does not fit the declared callback, or None where all of it does."""
    for part, name in (("inputs", "inputs"), ("state", "state")):
        wanted = [(one["id"], one["property"]) for one in declared.get(name, [])]
        if not _all_fit(body.get(part, []), wanted):
            return part
    if declared.get("output") is not None and not declared.get("no_output"):
        output = declared["output"]
        single = not isinstance(output, list | tuple)
        outputs = [output] if single else list(output)
        wanted = [(one.component_id_str(), one.component_property) for one in outputs]
        sent = body.get("outputs")
        if not _all_fit([sent] if single else sent, wanted):
            return "outputs"
    return None if _are_names(body.get("changedPropIds", [])) else "changedPropIds"


def _all_fit(sent: object, wanted: Sequence[tuple[str, str]]) -> bool:
    """Return whether these are the wanted properties, one by one."""
    if not isinstance(sent, list) or len(sent) != len(wanted):
        return False
    return all(_fits(one, name, prop) for one, (name, prop) in zip(sent, wanted, strict=True))


def _fits(sent: object, name: str, prop: str) -> bool:
    """Return whether one property was sent, or a list of them where the id stands for many components.

    >>> _fits({"id": "theme", "property": "data"}, "theme", "data"), _fits([], "theme", "data")
    (True, False)
    >>> _fits([{"id": {"cell": 3}, "property": "n_clicks"}], '{"cell":["ALL"]}', "n_clicks")
    True
    """
    pattern = json.loads(name) if name.startswith("{") else name
    if isinstance(sent, list):
        is_many = isinstance(pattern, dict) and any(value in _MANY for value in pattern.values())
        return is_many and all(_is_one(one, pattern, prop) for one in sent)
    return _is_one(sent, pattern, prop)


def _is_one(sent: object, pattern: object, prop: str) -> bool:
    if not isinstance(sent, dict) or not isinstance(sent.get("property"), str):
        return False
    if _clean(sent["property"]) != _clean(prop):
        return False
    name = sent.get("id")
    if not isinstance(pattern, dict) or not isinstance(name, dict):
        return bool(name == pattern)
    return name.keys() == pattern.keys() and all(_is_value(name[key], pattern[key]) for key in pattern)


def _is_value(value: object, wanted: object) -> bool:
    """Return whether a value of an id is the wanted one, or any plain one where a wildcard stands."""
    return isinstance(value, str | int | float) if isinstance(wanted, list) else value == wanted


def _clean(prop: str) -> str:
    """Return the property without the mark by which Dash tells duplicates apart."""
    return prop.split("@", maxsplit=1)[0]


def _are_names(sent: object) -> bool:
    """Return whether these are names of properties: `id.property`, the id perhaps an object in JSON."""
    return isinstance(sent, list) and all(isinstance(one, str) and _is_name(one) for one in sent)


def _is_name(text: str) -> bool:
    name, dot, prop = text.rpartition(".")
    if not name.startswith("{"):
        return bool(name and dot and prop)
    try:
        return isinstance(json.loads(name), dict)
    except ValueError:
        return False
