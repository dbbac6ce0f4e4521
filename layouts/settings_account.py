"""The Account page: who I am here, my password, and where I am signed in."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from access.passwords import SHORTEST
from data_access.models import LoginSession, Person, Project
from layouts import parts, settings
from layouts import settings_ids as ids
from layouts.settings import moment_words
from layouts.times import time_words
from layouts.words import settings_account as words

PAGE = "account"
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def layout() -> Component:
    """Return the page without data."""
    you = parts.panel(words.YOU_TITLE, html.Div(parts.skeleton(34), id=ids.ACCOUNT_FACTS, className="panel-body"))
    sessions = parts.panel(
        words.SESSIONS_TITLE,
        html.Div(parts.skeleton(30, 30), id=ids.ACCOUNT_SESSIONS),
        subtitle=words.SESSIONS_SUBTITLE,
        controls=[parts.button(words.END_OTHERS, id=ids.ACCOUNT_OTHERS)],
    )
    return settings.frame(PAGE, you, _password(), sessions)


def _password() -> Component:
    def field(field_id: str, label: str, complete: str, **options: Any) -> Any:
        return dmc.PasswordInput(
            id=field_id,
            label=label,
            value="",
            size="xs",
            autoComplete=complete,
            visibilityToggleButtonProps=parts.attributes(aria_label=words.SHOW),
            inputWrapperOrder=["label", "input", "description", "error"],
            **options,
        )

    current = field(ids.ACCOUNT_CURRENT, words.CURRENT, "current-password")
    new = field(ids.ACCOUNT_NEW, words.NEW, "new-password", description=words.NEW_HELP.format(least=SHORTEST))
    length_words = parts.attributes(
        data_least=str(SHORTEST), data_short=words.LENGTH_SHORT, data_enough=words.LENGTH_ENOUGH
    )
    length = html.Span(id=ids.ACCOUNT_LENGTH, className="settings-length", **length_words)
    change = html.Div(
        [parts.button(words.CHANGE, kind="primary", id=ids.ACCOUNT_CHANGE), length], className="settings-change"
    )
    form = html.Div(
        [html.Div([current, new], className="settings-pair"), change], className="panel-body settings-password"
    )
    return parts.panel(words.PASSWORD_TITLE, form)


def facts(person: Person, roles: Mapping[int, str], projects: Sequence[Project]) -> Component:
    """Return who the reader is: name, sign-in, and the role in each project."""
    return parts.fact_strip(
        parts.fact(words.FACT_NAME, person.name),
        parts.fact(words.FACT_LOGIN, person.login),
        parts.fact(words.FACT_ROLE, role_words(person, roles, projects)),
    )


def role_words(person: Person, roles: Mapping[int, str], projects: Sequence[Project]) -> str:
    """Return what a person may do, in words.

    >>> role_words(Person(is_admin=False), {1: "operator"}, [Project(id=1, name="Lab")])
    'operator'
    """
    if person.is_admin:
        return words.EVERYWHERE
    named = [(one.name, roles[one.id]) for one in projects if one.id in roles]
    if not named:
        return words.NO_ROLE
    if len(projects) == 1:
        return named[0][1]
    return ", ".join(words.ROLE_IN.format(role=role, project=name) for name, role in named)


def sessions_table(sessions: Sequence[LoginSession], this_one: int | None) -> Component:
    """Return the table of the browsers in which the reader is signed in."""
    rows = [_row(session, is_this=session.id == this_one) for session in sessions]
    return settings.table(words.SESSION_HEADS, rows, quiet_last=True)


def _row(session: LoginSession, *, is_this: bool) -> Component:
    here = [parts.badge(words.THIS_ONE)] if is_this else []
    end = [] if is_this else [parts.button(words.END, kind="quiet", id=ids.settings_act(PAGE, "end", session.id))]
    return html.Tr(
        [
            html.Td([html.Span(browser_words(session.browser), title=session.browser), *here]),
            html.Td(session.ip),
            html.Td(moment_words(session.created_at), title=time_words(session.created_at)),
            html.Td(moment_words(session.seen_at), title=time_words(session.seen_at)),
            html.Td(html.Div(end, className="settings-row-acts"), className="settings-acts"),
        ]
    )


def browser_words(agent: str) -> str:
    """Return browser and system of a User-Agent, as far as it says.

    >>> browser_words("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/141.0 Safari/537.36")
    'Chrome, Linux'
    """
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:40] or words.UNKNOWN_BROWSER
