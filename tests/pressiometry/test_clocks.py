"""Two clocks put together: what is found, how sure it is, and what is refused (CLOCKS)."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.disturbances import TYPICAL
from demo.two_clocks import Cycling, Logging, Mechanics, TwoClocks, simulate_two_clocks, with_spikes
from pressiometry.clocks import Alignment, Expected, align_log, start_within, trace_cycler, trace_log
from pressiometry.clocks.contradictions import Trial
from pressiometry.clocks.final_fit import _find_lag, _Width
from pressiometry.clocks.line import ClockLine
from pressiometry.clocks.scene import open_scene

REAL = Mechanics(creep=0.03, bow=0.04, disturbances=replace(TYPICAL, ripple_kelvin=0.0))
FULL = Cycling(cycles=10, fade_per_cycle=0.001, scatter=0.004, flat_around_second=1800.0)
PERIODIC = Cycling(cycles=8, flat_around_second=1800.0)
LOGGING = Logging(offset_second=137.0, drift_ppm=60.0, interval_second=20.0)
WITHIN = 23.0
"""One sample and 3 s: what is asked of an accepted clock."""


def align(pair: TwoClocks, start: float | None = None, half: float = 6600.0, **told: float) -> Alignment:
    """Align both records; `start` is by how much the stated start is off, None states none."""
    cycler, log = trace_cycler(pair.cycler_second, pair.cycler_ampere), trace_log(pair.log_second, pair.log_mpa)[0]
    expected = Expected(**told)  # type: ignore[arg-type]
    if start is not None:
        true = float(pair.true_cycler_time(log.second[:1])[0] - log.second[0])
        expected = replace(expected, start=start_within(true + start, half))
    return align_log(cycler, log, expected)


def error_of(found: Alignment, pair: TwoClocks) -> float:
    """The largest error over the record, s."""
    return float(np.abs(found.cycler_time(pair.log_second) - pair.true_cycler_time(pair.log_second)).max())


@cache
def full_cell(seed: int = 1) -> TwoClocks:
    """A full cell with typical noise, and a logger 137 s and 60 ppm off."""
    return simulate_two_clocks(FULL, LOGGING, REAL, seed)


@cache
def periodic() -> TwoClocks:
    """A cell whose cycles are all alike."""
    return simulate_two_clocks(PERIODIC, LOGGING, REAL, 3)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_full_cell_needs_no_start_time(seed: int) -> None:
    """Fade and scatter tell its cycles apart: accepted, within a sample and 3 s and within the bound that is shown."""
    found = align(full_cell(seed))
    assert found.verdict == "accepted"
    assert found.rests_on == "data"
    assert error_of(found, full_cell(seed)) <= min(WITHIN, found.bound_second)
    assert found.turns_used >= 16
    assert all(rival.is_excluded and rival.evidence >= 40 for rival in found.rivals)


def test_a_periodic_cell_needs_one() -> None:
    """Without a start time every cycle fits equally well: nothing is chosen, and the answer says what to give."""
    found = align(periodic())
    assert found.verdict == "ambiguous"
    assert "give a start time good to ±115 min, or mark one turn" in found.reason
    assert "time zone" not in found.reason
    assert not all(rival.is_excluded for rival in found.rivals)
    assert any(abs(abs(rival.cycles) - 1) < 0.05 for rival in found.rivals)


def test_a_start_time_decides_between_equal_cycles() -> None:
    """Good to half a period it is enough; the verdict says that the cycle rests on it."""
    found = align(periodic(), start=2500.0)
    assert (found.verdict, found.rests_on) == ("accepted", "start time")
    assert error_of(found, periodic()) <= min(WITHIN, found.bound_second)


def test_timed_half_cycles_say_that_the_log_may_be_anybodys() -> None:
    """Steps that a timer ends are the same in every cell (CLOCKS trap 1)."""
    sentence = "the data cannot tell whose log this is"
    assert any(sentence in note for note in align(periodic(), start=0.0).notes)
    assert not any(sentence in note for note in found_with_start().notes)


@pytest.mark.parametrize(
    ("cycling", "logging", "mechanics"),
    [
        (replace(FULL, cycles=4), replace(LOGGING, interval_second=60.0), REAL),
        (replace(FULL, edge_rows=False), LOGGING, Mechanics()),
        (replace(FULL, rest_second=3600.0), LOGGING, REAL),
        (FULL, replace(LOGGING, late_second=20_000.0), REAL),
        (FULL, replace(LOGGING, truncated_to_second=60.0), REAL),
        (FULL, replace(LOGGING, holes=2), REAL),
        (replace(PERIODIC, formation_factor=5.0), LOGGING, REAL),
        (FULL, replace(LOGGING, drift_ppm=-250.0), REAL),
    ],
    ids=["every 60 s", "no rows at edges", "long rests", "late", "minute stamps", "holes", "formation", "-250 ppm"],
)
def test_what_laboratories_do_is_borne(cycling: Cycling, logging: Logging, mechanics: Mechanics) -> None:
    """With a start time the right cycle is found, and the bound that is shown holds."""
    pair = simulate_two_clocks(cycling, logging, mechanics, 5)
    true = float(pair.true_cycler_time(pair.log_second[:1])[0] - pair.log_second[0])
    log = trace_log(pair.log_second, pair.log_mpa)[0]
    told = Expected(start=start_within(true + 1500, 5000))
    found = align_log(trace_cycler(pair.cycler_second, pair.cycler_ampere), log, told)
    assert found.verdict in {"accepted", "coarse"}, found.reason
    slack = logging.truncated_to_second / 2
    off = np.abs(found.cycler_time(log.second) - pair.true_cycler_time(log.second)).max()
    assert off <= found.bound_second + slack


def test_the_log_of_another_cell_is_refused() -> None:
    """Its half-cycles are 0.3 % longer: no clock makes its turns this cell's."""
    other = simulate_two_clocks(replace(FULL, half_cycle_second=6620.0), LOGGING, REAL, 77)
    pair = replace(full_cell(), log_second=other.log_second, log_mpa=other.log_mpa)
    for start in (0.0, None):
        found = align(pair, start)
        assert found.verdict == "refused"
        assert "is this the log of this cell?" in found.reason


