"""Reactions of the Projects page: projects made, renamed, removed while nothing is in them, and restored."""

from collections.abc import Mapping
from typing import Any

from dash import ALL, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from sqlalchemy import Engine

from access.roles import requires
from callbacks.settings_acts import done, now, number_of, pressed_row, problems_of, said, text_of
from data_access.database import db
from data_access.queries import load_memberships, load_people, load_projects
from data_access.queries.system import count_belongings
from data_access.writes import create_project, delete_project, rename_project, restore_project
from layouts import ids
from layouts import settings_ids as own
from layouts import settings_projects as page
from layouts.words import settings_projects as words
from pressiometry.errors import BarographError, NotFoundError, StaleEditError


@requires("admin")
def show(_edited: str | None) -> tuple[Any, str]:
    """Return the table, and what one project alone means."""
    engine = db.engine
    projects = load_projects(engine)
    people: dict[int, list[tuple[str, str]]] = {}
    roles = load_memberships(engine)
    for person in load_people(engine):
        for project, role in roles.get(person.id, {}).items():
            if not person.is_admin:
                people.setdefault(project, []).append((person.name, role))
    table = page.projects_table(page.Projects(projects, count_belongings(engine), people))
    return table, words.ONE_PROJECT if len(projects) == 1 else ""


@requires("admin")
def open_new(pressed: int | None) -> tuple[Any, ...]:
    """Return the empty form."""
    if not pressed:
        raise PreventUpdate
    return True, words.NEW, "", None, None


@requires("admin")
def act(_clicks: list[int | None]) -> tuple[Any, ...]:
    """Open the form of a name, or remove the project."""
    what, number = pressed_row()
    engine = db.engine
    if what == "rename":
        project = next((one for one in load_projects(engine) if one.id == number), None)
        if project is None:
            raise NotFoundError(f"There is no project {number}")
        chosen = {"project": project.id, "version": project.version}
        return True, words.RENAME_TITLE.format(name=project.name), project.name, None, chosen, no_update, no_update
    return (*[no_update] * 5, said(lambda: remove(engine, number)), now())


def remove(engine: Engine, number: int) -> dict[str, Any]:
    """Remove an empty project; the message offers the way back."""
    return done(words.REMOVED.format(name=delete_project(engine, number).name), undo=("project", number))


def restore(engine: Engine, number: int) -> dict[str, Any]:
    """Bring a project back."""
    return done(words.RESTORED.format(name=restore_project(engine, number).name))


@requires("admin")
def save(pressed: int | None, name: str | None, chosen: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """Make the project, or give it its new name; or say at the field what cannot be taken."""
    if not pressed:
        raise PreventUpdate
    if not text_of(name).strip():
        return no_update, words.MISSING_NAME, no_update, no_update
    engine = db.engine
    try:
        if not isinstance(chosen, Mapping):
            made = create_project(engine, text_of(name))
            message = done(words.CREATED.format(name=made.name), words.CREATED_TEXT, ("new project", made.id))
        else:
            number = number_of(chosen.get("project"))
            before = next((one.name for one in load_projects(engine) if one.id == number), "")
            renamed = rename_project(engine, number, text_of(name), version=number_of(chosen.get("version")))
            message = done(words.RENAMED.format(name=renamed.name), undo=("project name", number, before))
    except StaleEditError:
        raise
    except BarographError as error:
        return no_update, "; ".join(problems_of(error).values()), no_update, no_update
    return False, None, [message], now()


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        Output(own.PROJECTS_TABLE, "children"), Output(own.PROJECTS_COUNT, "children"), Input(ids.EDITED, "data")
    )(show)
    dialog = (
        (own.PROJECTS_DIALOG, "opened"),
        (own.PROJECTS_DIALOG, "title"),
        (own.PROJECTS_NAME, "value"),
        (own.PROJECTS_NAME, "error"),
        (own.PROJECTS_CHOSEN, "data"),
    )
    edited = Output(ids.EDITED, "data", allow_duplicate=True)
    toasts = Output(ids.TOASTS, "sendNotifications", allow_duplicate=True)
    app.callback(*[Output(*one) for one in dialog], Input(own.PROJECTS_NEW, "n_clicks"))(open_new)
    app.callback(
        *[Output(*one, allow_duplicate=True) for one in dialog],
        toasts,
        edited,
        Input(own.settings_act(page.PAGE, ALL, ALL), "n_clicks"),
        prevent_initial_call=True,
    )(act)
    app.callback(
        Output(own.PROJECTS_DIALOG, "opened", allow_duplicate=True),
        Output(own.PROJECTS_NAME, "error", allow_duplicate=True),
        toasts,
        edited,
        Input(own.PROJECTS_SAVE, "n_clicks"),
        State(own.PROJECTS_NAME, "value"),
        State(own.PROJECTS_CHOSEN, "data"),
        prevent_initial_call=True,
    )(save)
