"""The metrics that groups can be compared by: every number of a cycle, sorted under a few heads."""

from collections.abc import Collection
from typing import Any

from figures.tables import Quantity
from layouts.words import compare as words
from pressiometry.columns import (
    CYCLE_COLUMNS,
    MECHANICAL_SIGNALS,
    PRESSURE,
    STRAIN,
    THICKNESS,
    Column,
    MechanicalSignal,
)

DEFAULT_METRIC = "delta_delta_p_q_percent"
_NOT_COMPARED = {"cycle_count", "formation_count", "instrument_cycle_count", "masked"}


def is_metric(name: str) -> bool:
    """Whether a column is a number that cells can be compared by.

    >>> is_metric("coulombic_efficiency_percent"), is_metric("quality"), is_metric("cycle_count")
    (True, False, False)
    """
    column = CYCLE_COLUMNS.get(name)
    return (
        column is not None
        and column.kind in {"number", "integer"}
        and name not in _NOT_COMPARED
        and not name.endswith(("_u", "_second"))
    )


def metric_quantity(name: str) -> Quantity:
    """The metric as it is drawn: label, unit and digits of its column.

    >>> metric_quantity("coulombic_efficiency_percent").axis_title
    'CE / %'
    """
    column = CYCLE_COLUMNS[name]
    label = column.label
    if name.startswith("delta_delta_") and name.endswith("_percent"):
        who = next((signal.name for signal in (THICKNESS, STRAIN) if f"_{signal.short}_" in name), "")
        return Quantity(name, f"Indicator, {who}" if who else "Indicator", "% of cycles 2–6", column.digits)
    return Quantity(name, label, column.unit, column.digits)


def _head(column: Column) -> int:
    """The head under which a metric stands in the menu, as a place in METRIC_GROUPS."""
    name = column.name
    if _signal_of(name) in (THICKNESS, STRAIN):
        return 4
    if name.startswith("delta_delta_") or name in {"slope_asymmetry_percent", "hysteresis_percent"}:
        return 0
    if "capacity" in name or name == "coulombic_efficiency_percent":
        return 1
    if name.startswith(f"{PRESSURE.short}_"):
        return 2
    return 3 if name.endswith(("_volt", "_wh", "_ampere")) else 5


def _signal_of(name: str) -> MechanicalSignal | None:
    """The mechanical signal that a metric is computed from; None for all others."""
    return next((one for one in MECHANICAL_SIGNALS if f"_{one.short}_" in f"_{name}_"), None)


def metric_choices(signals: Collection[str] = (PRESSURE.column,)) -> list[dict[str, Any]]:
    """The menu of metrics, under heads; the usual one first, and only those of the mechanical signals there are.

    >>> [item["value"] for head in metric_choices() for item in head["items"] if "strain" in item["value"]]
    []
    """
    heads: list[list[dict[str, str]]] = [[] for _ in words.METRIC_GROUPS]
    for name, column in CYCLE_COLUMNS.items():
        signal = _signal_of(name)
        if is_metric(name) and (signal is None or signal.column in {PRESSURE.column, *signals}):
            heads[_head(column)].append({"value": name, "label": metric_quantity(name).axis_title})
    heads[0].sort(key=lambda item: item["value"] != DEFAULT_METRIC)
    return [{"group": head, "items": items} for head, items in zip(words.METRIC_GROUPS, heads, strict=True) if items]
