"""Which cells stand in which group, and which stand in none and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from data_access.models import Cell
from figures.style import PlatingStyle, group_styles, plating_label, plating_style
from layouts.words import compare as words


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups in their order with their cells and marks, and the cells that have no group."""

    what: str
    members: dict[str, list[Cell]]
    styles: dict[str, PlatingStyle]
    ungrouped: list[Cell]

    def only(self, hidden: Sequence[str]) -> dict[str, list[Cell]]:
        """Groups that are shown."""
        return {name: cells for name, cells in self.members.items() if name not in hidden}


def group_cells(cells: Sequence[Cell], by: str, hand: str = "") -> Grouping:
    """Groups by plating time, group label, cell type, a property ("property:rack") or by hand ("Name:1,2;Other:3")."""
    if by == "hand":
        return _by_hand(cells, hand)
    if by == "plating":
        return _by_plating(cells)
    what, labels = _labels(cells, by)
    members: dict[str, list[Cell]] = {}
    for label in sorted({label for label in labels.values() if label}):
        members[label] = [cell for cell in cells if labels[cell.id] == label]
    return Grouping(what, members, group_styles(list(members)), [cell for cell in cells if not labels[cell.id]])


def _by_plating(cells: Sequence[Cell]) -> Grouping:
    times = sorted({cell.plating_time_min for cell in cells if cell.plating_time_min is not None})
    members = {plating_label(time): [cell for cell in cells if cell.plating_time_min == time] for time in times}
    styles = {plating_label(time): plating_style(time, times) for time in times}
    unknown = [cell for cell in cells if cell.plating_time_min is None]
    return Grouping("plating time", members, styles, unknown)


def _labels(cells: Sequence[Cell], by: str) -> tuple[str, dict[int, str]]:
    """What the groups are made by, in words, and the label of each cell, "" where it has none."""
    if by.startswith("property:"):
        name = by.removeprefix("property:")
        return name, {cell.id: str((cell.properties or {}).get(name) or "").strip() for cell in cells}
    if by == "cell_type":
        return "cell type", {cell.id: cell.cell_type for cell in cells}
    return "group", {cell.id: (cell.group or "").strip() for cell in cells}


def _by_hand(cells: Sequence[Cell], hand: str) -> Grouping:
    known = {str(cell.id): cell for cell in cells}
    members: dict[str, list[Cell]] = {}
    for part in hand.split(";"):
        name, colon, numbers = part.rpartition(":")
        chosen = [known[text] for text in numbers.split(",") if text in known]
        if colon and name.strip() and chosen:
            members[name.strip()] = chosen
    return Grouping("hand", members, group_styles(list(members)), [])


def by_choices(cells: Sequence[Cell]) -> list[dict[str, str]]:
    """What groups can be made by: plating time, group, cell type, every property that a cell has, by hand."""
    names = sorted({str(name) for cell in cells for name in (cell.properties or {})})
    properties = [(f"property:{name}", words.PROPERTY.format(name=name)) for name in names]
    choices = [*words.BY[:-1], *properties, words.BY[-1]]
    return [{"value": value, "label": label} for value, label in choices]


def group_values(values: pd.DataFrame, members: Mapping[str, Sequence[Cell]], metric: str) -> pd.DataFrame:
    """One row a cell and counted cycle: group, cell_id, cell_name, cycle_count, value, ended.

    `values` as `load_cycle_values` returns them; masked, unfinished and formation cycles are left out.  A cell in
    two groups made by hand stands in both.
    """
    counted = values[values["cycle_count"].notna() & (values["state"] == "complete") & (values["masked"] != 1)]
    parts = [
        counted[counted["cell_id"] == cell.id].assign(group=group, cell_name=cell.name, ended=cell.state == "failed")
        for group, cells in members.items()
        for cell in cells
    ]
    columns = ["group", "cell_id", "cell_name", "cycle_count", "value", "ended"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).rename(columns={metric: "value"})[columns]


def table_cycle(summary: pd.DataFrame, wanted: int | None, least: int) -> int | None:
    """The cycle of the table: the wanted one, else the last at which at least two groups have `least` cells."""
    if wanted is not None:
        return wanted
    full = summary[summary["n"] >= least]
    groups_at = full.groupby("cycle_count")["group"].nunique()
    for enough in (summary["group"].nunique(), 2, 1):
        common = groups_at[groups_at >= max(enough, 1)]
        if len(common):
            return int(common.index.max())
    return int(summary["cycle_count"].max()) if len(summary) else None


def cell_medians(values: pd.DataFrame) -> pd.DataFrame:
    """One row a cell: the median of its values, as cycle 0, for a summary over cells."""
    keys = ["group", "cell_id", "cell_name"]
    medians = values.dropna(subset=["value"]).groupby(keys, sort=False)["value"].median().reset_index()
    return medians.assign(cycle_count=0.0)
