"""The frame around every page: side bar, toasts, theme, keys, connection strip, and the page's own place."""

import json
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html, set_props
from dash.development.base_component import Component

from access.identity import allowed
from figures.style import TOKENS, theme_pairs
from layouts import PAGES, Page, ids, parts, signed_in
from layouts import settings_ids as own
from layouts.live import announcer
from layouts.words import shell as words

INDEX_STRING = f"""<!DOCTYPE html>
<html lang="en">
  <head>
    {{%metas%}}
    <title>{{%title%}}</title>
    <meta name="description" content="{words.DESCRIPTION}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
    <script src="/assets/first/theme.js"></script>
    <link rel="preload" href="/assets/fonts/inter-latin-wght-normal.woff2" as="font" type="font/woff2" crossorigin>
    {{%css%}}
  </head>
  <body>
    {{%app_entry%}}
    <footer>
      {{%config%}}
      {{%scripts%}}
      {{%renderer%}}
    </footer>
  </body>
</html>
"""
"""Dash's page with a language, our icon, and the theme chosen before anything is drawn."""


def _greys() -> list[str]:
    """Ten greys for Mantine's dark theme, text first, so that none of its own shows through."""
    token = TOKENS["dark"]
    names = ("ink", "ink2", "ink3", "control", "line2", "line", "surface", "bg", "bg", "bg")
    return [token[name] for name in names]


def mantine_theme() -> dict[str, Any]:
    """Return the settings of Mantine: ink as accent, our greys, our type (the look, section 8)."""
    return {
        "primaryColor": "dark",
        "primaryShade": {"light": 9, "dark": 0},
        "autoContrast": True,
        "colors": {"dark": _greys()},
        "fontFamily": "inherit",
        "headings": {"fontFamily": "inherit"},
        "defaultRadius": 6,
        "cursorType": "pointer",
        "respectReducedMotion": True,
    }


def layout() -> Component:
    """Return the whole frame; the page of the address is put into it by callbacks/shell.py."""
    frame: Component = dmc.MantineProvider(
        id=ids.PROVIDER,
        theme=mantine_theme(),
        forceColorScheme="light",
        children=[
            dcc.Location(id=ids.LOCATION, refresh="callback-nav"),
            dcc.Store(id=ids.THEME, data="light"),
            dcc.Store(id=ids.THEME_CHOICE, data="system"),
            dcc.Store(id=ids.THEME_PAIRS, data=theme_pairs()),
            parts.for_role("operator", dcc.Store(id=ids.UNDO)),
            parts.for_role("admin", dcc.Store(id=own.SETTINGS_UNDO)),
            dcc.Store(id=ids.EDITED),  # another moment whenever this browser stored an edit: lists load again
            dmc.NotificationContainer(
                id=ids.TOASTS, position="bottom-right", autoClose=5000, limit=4, containerWidth=360, zIndex=400
            ),
            parts.link(words.SKIP, f"#{ids.MAIN}", class_name="skip"),
            *signed_in.insecure_banner(),
            html.Div([sidebar(), html.Div(id=ids.PAGE, className="page")], className="frame"),
            connection_strip(),
            announcer(),
            keys_dialog(),
        ],
    )
    return frame


def validation_layout() -> Component:
    """Return the frame with every page at once: what Dash checks the callbacks against."""
    return html.Div([layout(), *(page.layout() for page in PAGES.values())])


