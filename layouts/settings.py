"""What the Settings pages share: frame with sub-navigation, dialogs, secrets that are shown once, who may see what."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component
from flask import current_app, has_request_context

from access.identity import allowed
from access.roles import Role
from layouts import parts
from layouts.times import age_words
from layouts.words import settings as words

SUBPAGES: dict[str, Role] = {
    "account": "viewer",
    "people": "admin",
    "tokens": "admin",
    "projects": "admin",
    "system": "admin",
}
"""Every page of Settings and the role it needs, in the order of the sub-navigation."""
WITHOUT_ACCOUNTS = ("system",)
"""The only ones that mean something to a single user."""


def has_accounts() -> bool:
    """Whether people sign in; outside of a request every page is made whole, to check the callbacks against it."""
    return bool(current_app.config.get("BAROGRAPH_ACCOUNTS", False)) if has_request_context() else True


def visible_pages() -> list[str]:
    """Names of the pages of Settings that the reader may see."""
    names = SUBPAGES if has_accounts() else WITHOUT_ACCOUNTS
    return [name for name in names if allowed(SUBPAGES[name])]


def entrance() -> str:
    """Address of the first page of Settings that the reader may see."""
    return next((f"/settings/{name}" for name in visible_pages()), "")


def frame(name: str, *content: Component) -> Component:
    """A page of Settings: sub-navigation left, content right, or why there is none."""
    pages = visible_pages()
    rows = [
        parts.link(
            words.PAGES[one],
            f"/settings/{one}",
            class_name="nav-row",
            **({"aria-current": "page"} if one == name else {}),
        )
        for one in pages
    ]
    inside = list(content)
    if not has_accounts() and name not in WITHOUT_ACCOUNTS:
        inside = [
            parts.panel(None, parts.empty_state(words.NO_ACCOUNTS_TITLE, words.NO_ACCOUNTS_TEXT, picture="people"))
        ]
    body = html.Div(inside, className="settings-content")
    if len(pages) > 1:
        navigation = html.Nav(rows, className="settings-pages", **parts.attributes(aria_label=words.NAVIGATION))
        body = html.Div([navigation, body], className="settings")
    return parts.page(words.TITLE, body, name="settings-page")


def dialog(dialog_id: str, title: str, *content: Component, **options: Any) -> Component:
    """A dialog that is closed at first."""
    made: Component = dmc.Modal(
        html.Div(list(content), className="settings-dialog"),
        id=dialog_id,
        title=title,
        opened=False,
        closeButtonProps={"aria-label": words.CLOSE},
        transitionProps={"duration": 0},
        **{"size": "md", "keepMounted": True, **options},
    )
    return made


def foot(*buttons: Component) -> Component:
    """The buttons of a dialog, the one that does it first."""
    return html.Div(list(buttons), className="dialog-foot")


def close_button(text: str = words.CANCEL) -> Component:
    """The button of a dialog that stores nothing; assets/settings.js closes the dialog around it."""
    return parts.button(text, **parts.attributes(data_close_dialog="1"))


def secret(label: str, text: str, note: str, *, rows: int = 1) -> Component:
    """A text that is shown once, with a button that copies it."""
    field: Any = html.Pre(html.Code(text), tabIndex="0", className="secret-text" + (" secret-long" if rows > 1 else ""))
    copy = parts.button(words.COPY, picture="copy", **parts.attributes(data_copy="1", data_done=words.COPIED))
    copy_words = parts.attributes(data_by_hand=words.COPY_BY_HAND)
    return html.Div(
        [
            html.Div(label, className="secret-label"),
            html.Div([field, copy], className="secret-row", **copy_words),
            html.P(note, className="secret-note") if note else None,
        ],
        className="secret",
    )


def table(heads: Sequence[str], rows: Sequence[Component], *, quiet_last: bool = False) -> Component:
    """A table that fills its panel and scrolls sideways where it must.

    `quiet_last`: the head above the buttons is only said by a screen reader.
    """
    last = len(heads) - 1 if quiet_last else len(heads)
    cells = [html.Th(parts.hidden_words(text) if at == last else text, scope="col") for at, text in enumerate(heads)]
    content = html.Table([html.Thead(html.Tr(cells)), html.Tbody(list(rows))], className="table settings-table")
    return html.Div(content, className="settings-frame", tabIndex="0")


def undo_button(what: str) -> Component:
    """The Undo of a toast; `what` is told to the callback of the page that understands it (assets/settings.js)."""
    return html.Button(words.UNDO, type="button", className="toast-action", **parts.attributes(data_settings_undo=what))


def moment_words(moment: datetime, *, now: datetime | None = None) -> str:
    """When something was: "now" within two minutes, "26 min ago", "5 h ago", then the day.

    >>> start = datetime(2026, 8, 1, 12, tzinfo=UTC)
    >>> [moment_words(start, now=start + timedelta(minutes=minutes)) for minutes in (1, 26, 300, 3000)]
    ['now', '26 min ago', '5 h ago', '1 Aug 2026']
    """
    at = now or datetime.now(UTC)
    if at - moment < timedelta(minutes=2):
        return words.JUST_NOW
    if at - moment < timedelta(days=1):
        return words.AGO.format(age=age_words(moment, now=at))
    return day_words(moment)


def day_words(moment: datetime) -> str:
    """A day.

    >>> day_words(datetime(2026, 8, 1, 12, tzinfo=UTC))
    '1 Aug 2026'
    """
    return f"{moment.day} {moment:%b %Y}"
