"""Projects: what cells belong to, and who may see them with it."""

from flask import Response
from pydantic import Field

from access.roles import requires
from api.models import Given
from api.responses import as_json
from data_access.database import db
from data_access.queries.accounts import load_projects
from data_access.scope import current_scope


class Project(Given):
    """One project that the reader may see."""

    id: int
    name: str
    editable: bool = Field(description="Whether the reader may edit what is in it")


class Projects(Given):
    """A list of projects."""

    projects: list[Project]


@requires("viewer")
def list_projects() -> Response:
    """Every project that the reader may see."""
    editable = current_scope(db.engine).editable
    projects = [
        {"id": one.id, "name": one.name, "editable": editable is None or one.id in editable}
        for one in load_projects(db.engine)
    ]
    return as_json({"projects": projects})
