"""The Tokens page: secrets of agents and scripts, what each may, when it was last used; a new one is shown once."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data_access.models import Token
from layouts import parts, settings
from layouts import settings_ids as ids
from layouts.settings import day_words, moment_words
from layouts.times import time_words
from layouts.words import settings as shared
from layouts.words import settings_tokens as words

PAGE = "tokens"
_ORDER: dict[str, Any] = {"inputWrapperOrder": ["label", "input", "description", "error"], "size": "xs"}


def layout() -> Component:
    """Return the page without data, the dialog of a new token and the one that asks before a token is revoked."""
    new = parts.button(words.NEW, kind="primary", picture="key", id=ids.TOKENS_NEW)
    table = html.Div(parts.skeleton(30, 30, 30), id=ids.TOKENS_TABLE)
    panel = parts.panel(words.TITLE, table, subtitle=words.SUBTITLE, controls=[new])
    return settings.frame(PAGE, panel, _dialog(), _confirmation())


def _dialog() -> Component:
    kinds = [{"value": value, "label": label} for value, label in words.KIND_CHOICES]
    kind = dmc.SegmentedControl(
        id=ids.TOKENS_KIND, data=kinds, value="agent", size="xs", **parts.attributes(aria_label=words.KIND)
    )
    name = dmc.TextInput(id=ids.TOKENS_NAME, label=words.NAME, description=words.NAME_HELP, value="", **_ORDER)
    channels = dmc.TagsInput(
        id=ids.TOKENS_CHANNELS,
        label=words.CHANNELS,
        description=words.CHANNELS_HELP,
        data=[],
        value=[],
        acceptValueOnBlur=True,
        comboboxProps={"zIndex": 500},
        **_ORDER,
    )
    days = dmc.TextInput(
        id=ids.TOKENS_DAYS,
        label=words.DAYS,
        description=words.DAYS_HELP,
        placeholder=words.DAYS_PLACEHOLDER,
        value="",
        inputProps={"inputMode": "numeric"},
        **_ORDER,
    )
    kind_help = html.P(words.KIND_HELP["agent"], id=ids.TOKENS_KIND_HELP, className="settings-help")
    form = html.Div(
        [
            name,
            html.Div([html.Div(words.KIND, className="secret-label"), kind, kind_help]),
            html.Div(channels, id=ids.TOKENS_CHANNELS_PLACE),
            days,
            html.P(id=ids.TOKENS_PROBLEM, role="alert", className="form-summary"),
            settings.foot(parts.button(words.CREATE, kind="primary", id=ids.TOKENS_CREATE), settings.close_button()),
        ],
        id=ids.TOKENS_FORM,
        className="settings-form",
    )
    return settings.dialog(ids.TOKENS_DIALOG, words.NEW_TITLE, form, html.Div(id=ids.TOKENS_SECRET))


def _confirmation() -> Component:
    buttons = settings.foot(
        parts.button(words.REVOKE, kind="primary", id=ids.TOKENS_REVOKE),
        settings.close_button(words.KEEP),
    )
    return settings.dialog(
        ids.TOKENS_CONFIRM,
        words.CONFIRM_TITLE,
        dcc.Store(id=ids.TOKENS_CHOSEN),
        html.P(id=ids.TOKENS_CONFIRM_TEXT, className="dialog-text"),
        buttons,
        size="sm",
    )


def tokens_table(tokens: Sequence[Token], makers: Mapping[int, str], *, now: datetime | None = None) -> Component:
    """Return the table of tokens, or what to do where there is none; `makers` are names of people by number."""
    if not tokens:
        return parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, picture="key")
    rows = [_row(token, makers.get(token.person_id), now or datetime.now(UTC)) for token in tokens]
    return settings.table(words.HEADS, rows, quiet_last=True)


def _row(token: Token, maker: str | None, now: datetime) -> Component:
    used = token.last_used_at
    if token.kind == "agent":
        channels: Any = ", ".join(token.channels)
    else:
        channels = html.Span(words.ALL_PROJECTS.format(name=maker or words.NO_MAKER), className="quiet")
    revoke = parts.button(words.REVOKE, kind="quiet", id=ids.settings_act(PAGE, "revoke", token.id))
    return html.Tr(
        [
            html.Td(html.Strong(token.name)),
            html.Td(words.KINDS.get(token.kind, token.kind)),
            html.Td(channels, className="settings-text"),
            html.Td(maker or words.NO_MAKER, className="" if maker else "quiet"),
            html.Td(
                words.NEVER_USED if used is None else moment_words(used, now=now),
                title=None if used is None else time_words(used),
            ),
            html.Td(_expiry(token, now), title=time_words(token.expires_at) if token.expires_at else None),
            html.Td(html.Div(revoke, className="settings-row-acts"), className="settings-acts"),
        ]
    )


def _expiry(token: Token, now: datetime) -> Component | str:
    if token.expires_at is None:
        return words.NEVER_EXPIRES
    if token.expires_at <= now:
        return parts.status("watch", words.EXPIRED)
    return day_words(token.expires_at)


def secret_shown(token: Token, text: str, server: str) -> Component:
    """Return the new token with what to do with it: the lines of an agent's file, or the header of a script."""
    if token.kind == "agent":
        more = [
            settings.secret(words.SECRET, text, words.SECRET_AGENT),
            settings.secret(words.TOML, toml_lines(server, token), words.TOML_NOTE, rows=2),
        ]
    else:
        more = [
            settings.secret(words.SECRET, text, words.SECRET_READ),
            settings.secret(words.HEADER, f"Authorization: Bearer {text}", words.HEADER_NOTE),
        ]
    done = parts.button(shared.DONE, kind="primary", **parts.attributes(data_close_dialog="1"))
    return html.Div([*more, settings.foot(done)])


def toml_lines(server: str, token: Token) -> str:
    """Return the lines of agent.toml for a token; names are quoted as TOML's basic strings.

    >>> print(toml_lines("https://lab.example", Token(name="cycler 1", channels=["A01"])).splitlines()[0])
    server = "https://lab.example"
    """
    plain = server.startswith("http://")
    lines = [f"server = {_quoted(server)}", 'token_file = "token.txt"', *(["insecure_lan = true"] if plain else [])]
    for channel in token.channels:
        lines += ["", "[[source]]", f"channel = {_quoted(channel)}"]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Return a basic string of TOML; what JSON escapes, TOML does in the same way."""
    return json.dumps(text, ensure_ascii=False)
