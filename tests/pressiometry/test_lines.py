"""Lines with errors that survive autocorrelation: against statsmodels, and against the scatter of repetitions."""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import theilslopes
from statsmodels.api import OLS, add_constant

from pressiometry.lines import find_theil_sen_slope, fit_line, sum_lags

rng = np.random.default_rng(11)


def test_the_line_is_that_of_statsmodels() -> None:
    """Slope, intercept, residual rms and R2 are those of ordinary least squares."""
    x = np.linspace(1, 3, 50)
    y = 2 + 0.7 * x + rng.normal(0, 0.1, 50)
    line, reference = fit_line(x, y), OLS(y, add_constant(x)).fit()
    assert [line.intercept, line.slope] == pytest.approx(reference.params.tolist())
    assert line.r_squared == pytest.approx(reference.rsquared)
    assert line.residual_rms == pytest.approx(np.sqrt(reference.mse_resid))


def test_the_error_is_that_of_statsmodels_at_the_same_bandwidth() -> None:
    """Newey-West with a Bartlett kernel: the FFT sum over lags equals statsmodels' HAC."""
    x = np.linspace(0, 1, 200)
    y = x + lfilter([1.0], [1.0, -0.6], rng.normal(0, 0.1, 200))
    plain = OLS(y, add_constant(x)).fit()
    score = (x - x.mean()) * plain.resid
    memory = score[1:] @ score[:-1] / (score @ score)
    alpha = 4 * memory**2 / ((1 - memory) ** 2 * (1 + memory) ** 2)
    lags = int(1.1447 * (alpha * 200) ** (1 / 3))
    robust = plain.get_robustcov_results("HAC", maxlags=lags, use_correction=True)
    assert lags > 3
    ours = np.sqrt(sum_lags(score) * 200 / 198) / np.sum((x - x.mean()) ** 2)
    assert ours == pytest.approx(robust.bse[1], rel=1e-6)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_the_error_is_the_scatter_of_repetitions(memory: float) -> None:
    """With AR(1) noise of any memory u(slope) is within 25 % of the sd of 400 slopes; the plain error is not."""
    x = np.linspace(0, 1, 150)
    own = np.random.default_rng(4)
    lines = [fit_line(x, 3 * x + lfilter([1.0], [1.0, -memory], own.normal(0, 0.1, 150))) for _ in range(400)]
    sd = np.std([line.slope for line in lines])
    assert np.mean([line.slope_u for line in lines]) == pytest.approx(sd, rel=0.25)
    plain = np.mean([line.residual_rms for line in lines]) / np.sqrt(150) / x.std()
    if memory:
        assert plain < 0.65 * sd


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
