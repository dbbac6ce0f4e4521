"""Curves inside cycles: how cycles are coloured, and against which charge they are drawn.

Shared by the loops, the differential curves and the picture against capacity: early cycles light, late dark,
the chosen one in ink and thick.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from figures.style import REPLICATE_WIDTH, TOKENS, Theme, display, ramp_colour
from figures.tables import Numbers, numbers
from pressiometry.columns import MechanicalSignal

CHOSEN_WIDTH = 2.2
CURVE_WIDTH = REPLICATE_WIDTH


@dataclass(frozen=True, slots=True)
class ChargeScale:
    """What a charge in A h is drawn as: a factor and a unit."""

    factor: float
    unit: str

    @property
    def title(self) -> str:
        """Axis title, such as "Q / mAh/g"."""
        return f"Q / {self.unit}"


def charge_scale(active_mass_g: float | None) -> ChargeScale:
    """Return mAh/g where the active mass is known, else mAh.

    >>> charge_scale(0.01).factor, charge_scale(None).unit
    (100000.0, 'mAh')
    """
    return ChargeScale(1000.0 / active_mass_g, "mAh/g") if active_mass_g else ChargeScale(1000.0, "mAh")


def per_charge_unit(signal: MechanicalSignal, active_mass_g: float | None) -> str:
    """Return the unit of dP/dQ: MPa g/(A h), without a mass MPa/(A h)."""
    return f"{signal.unit} g/(A h)".strip() if active_mass_g else f"{signal.unit or '1'}/(A h)"


def curve_halves(curves: pd.DataFrame) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """Yield (cycle, half, its rows) in the order of cycles."""
    if curves.empty:
        return
    for cycle, rows in curves.groupby("cycle_count", sort=True):
        for half, part in rows.groupby("half", sort=True):
            yield int(str(cycle).partition(".")[0]), str(half), part


def cycle_shares(curves: pd.DataFrame) -> dict[int, float]:
    """Return each cycle's place between the first (0) and the last (1) shown."""
    if curves.empty:
        return {}
    counts = sorted({int(count) for count in curves["cycle_count"].dropna()})
    first, last = counts[0], counts[-1]
    return {count: (count - first) / (last - first) if last > first else 1.0 for count in counts}


def loop_charge(rows: pd.DataFrame, half: str, factor: float) -> Numbers:
    """Return the charge still in the anode along a half: rising on charge, falling to 0 on discharge."""
    passed = numbers(rows, "q_ah", factor)
    if half == "charge":
        return passed
    total = max((value for value in passed if value is not None), default=0.0)
    return [None if value is None else total - value for value in passed]


def curve_trace(  # noqa: PLR0913 - one curve of one cycle
    x: Numbers,
    y: Numbers,
    *,
    cycle: int,
    half: str,
    share: float,
    chosen: bool,
    theme: Theme,
    y_unit: str,
    axis: str = "y",
    colour: str | None = None,
) -> go.Scatter:
    """Return the line of one half-cycle with a small label; the chosen cycle is thick and in ink."""
    ink = colour or (TOKENS[theme]["ink"] if chosen else ramp_colour(theme, share))
    trace: dict[str, Any] = {
        "x": x,
        "y": y,
        "mode": "lines",
        "name": f"cycle {cycle} {half}",
        "meta": {"cycle": cycle, "half": half},
        "line": {"width": CHOSEN_WIDTH if chosen else CURVE_WIDTH, "color": ink},
        "connectgaps": False,
        "yaxis": axis,
        "hovertemplate": f"cycle {cycle} · {half}<br>%{{y:.4~g}} {display(y_unit)}<extra></extra>",
    }
    return go.Scatter(trace)


def chosen_last(shares: dict[int, float], selected: int | None) -> list[int]:
    """Return the cycles in drawing order: the chosen one on top."""
    return sorted(shares, key=lambda cycle: (cycle == selected, cycle))
