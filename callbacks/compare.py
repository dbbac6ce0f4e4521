"""Reactions of the Compare page: groups of cells, their metric over cycles, the same cycles side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from access.roles import requires
from callbacks.compare_groups import Grouping, by_choices, cell_medians, group_cells, group_values, table_cycle
from data_access.database import db
from data_access.models import Cell
from data_access.queries import load_cells, load_cycle_values
from data_access.series import load_cell_overview
from figures.group_comparison import LEAST_CELLS, draw_group_comparison
from figures.small_multiples import draw_small_multiples, multiples_height
from figures.style import Theme
from figures.tables import SECONDS_PER_HOUR
from figures.voltage_pressure import MECHANICAL
from layouts import compare_words, ids, parts
from layouts.compare_metrics import DEFAULT_METRIC, is_metric, metric_choices, metric_quantity
from layouts.words import compare as words
from pressiometry.columns import MECHANICAL_SIGNALS, PRESSURE, MechanicalSignal
from pressiometry.comparison import summarise_groups

MULTIPLES_POINTS = 500
MOST_CELLS_SIDE_BY_SIDE = 6
USUAL_START = 8

View = Mapping[str, Any]


@requires("viewer")
def show_groups(view: View | None, _revision: int, theme: Theme) -> Any:
    """Return chips, figure, sentence, table and who was left out."""
    if not view:
        return [no_update] * 14
    cells = load_cells(db.engine)
    grouping = group_cells(cells, view["by"], view["hand"])
    shown = grouping.only(view["hidden"])
    metric = view["metric"] if is_metric(view["metric"]) else DEFAULT_METRIC
    quantity = metric_quantity(metric)
    view = view if view["show"] in words.GRAPH_SUBTITLE else {**view, "show": "both"}
    raw = load_cycle_values(db.engine, [cell.id for cell in cells], [metric, "mechanical_signal"])
    values = group_values(raw, shown, metric)
    summary = summarise_groups(values)
    at_cycle = view["at"] != "median"
    cycle = table_cycle(summary, view["cycle"], LEAST_CELLS) if at_cycle else None
    rows = summary[summary["cycle_count"] == cycle] if at_cycle else summarise_groups(cell_medians(values))
    figure = draw_group_comparison(
        values, summary, theme=theme, show=view["show"], quantity=quantity, styles=grouping.styles, selected=cycle
    )
    label = words.ARIA.format(metric=quantity.axis_title, groups=", ".join(shown))
    figure.update_layout(meta={"file": f"compare-{metric}", "label": label}, uirevision=f"{metric} {view['by']}")
    figure.update_layout(height=None)  # as high as what the groups say beside it
    shown_ids = {cell.id for members in shown.values() for cell in members}
    masked = int(((raw["masked"] == 1) & raw["cell_id"].isin(shown_ids) & (raw["state"] == "complete")).sum())
    lines = compare_words.left_out_lines(
        shown, grouping.ungrouped, values, masked=masked, cycle=cycle, what=grouping.what
    )
    return [
        words.BY_SUBTITLE.format(what=grouping.what) if grouping.what != "hand" else None,
        chips(grouping, view["hidden"]),
        empty_state(cells, grouping),
        not grouping.members,
        figure,
        words.GRAPH_SUBTITLE[view["show"]],
        compare_words.sentence(rows, shown, quantity, cycle),
        compare_words.table(rows, shown, quantity, grouping.styles),
        compare_words.left_out(lines),
        by_choices(cells),
        [{"value": str(cell.id), "label": cell.name} for cell in cells],
        cycle,
        not at_cycle,
        metric_choices(set(raw["mechanical_signal"].dropna())),
    ]


def chips(grouping: Grouping, hidden: Sequence[str]) -> list[Component]:
    """Return one chip a group with its mark and number of cells; pressing it shows or hides the group."""
    members = grouping.members
    return [_chip(index, name, cells, grouping, name in hidden) for index, (name, cells) in enumerate(members.items())]


def _chip(index: int, name: str, cells: Sequence[Cell], grouping: Grouping, hidden: bool) -> Component:  # noqa: FBT001
    said: dict[str, Any] = {"aria-pressed": "false" if hidden else "true", "data-group": name}
    return html.Button(
        [parts.swatch(grouping.styles[name], word=""), html.Strong(name), html.Span(f"n = {len(cells)}")],
        id=ids.compare_chip(index),
        type="button",
        className="chip group-chip",
        n_clicks=0,
        title=words.CHIP_SHOW.format(group=name),
        **said,
    )


def empty_state(cells: Sequence[Cell], grouping: Grouping) -> Component | None:
    """Return what to do where there is no group."""
    if grouping.members:
        return None
    if grouping.what == "hand" and cells:
        return parts.panel(None, parts.empty_state(words.HAND_EMPTY_TITLE, words.HAND_EMPTY_TEXT, picture="compare"))
    link = parts.button_link(words.EMPTY_ACTION, "/import", kind="primary", picture="import")
    action = parts.for_role("operator", link)
    return parts.panel(None, parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, action, picture="compare"))


@requires("viewer")
def show_multiples(view: View | None, _revision: int, theme: Theme) -> Any:
    """Return the same two cycles of every group side by side; overviews only."""
    if not view:
        return [no_update] * 4
    cells = load_cells(db.engine)
    grouping = group_cells(cells, view["by"], view["hand"])
    shown = grouping.only(view["hidden"])
    names = ["charge_start_second", "end_second", "mechanical_signal"]
    cycles = load_cycle_values(db.engine, [cell.id for members in shown.values() for cell in members], names)
    first = view["start"] or usual_start(cycles, shown)
    signal = common_signal(cycles)
    most = 1 if view["cells"] == "first" else MOST_CELLS_SIDE_BY_SIDE
    traces = [
        trace
        for group, members in shown.items()
        for cell, window in with_cycles(members, cycles, first)[:most]
        for trace in cell_traces(group, cell, window, signal)
    ]
    columns = ["group", "cell_id", "cell_name", "hour", "voltage_volt", "change"]
    table = pd.concat(traces, ignore_index=True) if traces else pd.DataFrame(columns=columns)
    figure = draw_small_multiples(table, theme=theme, styles=grouping.styles, signal=signal)
    said = {"first": first, "second": first + 1}
    label = words.ARIA_MULTIPLES.format(groups=", ".join(shown), **said)
    figure.update_layout(meta={"file": f"compare-cycles-{first}", "label": label}, uirevision=str(view))
    height = multiples_height(max(table["group"].nunique(), 1))
    return figure, {"height": f"{height}px"}, multiples_key(signal, first), first


def multiples_key(signal: MechanicalSignal, first: int) -> list[Any]:
    """Return what the small plots show: which cycles, and what is left and right."""
    change = words.MULTIPLES_KEY_CHANGE.format(symbol=signal.symbol, unit=signal.unit or "1")
    return [
        html.Span(words.MULTIPLES_TITLE.format(first=first, second=first + 1)),
        html.I(className="key-line", style={"--c": "var(--volt)", "--h": "1.5px"}),
        html.Span(words.MULTIPLES_KEY_VOLT),
        html.I(className="key-line", style={"--c": "var(--ink)", "--h": "3px"}),
        html.Span(change),
    ]


def common_signal(cycles: pd.DataFrame) -> MechanicalSignal:
    """Return the mechanical signal that most cycles were computed from."""
    named = cycles["mechanical_signal"].dropna()
    most = named.mode().iloc[0] if len(named) else PRESSURE.column
    return next((signal for signal in MECHANICAL_SIGNALS if signal.column == most), PRESSURE)


def usual_start(cycles: pd.DataFrame, shown: Mapping[str, Sequence[Cell]]) -> int:
    """Return cycle 8 where every group has a cell with cycles 8 and 9, else the last pair that all groups have."""
    complete = cycles[(cycles["state"] == "complete") & cycles["cycle_count"].notna()]
    longest = complete.groupby("cell_id")["cycle_count"].max()
    lasts = [max((longest.get(cell.id, 0) for cell in members), default=0) for members in shown.values()]
    common = min((last for last in lasts if last > 0), default=2)
    return int(max(min(USUAL_START, common - 1), 1))


Window = tuple[float, float]


def with_cycles(members: Sequence[Cell], cycles: pd.DataFrame, first: int) -> list[tuple[Cell, Window]]:
    """Return the cells that have the two cycles, with their time from the start of charge to the end, s."""
    found = []
    for cell in members:
        own = cycles[(cycles["cell_id"] == cell.id) & cycles["cycle_count"].isin([first, first + 1])]
        start, end = own["charge_start_second"].min(), own["end_second"].max()
        if len(own) and pd.notna(start) and pd.notna(end):
            found.append((cell, (float(start), float(end))))
    return found


def cell_traces(group: str, cell: Cell, window: Window, signal: MechanicalSignal) -> list[pd.DataFrame]:
    """Return the voltage and the change of the signal of one cell in a window, for `draw_small_multiples`."""
    columns = ("voltage_volt", *[name for name in MECHANICAL if name == signal.column])
    overview = load_cell_overview(db.engine, cell.id, columns, window[0], window[1], MULTIPLES_POINTS)
    found = []
    for name, target in (("voltage_volt", "voltage_volt"), (signal.column, "change")):
        table = overview.get(name)
        if table is None or table.empty:
            continue
        known = table[name].dropna()
        base = float(known.iloc[0]) if target == "change" and len(known) else 0.0
        hours = (table["test_time_second"] - window[0]) / SECONDS_PER_HOUR
        trace = pd.DataFrame({"hour": hours, "voltage_volt": float("nan"), "change": float("nan")})
        trace[target] = table[name] - base
        found.append(trace.assign(group=group, cell_id=cell.id, cell_name=cell.name))
    return found


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    theme = State(ids.THEME, "data")
    app.callback(
        Output(ids.COMPARE_PROPERTY, "children"),
        Output(ids.COMPARE_CHIPS, "children"),
        Output(ids.COMPARE_STATE, "children"),
        Output(ids.COMPARE_CONTENT, "hidden"),
        Output(ids.COMPARE_GRAPH, "figure"),
        Output(ids.COMPARE_GRAPH_SUBTITLE, "children"),
        Output(ids.COMPARE_SENTENCE, "children"),
        Output(ids.COMPARE_TABLE, "children"),
        Output(ids.COMPARE_LEFT_OUT, "children"),
        Output(ids.COMPARE_BY, "data"),
        Output(ids.COMPARE_HAND_CELLS, "data"),
        Output(ids.COMPARE_CYCLE, "placeholder"),
        Output(ids.COMPARE_CYCLE, "disabled"),
        Output(ids.COMPARE_METRIC, "data"),
        Input(ids.COMPARE_VIEW, "data"),
        Input(ids.COMPARE_REVISION, "data"),
        theme,
    )(show_groups)
    app.callback(
        Output(ids.COMPARE_MULTIPLES, "figure"),
        Output(ids.COMPARE_MULTIPLES, "style"),
        Output(ids.COMPARE_MULTIPLES_SUBTITLE, "children"),
        Output(ids.COMPARE_FROM_CYCLE, "placeholder"),
        Input(ids.COMPARE_MULTIPLES_VIEW, "data"),
        Input(ids.COMPARE_REVISION, "data"),
        theme,
    )(show_multiples)
    _register_address(app)
    _register_groups(app)


def _register_address(app: Dash) -> None:
    """Connect the address and the controls, in the browser alone."""
    app.clientside_callback(
        ClientsideFunction("compare", "read_address"),
        Output(ids.COMPARE_VIEW, "data"),
        Output(ids.COMPARE_MULTIPLES_VIEW, "data"),
        Output(ids.COMPARE_BY, "value"),
        Output(ids.COMPARE_METRIC, "value"),
        Output(ids.COMPARE_SHOW, "value"),
        Output(ids.COMPARE_AT, "value"),
        Output(ids.COMPARE_CYCLE, "value"),
        Output(ids.COMPARE_FROM_CYCLE, "value"),
        Output(ids.COMPARE_CELLS, "value"),
        Input(ids.LOCATION, "search"),
        State(ids.COMPARE_VIEW, "data"),
        State(ids.COMPARE_MULTIPLES_VIEW, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("compare", "choose"),
        Input(ids.COMPARE_BY, "value"),
        Input(ids.COMPARE_METRIC, "value"),
        Input(ids.COMPARE_SHOW, "value"),
        Input(ids.COMPARE_AT, "value"),
        Input(ids.COMPARE_CYCLE, "value"),
        Input(ids.COMPARE_FROM_CYCLE, "value"),
        Input(ids.COMPARE_CELLS, "value"),
        prevent_initial_call=True,
    )


def _register_groups(app: Dash) -> None:
    """Connect chips, clicks and groups made by hand, in the browser alone."""
    app.clientside_callback(
        ClientsideFunction("compare", "toggle"),
        Input(ids.compare_chip(ALL), "n_clicks"),
        State(ids.compare_chip(ALL), "data-group"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("compare", "click"),
        Input(ids.COMPARE_GRAPH, "clickData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("compare", "add_group"),
        Output(ids.COMPARE_HAND_DIALOG, "opened"),
        Output(ids.COMPARE_HAND_NAME, "value"),
        Output(ids.COMPARE_HAND_CELLS, "value"),
        Output(ids.COMPARE_HAND_NAME, "error"),
        Output(ids.COMPARE_HAND_CELLS, "error"),
        Input(ids.COMPARE_HAND_OPEN, "n_clicks"),
        Input(ids.COMPARE_HAND_ADD, "n_clicks"),
        State(ids.COMPARE_HAND_NAME, "value"),
        State(ids.COMPARE_HAND_CELLS, "value"),
        State(ids.COMPARE_HAND_MISSING, "data"),
        prevent_initial_call=True,
    )
