"""What a person says of two clocks: anchors, restarts of the logger, starts; and what cannot be taken (CLOCKS 6)."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.two_clocks import Cycling, Logging, Mechanics, TwoClocks, simulate_two_clocks
from pressiometry.clocks import (
    Alignment,
    Anchor,
    CyclerTrace,
    Expected,
    LogTrace,
    align_by_anchors,
    align_log,
    align_segments,
    net_charge,
    start_within,
    trace_cycler,
    trace_log,
)
from pressiometry.clocks.turns import find_programme
from pressiometry.errors import InvalidInputError

FULL = Cycling(cycles=8, fade_per_cycle=0.001, scatter=0.004, flat_around_second=1800.0)


@cache
def pair() -> TwoClocks:
    """A clean full cell, logger 137 s and 80 ppm off, a sample every 20 s."""
    return simulate_two_clocks(FULL, Logging(137.0, 80.0, interval_second=20.0), Mechanics(), 3)


def traces(one: TwoClocks) -> tuple[CyclerTrace, LogTrace]:
    """Both traces, the log in one segment."""
    return trace_cycler(one.cycler_second, one.cycler_ampere), trace_log(one.log_second, one.log_mpa)[0]


def anchor_at(share: float, off: float = 0.0, accuracy: float = 20.0) -> Anchor:
    """An anchor at a share of the log, wrong by so many seconds."""
    at = float(pair().log_second[int(share * (pair().log_second.size - 1))])
    return Anchor(at, float(pair().true_cycler_time(np.array([at]))[0]) + off, accuracy)


def error_of(found: Alignment) -> float:
    """The largest error over the record, s."""
    return float(np.abs(found.cycler_time(pair().log_second) - pair().true_cycler_time(pair().log_second)).max())


def test_two_anchors_fix_a_line_and_the_turns_check_it() -> None:
    """The line goes through the anchors, whatever the turns say; they agree here."""
    anchors = [anchor_at(0.1), anchor_at(0.9)]
    found = align_by_anchors(*traces(pair()), anchors)
    assert (found.verdict, found.rests_on) == ("manual", "anchors")
    assert error_of(found) < 0.01
    assert "The turns agree within" in found.reason
    assert found.bound_second > 20


def test_one_anchor_leaves_the_drift_open() -> None:
    """It fixes the offset; the bound grows by the 100 ppm that the drift may be."""
    found = align_by_anchors(*traces(pair()), [anchor_at(0.5)])
    assert found.drift_ppm == 0
    assert found.drift_u_ppm == pytest.approx(100)
    assert error_of(found) <= found.bound_second


def test_anchors_that_the_turns_contradict_are_kept_and_the_disagreement_is_told() -> None:
    """A person's word stands: 900 s off is said, not repaired."""
    found = align_by_anchors(*traces(pair()), [anchor_at(0.1, 600.0), anchor_at(0.9, 600.0)])
    assert "kept as you set it" in found.reason
    assert error_of(found) == pytest.approx(600, abs=1)


def test_refining_takes_the_turns_near_the_anchors() -> None:
    """Anchors good to 20 s become a clock good to a few seconds."""
    anchors = [anchor_at(0.1, 15.0), anchor_at(0.9, -18.0)]
    found = align_by_anchors(*traces(pair()), anchors, refine=True)
    assert error_of(found) <= min(found.bound_second, 10)
    assert "refined by" in found.reason
    assert error_of(align_by_anchors(*traces(pair()), anchors)) > 10


def test_anchors_without_turns_say_that_nothing_checks_them() -> None:
    """A flat log has no turn."""
    cycler, log = traces(pair())
    flat = LogTrace(log.second, np.full(log.second.size, 70.0))
    found = align_by_anchors(cycler, flat, [anchor_at(0.5)], refine=True)
    assert "Too few turns" in found.reason