def test_a_log_without_cycling_is_refused() -> None:
    """Noise is like no charge."""
    found = align(simulate_two_clocks(FULL, LOGGING, replace(REAL, cell="none"), 4), 0.0)
    assert found.verdict == "refused"


@pytest.mark.parametrize("lost", [300.0, 1800.0])
def test_a_lost_time_is_named(lost: float) -> None:
    """A counter that stood still for a while: refused, with the place and the size of the jump."""
    pair = simulate_two_clocks(FULL, replace(LOGGING, lost_second=lost), REAL, 6)
    found = align(pair, 0.0)
    assert found.verdict == "refused"
    assert found.jump is not None
    assert abs(found.jump.step_second) == pytest.approx(lost, abs=60)
    middle = float(pair.log_second[-1] + pair.log_second[0]) / 2
    assert found.jump.log_second == pytest.approx(middle, abs=10_000)
    assert "split the log there" in found.reason


def test_a_wrong_start_time_is_found_out() -> None:
    """A start a whole cycle off is contradicted by the data of a cell whose cycles differ."""
    found = align(full_cell(), start=2 * 6900.0, half=3000.0)
    assert found.verdict == "refused"


def test_a_drift_beyond_the_bound_is_no_drift() -> None:
    """3000 ppm is refused for a crystal, and found where the bound is raised."""
    pair = simulate_two_clocks(FULL, replace(LOGGING, drift_ppm=3000.0), REAL, 7)
    assert align(pair, 0.0).verdict == "refused"
    found = align(pair, 0.0, drift_u=2000e-6, drift_bound=5000e-6)
    assert found.verdict == "accepted"
    assert found.drift_ppm == pytest.approx(3000, abs=100)


def test_a_logger_that_counts_rows_may_be_a_hundredth_off() -> None:
    """12 000 ppm smear a rough match: drifts are tried on a grid, and the right one is found."""
    pair = simulate_two_clocks(FULL, replace(LOGGING, drift_ppm=12_000.0), Mechanics(), 7)
    found = align(pair, 0.0, drift_u=5000e-6, drift_bound=20_000e-6)
    assert found.verdict == "accepted", found.reason
    assert found.drift_ppm == pytest.approx(12_000, abs=100)


