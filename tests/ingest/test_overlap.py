"""Which records of two exports are the same ones."""

import numpy as np
import pandas as pd
import pytest

from ingest.overlap import find_differences, find_digit, find_overlap, match_times

COLUMNS = ("voltage_volt", "current_ampere")


def export(start: int, stop: int, *, seed: int = 1, digits: int | None = None) -> pd.DataFrame:
    """Records every 60 s with noise in all their digits, or rounded."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "test_time_second": 60.0 * np.arange(1000),
            "voltage_volt": 3.7 + 0.4 * np.sin(np.arange(1000) / 40) + 1e-3 * random.standard_normal(1000),
            "current_ampere": np.where(np.arange(1000) // 100 % 2 == 0, 2e-3, -2e-3),
        }
    )
    return (table if digits is None else table.round(digits))[start:stop].reset_index(drop=True)


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_other_digits_are_the_same_records(digits: int) -> None:
    """A re-export with fewer digits holds the same records, not other ones at the same times."""
    overlap = find_overlap(export(0, 1000, digits=digits), export(0, 700), COLUMNS)
    assert overlap is not None
    assert overlap.likeness == "same"
    assert overlap.new_rows.tolist() == list(range(700))
    assert find_differences(export(0, 1000, digits=digits), export(0, 700), overlap, COLUMNS) == []


def test_a_hole_does_not_hide_what_is_common() -> None:
    """Records on both sides of a hole are recognised; those that fill it are new."""
    old = pd.concat([export(0, 200), export(300, 600)], ignore_index=True)
    overlap = find_overlap(export(0, 600), old, COLUMNS)
    assert overlap is not None
    assert overlap.new_rows.tolist() == [*range(200), *range(300, 600)]
    assert overlap.old_rows.tolist() == list(range(500))


@pytest.mark.parametrize(("shift", "factor"), [(0.02, 1.0), (0.0, 1.05)])
def test_the_course_of_the_same_records_is_alike(shift: float, factor: float) -> None:
    """A voltage that is off, or a current by a factor, on the same times: the records, altered."""
    other = export(0, 1000)
    other = other.assign(voltage_volt=other.voltage_volt + shift, current_ampere=factor * other.current_ampere)
    overlap = find_overlap(other, export(0, 1000), COLUMNS)
    assert overlap is not None
    assert overlap.likeness == "alike"


def test_another_run_on_even_times_is_another_run() -> None:
    """The times of a logger that records every minute tell nothing, and the values are others."""
    other = export(0, 1000, seed=2).assign(
        voltage_volt=lambda t: 3.7 + 0.4 * np.sin(t.test_time_second / 1100 + 2),
        current_ampere=lambda t: -2e-3 * np.sign(np.sin(t.test_time_second / 800 + 1)),
    )
    overlap = find_overlap(other, export(0, 1000), COLUMNS)
    assert overlap is not None
    assert overlap.likeness == "other"


def test_uneven_times_are_met_once() -> None:
    """The same uneven times with any other values: hardly another run."""
    random = np.random.default_rng(3)
    times = np.cumsum(random.uniform(5, 60, 400))
    one, two = (
        pd.DataFrame(
            {
                "test_time_second": times,
                **{name: np.random.default_rng(seed + k).normal(size=400) for k, name in enumerate(COLUMNS)},
            }
        )
        for seed in (0, 10)
    )
    overlap = find_overlap(one, two, COLUMNS)
    assert overlap is not None
    assert overlap.likeness == "alike"


def test_nearly_equal_values_are_uncertain() -> None:
    """Values that differ by less than 0.2 % of the span, but by more than their digits, are neither same nor other."""
    overlap = find_overlap(
        export(0, 1000).assign(voltage_volt=lambda t: t.voltage_volt + 1e-3), export(0, 1000), COLUMNS
    )
    assert overlap is not None
    assert overlap.likeness == "near"


def test_rounded_times_and_repeated_stamps_pair_in_order() -> None:
    """Stamps rounded to the second are the same moments; of two equal stamps the first goes with the first."""
    old = np.array([0.0, 10.4, 20.2, 20.2, 30.1])
    new_rows, old_rows, common = match_times(np.array([10.0, 20.0, 20.0, 30.0, 40.0]), old)
    assert (new_rows.tolist(), old_rows.tolist(), common) == ([0, 1, 2, 3], [1, 2, 3, 4], 4)


def test_loggers_without_a_common_quantity_share_nothing() -> None:
    """A log of thickness on the times of a log of force holds other records."""
    time = np.arange(50.0)
    force = pd.DataFrame({"test_time_second": time, "force_newton": 9000 + time})
    thickness = pd.DataFrame({"test_time_second": time, "thickness_micrometre": time})
    assert find_overlap(thickness, force, ("force_newton", "thickness_micrometre")) is None


def test_last_digit_of_values() -> None:
    """The digits are found in the values, whatever the float that holds them."""
    assert find_digit(np.array([0.1 + 0.2, 3.7])) == pytest.approx(0.1)
    assert find_digit(np.array([1e-6, 0.002])) == pytest.approx(1e-6)
    assert find_digit(np.array([np.pi])) == 0.0
