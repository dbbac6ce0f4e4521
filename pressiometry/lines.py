"""Straight lines: least squares and the Theil-Sen slope."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import mean, median
from pressiometry.slope_error import estimate_slope_u

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SMALLEST_FOR_ERROR = 5
"""A line of fewer samples has no error."""


@dataclass(frozen=True)
class Line:
    """A least-squares line y = intercept + slope x and what it leaves over."""

    slope: float
    intercept: float
    residual_rms: float
    r_squared: float
    slope_u: float
    """Standard error of the slope, autocorrelated noise allowed for."""
    count: int

    def at(self, x: float) -> float:
        """Value of the line at x."""
        return self.intercept + self.slope * x


def fit_line(x: "Floats", y: "Floats", *, with_error: bool = True) -> Line:
    """Least-squares line of y on x; the slope's error is NaN below five samples or without `with_error`.

    The error allows for noise that remembers itself, in the order of the samples (see slope_error.py).
    Source: SCIENCE section 3 (E3).

    >>> line = fit_line(np.arange(6.0), 2 + 3 * np.arange(6.0))
    >>> round(line.slope, 9), round(line.at(10), 9)
    (3.0, 32.0)
    """
    centre, level = mean(x), mean(y)
    dx, dy = x - centre, y - level
    spread = float(dx @ dx)
    if spread <= 0:
        return Line(np.nan, np.nan, np.nan, np.nan, np.nan, x.size)
    slope = float(dx @ dy) / spread
    residual = dy - slope * dx
    left, total = float(residual @ residual), float(dy @ dy)
    rms = sqrt(left / max(x.size - 2, 1))
    error = np.nan
    if with_error and x.size >= SMALLEST_FOR_ERROR:
        error = estimate_slope_u(dx, residual)
    return Line(slope, level - slope * centre, rms, 1 - left / total if total > 0 else np.nan, error, x.size)


def find_theil_sen_slope(x: "Floats", y: "Floats") -> float:
    """Median of the slopes between all pairs of points; NaN below two points.

    >>> find_theil_sen_slope(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 2, 30, 4, 5]))
    1.0
    """
    first, second = np.triu_indices(x.size, 1)
    run = x[second] - x[first]
    parted = run != 0
    if not parted.any():
        return float("nan")
    return median((y[second] - y[first])[parted] / run[parted])
