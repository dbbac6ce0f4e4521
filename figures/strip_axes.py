"""Axes of low strips and of cycles: round numbers, and values far off the others that must not flatten them."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import pandas as pd

from figures.tables import Numbers

ROBUST_SPANS = 6.0
ROBUST_LEAST_SHARE = 0.03
"""A value further out than 6 interquartile ranges and 3 % of the rest is drawn as an arrow at the edge of its strip."""
STRIP_TICKS = 3


def arrows_at_edge(values: Numbers, masked: Sequence[bool] = ()) -> tuple[Numbers, list[str]]:
    """Return values with far outliers moved to the edge of the others, and the symbols that say so.

    Masked values do not say what is usual, unless all are masked.
    """
    trusted = [value for value, mask in zip(values, masked or [False] * len(values), strict=True) if not mask]
    known = pd.Series([value for value in trusted if value is not None], dtype=float)
    if known.empty:
        known = pd.Series([value for value in values if value is not None], dtype=float)
    low, high = known.quantile(0.25), known.quantile(0.75)
    span = max(float(high - low) * ROBUST_SPANS, abs(float(known.median())) * ROBUST_LEAST_SHARE)
    inside = known[(known >= low - span) & (known <= high + span)]
    if inside.empty:
        return values, ["circle"] * len(values)
    floor, ceiling = float(inside.min()), float(inside.max())
    shown: Numbers = []
    symbols = []
    for value in values:
        below, above = value is not None and value < low - span, value is not None and value > high + span
        shown.append(floor if below else ceiling if above else value)
        symbols.append("triangle-down" if below else "triangle-up" if above else "circle")
    return shown, symbols


def strip_axis(values: Numbers, least_span: float = 0.0) -> dict[str, Any]:
    """Return range and ticks of a low strip: from one round number to another, with one between at most.

    `least_span`: values closer together than this are drawn as close as they are.

    >>> strip_axis([167.3, 171.2])["tickvals"], strip_axis([99.30, 99.32], least_span=0.5)["tickvals"]
    ([165.0, 170.0, 175.0], [99.0, 99.5, 100.0])
    """
    known = [value for value in values if value is not None]
    if not known:
        return {"nticks": STRIP_TICKS}
    low, high = min(known), max(known)
    air = max((high - low) * 0.04, (least_span - (high - low)) / 2, abs(high) * 2e-4, 1e-9)
    low, high = low - air, high + air
    sizes = [factor * 10.0**power for power in range(-9, 10) for factor in (1, 2, 5)]
    size = next((size for size in sizes if ceil(high / size) - floor(low / size) < STRIP_TICKS), sizes[-1])
    marks = [round(mark * size, 9) for mark in range(floor(low / size), ceil(high / size) + 1)]
    decimals = max(-floor(log10(size)), 0)
    return {"tickmode": "array", "tickvals": marks, "tickformat": f".{decimals}f", "range": [marks[0], marks[-1]]}


def cycle_ticks(last: int, most: int = 8) -> list[int]:
    """Return round cycle numbers from 1 to the last, at most `most` and 1 itself.

    >>> cycle_ticks(5), cycle_ticks(20)
    ([1, 2, 3, 4, 5], [1, 5, 10, 15, 20])
    """
    step = next(size * 10**power for power in range(9) for size in (1, 2, 5) if last / (size * 10**power) <= most)
    return sorted({1, *range(step, last + 1, step)})
