"""How uncertain the slope of a line is when its noise remembers itself, from what the line leaves over.

The usual corrections (Newey-West, prewhitened or not) see half of the error or less where the memory of the noise is
a tenth of the step and longer, because the line has taken the slowest part of it away.  Here the noise is a mixture
of white and AR(1) parts; how much of either is judged by the spectrum of the residual, and the error follows.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.fft import dct

from pressiometry.averages import mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MEMORIES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Autocorrelations from one sample to the next that noise is compared with, beside none."""
WHITE_SHARES = (0.0, 0.3, 0.6)
"""Shares of the variance that are white beside such a memory: the sensor's noise and its rounding."""
WHITE_BELIEF = 0.7
"""Belief in plain white noise before anything was seen: set by simulation, see docs/decisions."""
FIRST_FREE_MODE = 3
"""Lower modes of the cosine transform belong to mean, line and parabola."""
MOST_MODES = 256
"""The error of a slope comes from slow noise: faster modes than these say nothing of it."""


class _Models(NamedTuple):
    """Spectra of every model of the noise, one a row, over the modes from 1; unit variance."""

    spectra: "Floats"
    log_sums: "Floats"
    log_beliefs: "Floats"


def estimate_slope_u(dx: "Floats", residual: "Floats") -> float:
    """Standard uncertainty of the least-squares slope, from x less its mean and the residual of the line.

    Needs five samples or more, in the order of time.  A parabola is taken from the residual first: the curvature of
    a step is its shape, the same in every cycle, and no noise.  Each model of the noise gives a variance of the
    slope; u is their geometric mean, weighted by how well the model explains the residual's cosine spectrum.
    Source: SCIENCE section 3 (E3); docs/decisions/0003-error-of-a-slope.md.

    >>> x = np.linspace(-1, 1, 100)
    >>> noise = np.random.default_rng(1).normal(0, 1, 100)
    >>> bool(abs(estimate_slope_u(x, noise) * np.sqrt(x @ x) - 1) < 0.15)  # u is sd/sqrt(sum x^2) where noise is white
    True
    """
    first = FIRST_FREE_MODE - 1
    power = dct(np.array([dx, _without_curvature(dx, residual)]), norm="ortho", axis=1)[:, 1:MOST_MODES] ** 2
    of_line, of_noise = power[0], power[1, first:]
    if not of_noise.any():
        return 0.0
    models = _models(dx.size)
    levels = np.add.reduce(of_noise / models.spectra[:, first:], axis=1) / of_noise.size
    logs = models.log_beliefs - 0.5 * (of_noise.size * np.log(levels) + models.log_sums)
    weights = np.exp(logs - logs.max())
    variances = levels * (models.spectra @ of_line)
    return float(np.exp(0.5 * (weights @ np.log(variances)) / weights.sum()) / (dx @ dx))


@lru_cache(maxsize=128)
def _models(count: int) -> _Models:
    """All models of the noise of so many samples."""
    cosine = np.cos(np.pi * np.arange(1, min(count, MOST_MODES)) / count)
    remembering = [
        (1 - white) * (1 - memory**2) / (1 - 2 * memory * cosine + memory**2) + white
        for memory in MEMORIES
        for white in WHITE_SHARES
    ]
    spectra = np.array([np.ones(cosine.size), *remembering])
    beliefs = np.append(WHITE_BELIEF, np.full(len(remembering), (1 - WHITE_BELIEF) / len(remembering)))
    return _Models(spectra, np.log(spectra[:, FIRST_FREE_MODE - 1 :]).sum(axis=1), np.log(beliefs))


def _without_curvature(dx: "Floats", residual: "Floats") -> "Floats":
    """Residual of the line less its share of a parabola."""
    square = dx**2
    bend = square - mean(square)
    bend -= dx * (bend @ dx) / (dx @ dx)
    size = float(bend @ bend)
    return residual - bend * (residual @ bend) / size if size > 0 else residual
