"""The projects of the reader, by their names: which there are to see, and in which cells may be put."""

from flask import has_request_context

from data_access.database import db
from data_access.queries import load_projects
from layouts.parts import may_edit


def project_names() -> dict[str, str]:
    """Names of the projects that the reader sees, by number as text; outside of a request there are none."""
    if not has_request_context():
        return {}
    return {str(project.id): project.name for project in load_projects(db.engine)}


def editable_projects() -> dict[str, str]:
    """Names of the projects in which the reader may edit cells, by number as text."""
    return {number: name for number, name in project_names().items() if may_edit(int(number))}


def with_project_field() -> bool:
    """Whether forms speak of projects: only where there is a choice; the check at the start sees every field."""
    return not has_request_context() or len(editable_projects()) > 1
