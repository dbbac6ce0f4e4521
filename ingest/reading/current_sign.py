"""The sign of the current: positive charges.  Judged by the cell itself, which has a positive resistance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.reading.cells import Floats

_CLEAR = 0.3
"""Correlation above which the resistive response of the voltage is taken as evidence."""
_CLEAR_DRIFT = 0.5
_SMALL = 0.01
"""Share of the largest current below which a current is rest."""
_MIN_STEPS = 5
_STRETCHES = 20
_STRETCH = 10_000


@dataclass(frozen=True, slots=True)
class SignEvidence:
    """Correlation of voltage steps with current steps, and of voltage drift with the current's direction (-1 .. 1)."""

    response: float
    drift: float

    @property
    def is_flipped(self) -> bool:
        """Whether the data say that positive current discharges."""
        return _says(-self.response, -self.drift) and not self.is_right

    @property
    def is_right(self) -> bool:
        """Whether the data say that positive current charges."""
        return _says(self.response, self.drift)


def _says(response: float, drift: float) -> bool:
    """Whether the response is clear, or the drift is and the response does not contradict it."""
    return response > _CLEAR or (drift > _CLEAR_DRIFT and response > -_CLEAR)


def sign_evidence(voltage: Floats, current: Floats, segment: NDArray[np.int32]) -> SignEvidence:
    """What the voltage says of the current's sign; zeros where nothing can be said.

    With + = charge a cell's voltage rises with the current (response) and rises while it is positive (drift).
    """
    rows = _stretches(len(voltage))
    volts, amps, parts = (
        voltage[rows],
        current[rows],
        segment[rows] * _STRETCHES + rows // max(len(voltage) // _STRETCHES, 1),
    )
    known = np.isfinite(volts) & np.isfinite(amps)
    volts, amps, parts = volts[known], amps[known], parts[known]
    if len(volts) < _MIN_STEPS:
        return SignEvidence(0.0, 0.0)
    joined = np.diff(parts) == 0
    dv, di = np.diff(volts)[joined], np.diff(amps)[joined]
    level = float(np.percentile(np.abs(amps), 99))
    mean = (amps[1:][joined] + amps[:-1][joined]) / 2
    steps = np.abs(di) > 0.1 * level  # a change of the current, not its noise
    response = _cosine(di[steps], dv[steps]) if steps.sum() >= 1 and level > 0 else 0.0
    steady = (np.abs(di) < 0.05 * level) & (np.abs(mean) > _SMALL * level)
    moved = float(np.abs(dv[steady]).sum())
    drift = (
        float((np.sign(mean[steady]) * dv[steady]).sum()) / moved if moved > 0 and steady.sum() >= _MIN_STEPS else 0.0
    )
    return SignEvidence(response, drift)


def _stretches(rows: int) -> NDArray[np.int64]:
    """Rows to judge by: all of a short file, 20 stretches of 10,000 rows of a long one."""
    if rows <= _STRETCHES * _STRETCH:
        return np.arange(rows)
    starts = np.arange(_STRETCHES) * (rows // _STRETCHES)
    return (starts[:, np.newaxis] + np.arange(_STRETCH)).ravel()


def _cosine(a: Floats, b: Floats) -> float:
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def is_unsigned(current: Floats) -> bool:
    """Whether no value is negative, though some flow."""
    return bool(np.nanmax(current, initial=0.0) > 0 and np.nanmin(current, initial=0.0) >= 0)


def both_directions(voltage: Floats, current: Floats, segment: NDArray[np.int32]) -> bool:
    """Whether an unsigned current flows while the voltage falls for long: some of it must be discharge."""
    known = np.isfinite(voltage) & np.isfinite(current)
    volts, amps, parts = voltage[known], current[known], segment[known]
    if len(volts) < _MIN_STEPS:
        return False
    flows = (
        (amps[1:] > _SMALL * float(np.max(amps))) & (amps[:-1] > _SMALL * float(np.max(amps))) & (np.diff(parts) == 0)
    )
    dv = np.diff(volts)[flows]
    fallen, risen = float(-dv[dv < 0].sum()), float(dv[dv > 0].sum())
    return fallen > 0.2 * (fallen + risen) and fallen > 0.02  # noqa: PLR2004 - 20 mV is more than noise


def sign_from_capacities(charging: Floats, discharging: Floats, current: Floats) -> Floats:
    """Current with the sign of the capacity that grows: |I| on charge, -|I| on discharge."""
    grows_c = np.diff(charging, prepend=charging[:1]) > 0
    grows_d = np.diff(discharging, prepend=discharging[:1]) > 0
    return np.where(grows_d & ~grows_c, -np.abs(current), np.abs(current))


def sign_by_voltage(voltage: Floats, current: Floats, step: Floats | None, segment: NDArray[np.int32]) -> Floats:
    """Current with the sign of the voltage's change over each run of flowing current; a run ends at rest or a step."""
    flows = current > _SMALL * float(np.nanmax(current, initial=0.0))
    new = np.diff(flows, prepend=flows[:1]) | (np.diff(segment, prepend=segment[:1]) != 0)
    if step is not None:
        new |= np.diff(step, prepend=step[:1]) != 0
    runs = np.split(np.arange(len(current)), np.flatnonzero(new))
    sign = np.ones(len(current))
    for rows in runs:
        known = rows[np.isfinite(voltage[rows])]
        if len(known) > 1 and voltage[known[-1]] < voltage[known[0]]:
            sign[rows] = -1.0
    return sign * current
