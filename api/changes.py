"""What was changed, and taking it back."""

from flask import Response

from access.roles import requires
from api.cells import cell_response
from api.models import Change, ChangesQuery
from api.requests import read_query
from api.responses import as_json
from data_access.database import db
from data_access.queries import load_changes
from ingest.edits import undo


@requires("viewer")
def list_changes() -> Response:
    """The newest changes."""
    query = read_query(ChangesQuery)
    changes = load_changes(db.engine, kind=query.kind, object_id=query.object_id, limit=query.limit)
    return as_json({"changes": [Change.model_validate(change).model_dump(mode="json") for change in changes]})


@requires("operator")
def undo_change(change_id: int) -> Response:
    """The cell as it was before the change."""
    return cell_response(undo(db.engine, change_id))
