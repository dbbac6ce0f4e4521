"""The line against statsmodels; its error against the scatter of repetitions."""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import theilslopes
from statsmodels.api import OLS, add_constant

from pressiometry.lines import find_theil_sen_slope, fit_line

rng = np.random.default_rng(11)


def test_the_line_is_that_of_statsmodels() -> None:
    """Slope, intercept, residual rms and R2 are those of ordinary least squares."""
    x = np.linspace(1, 3, 50)
    y = 2 + 0.7 * x + rng.normal(0, 0.1, 50)
    line, reference = fit_line(x, y), OLS(y, add_constant(x)).fit()
    assert [line.intercept, line.slope] == pytest.approx(reference.params.tolist())
    assert line.r_squared == pytest.approx(reference.rsquared)
    assert line.residual_rms == pytest.approx(np.sqrt(reference.mse_resid))


@pytest.mark.parametrize(
    ("memory", "count", "low", "high"),
    [
        (0.0, 12, 0.9, 1.35),
        (0.0, 60, 0.9, 1.3),
        (0.0, 1500, 0.9, 1.2),
        (0.5, 60, 0.8, 1.4),
        (0.5, 240, 0.8, 1.3),
        (0.9, 60, 0.7, 1.2),
        (0.9, 360, 0.8, 1.3),
    ],
)
def test_the_error_is_the_scatter_of_repetitions(memory: float, count: int, low: float, high: float) -> None:
    """Rounded noise of any memory on a bent step: rms u over the sd of 300 slopes; the plain error is too small."""
    x = np.linspace(0.1, 0.9, count)
    step = 2.16 * x + 0.04 * 2.16 * np.sin(np.pi * x)
    own = np.random.default_rng(4)
    pushes = own.normal(0, 0.004 * np.sqrt(1 - memory**2), (300, count + 100))
    noise = lfilter([1.0], [1.0, -memory], pushes)[:, 100:]
    lines = [fit_line(x, np.round((step + each) / 0.007388) * 0.007388) for each in noise]
    sd = np.std([line.slope for line in lines])
    assert low < np.sqrt(np.mean([line.slope_u**2 for line in lines])) / sd < high
    if memory:
        plain = [fit_line(x, 2.16 * x + each).residual_rms for each in noise]
        assert np.mean(plain) / np.sqrt(count) / x.std() < 0.65 * sd


def test_the_shape_of_a_step_is_no_noise() -> None:
    """A parabola under the noise leaves the error as it is."""
    x = np.linspace(0, 1, 80)
    noise = rng.normal(0, 0.1, 80)
    assert fit_line(x, noise + 50 * x**2).slope_u == pytest.approx(fit_line(x, noise).slope_u, rel=1e-6)


def test_degenerate_lines_say_so() -> None:
    """Equal x gives NaN; two points give a line without error; a perfect line has error 0; constant y no R2."""
    assert np.isnan(fit_line(np.ones(6), np.arange(6.0)).slope)
    assert np.isnan(fit_line(np.array([0.0, 1.0]), np.array([0.0, 1.0])).slope_u)
    perfect = fit_line(np.arange(8.0), 2.0 * np.arange(8.0))
    assert perfect.slope_u == pytest.approx(0, abs=1e-12)
    flat = fit_line(np.arange(8.0), np.ones(8))
    assert flat.slope_u == 0
    assert np.isnan(flat.r_squared)


def test_theil_sen_is_scipys_and_ignores_an_outlier() -> None:
    """The median of pairwise slopes; NaN where x does not vary."""
    x, y = np.arange(10.0), 0.3 * np.arange(10.0) + rng.normal(0, 0.1, 10)
    assert find_theil_sen_slope(x, y) == pytest.approx(theilslopes(y, x).slope)
    assert np.isnan(find_theil_sen_slope(np.ones(3), np.arange(3.0)))
    assert np.isnan(find_theil_sen_slope(np.array([1.0]), np.array([1.0])))
