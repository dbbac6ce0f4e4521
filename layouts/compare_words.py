"""What the Compare page says of the groups: sentence, table, and who was left out and why."""

from collections.abc import Mapping, Sequence

import pandas as pd
from dash import html
from dash.development.base_component import Component

from data_access.models import Cell
from figures.group_comparison import LEAST_CELLS
from figures.style import PlatingStyle
from figures.tables import Quantity, numbers
from layouts import parts
from layouts.words import compare as words

LEAST_GROUPS = 2


def sentence(
    rows: pd.DataFrame, members: Mapping[str, Sequence[Cell]], quantity: Quantity, cycle: int | None
) -> Component:
    """The claim in words: where the means lie, which groups are too small, who has ended.

    `rows`: group, n, mean, sd of the table; `cycle` None: the rows are medians of cells.
    """
    enough = rows[rows["n"] >= LEAST_CELLS] if len(rows) else rows
    small = [group for group in members if group not in set(enough.get("group", ()))]
    said: list[Component | str] = [html.P(_claim(rows, enough, members, quantity, cycle), className="claim")]
    further = []
    if len(enough):
        spread = max((value for value in numbers(enough, "sd", quantity.factor) if value is not None), default=None)
        if spread is not None:
            further.append(words.SPREAD.format(sd=quantity.text(spread)))
        if small:
            further.append(words.FEW.format(groups=_listed(small)))
    further.append(_ended(members))
    if len(enough):
        further.append(words.DESCRIPTIVE)
    said.append(html.P(" ".join(further), className="claim-detail"))
    return html.Div(said)


def _claim(
    rows: pd.DataFrame,
    enough: pd.DataFrame,
    members: Mapping[str, Sequence[Cell]],
    quantity: Quantity,
    cycle: int | None,
) -> str:
    if rows.empty:
        return words.NO_GROUPS
    if len(members) < LEAST_GROUPS:
        return words.ONE_GROUP
    if enough.empty:
        return words.FEW_ALL
    if len(enough) < LEAST_GROUPS:
        return words.NO_COMMON
    ordered = enough.sort_values("mean")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    number = Quantity("", "", "", quantity.digits)
    values = {
        "low": number.text(float(low["mean"]) * quantity.factor),
        "high": number.text(float(high["mean"]) * quantity.factor),
        "unit": quantity.unit,
        "low_group": low["group"],
        "high_group": high["group"],
    }
    return words.BETWEEN_MEDIANS.format(**values) if cycle is None else words.BETWEEN.format(cycle=cycle, **values)


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _ended(members: Mapping[str, Sequence[Cell]]) -> str:
    counts = {group: sum(cell.state == "failed" for cell in cells) for group, cells in members.items()}
    if not any(counts.values()):
        return words.NONE_ENDED
    told = [
        words.ENDED_PART.format(ended=count, all=len(members[group]), group=group) for group, count in counts.items()
    ]
    return words.ENDED.format(parts=", ".join(told))


def table(
    rows: pd.DataFrame, members: Mapping[str, Sequence[Cell]], quantity: Quantity, styles: Mapping[str, PlatingStyle]
) -> Component:
    """The values per group: n, mean, sd, min, max; mean and sd only from three cells on."""
    head = html.Tr([html.Th(words.HEADS[0]), *[html.Th(text, className="num") for text in words.HEADS[1:]]])
    by_group = {str(row["group"]): row for _, row in rows.iterrows()}
    body = [_row(group, by_group.get(group), quantity, styles[group]) for group in members]
    caption = html.Caption(quantity.axis_title, className="table-caption")
    return html.Table([caption, html.Thead(head), html.Tbody(body)], className="table")


def _row(group: str, row: "pd.Series[float] | None", quantity: Quantity, style: PlatingStyle) -> Component:
    name = html.Td(parts.swatch(style, word=group))
    number = Quantity("", "", "", quantity.digits)
    if row is None:
        return html.Tr([name, html.Td("0", className="num"), *[html.Td("–", className="num") for _ in range(4)]])
    cells = [html.Td(f"{row['n']:.0f}", className="num")]
    for column in ("mean", "sd", "min", "max"):
        value = float(row[column]) * quantity.factor
        hidden = pd.isna(value) or (column in {"mean", "sd"} and row["n"] < LEAST_CELLS)
        cells.append(html.Td("–" if hidden else number.text(value), className="num"))
    return html.Tr([name, *cells])


def left_out(lines: Sequence[str]) -> Component:
    """Who was left out and why, one line each."""
    items = [
        html.Li([parts.icon("info", size=14), html.Div(text, className="line-text")], className="line")
        for text in lines
    ]
    return html.Ul(items, className="lines") if items else html.P(words.NOBODY, className="quiet")


def left_out_lines(  # noqa: PLR0913 - what may keep a cell out
    shown: Mapping[str, Sequence[Cell]],
    ungrouped: Sequence[Cell],
    values: pd.DataFrame,
    *,
    masked: int,
    cycle: int | None,
    what: str,
) -> list[str]:
    """The sentences: cells without a group, a value, a value at the cycle; masked cycles; synthetic cells."""
    cells = {cell.id: cell for members in shown.values() for cell in members}
    known = values.dropna(subset=["value"])
    with_value = set(known["cell_id"])
    lines = []
    if ungrouped:
        lines.append(words.NO_GROUP.format(cells=_names(ungrouped), what=what))
    without = [cell for number, cell in cells.items() if number not in with_value]
    if without:
        lines.append(words.NO_VALUE.format(cells=_names(without)))
    if cycle is not None:
        there = set(known.loc[known["cycle_count"] == cycle, "cell_id"])
        absent = [cell for number, cell in cells.items() if number in with_value and number not in there]
        if absent:
            lines.append(words.NOT_AT.format(cells=_names(absent), cycle=cycle))
    if masked:
        lines.append(words.MASKED.format(count=masked))
    synthetic = [cell for cell in cells.values() if cell.synthetic]
    if synthetic:
        everyone = len(synthetic) == len(cells)
        lines.append(words.SYNTHETIC_ALL if everyone else words.SYNTHETIC_SOME.format(cells=_names(synthetic)))
    return lines


def _names(cells: Sequence[Cell], most: int = 6) -> str:
    """Names of cells, the first few and how many more.

    >>> _names([Cell(name="a"), Cell(name="b")])
    'a and b'
    """
    names = [cell.name for cell in cells]
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return _listed(names)
