"""Capacities as the instrument reports them, made to start anew with each of its cycles.

A reported capacity may run on over the whole file, start anew in each cycle or in each step (IMPORT section 2.2).
Its increments tell: a value that falls to less than half of the one before has started anew.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.cells import Floats

Semantics = Literal["cumulative", "per_cycle", "per_step"]
_FELL = 0.5
_NOISE = 1e-4
_GAP = 5.0
_CLEAR_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class CycleCapacity:
    """Capacity since the start of the cycle, Ah, and how the instrument had counted it."""

    values: Floats
    semantics: Semantics


def increments(capacity: Floats, segment: NDArray[np.int32]) -> tuple[Floats, NDArray[np.bool_]]:
    """Charge added at each row, Ah (never negative), and the rows at which the counter started anew."""
    size = np.abs(np.nan_to_num(_filled(capacity)))
    step = np.diff(size, prepend=size[:1])
    before = size - step
    anew = ((size < _FELL * before) & (before > _NOISE * size.max(initial=0.0))) | (
        np.diff(segment, prepend=segment[:1]) != 0
    )
    added = np.where(anew, size, np.maximum(step, 0.0))
    if len(added):
        added[0] = size[0]
    return added, anew


def per_cycle(capacity: Floats, cycle: Floats, segment: NDArray[np.int32]) -> CycleCapacity:
    """A reported capacity counted from the start of each cycle; NaN where the instrument gave none."""
    added, anew = increments(capacity, segment)
    borders = _borders(cycle, segment)
    if len(added) and not borders[0]:
        borders[0] = True
    if not anew.any() and len(added):
        added[0] = 0.0  # a counter that runs on from an earlier file
    result = np.where(np.isnan(capacity), np.nan, since_border(added, borders))
    return CycleCapacity(result, _semantics(anew, borders, segment))


def since_border(added: Floats, borders: NDArray[np.bool_]) -> Floats:
    """Running sum of the increments since the last border (the border's own row counts)."""
    total = np.cumsum(added)
    base = np.where(borders, total - added, 0.0)
    result: Floats = total - np.maximum.accumulate(base)
    return result


def by_direction(added: Floats, current: Floats, *, charging: bool) -> Floats:
    """The increments of one direction only, of a capacity that counts both."""
    mask = current > 0 if charging else current < 0
    return np.where(mask, added, 0.0)


def _filled(capacity: Floats) -> Floats:
    """Missing values take the one before."""
    known = np.where(np.isnan(capacity), 0, np.arange(len(capacity)))
    return capacity[np.maximum.accumulate(known)] if len(capacity) else capacity


def _borders(cycle: Floats, segment: NDArray[np.int32]) -> NDArray[np.bool_]:
    numbers = np.nan_to_num(_filled(cycle))
    changed: NDArray[np.bool_] = (np.diff(numbers, prepend=numbers[:1]) != 0) | (
        np.diff(segment, prepend=segment[:1]) != 0
    )
    return changed


def _semantics(anew: NDArray[np.bool_], borders: NDArray[np.bool_], segment: NDArray[np.int32]) -> Semantics:
    resets = np.flatnonzero(anew & (np.diff(segment, prepend=segment[:1]) == 0))
    if not len(resets):
        return "cumulative"
    near = np.isin(resets, np.flatnonzero(borders))
    return "per_cycle" if near.mean() > _CLEAR_SHARE else "per_step"


def integrate(time: Floats, current: Floats, segment: NDArray[np.int32], step: Floats | None) -> tuple[Floats, Floats]:
    """Charge on charge and on discharge added at each row, Ah, by trapezoids; never across a gap.

    A gap is an interval longer than 5 x the usual one between rows of different steps (or between any rows where the
    file has no steps), or a border between segments.  Within one step a long interval is one in which nothing changed.
    """
    dt = np.diff(time, prepend=time[:1])
    mean = (current + np.concatenate([current[:1], current[:-1]])) / 2
    usual = _GAP * max(float(np.median(dt)) if len(dt) else 0.0, 1e-9)
    whole = dt <= usual
    if step is not None:
        whole |= np.diff(step, prepend=step[:1]) == 0
    whole &= (dt >= 0) & np.isfinite(mean) & (np.diff(segment, prepend=segment[:1]) == 0)
    charge = np.where(whole, mean * dt, 0.0) / 3600
    return np.maximum(charge, 0.0), np.maximum(-charge, 0.0)
