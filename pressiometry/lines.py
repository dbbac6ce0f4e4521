"""Straight lines: least squares with errors that survive autocorrelated samples, and the Theil-Sen slope."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LARGEST_MEMORY = 0.97
"""Autocorrelations above this are set to it, or the bandwidth would exceed the samples."""


@dataclass(frozen=True)
class Line:
    """A least-squares line y = intercept + slope x and what it leaves over."""

    slope: float
    intercept: float
    residual_rms: float
    r_squared: float
    slope_u: float
    """Standard error of the slope, heteroscedasticity and autocorrelation consistent."""
    count: int

    def at(self, x: float) -> float:
        """Value of the line at x."""
        return self.intercept + self.slope * x


def fit_line(x: "Floats", y: "Floats", *, with_error: bool = True) -> Line:
    """Least-squares line of y on x; the slope's error is NaN below five samples or without `with_error`.

    The error is heteroscedasticity and autocorrelation consistent: prewhitened (Andrews and Monahan), with a
    Bartlett kernel and Andrews' AR(1) bandwidth, written out for a line.  It is taken from what a parabola leaves:
    the curvature of a step is its shape, the same in every cycle, and no noise.  Source: SCIENCE section 3 (E3).

    >>> line = fit_line(np.arange(6.0), 2 + 3 * np.arange(6.0))
    >>> round(line.slope, 9), round(line.at(10), 9)
    (3.0, 32.0)
    """
    centre, level = float(x.mean()), float(y.mean())
    dx, dy = x - centre, y - level
    spread = float(dx @ dx)
    if spread <= 0:
        return Line(np.nan, np.nan, np.nan, np.nan, np.nan, x.size)
    slope = float(dx @ dy) / spread
    residual = dy - slope * dx
    left, total = float(residual @ residual), float(dy @ dy)
    rms = float(np.sqrt(left / max(x.size - 2, 1)))
    error = np.nan
    if with_error and x.size >= SMALLEST_FOR_ERROR:
        error = float(np.sqrt(_long_run_sum(dx * _without_curvature(dx, residual)) * x.size / (x.size - 3))) / spread
    return Line(slope, level - slope * centre, rms, 1 - left / total if total > 0 else np.nan, error, x.size)


SMALLEST_FOR_ERROR = 5


def _without_curvature(dx: "Floats", residual: "Floats") -> "Floats":
    """Residual of the line less its share of a parabola."""
    bend = dx**2 - (dx**2).mean()
    bend -= dx * (bend @ dx) / (dx @ dx)
    size = float(bend @ bend)
    return residual - bend * (residual @ bend) / size if size > 0 else residual


def _long_run_sum(score: "Floats") -> float:
    """Sum of all products of the score with itself at any lag, prewhitened by its AR(1) part."""
    power = float(score @ score)
    if power <= 0:
        return 0.0
    memory = float(np.clip(score[1:] @ score[:-1] / power, -LARGEST_MEMORY, LARGEST_MEMORY))
    white = score[1:] - memory * score[:-1]
    return sum_lags(white) * score.size / white.size / (1 - memory) ** 2


def sum_lags(score: "Floats") -> float:
    """Bartlett-weighted sum of the products of a score with itself at lags up to Andrews' bandwidth.

    All lags are one product of Fourier transforms.
    """
    count, power = score.size, float(score @ score)
    if power <= 0:
        return 0.0
    memory = float(np.clip(score[1:] @ score[:-1] / power, -LARGEST_MEMORY, LARGEST_MEMORY))
    alpha = 4 * memory**2 / ((1 - memory) ** 2 * (1 + memory) ** 2)
    bandwidth = min(int(1.1447 * (alpha * count) ** (1 / 3)), count - 1)
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(score, size)
    covariance = np.fft.irfft(spectrum * np.conj(spectrum), size)[1 : bandwidth + 1]
    weights = 1 - np.arange(1, bandwidth + 1) / (bandwidth + 1)
    return max(power + 2 * float(weights @ covariance), 0.0)


def find_theil_sen_slope(x: "Floats", y: "Floats") -> float:
    """Median of the slopes between all pairs of points; NaN below two points.

    >>> find_theil_sen_slope(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 2, 30, 4, 5]))
    1.0
    """
    first, second = np.triu_indices(x.size, 1)
    run = x[second] - x[first]
    if not run.any():
        return float("nan")
    return float(np.median((y[second] - y[first])[run != 0] / run[run != 0]))
