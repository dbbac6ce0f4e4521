"""The wall before its data arrive: a whole screen of tiles without the frame (the look, section 4).

assets/wall.js fills it from GET /api/v1/wall and the stream of feeds, and asks no callback.
"""

import json

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids, parts
from layouts.words import wall as words


def layout() -> Component:
    """Return the page without data: bar, place of the tiles, empty state, controls, and its words for the script."""
    tiles = html.Ul(id=ids.WALL_TILES, className="wall-tiles", **parts.attributes(aria_label=words.CELLS))
    spoken = html.Div(id=ids.WALL_SPOKEN, className="hidden-words", **parts.attributes(aria_live="polite"))
    content = html.Div(
        [dcc.Store(id=ids.WALL_STARTED), _bar(), tiles, _empty(), spoken, _controls()],
        id=ids.WALL,
        className="wall",
        **parts.attributes(data_words=json.dumps(words.SCRIPT, ensure_ascii=False)),
    )
    return html.Main(content, id=ids.MAIN, tabIndex="-1")


def _bar() -> Component:
    """Return the bar: what is the case at the left, what the marks mean and that the page lives at the right."""
    clock = html.Div(
        [html.Time(className="wall-clock"), html.Span(className="wall-date"), html.Span(className="wall-live")],
        className="wall-time",
    )
    return html.Header(
        [
            html.Span(parts.icon("mark", size=16), className="wall-mark"),
            html.H1(words.TITLE, className="wall-sentence"),
            html.P(className="wall-lost", hidden=True),
            html.Span(className="wall-page"),
            html.Ul(className="wall-legend", **parts.attributes(aria_label=words.LEGEND)),
            clock,
        ],
        className="wall-bar",
    )


def _empty() -> Component:
    action = parts.for_role("operator", parts.button_link(words.EMPTY_ACTION, "/channels", kind="primary"))
    empty = parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, action, picture="plug")
    return html.Div(empty, id=ids.WALL_EMPTY, className="wall-empty", hidden=True)


def _controls() -> Component:
    """Return the buttons; out of sight until a pointer moves or the keyboard reaches them."""
    buttons = [
        _control(words.PREVIOUS, "chevron-left", "previous", "ArrowLeft"),
        _control(words.PAUSE, "clock", "pause", "p"),
        _control(words.NEXT, "chevron-right", "next", "ArrowRight"),
        _control(words.FULL_SCREEN, "expand", "full", "f"),
        _control(words.LEAVE, "close", "leave", ""),
    ]
    return html.Div(buttons, className="wall-controls", role="group", **parts.attributes(aria_label=words.CONTROLS))


def _control(text: str, picture: str, action: str, key: str) -> Component:
    attributes = parts.attributes(data_wall=action, aria_label=text)
    if key:
        attributes["aria-keyshortcuts"] = key
    return html.Button(parts.icon(picture), type="button", title=text, className="wall-control", **attributes)