def test_impossible_anchors_are_not_taken() -> None:
    """None, one of no accuracy, or a clock that runs a tenth too fast."""
    cycler, log = traces(pair())
    with pytest.raises(InvalidInputError, match="needs an anchor"):
        align_by_anchors(cycler, log, [])
    with pytest.raises(InvalidInputError, match="needs an anchor"):
        align_by_anchors(cycler, log, [anchor_at(0.5, accuracy=0.0)])
    with pytest.raises(InvalidInputError, match="ppm fast or slow"):
        align_by_anchors(cycler, log, [anchor_at(0.1), anchor_at(0.9, 9000.0)])


@cache
def restarted() -> tuple[TwoClocks, list[LogTrace]]:
    """The same cell with a logger that stopped for 40 minutes in the middle and began at zero again."""
    middle = 8 * 6900.0
    logging = Logging(137.0, 80.0, interval_second=20.0, restart_second=middle, restart_pause_second=2400.0)
    one = simulate_two_clocks(FULL, logging, Mechanics(), 3)
    return one, trace_log(one.log_second, one.log_mpa)


def test_a_restart_has_its_own_offset_and_the_same_drift() -> None:
    """Only the first start is known, and that power was back within two hours: both parts are found."""
    one, parts = restarted()
    assert len(parts) == 2
    told = Expected(start=start_within(137.0, 3000.0), back_within_second=7200.0)
    cycler = trace_cycler(one.cycler_second, one.cycler_ampere)
    first, second = align_segments(cycler, parts, told)
    assert (first.verdict, second.verdict) == ("accepted", "accepted"), (first.reason, second.reason)
    assert abs(second.drift_ppm - first.drift_ppm) <= 3 * np.hypot(first.drift_u_ppm, second.drift_u_ppm)
    assert second.drift_u_ppm < first.drift_u_ppm * 2
    end, begin = first.cycler_time(parts[0].second[-1:])[0], second.cycler_time(parts[1].second[:1])[0]
    assert begin - end == pytest.approx(2400, abs=40)


def test_a_later_part_whose_start_is_known_places_the_one_before_it() -> None:
    """The part with a start goes first; the other lies before it."""
    one, parts = restarted()
    cycler = trace_cycler(one.cycler_second, one.cycler_ampere)
    begin = 8 * 6900.0 + 2400.0 - float(parts[1].second[0])
    told = Expected(back_within_second=7200.0)
    found = align_segments(cycler, parts, told, starts={1: start_within(begin, 3000.0)})
    assert [each.verdict for each in found] == ["accepted", "accepted"], [each.reason for each in found]
    assert found[0].offset_second == pytest.approx(137, abs=10)


def test_parts_are_not_placed_over_each_other() -> None:
    """A part that would have to lie where another one is finds no match within its limits."""
    one, parts = restarted()
    cycler = trace_cycler(one.cycler_second, one.cycler_ampere)
    again = [parts[0], parts[0]]
    first, second = align_segments(cycler, again, Expected(start=start_within(137.0, 3000.0)))
    assert first.verdict == "accepted"
    assert second.verdict in {"refused", "ambiguous"}


def test_a_log_outside_the_cyclers_record_is_refused_with_its_reason() -> None:
    """Nothing overlaps at the start that was stated."""
    cycler, log = traces(pair())
    found = align_log(cycler, log, Expected(start=start_within(1e7, 100.0)))
    assert found.verdict == "refused"
    assert "not alike within the stated start" in found.reason


def test_a_complete_file_has_no_current_around_it() -> None:
    """Where the cycler's file holds all, the log's flat stretch outside it is evidence too."""
    one = simulate_two_clocks(replace(FULL, flat_around_second=0.0), Logging(0.0, interval_second=20.0), Mechanics(), 3)
    whole = trace_cycler(one.cycler_second, one.cycler_ampere, is_complete=True)
    assert whole.second[0] == one.cycler_second[0] - 86_400
    assert whole.second[-1] == one.cycler_second[-1] + 86_400
    assert (np.diff(whole.charge_ah)[[0, -1]] == 0).all()