def sidebar() -> Component:
    """Side bar: the pages above, theme and keys below; an icon rail on narrow screens."""
    brand = parts.link(
        [html.Span(parts.icon("mark", size=13), className="brand-mark"), html.Span(words.PRODUCT, className="label")],
        "/",
        class_name="brand",
        title=words.PRODUCT,
    )
    rows = [_row(page) for page in PAGES.values() if page.in_navigation and allowed(page.role)]
    rows += signed_in.settings_row()
    navigation = html.Div(rows, id=ids.NAVIGATION, className="navigation")
    names = parts.attributes(data_words=json.dumps(words.THEMES), data_hint=words.THEME_HINT)
    theme = _tool(words.THEMES["system"], "system", "theme", words.THEME_HINT, **names)
    keys = _tool(words.KEYS_BUTTON, "keyboard", "keys", words.KEYS_TITLE)
    narrow = _tool(words.SIDEBAR_BUTTON, "sidebar", "sidebar", words.SIDEBAR_BUTTON)
    wall = parts.link(
        [parts.icon("expand"), html.Span(PAGES["wall"].title, className="label")],
        PAGES["wall"].path,
        class_name="nav-row",
        title=words.WALL_HINT,
        **parts.attributes(aria_keyshortcuts="w"),
    )
    foot = html.Div([wall, theme, keys, narrow, *signed_in.person()], className="side-foot")
    return html.Nav(
        [brand, navigation, foot], id=ids.SIDEBAR, className="sidebar", **parts.attributes(aria_label=words.NAVIGATION)
    )


def _row(page: Page) -> Component:
    content = [parts.icon(page.icon), html.Span(page.title, className="label")]
    return parts.link(content, page.path, class_name="nav-row", title=page.title)


def _tool(text: str, picture: str, action: str, hint: str, **attributes: Any) -> Component:
    """Return a row of the side bar's foot; assets/frame.js does what `action` says, without the server."""
    content = [parts.icon(picture), html.Span(text, className="label")]
    return html.Button(
        content, type="button", className="nav-row", title=hint, **parts.attributes(data_frame=action), **attributes
    )


def connection_strip() -> Component:
    """Strip that assets/connection.js shows while the server does not answer."""
    texts = parts.attributes(data_since=words.CONNECTION_SINCE, data_age=words.CONNECTION_AGE)
    sentence: list[Component | str] = [
        html.Strong(className="connection-since", **texts),
        " ",
        html.Span(className="connection-age"),
    ]
    retry = html.Button(
        words.CONNECTION_RETRY, type="button", className="button button-plain", **parts.attributes(data_frame="retry")
    )
    content = [parts.icon("plug"), html.Div(sentence), retry]
    return html.Div(content, id=ids.CONNECTION, className="connection", hidden=True, role="status")


def keys_dialog() -> Component:
    """List of keys, opened by `?`."""
    keys = [one for one in words.KEYS if allowed("operator") or one not in words.KEYS_OF_EDITORS]
    rows = [html.Tr([html.Th(dmc.Kbd(key), scope="row"), html.Td(meaning)]) for key, meaning in keys]
    dialog: Component = dmc.Modal(
        html.Table(html.Tbody(rows), className="keys"),
        id=ids.KEYS_DIALOG,
        title=words.KEYS_TITLE,
        opened=False,
        size="sm",
        closeButtonProps={"aria-label": words.CLOSE},
    )
    return dialog


def not_found(pathname: str) -> Component:
    """Page for an address that leads nowhere."""
    action = parts.button_link(words.NOT_FOUND_ACTION, "/", kind="primary")
    text = words.NOT_FOUND_TEXT.format(path=pathname)
    return parts.page(
        words.NOT_FOUND_TITLE,
        parts.panel(None, parts.empty_state(words.NOT_FOUND_TITLE, text, action, picture="search")),
    )


def forbidden(page: Page) -> Component:
    """Page for an address that needs another role than the reader has."""
    action = parts.button_link(words.NOT_FOUND_ACTION, "/", kind="primary")
    text = words.FORBIDDEN_TEXT.format(title=page.title, may=words.MAY[page.role])
    empty = parts.empty_state(words.FORBIDDEN_TITLE, text, action, picture="key")
    return parts.page(page.title, parts.panel(None, empty))


def show_problem(text: str, problems: Sequence[str] = ()) -> None:
    """Show a message about what a callback could not do; to be called within that callback."""
    listed = [html.Li(problem) for problem in problems if problem not in text]
    lines = html.Ul(listed) if listed else None
    message = parts.toast(words.PROBLEM_TITLE, [text, lines] if lines else text, level="watch")
    set_props(ids.TOASTS, {"sendNotifications": [message | {"autoClose": False}]})
