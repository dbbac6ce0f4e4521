"""The parts that pages are made of: page, panel, fact, badge, swatch, empty state, figure panel, toast.

Every part takes text and components and returns a component; none knows a callback or the store.
"""

from collections.abc import Sequence
from typing import Any, Literal

from dash import dcc, html
from dash.development.base_component import Component

from access.identity import allowed
from access.roles import Role
from data_access.scope import current_scope
from figures.style import PlatingStyle
from layouts import ids
from layouts.live import live_dot
from layouts.words import parts as words

Children = Component | str | Sequence[Component | str] | None

Level = Literal["running", "finished", "failed", "info", "watch", "alarm", "critical", "stale"]

GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "showSendToCloud": False,  # plotly's own button would upload the data
    "plotlyServerURL": "",
    "scrollZoom": False,
    "doubleClick": "reset",
    "responsive": True,
}
"""Of every graph: no buttons of plotly's, nothing sent anywhere, the wheel scrolls the page."""


def attributes(**values: str) -> dict[str, Any]:
    """Attributes of HTML whose names have hyphens, as a component takes them.

    >>> attributes(aria_label="Pages", data_frame="theme")
    {'aria-label': 'Pages', 'data-frame': 'theme'}
    """
    return {name.replace("_", "-"): value for name, value in values.items()}


def for_role(role: Role, *components: Component, keep: Sequence[str] = ()) -> Component:
    """The components where the reader may do what needs the role; else nothing that can be seen, read or pressed.

    Ids in `keep` stay as empty stores: callbacks that such a reader calls too read or write them.
    """
    if allowed(role):
        return components[0] if len(components) == 1 else html.Div(list(components), style={"display": "contents"})
    return html.Div([dcc.Store(id=name) for name in keep], hidden=True)


def may_edit(project_id: int) -> bool:
    """Whether the reader may edit what belongs to a project; outside of a request everything."""
    projects = current_scope().editable
    return allowed("operator") and (projects is None or project_id in projects)


def icon(name: str, *, size: int = 16) -> Component:
    """Icon of assets/icons in the colour of the text around it; it says nothing to a screen reader."""
    style = {"--i": f"url(/assets/icons/{name}.svg)", "--s": f"{size}px"}
    return html.I(className="ic", style=style, **attributes(aria_hidden="true"))


def hidden_words(text: str) -> Component:
    """Words that only a screen reader says."""
    return html.Span(text, className="hidden-words")


def page(
    title: Children,
    *content: Component,
    subtitle: Children = None,
    actions: Sequence[Component] = (),
    name: str = "",
) -> Component:
    """A whole page: top bar with where I am (left) and what I can do (right), and the main part below it."""
    heading = html.H1(title, className="page-title")
    where = html.Div([heading, html.Div(subtitle, className="page-subtitle")], className="top-where")
    top_bar = html.Div([where, html.Div([*actions, live_dot()], className="top-actions")], className="top-bar")
    body = html.Div(list(content), className=f"main {name}".strip())
    return html.Main([top_bar, body], id=ids.MAIN, tabIndex="-1", className="page-body")


def panel(
    title: Children,
    *content: Component,
    subtitle: Children = None,
    controls: Sequence[Component] = (),
    class_name: str = "",
    **attributes: Any,
) -> Component:
    """A surface with a head: title, subtitle (also the readout line), controls at the right."""
    head = html.Div(
        [
            html.H2(title, className="panel-title"),
            html.Div(subtitle, className="panel-subtitle"),
            html.Div(list(controls), className="panel-controls"),
        ],
        className="panel-head",
    )
    return html.Section([head, *content], className=f"panel {class_name}".strip(), **attributes)


def button(
    text: str,
    *,
    kind: Literal["primary", "plain", "quiet"] = "plain",
    picture: str = "",
    key: str = "",
    **attributes: Any,
) -> Component:
    """A button; `key` is the key that presses it from anywhere on the page while nobody types."""
    content: list[Component | str] = [icon(picture, size=14)] if picture else []
    if key:
        attributes["aria-keyshortcuts"] = key
    attributes.setdefault("n_clicks", 0)
    class_name = f"button button-{kind} {attributes.pop('class_name', '')}".strip()
    return html.Button([*content, html.Span(text)], type="button", className=class_name, **attributes)


def link(content: Children, href: str, *, class_name: str = "", **attributes: Any) -> Component:
    """A link; one to a page of Barograph changes the page without loading everything again."""
    return html.A(content, href=href, className=class_name, **attributes)


def button_link(text: str, href: str, *, kind: str = "plain", picture: str = "", **attributes: Any) -> Component:
    """A link that looks like a button: it leads somewhere instead of doing something."""
    content = [icon(picture, size=14)] if picture else []
    return html.A([*content, html.Span(text)], href=href, className=f"button button-{kind}", **attributes)


def fact(label: Children, value: Children, unit: Children = None, *, title: str = "") -> Component:
    """One figure of a fact strip: label above, value and unit below."""
    number = html.Span(value, className="fact-value")
    content = [number, html.Span(unit, className="fact-unit")] if unit else [number]
    return html.Div(
        [html.Dt(label, className="fact-label"), html.Dd(content)],
        className="fact",
        title=title or None,
    )


def fact_strip(*facts: Component, aside: Children = None) -> Component:
    """Facts in a row, and what does not change at the right."""
    strip = html.Dl(list(facts), className="facts")
    return html.Div([strip, html.Div(aside, className="facts-aside")], className="fact-strip")


