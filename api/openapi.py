"""The OpenAPI description, made from the table of routes and its pydantic models."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from access.roles import required_role
from api.models import Failure
from api.route import Route

VERSION = "1"
_TEMPLATE = "#/components/schemas/{model}"


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    models = {model for route in routes for model in _models(route)} | {Failure}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "validation") for model in ordered], ref_template=_TEMPLATE)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.address, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Barograph", "version": VERSION, "description": "Cells, their files, records and cycles."},
        "paths": paths,
        "components": {"schemas": schemas["$defs"], "securitySchemes": _WAYS_IN},
    }


def _models(route: Route) -> set[type[BaseModel]]:
    named = {route.answer, route.body if isinstance(route.body, type) else None, *route.failures.values()}
    return {model for model in named if model is not None}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.view.__name__,
        "summary": route.summary,
        "parameters": [*_path(route), *_query(route), *_headers(route)],
        "responses": {str(route.status): _success(route)},
        "security": _security(route),
        "x-role": required_role(route.view),
    }
    if route.already:
        operation["responses"]["200"] = _success(route) | {"description": "It was there already"}
    for status, model in sorted(route.failures.items()):
        operation["responses"][str(status)] = {"description": _WORDS[status], "content": _json(model)}
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _body(route.body) | (_FORM if route.form else {})}
    return operation


_WAYS_IN = {
    "token": {"type": "http", "scheme": "bearer", "description": "baro_..., made on the page Tokens"},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session", "description": "Of a browser"},
}


def _security(route: Route) -> list[dict[str, list[str]]]:
    """By what a request may say who asks; a server for a single user does not ask."""
    return [] if required_role(route.view) == "anyone" else [{"token": []}, {"session": []}]


_FILE = {"type": "string", "format": "binary"}
_FORM = {"multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}}}
_WORDS: Mapping[int, str] = {
    200: "OK",
    201: "Created",
    202: "Received; it is read next",
    204: "Done",
    400: "The request makes no sense: its host, its If-Match or its form",
    401: "Nobody is signed in, or the token or session does not serve",
    403: "A page of another origin, a role that does not suffice, or a channel that the token does not name",
    404: "There is no such object",
    409: "It conflicts with what is stored",
    413: "Too large",
    415: "Another media type than those that are taken",
    422: "Values that cannot be taken, every one named",
    428: "If-Match is missing",
    429: "Too much waits already; Retry-After says when to try again",
    503: "The database is busy; Retry-After says when to try again",
    507: "The disk is full",
}


def _path(route: Route) -> list[dict[str, Any]]:
    kinds = {name: "integer" if name.endswith("_id") else "string" for name in route.parameters}
    return [{"name": name, "in": "path", "required": True, "schema": {"type": kind}} for name, kind in kinds.items()]


def _query(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    return [
        {"name": name, "in": "query", "required": False, "description": field.pop("description", ""), "schema": field}
        for name, field in schema["properties"].items()
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    read = dict(route.headers) | ({"If-Match": True} if route.versioned else {})
    return [
        {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}
        for name, required in read.items()
    ]


def _success(route: Route) -> dict[str, Any]:
    content = _json(route.answer) if route.answer else {}
    if route.csv:
        content |= {"text/csv": {"schema": {"type": "string"}}}
    return {"description": _WORDS[route.status]} | ({"content": content} if content else {})


def _body(body: type[BaseModel] | str) -> dict[str, Any]:
    if isinstance(body, str):
        schema = {"type": "object"} if body == "application/json" else _FILE
        return {media_type: {"schema": schema} for media_type in body.split(", ")}
    return _json(body)


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _TEMPLATE.format(model=model.__name__)}}}
