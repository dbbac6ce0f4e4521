"""One address of the API: what Flask, openapi.json and the reference need to know of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Response
from pydantic import BaseModel

from api.models import Failure


@dataclass(frozen=True, slots=True)
class Route:
    """An address and a method; the first line of the view's docstring says what it answers."""

    method: str
    path: str  # as Flask writes it: /api/v1/cells/<int:cell_id>
    view: Callable[..., Response]
    answer: type[BaseModel] | None = None
    status: int = 200
    query: type[BaseModel] | None = None
    body: type[BaseModel] | str | None = None  # a model, or the media types of bytes, separated by ", "
    csv: bool = False
    """Answers CSV too, or only."""
    versioned: bool = False
    """Needs If-Match."""
    already: bool = False
    """Answers 200 where the same thing was there already."""
    form: bool = False
    """Takes a multipart form too."""
    errors: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    headers: Mapping[str, bool] = field(default_factory=dict)
    """Headers that it reads; True: required."""

    @property
    def summary(self) -> str:
        """First line of the view's docstring."""
        return (self.view.__doc__ or "").strip().splitlines()[0]

    @property
    def address(self) -> str:
        """The path as OpenAPI writes it.

        >>> Route("GET", "/api/v1/cells/<int:cell_id>", lambda: Response()).address
        '/api/v1/cells/{cell_id}'
        """
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.path)

    @property
    def parameters(self) -> list[str]:
        """Names of the parts of the path."""
        return re.findall(r"{(\w+)}", self.address)

    @property
    def failures(self) -> dict[int, type[BaseModel]]:
        """Every status that is not success, with its model."""
        found: dict[int, type[BaseModel]] = {}
        if self.parameters:
            found[404] = Failure
        if self.query is not None or self.body is not None:
            found[422] = Failure
        if self.path.startswith("/api/"):
            found[400] = found[401] = found[403] = Failure
        if self.method != "GET" and isinstance(self.body, type):
            found[413] = Failure
        if self.versioned:
            found[428] = Failure
        return found | dict(self.errors)