def test_reported_charge_places_the_edges_between_records() -> None:
    """Records every 300 s without rows at the edges: the counter tells when the current turned."""
    second = np.arange(0.0, 40_000.0, 300.0)
    edges, current = np.array([0.0, 5_130.0, 12_345.0, 20_010.0, 40_000.0]), np.array([1.0, -1.0, 1.0, -1.0]) * 1e-3
    charge = np.interp(second, edges, np.concatenate([[0.0], np.cumsum(np.diff(edges) * current / 3600)]))
    flowing = current[np.searchsorted(edges, second, "right") - 1]
    counted = find_programme(trace_cycler(second, flowing, charge), 10.0)
    assert counted.turns.second == pytest.approx(edges[1:-1], abs=1e-6)
    assert counted.turns.edge_u == pytest.approx([0.0, 0.0, 0.0])
    blind = find_programme(trace_cycler(second, flowing), 10.0)
    assert np.abs(blind.turns.second - edges[1:-1]).max() > 1
    assert blind.turns.edge_u == pytest.approx([300 / np.sqrt(12)] * 3)


def test_counters_that_start_anew_are_counted_on() -> None:
    """The charge passed is what the counters show, whenever they were set to zero; without counters there is none."""
    table = pd.DataFrame(
        {
            "cycle_charging_capacity_ah": [0.0, 1.0, 1.0, 0.3, 1.3, np.nan],
            "cycle_discharging_capacity_ah": [0.0, 0.0, 1.0, 0.0, 0.0, np.nan],
        }
    )
    assert net_charge(table) == pytest.approx([0, 1, 0, 0.3, 1.3, np.nan], nan_ok=True)
    assert net_charge(table.drop(columns="cycle_charging_capacity_ah")) is None
    assert net_charge(table * np.nan) is None


@given(minute=st.integers(min_value=2, max_value=30), steps=st.integers(min_value=20, max_value=60))
def test_stamps_cut_to_the_minute_are_spread(minute: int, steps: int) -> None:
    """Rows that share a stamp lie evenly in its interval, in their order, and it is said."""
    stamps = np.repeat(60.0 * np.arange(steps), minute)
    (log,) = trace_log(stamps, np.arange(stamps.size, dtype=float))
    assert log.stamps_truncated
    assert np.diff(log.second) == pytest.approx(np.full(stamps.size - 1, 60.0 / minute))
    assert np.abs(log.second - stamps).max() < 60


def test_a_few_repeated_stamps_are_dropped_and_a_restart_is_a_new_part() -> None:
    """Time that runs backwards begins a part and is never sorted; a part of a few samples is none."""
    time = np.concatenate([np.arange(20.0), [19.0], np.arange(5.0, 30.0), np.arange(3.0)])
    parts = trace_log(time, np.arange(time.size, dtype=float))
    assert [part.second.size for part in parts] == [20, 25]
    assert not any(part.stamps_truncated for part in parts)
    same = trace_log(np.zeros(20), np.arange(20.0))
    assert same[0].interval == 1.0


def test_a_cyclers_record_needs_an_order() -> None:
    """Time that runs backwards, or a single record, is not taken."""
    with pytest.raises(InvalidInputError, match="ascending"):
        trace_cycler(np.array([0.0, 10.0, 5.0]), np.ones(3))
    with pytest.raises(InvalidInputError, match="at least two"):
        trace_cycler(np.array([0.0]), np.ones(1))


@pytest.mark.parametrize("wrong", [{"drift_bound": 0.5}, {"drift_u": 0.0}, {"least_overlap": 0.0}])
def test_what_no_clock_does_is_not_expected(wrong: dict[str, float]) -> None:
    """A bound of half a second a second, no error of the drift, no overlap."""
    with pytest.raises(InvalidInputError, match="20 000 ppm"):
        Expected(**wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="good"):
        start_within(0.0, 0.0)
