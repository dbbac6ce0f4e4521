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
LEAST_TICK_SHARE = 0.36
"""Ticks of a strip of 40 px nearer than this share of its range would touch."""


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
    """Return range and ticks of a low strip: all values with a little air, and two or three round numbers.

    Where no two round numbers lie inside, the range reaches from one to the next.  `least_span`: values closer
    together than this are drawn as close as they are.

    >>> strip_axis([167.3, 171.2])["tickvals"], strip_axis([210.5, 219.5])["tickvals"]
    ([168.0, 170.0], [210.0, 215.0, 220.0])
    """
    known = [value for value in values if value is not None]
    if not known:
        return {"nticks": STRIP_TICKS}
    low, high = min(known), max(known)
    air = max((high - low) * 0.08, (least_span - (high - low)) / 2, abs(high) * 2e-4, 1e-9)
    low, high = low - air, high + air
    sizes = [factor * 10.0**power for power in range(-9, 10) for factor in (1, 2, 5)]
    size = next((size for size in sizes if size >= LEAST_TICK_SHARE * (high - low)), sizes[-1])
    first, last = ceil(low / size), floor(high / size)
    if first >= last:
        size = next((size for size in sizes if ceil(high / size) - floor(low / size) < STRIP_TICKS), sizes[-1])
        first, last = floor(low / size), ceil(high / size)
        low, high = first * size, last * size
    marks = [round(mark * size, 9) for mark in range(first, last + 1)]
    decimals = max(-floor(log10(size)), 0)
    return {"tickmode": "array", "tickvals": marks, "tickformat": f".{decimals}f", "range": [low, high]}


def cycle_ticks(last: int, most: int = 8) -> list[int]:
    """Return round cycle numbers from 1 to the last, at most `most` and 1 itself.

    >>> cycle_ticks(5), cycle_ticks(20)
    ([1, 2, 3, 4, 5], [1, 5, 10, 15, 20])
    """
    step = next(size * 10**power for power in range(9) for size in (1, 2, 5) if last / (size * 10**power) <= most)
    return sorted({1, *range(step, last + 1, step)})