def test_a_symmetric_cell_may_swing_either_way() -> None:
    """With the sign unknown a pressure that falls on charging is found too, within a quarter period."""
    timed = Cycling(cycles=10, half_cycle_second=3600.0, rest_second=0.0, flat_around_second=1800.0)
    pair = simulate_two_clocks(timed, LOGGING, Mechanics(), 8)
    mirrored = replace(pair, log_mpa=-pair.log_mpa)
    for one in (pair, mirrored):
        found = align(one, start=500.0, half=1700.0, sign=None)  # type: ignore[arg-type]
        assert found.verdict == "accepted", found.reason
        assert error_of(found, one) <= WITHIN


def test_the_lag_of_a_creeping_pressure_is_known_by_the_width_of_the_window() -> None:
    """Fits that differ as the power 1.5 of their width are one clock with a lag; each is moved by its own share."""
    cycler = trace_cycler(small().cycler_second, small().cycler_ampere)
    (log,) = trace_log(small().log_second, small().log_mpa)
    scene = open_scene(cycler, log, Expected())
    covariance = np.diag([0.25, 1e-10, 1.0])
    widths = []
    for width in (0.06, 0.12, 0.25, 0.45):
        line = ClockLine(137.0 - 50.0 * width**1.5, 0.0, 0.0, 0.0, 1e5, covariance)
        times = scene.locate(scene.programme.turns, line, width)
        widths.append(_Width(width, width, Trial(line, times, 1.0, is_witness=False, told=Expected())))
    lag, lag_u = _find_lag(scene, widths)
    assert lag == pytest.approx(-50, abs=3 * lag_u)
    assert [one.without_lag(lag, lag_u).difference for one in widths] == pytest.approx([137.0] * 4, abs=1)
    assert widths[-1].without_lag(lag, lag_u).end_u > widths[-1].trial.line.end_u


def test_a_creeping_pressure_is_aligned_within_the_bound() -> None:
    """10 % of the answer comes half an hour late."""
    pair = simulate_two_clocks(FULL, LOGGING, replace(REAL, creep=0.10), 5)
    found = align(pair, 0.0)
    assert found.verdict in {"accepted", "coarse"}
    assert error_of(found, pair) <= found.bound_second


def test_spikes_are_no_turns() -> None:
    """Single samples far off are given no weight."""
    pair = with_spikes(full_cell(), 0.002)
    found = align(pair, 0.0)
    assert found.verdict == "accepted"
    assert error_of(found, pair) <= found.bound_second
    assert any("single samples" in note for note in found.notes)


@cache
def found_with_start() -> Alignment:
    """The alignment of the full cell whose start is known."""
    return align(full_cell(), 0.0)


def test_an_alignment_shows_what_it_rests_on() -> None:
    """Errors, residuals of the turns, half-cycles and windows are there to be looked at."""
    found, pair = found_with_start(), full_cell()
    assert (found.first_log_second, found.last_log_second) == (pair.log_second[0], pair.log_second[-1])
    assert abs(found.offset_second - 137.0) <= 4 * found.offset_u_second
    assert abs(found.drift_ppm - 60.0) <= 4 * found.drift_u_ppm
    assert found.turns["used"].sum() == found.turns_used
    assert 0 < found.residual_second < 30
    assert (found.turns_contradicted, found.half_cycles_failed) == (0, 0)
    assert found.half_cycles_checked >= 18
    assert found.window_share <= 0.45
    assert np.hypot(found.gap_second, found.lag_second) < found.bound_second
    assert any(rival.is_outside_start for rival in found.rivals)
    assert found.scale >= 1
    assert found.likeness > 0.9


@cache
def small() -> TwoClocks:
    """Three clean cycles, a sample a minute: quick enough to be aligned many times."""
    return simulate_two_clocks(replace(FULL, cycles=3), replace(LOGGING, interval_second=60.0), Mechanics(), 11)


@cache
def found_of_small() -> Alignment:
    """Its alignment."""
    return align(small(), 0.0)


