"""The way back from what was done on the pages of Settings; the Undo of a toast says what it is."""

import json
from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate
from sqlalchemy import Engine

from access.roles import requires
from callbacks import settings_people, settings_projects
from callbacks.settings_acts import Said, done, now, number_of, said
from data_access.database import db
from data_access.queries import load_person
from data_access.writes import delete_project, rename_project
from layouts import ids
from layouts import settings_ids as own
from layouts.words import settings_people as people_words
from layouts.words import settings_projects as project_words
from pressiometry.errors import InvalidInputError


@requires("admin")
def undo(pressed: Mapping[str, Any] | None) -> tuple[Said, str]:
    """Take back what the pressed Undo names, and say so."""
    if not pressed:
        raise PreventUpdate
    try:
        what, number, *rest = json.loads(pressed["what"])
        act = WAYS[what]
    except (ValueError, TypeError, KeyError):
        raise InvalidInputError("There is nothing to undo here", problems=("what: unknown",)) from None
    return said(lambda: act(db.engine, number_of(number), *rest)), now()


def _roles(engine: Engine, person_id: int, *rest: Any) -> dict[str, Any]:
    """Give a person the roles from before."""
    if len(rest) != 2 or not isinstance(rest[0], dict) or not all(key.isdigit() for key in rest[0]):  # noqa: PLR2004
        raise InvalidInputError("There is nothing to undo here", problems=("what: roles are needed",))
    roles, is_admin = rest
    person = load_person(engine, person_id)
    before = {int(project): str(role) for project, role in roles.items()}
    settings_people.give_roles(engine, person, before, is_admin=bool(is_admin))
    return done(people_words.UNDONE.format(name=person.name))


def _new_project(engine: Engine, number: int, *_rest: Any) -> dict[str, Any]:
    """Remove a project that has just been made."""
    return done(project_words.REMOVED.format(name=delete_project(engine, number).name))


def _project_name(engine: Engine, number: int, *rest: Any) -> dict[str, Any]:
    """Give a project the name from before."""
    name = str(rest[0]) if rest else ""
    return done(project_words.RENAMED.format(name=rename_project(engine, number, name).name))


WAYS = {
    "person": lambda engine, number, *_rest: settings_people.restore(engine, number),
    "project": lambda engine, number, *_rest: settings_projects.restore(engine, number),
    "roles": _roles,
    "new project": _new_project,
    "project name": _project_name,
}
"""What can be taken back, and how."""


def register(app: Dash) -> None:
    """Connect the function to the store that assets/settings.js fills."""
    app.callback(
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Input(own.SETTINGS_UNDO, "data"),
        prevent_initial_call=True,
    )(undo)
