"""Reactions of the Account page: who the reader is, another password, sessions ended."""

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import request

from access.identity import Identity, identity
from access.passwords import SHORTEST, change_password
from access.roles import requires
from callbacks.settings_acts import Said, done, now, pressed_row, text_of
from data_access.database import db
from data_access.queries import load_memberships, load_person, load_projects, load_sessions
from data_access.writes import end_session, end_sessions
from layouts import ids
from layouts import settings_account as page
from layouts import settings_ids as own
from layouts.words import settings_account as words
from pressiometry.errors import BarographError, InvalidInputError


def _reader() -> tuple[Identity, int]:
    """Return who asks, and the number of that person; a program has no account page."""
    reader = identity()
    if reader.person_id is None:
        raise PreventUpdate
    return reader, reader.person_id


@requires("viewer")
def show(_edited: str | None) -> tuple[Any, ...]:
    """Return who the reader is, the sessions, and whether there are others to end."""
    engine = db.engine
    reader, person_id = _reader()
    roles = load_memberships(engine).get(person_id, {})
    facts = page.facts(load_person(engine, person_id), roles, load_projects(engine))
    sessions = load_sessions(engine, person_id)
    others = [one for one in sessions if one.id != reader.session_id]
    return facts, page.sessions_table(sessions, reader.session_id), not others


@requires("viewer")
def change(pressed: int | None, current: str | None, new: str | None) -> tuple[Any, ...]:
    """Store another password and end the other sessions; or say at each field what cannot be taken."""
    if not pressed:
        raise PreventUpdate
    reader, person_id = _reader()
    old, other = text_of(current), text_of(new)
    missing = None if old else words.MISSING_CURRENT
    short = words.TOO_SHORT.format(least=SHORTEST, length=len(other)) if len(other) < SHORTEST else None
    if missing or short:
        return missing, short, no_update, no_update, no_update, no_update
    try:
        change_password(
            db.engine,
            person_id,
            old,
            other,
            ip=request.remote_addr or "",
            keep_session=reader.session_id,
        )
    except InvalidInputError as error:
        told = "; ".join(problem.removeprefix("password: ") for problem in error.problems)
        return None, told, no_update, no_update, no_update, no_update
    except BarographError as error:
        return error.text, None, no_update, no_update, no_update, no_update
    return None, None, "", "", [done(words.CHANGED, words.CHANGED_TEXT)], now()


@requires("viewer")
def end_one(_clicks: list[int | None]) -> str:
    """End the session whose button was pressed."""
    _, number = pressed_row()
    end_session(db.engine, number, person_id=_reader()[1])
    return now()


@requires("viewer")
def end_others(pressed: int | None) -> tuple[Said, str]:
    """End every session of the reader but this one."""
    if not pressed:
        raise PreventUpdate
    reader, person_id = _reader()
    count = sum(one.id != reader.session_id for one in load_sessions(db.engine, person_id))
    end_sessions(db.engine, person_id, but=reader.session_id)
    title = words.ENDED_OTHERS_ONE if count == 1 else words.ENDED_OTHERS_MANY.format(count=count)
    return [done(title)], now()


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    edited = Output(ids.EDITED, "data", allow_duplicate=True)
    toasts = Output(ids.TOASTS, "sendNotifications", allow_duplicate=True)
    app.callback(
        Output(own.ACCOUNT_FACTS, "children"),
        Output(own.ACCOUNT_SESSIONS, "children"),
        Output(own.ACCOUNT_OTHERS, "disabled"),
        Input(ids.EDITED, "data"),
    )(show)
    app.callback(
        Output(own.ACCOUNT_CURRENT, "error"),
        Output(own.ACCOUNT_NEW, "error"),
        Output(own.ACCOUNT_CURRENT, "value"),
        Output(own.ACCOUNT_NEW, "value"),
        toasts,
        edited,
        Input(own.ACCOUNT_CHANGE, "n_clicks"),
        State(own.ACCOUNT_CURRENT, "value"),
        State(own.ACCOUNT_NEW, "value"),
        prevent_initial_call=True,
    )(change)
    app.callback(edited, Input(own.settings_act(page.PAGE, ALL, ALL), "n_clicks"), prevent_initial_call=True)(end_one)
    app.callback(toasts, edited, Input(own.ACCOUNT_OTHERS, "n_clicks"), prevent_initial_call=True)(end_others)
    app.clientside_callback(
        ClientsideFunction("settings", "length"),
        Output(own.ACCOUNT_LENGTH, "children"),
        Input(own.ACCOUNT_NEW, "value"),
        State(own.ACCOUNT_LENGTH, "id"),
    )