@given(
    shift=st.floats(min_value=-1e6, max_value=1e6),
    axis=st.floats(min_value=-1e5, max_value=1e5),
    off=st.floats(min_value=-2500, max_value=2500),
)
def test_where_either_clock_begins_and_how_the_start_is_stated_do_not_matter(
    shift: float, axis: float, off: float
) -> None:
    """Another zero of either clock changes the offset by as much, and nothing else; nor does what is stated."""
    cycler = trace_cycler(small().cycler_second + axis, small().cycler_ampere)
    (log,) = trace_log(small().log_second + shift, small().log_mpa)
    start = float(small().true_cycler_time(small().log_second[:1])[0] - log.second[0]) + axis
    after = align_log(cycler, log, Expected(start=start_within(start + off, 6600)))
    there = small().log_second
    assert after.cycler_time(there + shift) - axis == pytest.approx(found_of_small().cycler_time(there), abs=1)
    assert after.verdict == found_of_small().verdict


@pytest.mark.parametrize(("factor", "tare"), [(0.01, -70.0), (98.0665, 3.0)])
def test_the_unit_and_the_tare_of_the_pressure_do_not_matter(factor: float, tare: float) -> None:
    """Newton or MPa, from zero or not: the same clock."""
    pair = replace(small(), log_mpa=small().log_mpa * factor + tare)
    assert align(pair, 0.0).offset_second == pytest.approx(found_of_small().offset_second, abs=1)


def test_the_drift_has_the_sign_of_the_clock() -> None:
    """A logger that runs slow needs a positive drift, and it is found within its error."""
    for ppm in (200.0, -200.0):
        found = align(simulate_two_clocks(FULL, replace(LOGGING, drift_ppm=ppm), Mechanics(), 9), 0.0)
        assert abs(found.drift_ppm - ppm) <= 3 * found.drift_u_ppm
        assert found.drift_ppm * ppm > 0


def test_charge_and_pressure_that_swing_against_each_other_are_not_this_cell() -> None:
    """With the sign known a mirrored pressure is not aligned within half a cycle's start."""
    mirrored = replace(full_cell(), log_mpa=-full_cell().log_mpa)
    assert align(mirrored, start=0.0, half=2000.0).verdict == "refused"


def test_no_current_is_no_clock() -> None:
    """A cycler that only rests is refused, and so is a record without a turn."""
    time = np.arange(0.0, 1e5, 60.0)
    log = trace_log(time, np.sin(time / 7000))[0]
    rest = align_log(trace_cycler(time, np.zeros(time.size)), log)
    assert rest.verdict == "refused"
    assert "No current" in rest.reason
    assert np.isnan(rest.offset_second)
    assert np.isnan(rest.residual_second)
    charge = align_log(trace_cycler(time, np.full(time.size, 1e-3)), log)
    assert charge.verdict == "refused"
    assert "never turns" in charge.reason


def test_a_pressure_that_falls_on_charging_has_the_same_clock() -> None:
    """Mirrored pressure and mirrored sign: nothing else changes."""
    mirrored = replace(full_cell(), log_mpa=-full_cell().log_mpa)
    found = align(mirrored, 0.0, sign=-1)
    assert found.offset_second == pytest.approx(found_with_start().offset_second, abs=0.01)
    assert found.verdict == found_with_start().verdict


def test_half_cycles_of_half_an_hour_ask_about_summer_time() -> None:
    """Their period is an hour: a rival an hour away is named for what it may be (CLOCKS trap 2)."""
    timed = Cycling(cycles=10, half_cycle_second=1800.0, rest_second=0.0, flat_around_second=600.0)
    found = align(simulate_two_clocks(timed, replace(LOGGING, late_second=4000.0), Mechanics(), 2))
    assert found.verdict == "ambiguous"
    assert "summer time, or another time zone?" in found.reason


def test_a_single_half_cycle_is_too_little() -> None:
    """Two turns fix no clock."""
    found = align(simulate_two_clocks(replace(FULL, cycles=1, flat_around_second=0.0), LOGGING, Mechanics(), 2), 0.0)
    assert found.verdict == "refused"
    assert "at least 4 are needed" in found.reason