def status(level: Level, word: str) -> Component:
    """State of a cell or file as shape, word and colour: readable in grey."""
    return html.Span([icon(words.LEVEL_ICONS[level]), html.Span(word)], className=f"status status-{level}")


def badge(text: str, *, kind: str = "", title: str = "") -> Component:
    """A small word in a frame, such as "synthetic"."""
    return html.Span(text, className=f"badge {kind}".strip(), title=title or None)


def swatch(style: PlatingStyle, *, word: str | None = None) -> Component:
    """Mark of a group and its word; the colour is never text."""
    shape = f"swatch swatch-{style.symbol}" + (" swatch-hollow" if style.hollow else "")
    mark = html.I(className=shape, style={"--c": f"var(--{style.token})"}, **attributes(aria_hidden="true"))
    return html.Span([mark, html.Span(style.label if word is None else word)], className="swatch-word")


def empty_state(title: str, text: Children = None, *actions: Component, picture: str = "cells") -> Component:
    """What to do where there is nothing to see yet."""
    return html.Div(
        [
            icon(picture, size=22),
            html.P(title, className="empty-title"),
            html.P(text, className="empty-text"),
            html.Div(list(actions), className="empty-actions"),
        ],
        className="empty",
    )


def notice(level: Level, *content: Component | str, class_name: str = "") -> Component:
    """A sentence that stands above or beside what it is about."""
    inside = html.Div(list(content), className="notice-text")
    return html.Div([icon(words.LEVEL_ICONS[level]), inside], className=f"notice notice-{level} {class_name}".strip())


def skeleton(*heights: int) -> Component:
    """The real layout in grey, while data are on their way for the first time."""
    bars = [html.Div(className="skeleton", style={"height": f"{height}px"}) for height in heights]
    return html.Div(bars, className="skeletons", **attributes(aria_hidden="true"))


def disclosure(summary: Children, *content: Component, label: str = "", class_name: str = "menu") -> Component:
    """Content that opens on demand (details and summary): a menu that needs no script."""
    head = html.Summary(summary, title=label or None, **(attributes(aria_label=label) if label else {}))
    return html.Details([head, html.Div(list(content), className="menu-list")], className=class_name)


def panel_menu(*, method: str = "") -> Component:
    """Menu of a figure: its data, its picture, the link to this view, its method sentence.

    assets/figures.js does the work.  A figure whose `layout.meta` has "csv" (an address of the API) is
    downloaded from there, else its traces are written out; "file" in `layout.meta` is the name of the files.
    """
    rows = [
        html.Button(
            [icon(picture, size=14), html.Span(text)],
            type="button",
            **attributes(data_figure=action, data_done=words.COPIED),
        )
        for action, picture, text in words.FIGURE_ACTIONS
    ]
    about = [html.P([html.Strong(words.METHOD), " ", method], className="menu-method")] if method else []
    return disclosure(icon("more"), *rows, *about, label=words.FIGURE_MENU)


def figure_panel(  # noqa: PLR0913 - a figure has many words
    graph_id: str | dict[str, Any],
    title: Children,
    *,
    height: int,
    subtitle: Children = None,
    readout_id: str | dict[str, Any] | None = None,
    controls: Sequence[Component] = (),
    method: str = "",
    label: str = "",
    figure: Any = None,
    below: Sequence[Component] = (),
) -> Component:
    """A panel with one graph of a fixed height and its menu.

    The subtitle (id `readout_id`) is the readout line: a callback on hoverData writes the values there.
    `label` is what a screen reader says of the picture; `layout.meta["label"]` of the figure replaces it.
    """
    named: dict[str, Any] = {"id": readout_id} if readout_id else {}
    readout = html.Span(subtitle, **named)
    graph = dcc.Graph(
        id=graph_id,
        config=GRAPH_CONFIG,
        style={"height": f"{height}px"},
        responsive=True,
        clear_on_unhover=True,  # the readout line falls back to the subtitle
        figure=figure if figure is not None else blank_figure(height),
    )
    picture = html.Div(
        graph, className="figure", role="img", tabIndex="0", **attributes(aria_label=label or str(title))
    )
    menu = panel_menu(method=method)
    return panel(title, picture, *below, subtitle=readout, controls=[*controls, menu], class_name="figure-panel")


def blank_figure(height: int) -> dict[str, Any]:
    """Figure before its data: nothing, in the right size, so that the page does not jump."""
    clear = "rgba(0,0,0,0)"
    hidden = {"visible": False}
    return {
        "data": [],
        "layout": {"height": height, "paper_bgcolor": clear, "plot_bgcolor": clear, "xaxis": hidden, "yaxis": hidden},
    }


def toast(
    title: str,
    text: Children = None,
    *,
    level: Level = "info",
    undo: Sequence[int] = (),
    action: Component | None = None,
) -> dict[str, Any]:
    """A message for the `sendNotifications` of the toasts: what happened, one consequence, one action.

    `undo` are the numbers of the changes that its Undo button takes back, the last first.
    Alarms stay until they are closed.  Dash hears no callback from inside a toast: an `action` is a link.
    """
    if undo:
        numbers = ",".join(map(str, undo))
        action = html.Button(words.UNDO, type="button", className="toast-action", **attributes(data_undo=numbers))
    body = [html.Div(text, className="toast-text")]
    return {
        "action": "show",
        "title": html.Div([html.Span(title), action], className="toast-title"),
        "message": html.Div(body),
        "icon": icon("undo" if undo else words.LEVEL_ICONS[level]),
        "className": f"toast toast-{level}",
        "autoClose": False if level in {"alarm", "critical"} else 5000,
    }
