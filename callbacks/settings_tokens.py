"""Reactions of the Tokens page: a new token, shown once, and tokens revoked."""

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import request

from access.identity import identity
from access.roles import requires
from callbacks.settings_acts import now, number_of, pressed_row, problems_of, text_of
from data_access.database import db
from data_access.queries import load_channels, load_people, load_tokens
from data_access.writes import create_token, revoke_token
from data_access.writes.tokens import LONGEST_DAYS
from layouts import ids
from layouts import settings_ids as own
from layouts import settings_tokens as page
from layouts.words import settings_tokens as words
from pressiometry.errors import BarographError, NotFoundError


@requires("admin")
def show(_edited: str | None) -> Any:
    """Return the table of tokens that were not revoked."""
    makers = {person.id: person.name for person in load_people(db.engine)}
    return page.tokens_table(load_tokens(db.engine), makers)


@requires("admin")
def open_form(pressed: int | None) -> tuple[Any, ...]:
    """Return the empty form of a token, with the channels that are known."""
    if not pressed:
        raise PreventUpdate
    channels = sorted({channel.name for channel in load_channels(db.engine)}, key=str.casefold)
    return True, words.NEW_TITLE, False, None, "", "agent", channels, [], "", None, None, None, ""


@requires("admin")
def follow_kind(kind: str | None) -> tuple[str, bool]:
    """Return what a kind of token is for, and whether channels are hidden."""
    return words.KIND_HELP.get(text_of(kind), ""), kind == "read"


@requires("admin")
def create(
    pressed: int | None, name: str | None, kind: str, channels: list[str] | None, days: str | None
) -> tuple[Any, ...]:
    """Store the token and show it, once; or say at each field what cannot be taken."""
    if not pressed:
        raise PreventUpdate
    typed = channels if isinstance(channels, list) and kind == "agent" else []
    named = [text_of(channel) for channel in typed]
    problems = {} if text_of(name).strip() else {"name": words.MISSING_NAME}
    if kind == "agent" and not named:
        problems["channels"] = words.MISSING_CHANNELS
    count = text_of(days).strip()
    if count and not (count.isascii() and count.isdigit() and len(count) < 6):  # noqa: PLR2004 - no such number of days
        problems["days"] = words.WRONG_DAYS.format(most=LONGEST_DAYS)
    if problems:
        return _wrong(problems)
    try:
        token, text = create_token(
            db.engine,
            name=text_of(name),
            kind=text_of(kind),
            channels=named,
            person_id=identity().person_id or 0,
            days=int(count) if count else None,
        )
    except BarographError as error:
        return _wrong(problems_of(error))
    shown = page.secret_shown(token, text, request.host_url.rstrip("/"))
    return words.SECRET_TITLE.format(name=token.name), True, shown, None, None, None, "", now()


def _wrong(problems: dict[str, str]) -> tuple[Any, ...]:
    rest = "; ".join(text for field, text in problems.items() if field not in {"name", "channels", "days"})
    fields = (problems.get("name"), problems.get("channels"), problems.get("days"))
    return no_update, no_update, no_update, *fields, rest, no_update


@requires("admin")
def ask(_clicks: list[int | None]) -> tuple[bool, str, int]:
    """Return the question whether the token is to be revoked: that cannot be undone."""
    _, number = pressed_row()
    name = next((token.name for token in load_tokens(db.engine) if token.id == number), None)
    if name is None:
        raise NotFoundError(f"There is no token {number}")
    return True, words.CONFIRM.format(name=name), number


@requires("admin")
def revoke(_revoke: int | None, number: int | None) -> tuple[bool, str]:
    """Revoke the token that was asked about."""
    if not _revoke:
        raise PreventUpdate
    revoke_token(db.engine, number_of(number))
    return False, now()


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(Output(own.TOKENS_TABLE, "children"), Input(ids.EDITED, "data"))(show)
    errors = [Output(name, "error") for name in (own.TOKENS_NAME, own.TOKENS_CHANNELS, own.TOKENS_DAYS)]
    app.callback(
        Output(own.TOKENS_DIALOG, "opened"),
        Output(own.TOKENS_DIALOG, "title"),
        Output(own.TOKENS_FORM, "hidden"),
        Output(own.TOKENS_SECRET, "children"),
        Output(own.TOKENS_NAME, "value"),
        Output(own.TOKENS_KIND, "value"),
        Output(own.TOKENS_CHANNELS, "data"),
        Output(own.TOKENS_CHANNELS, "value"),
        Output(own.TOKENS_DAYS, "value"),
        *errors,
        Output(own.TOKENS_PROBLEM, "children"),
        Input(own.TOKENS_NEW, "n_clicks"),
    )(open_form)
    app.callback(
        Output(own.TOKENS_KIND_HELP, "children"),
        Output(own.TOKENS_CHANNELS_PLACE, "hidden"),
        Input(own.TOKENS_KIND, "value"),
    )(follow_kind)
    _register_edits(app)
    app.clientside_callback(
        ClientsideFunction("settings", "forget"),
        Output(own.TOKENS_SECRET, "children", allow_duplicate=True),
        Input(own.TOKENS_DIALOG, "opened"),
        prevent_initial_call=True,
    )


def _register_edits(app: Dash) -> None:
    edited = Output(ids.EDITED, "data", allow_duplicate=True)
    app.callback(
        Output(own.TOKENS_DIALOG, "title", allow_duplicate=True),
        Output(own.TOKENS_FORM, "hidden", allow_duplicate=True),
        Output(own.TOKENS_SECRET, "children", allow_duplicate=True),
        Output(own.TOKENS_NAME, "error", allow_duplicate=True),
        Output(own.TOKENS_CHANNELS, "error", allow_duplicate=True),
        Output(own.TOKENS_DAYS, "error", allow_duplicate=True),
        Output(own.TOKENS_PROBLEM, "children", allow_duplicate=True),
        edited,
        Input(own.TOKENS_CREATE, "n_clicks"),
        State(own.TOKENS_NAME, "value"),
        State(own.TOKENS_KIND, "value"),
        State(own.TOKENS_CHANNELS, "value"),
        State(own.TOKENS_DAYS, "value"),
        prevent_initial_call=True,
    )(create)
    app.callback(
        Output(own.TOKENS_CONFIRM, "opened"),
        Output(own.TOKENS_CONFIRM_TEXT, "children"),
        Output(own.TOKENS_CHOSEN, "data"),
        Input(own.settings_act(page.PAGE, ALL, ALL), "n_clicks"),
        prevent_initial_call=True,
    )(ask)
    app.callback(
        Output(own.TOKENS_CONFIRM, "opened", allow_duplicate=True),
        edited,
        Input(own.TOKENS_REVOKE, "n_clicks"),
        State(own.TOKENS_CHOSEN, "data"),
        prevent_initial_call=True,
    )(revoke)
