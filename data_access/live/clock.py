"""Where a live row lies on the raw clock of its series, whatever the instrument's wall clock did meanwhile.

The raw clock is the instrument's test time where it tells one.  Else it is the wall clock, UTC seconds since 1970,
until that contradicts: then the row follows the one before it by the agent's monotonic clock, or by the usual
interval, and the wall clock counts on from there.  So rows give the same times in whatever order they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from data_access.live.batches import Flag, LiveRow

EARLIEST_UNIX_SECOND = 946_684_800.0
"""2000-01-01: no instrument that is set has an earlier date."""
LATEST_AHEAD_SECOND = 86_400.0
"""A date further ahead of the server's is not believed."""
JUMP_SECOND = 5.0
"""Two clocks that disagree by more than this about one interval: the wall clock was set."""
JUMP_SHARE = 0.01
"""And by more than this share of it: clocks run a little fast or slow."""
JITTER_SECOND = 1.0
"""A step back by less is the clock being kept right."""
AHEAD_SECOND = 60.0
"""Without a second clock a row this far ahead of the server's clock, where the row before was not, shows a jump."""
HALF_HOUR_SECOND = 1800.0
"""Clocks are set by hours and half hours when zones or summer time change."""
UNKNOWN_INTERVAL_SECOND = 1.0


@dataclass(slots=True)
class ChannelClock:
    """Where the clocks of a channel stood at its last row; None before the first."""

    last_test_time_second: float | None = None
    last_unix_second: float | None = None
    last_monotonic_second: float | None = None
    last_received_second: float | None = None
    shift_second: float = 0.0
    usual_interval_second: float | None = None
    usual_delivery_second: float | None = None

    def place(self, row: LiveRow, received_second: float) -> tuple[float, Flag | None]:
        """Return the raw clock of the next row in order, s, and what is to be flagged about its wall clock."""
        believed = is_believed(row.unix_second, received_second)
        reference = self._reference(row)
        flag, jumped = None, False
        if not believed:
            flag = Flag("time_implausible", _cannot_be(row))
        elif self.last_unix_second is not None:
            flag, jumped = self._compare(row, row.unix_second - self.last_unix_second, reference, received_second)
        if row.test_time_second is not None:
            time = row.test_time_second
        elif believed and not jumped:
            time = row.unix_second + self.shift_second
        elif self.last_test_time_second is None:
            time = received_second
        else:
            usual = self.usual_interval_second
            step = reference if reference is not None else UNKNOWN_INTERVAL_SECOND if usual is None else usual
            time = self.last_test_time_second + step
        if believed:
            if jumped or row.test_time_second is not None:
                self.shift_second = time - row.unix_second
            self.last_unix_second = row.unix_second
        self.last_test_time_second, self.last_monotonic_second = time, row.monotonic_second
        self.last_received_second = received_second
        return time, flag

    def learn_interval(self, steps: Sequence[float], received_step: float) -> None:
        """Take some steps of the wall clock into the usual interval, which follows a change of the logging.

        A clock that shows whole seconds only repeats itself: then their mean counts.  Without believable dates it is
        what passed between two batches, a row (`received_step`).
        """
        middle = median(steps) if steps else received_step
        interval = middle if middle > 0 or not steps else fmean(steps)
        self.usual_interval_second = _followed(self.usual_interval_second, interval)

    def learn_delivery(self, received_step: float) -> None:
        """Take what passed between two batches into the usual one: a table flushed once a minute is no silence."""
        self.usual_delivery_second = _followed(self.usual_delivery_second, received_step)

    def _reference(self, row: LiveRow) -> float | None:
        """What passed since the row before by a clock that nobody sets; None without one."""
        pairs = (
            (row.test_time_second, self.last_test_time_second),
            (row.monotonic_second, self.last_monotonic_second),
        )
        for now, before in pairs:
            if now is not None and before is not None and now >= before:
                return now - before
        return None

    def _compare(
        self, row: LiveRow, step: float, reference: float | None, received_second: float
    ) -> tuple[Flag | None, bool]:
        """Return what the step of the wall clock shows, and whether it is contradicted."""
        if reference is not None:
            behind = reference - step
            if row.test_time_second is not None and step >= -JITTER_SECOND:
                behind = min(behind, 0.0)  # a test time that runs faster than time is a simulation's
            if abs(behind) <= max(JUMP_SECOND, JUMP_SHARE * reference):
                return None, False
            words = f"went by {step:.3f} s while {reference:.3f} s passed"
            return Flag("clock_jump", f"The wall clock {words} before row {row.sequence}"), True
        if step < -JITTER_SECOND:
            return Flag("clock_jump", f"The wall clock went back by {-step:.3f} s before row {row.sequence}"), True
        before = self.last_unix_second or 0.0
        ahead = max(0.0, before - (received_second if self.last_received_second is None else self.last_received_second))
        if row.unix_second - received_second > ahead + AHEAD_SECOND:
            words = f"went {row.unix_second - received_second:.0f} s ahead of the server's"
            return Flag("clock_jump", f"The wall clock {words} before row {row.sequence}"), True
        if self._looks_like_a_zone(step):
            words = f"went forward by {step:.3f} s before row {row.sequence}: taken for a pause"
            return Flag("clock_jump", f"The wall clock {words}; a second clock would tell"), False
        return None, False

    def _looks_like_a_zone(self, step: float) -> bool:
        usual = self.usual_interval_second
        if usual is None or usual > HALF_HOUR_SECOND / 3 or step < HALF_HOUR_SECOND - JUMP_SECOND:
            return False
        rest = (step - usual) % HALF_HOUR_SECOND
        return min(rest, HALF_HOUR_SECOND - rest) <= JUMP_SECOND


def is_believed(unix_second: float, received_second: float) -> bool:
    """Whether a row's date can be: not before 2000, at most 24 h ahead of the server's clock.

    >>> is_believed(0.0, 1.7e9), is_believed(1.7e9 + 3600, 1.7e9)
    (False, True)
    """
    return EARLIEST_UNIX_SECOND <= unix_second <= received_second + LATEST_AHEAD_SECOND


def _cannot_be(row: LiveRow) -> str:
    where = "before 2000" if row.unix_second < EARLIEST_UNIX_SECOND else "more than 24 h ahead of the server's clock"
    return f"The time of row {row.sequence} is {where}; it keeps its place by its sequence"


def _followed(usual: float | None, step: float) -> float | None:
    """Return the usual value moved towards a new one; one pause is no new habit.

    >>> _followed(None, 2.0), _followed(2.0, 100.0), _followed(2.0, 0.0)
    (2.0, 3.6, 2.0)
    """
    if step <= 0:
        return usual
    return step if usual is None else usual + 0.2 * (min(step, 5 * usual) - usual)
