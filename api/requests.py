"""What a request says: its query, its JSON body, its version; each problem is named, all at once."""

import re
from typing import Any, TypeVar

import orjson
from flask import abort, request
from pydantic import BaseModel

from pressiometry.errors import InvalidInputError

_Model = TypeVar("_Model", bound=BaseModel)


def read_query(model: type[_Model]) -> _Model:
    """The query of the request as a model; an empty value counts as absent."""
    return model.model_validate({name: value for name, value in request.args.items() if value})


def read_body() -> bytes:
    """The whole body.  413 where it is too large, also where it does not announce its length.

    Werkzeug cuts a body that comes in chunks off at the limit and says nothing.
    """
    body = request.get_data()
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        abort(413)
    return body


def read_object() -> dict[str, Any]:
    """The JSON object in the body.  Raises InvalidInputError where there is none."""
    try:
        body = orjson.loads(read_body())
    except orjson.JSONDecodeError as error:
        raise InvalidInputError("The body is no JSON", where=str(error), problems=(f"body: {error}",)) from error
    if not isinstance(body, dict):
        raise InvalidInputError("The body is no JSON object", problems=("body: an object is expected",))
    return body


def wants_csv() -> bool:
    """Whether to answer with CSV: the client prefers it to JSON, or sends no Accept at all, as pandas.read_csv does."""
    if "Accept" not in request.headers:
        return True
    return request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv"


def expected_version() -> int:
    """The version that the client saw, from If-Match; 428 where it names none.

    The compression of an answer appends its name to the ETag ("3:br"); that is taken as well.
    """
    given = request.headers.get("If-Match")
    if given is None:
        abort(428, "Send the ETag of the version that you saw as If-Match, so that nobody's edit is overwritten.")
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})(?::\w+)?"?', given.strip())
    if found is None:
        abort(400, f"If-Match {given!r} is not the ETag of a version.")
    return int(found[1])
