"""The raw clock of live rows: the instrument's test time, else the wall clock until it contradicts."""

import pytest

from data_access.live.batches import LiveRow
from data_access.live.clock import ChannelClock

NOW = 1_795_000_000.0
HOUR = 3600.0


def place(
    clock: ChannelClock, times: list[float], *, monotonic: bool = False, received: float = NOW
) -> tuple[list[float], list[str]]:
    """Raw times of rows one second apart whose wall clock reads `times`, and the codes of what was flagged."""
    placed, codes = [], []
    for i, unix in enumerate(times):
        row = LiveRow("A01", i, unix, 0.0, {}, monotonic_second=float(i) if monotonic else None)
        time, flag = clock.place(row, received)
        placed.append(time)
        if flag is None and len(placed) > 1:
            clock.learn_interval([unix - times[i - 1]], 0.0)
        if flag is not None:
            codes.append(flag.code)
    return placed, codes


def test_the_wall_clock_is_the_raw_clock_while_nothing_contradicts() -> None:
    """Also over a pause, and with a monotonic clock that agrees within 5 s."""
    times = [NOW - 5000 + t for t in (0.0, 1.0, 2.0, 400.0, 401.0)]
    assert place(ChannelClock(), times) == (times, [])
    near = [NOW - 5000 + t for t in (0.0, 1.4, 1.9, 3.0, 8.0)]
    assert place(ChannelClock(), near, monotonic=True) == (near, [])


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 30.0, -30.0])
def test_a_jump_is_seen_by_the_monotonic_clock(jump: float) -> None:
    """Flagged once; the rows go on by the second that passed, and so do those after it."""
    start = NOW - 2 * HOUR
    times = [start, start + 1, start + 2 + jump, start + 3 + jump]
    placed, codes = place(ChannelClock(), times, monotonic=True)
    assert [time - start for time in placed] == pytest.approx([0, 1, 2, 3])
    assert codes == ["clock_jump"]


def test_a_clock_set_back_goes_on_by_the_usual_interval() -> None:
    """Without a second clock too."""
    start = NOW - 2 * HOUR
    times = [start, start + 1, start + 2, start + 3 - HOUR, start + 4 - HOUR]
    placed, codes = place(ChannelClock(), times)
    assert [time - start for time in placed] == pytest.approx([0, 1, 2, 3, 4])
    assert codes == ["clock_jump"]


def test_a_clock_set_ahead_of_the_servers_is_seen_without_a_second_clock() -> None:
    """Live rows cannot be from the future."""
    times = [NOW - 2, NOW - 1, NOW + HOUR, NOW + HOUR + 1]
    placed, codes = place(ChannelClock(), times)
    assert [time - NOW for time in placed] == pytest.approx([-2, -1, 0, 1])
    assert codes == ["clock_jump"]


def test_an_hour_forward_in_old_rows_is_flagged_and_taken_for_a_pause() -> None:
    """It may have been one: the times stay as they were read, and a person sees it."""
    start = NOW - 10 * HOUR
    times = [start, start + 1, start + 2 + HOUR, start + 3 + HOUR]
    assert place(ChannelClock(), times) == (times, ["clock_jump"])


def test_a_clock_that_is_wrong_by_hours_and_steady_is_no_jump() -> None:
    """Summer time not set, a zone that is wrong: two clocks are compared by their steps."""
    times = [NOW + 3 * HOUR + t for t in range(5)]
    assert place(ChannelClock(), times) == (times, [])


@pytest.mark.parametrize("odd", [5.0, NOW + 30 * HOUR])
def test_a_date_that_cannot_be_does_not_move_the_clock(odd: float) -> None:
    """1970 or next year: the row keeps its place, those after it their own dates."""
    placed, codes = place(ChannelClock(), [NOW - 10, NOW - 9, odd, NOW - 7])
    assert [time - NOW for time in placed] == pytest.approx([-10, -9, -8, -7])
    assert codes == ["time_implausible"]


def test_a_first_row_with_a_date_that_cannot_be_lies_where_it_was_received() -> None:
    """Nothing else is known of it."""
    assert place(ChannelClock(), [5.0, 6.0])[0] == [NOW, NOW + 1]


def test_the_instruments_test_time_is_kept_as_it_came() -> None:
    """And the wall clock is compared with it."""
    clock = ChannelClock()
    times = []
    for i, unix in enumerate((NOW - 10, NOW - 9, NOW - 8 - HOUR)):
        row = LiveRow("A01", i, unix, 0.0, {}, test_time_second=100.0 + i)
        times.append(clock.place(row, NOW))
    assert [time for time, _ in times] == [100.0, 101.0, 102.0]
    assert [flag is not None for _, flag in times] == [False, False, True]


def test_the_usual_interval_follows_a_change_and_outlives_a_pause() -> None:
    """A pause of an hour does not double it; a new rhythm is learnt within some rows."""
    clock = ChannelClock()
    for step in (1.0, 1.0, HOUR):
        clock.learn_interval([step], 0.0)
    assert clock.usual_interval_second == pytest.approx(1.8)
    for _ in range(30):
        clock.learn_interval([60.0], 0.0)
    assert clock.usual_interval_second == pytest.approx(60.0, rel=0.05)


def test_a_test_time_that_runs_faster_than_time_is_no_jump() -> None:
    """A simulation's does, steadily; a wall clock that goes back, or on without the test, is still seen."""
    clock = ChannelClock()
    flags = []
    for i, unix in enumerate((0.0, 0.1, 0.2, -50.0, -49.9, 300.0)):
        row = LiveRow("A01", i, NOW - 400 + unix, 0.0, {}, test_time_second=90.0 * i)
        flags.append(clock.place(row, NOW)[1] is not None)
    assert flags == [False, False, False, True, False, True]


def test_rows_without_test_time_follow_those_with_it() -> None:
    """The instrument left it out: the wall clock counts on from the last one."""
    clock = ChannelClock()
    clock.place(LiveRow("A01", 0, NOW - 10, 0.0, {}, test_time_second=100.0), NOW)
    assert clock.place(LiveRow("A01", 1, NOW - 8, 0.0, {}), NOW)[0] == pytest.approx(102.0)
