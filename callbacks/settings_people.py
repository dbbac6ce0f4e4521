"""Reactions of the People page: roles, invitations, links for new passwords, people removed and restored."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate
from flask import request
from sqlalchemy import Engine

from access.identity import identity
from access.roles import requires
from callbacks.settings_acts import Said, done, now, number_of, pressed_row, problems_of, said, text_of
from data_access.base import now as moment
from data_access.database import db
from data_access.models import Person
from data_access.queries import load_memberships, load_people, load_person, load_projects
from data_access.queries.system import load_last_seen
from data_access.writes import delete_person, invite, reset_link, restore_person, set_roles, update_person
from data_access.writes.people import INVITATION_DAYS, RESET_HOURS
from layouts import ids
from layouts import settings_ids as own
from layouts import settings_people as page
from layouts.words import settings_people as words
from pressiometry.errors import BarographError, InvalidInputError


@requires("admin")
def show(_edited: str | None, with_removed: bool | None) -> tuple[Any, ...]:  # noqa: FBT001 - a switch of the page
    """Return the tables, how many were removed, and whether the switch that shows them is seen."""
    engine = db.engine
    shown = page.People(
        load_people(engine),
        load_projects(engine),
        load_memberships(engine),
        load_last_seen(engine),
        identity().person_id,
    )
    removed = load_people(engine, deleted=True)
    note = page.last_admin_note(shown)
    content = [page.people_table(shown), *([note] if note else [])]
    if with_removed and removed:
        content.append(page.removed_table(removed))
    count = words.COUNT_REMOVED_ONE if len(removed) == 1 else words.COUNT_REMOVED_MANY.format(count=len(removed))
    return content, count if removed else "", {} if removed else {"display": "none"}


@requires("admin")
def change_role(*_menus: Sequence[Any]) -> tuple[Any, Any]:
    """Give the person whose menu was changed the role; menus that have only just been drawn change nothing."""
    engine = db.engine
    messages: Said = []
    for one in ctx.triggered:
        menu, value = ctx.triggered_prop_ids.get(one["prop_id"]), one["value"]
        if menu and isinstance(value, str):  # without both, menus came or went with their table
            messages += _change(engine, number_of(menu["person"]), number_of(menu["project"]), value)
    if not messages:
        raise PreventUpdate
    return messages, now()


def _change(engine: Engine, person_id: int, project: int, value: str) -> Said:
    person, projects = load_person(engine, person_id), load_projects(engine)
    there = {one.id for one in projects}
    roles = {one: role for one, role in load_memberships(engine).get(person_id, {}).items() if one in there}
    if page.role_value(person, roles, project, projects) == value:
        return []
    is_admin, wanted = _wanted(person, roles, project, value, only=projects[0].id if len(projects) == 1 else None)

    def give() -> dict[str, Any]:
        give_roles(engine, person, wanted, is_admin=is_admin)
        name = next((one.name for one in projects if one.id == project), "")
        choices = words.PROJECT_CHOICES | words.ROLE_CHOICES | words.WHOLE_CHOICES
        title = words.ROLE_CHANGED_IN if name else words.ROLE_CHANGED
        undo = ("roles", person_id, {str(one): role for one, role in roles.items()}, person.is_admin)
        text = words.ROLE_CHANGED_TEXT.format(name=person.name)
        return done(title.format(name=person.name, role=choices[value], project=name), text, undo)

    return said(give)


def give_roles(engine: Engine, person: Person, roles: Mapping[int, str], *, is_admin: bool) -> None:
    """Give a person these roles in projects and no others, and make them administrator or not."""
    set_roles(engine, person.id, roles)
    if is_admin != person.is_admin:
        update_person(engine, person.id, {"is_admin": is_admin}, version=person.version)


def _wanted(
    person: Person, roles: Mapping[int, str], project: int, value: str, only: int | None
) -> tuple[bool, dict[int, str]]:
    """Return whether the person is to be administrator, and the roles; `only` is the one project, if it is one."""
    allowed = {one["value"] for one in page.role_choices(project, 1 if only else 2)}
    if value not in allowed:
        raise InvalidInputError("There is no such role", problems=(f"role: {value!r} is no role",))
    if project != page.WHOLE:
        others = {one: role for one, role in roles.items() if one != project}
        return person.is_admin, others if value == "none" else {**others, project: value}
    if value == "admin" or only is None:
        return value == "admin", dict(roles)
    return False, {**roles, only: value}


@requires("admin")
def open_invitation(pressed: int | None) -> tuple[Any, ...]:
    """Return the empty form of an invitation."""
    if not pressed:
        raise PreventUpdate
    roles = page.invited_roles(load_projects(db.engine))
    return True, words.INVITE_TITLE, False, None, "", "", None, None, "", roles


@requires("admin")
def make_invitation(
    pressed: int | None, name: str | None, login: str | None, roles: list[str | None], menus: list[dict[str, Any]]
) -> tuple[Any, ...]:
    """Store the person and show the link, once; or say at each field what cannot be taken."""
    if not pressed:
        raise PreventUpdate
    engine = db.engine
    called, typed = text_of(name), text_of(login)
    missing = (None if called.strip() else words.MISSING_NAME, None if typed.strip() else words.MISSING_LOGIN)
    if any(missing):
        return no_update, no_update, no_update, *missing, "", no_update
    projects = load_projects(engine)
    chosen = {number_of(menu["project"]): text_of(value) for menu, value in zip(menus, roles, strict=False)}
    whole = chosen.pop(page.WHOLE, "")
    given = {one: role for one, role in chosen.items() if role and role != "none"}
    if len(projects) == 1 and whole in {"viewer", "operator"}:
        given = {projects[0].id: whole}
    try:
        person, secret = invite(engine, typed, called, is_admin=whole == "admin", roles=given)
    except BarographError as error:
        problems = problems_of(error)
        rest = "; ".join(text for field, text in problems.items() if field not in {"name", "login"})
        return no_update, no_update, no_update, problems.get("name"), problems.get("login"), rest, no_update
    until = moment() + timedelta(days=INVITATION_DAYS)
    shown = page.link_shown(person, address_of(secret), until, is_new=True)
    return words.LINK_TITLE.format(name=person.name), True, shown, None, None, "", now()


def address_of(secret: str) -> str:
    """Return the whole address of a one-time link, under the name by which the reader asked for this page."""
    return f"{request.host_url}welcome/{secret}"


@requires("admin")
def act(_clicks: list[int | None]) -> tuple[Any, ...]:
    """Make a link for a new password, remove or restore the person whose button was pressed."""
    engine = db.engine
    what, person_id = pressed_row()
    if what == "link":
        person = load_person(engine, person_id)
        is_new = person.password_hash is None
        until = moment() + (timedelta(days=INVITATION_DAYS) if is_new else timedelta(hours=RESET_HOURS))
        shown = page.link_shown(person, address_of(reset_link(engine, person_id)), until, is_new=is_new)
        title = words.LINK_TITLE if is_new else words.RESET_TITLE
        return True, title.format(name=person.name), True, shown, no_update, now()
    message = said(lambda: restore(engine, person_id) if what == "restore" else remove(engine, person_id))
    return no_update, no_update, no_update, no_update, message, now()


def remove(engine: Engine, person_id: int) -> dict[str, Any]:
    """Remove a person; the message offers the way back."""
    name = delete_person(engine, person_id).name
    return done(words.REMOVED.format(name=name), words.REMOVED_TEXT.format(name=name), ("person", person_id))


def restore(engine: Engine, person_id: int) -> dict[str, Any]:
    """Bring a person back."""
    name = restore_person(engine, person_id).name
    return done(words.RESTORED.format(name=name), words.RESTORED_TEXT)


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        Output(own.PEOPLE_TABLE, "children"),
        Output(own.PEOPLE_COUNT, "children"),
        Output(own.PEOPLE_SHOWN, "style"),
        Input(ids.EDITED, "data"),
        Input(own.PEOPLE_SHOWN, "checked"),
    )(show)
    edited = Output(ids.EDITED, "data", allow_duplicate=True)
    toasts = Output(ids.TOASTS, "sendNotifications", allow_duplicate=True)
    app.callback(toasts, edited, Input(own.person_role(ALL, ALL), "value"), prevent_initial_call=True)(change_role)
    app.callback(
        Output(own.PEOPLE_DIALOG, "opened", allow_duplicate=True),
        Output(own.PEOPLE_DIALOG, "title", allow_duplicate=True),
        Output(own.PEOPLE_FORM, "hidden", allow_duplicate=True),
        Output(own.PEOPLE_LINK, "children", allow_duplicate=True),
        toasts,
        edited,
        Input(own.settings_act(page.PAGE, ALL, ALL), "n_clicks"),
        prevent_initial_call=True,
    )(act)
    _register_invitation(app)


def _register_invitation(app: Dash) -> None:
    app.callback(
        Output(own.PEOPLE_DIALOG, "opened"),
        Output(own.PEOPLE_DIALOG, "title"),
        Output(own.PEOPLE_FORM, "hidden"),
        Output(own.PEOPLE_LINK, "children"),
        Output(own.PEOPLE_NAME, "value"),
        Output(own.PEOPLE_LOGIN, "value"),
        Output(own.PEOPLE_NAME, "error"),
        Output(own.PEOPLE_LOGIN, "error"),
        Output(own.PEOPLE_PROBLEM, "children"),
        Output(own.PEOPLE_ROLES, "children"),
        Input(own.PEOPLE_INVITE, "n_clicks"),
    )(open_invitation)
    app.callback(
        Output(own.PEOPLE_DIALOG, "title", allow_duplicate=True),
        Output(own.PEOPLE_FORM, "hidden", allow_duplicate=True),
        Output(own.PEOPLE_LINK, "children", allow_duplicate=True),
        Output(own.PEOPLE_NAME, "error", allow_duplicate=True),
        Output(own.PEOPLE_LOGIN, "error", allow_duplicate=True),
        Output(own.PEOPLE_PROBLEM, "children", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Input(own.PEOPLE_CREATE, "n_clicks"),
        State(own.PEOPLE_NAME, "value"),
        State(own.PEOPLE_LOGIN, "value"),
        State(own.invited_role(ALL), "value"),
        State(own.invited_role(ALL), "id"),
        prevent_initial_call=True,
    )(make_invitation)
    app.clientside_callback(
        ClientsideFunction("settings", "forget"),
        Output(own.PEOPLE_LINK, "children", allow_duplicate=True),
        Input(own.PEOPLE_DIALOG, "opened"),
        prevent_initial_call=True,
    )
