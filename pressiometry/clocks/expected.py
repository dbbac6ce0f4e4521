"""What is known of two clocks before the data are looked at: the start, the drift, the sign, a person's anchors."""

from dataclasses import dataclass
from typing import Literal

from pressiometry.errors import InvalidInputError

PPM = 1e-6


@dataclass(frozen=True, slots=True)
class StartRange:
    """Limits of the clock difference (cycler's time less logger's) at the log's first sample, s."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Where the start is most likely."""
        return (self.low + self.high) / 2


def start_within(difference_second: float, half_width_second: float) -> StartRange:
    """The range of a stated start: the clock difference at the log's first sample, good to +- so many seconds.

    >>> start_within(100, 60)
    StartRange(low=40, high=160)
    """
    if half_width_second <= 0:
        raise InvalidInputError("A start time needs the time to which it is good")
    return StartRange(difference_second - half_width_second, difference_second + half_width_second)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known before.  Defaults: a crystal clock, a full cell, nothing about the start.

    `sign`: +1 where charging raises the pressure, -1 where it lowers it, None where it is not known (symmetric cells).
    Drift is a share (1 ppm = 1e-6), +- one standard deviation, and never further from `drift` than the bound.
    `least_overlap`: share of the shorter record that the other one covers.
    `back_within_second`: a person's word that the logger, once it stopped, ran again within so long.
    Source: CLOCKS section 3.
    """

    start: StartRange | None = None
    sign: Literal[1, -1] | None = 1
    drift: float = 0.0
    drift_u: float = 100 * PPM
    drift_bound: float = 300 * PPM
    least_overlap: float = 0.5
    back_within_second: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no clock does."""
        if not (0 < self.drift_bound <= 20_000 * PPM and self.drift_u > 0 and 0 < self.least_overlap <= 1):
            raise InvalidInputError("The drift's bound must lie between 0 and 20 000 ppm, the overlap between 0 and 1")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A person's word that two moments are one, good to +- `accuracy_second`."""

    log_second: float
    cycler_second: float
    accuracy_second: float = 10.0
