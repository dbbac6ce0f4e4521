"""What is handed back: a clock with its errors, its residuals, its rivals, and a verdict in plain words."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.contradictions import Trial
    from pressiometry.clocks.line import ClockLine
    from pressiometry.clocks.scene import Scene
    from pressiometry.clocks.search import Found

    Floats = NDArray[np.float64]

Verdict = Literal["accepted", "coarse", "ambiguous", "refused", "manual"]
RestsOn = Literal["data", "start time", "anchors", "nothing"]

SHOWN_RIVALS = 8


@dataclass(frozen=True, slots=True)
class Rival:
    """Another alignment, and what speaks against it more than against the best."""

    offset_second: float
    drift_ppm: float
    cycles: float
    """By how many periods it differs from the best."""
    evidence: float
    """40 and more exclude it."""
    is_excluded: bool
    is_outside_start: bool
    likeness: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A step of the logger's clock that its own times do not show."""

    log_second: float
    step_second: float


@dataclass(frozen=True)
class Alignment:
    """t_cycler = offset_second + (1 + drift_ppm 1e-6) t_logger between two times of the logger, or why not.

    `covariance` is that of offset (s) and drift (ppm).  `bound_second` is the largest error over the record, NaN where
    nothing was found.  `turns` has one row a turn that was looked at: cycler_second, log_second, residual_second,
    u_second, side (+1 top, -1 bottom), used.  `notes` are sentences for a person.  `likeness` is the correlation,
    `scale` by how much turns scatter more than their errors, `gap_second` half the time between tops and bottoms that
    no clock explains, `lag_second` by how much windows of other widths disagree.
    """

    verdict: Verdict
    reason: str
    offset_second: float = np.nan
    drift_ppm: float = np.nan
    covariance: "Floats" = field(default_factory=lambda: np.full((2, 2), np.nan))
    bound_second: float = np.nan
    first_log_second: float = np.nan
    last_log_second: float = np.nan
    turns: pd.DataFrame = field(default_factory=lambda: no_turns())  # noqa: PLW0108 - defined below
    turns_used: int = 0
    turns_contradicted: int = 0
    half_cycles_checked: int = 0
    half_cycles_failed: int = 0
    scale: float = np.nan
    likeness: float = np.nan
    gap_second: float = 0.0
    lag_second: float = 0.0
    window_share: float = np.nan
    rivals: tuple[Rival, ...] = ()
    rests_on: RestsOn = "nothing"
    jump: Jump | None = None
    notes: tuple[str, ...] = ()

    @property
    def offset_u_second(self) -> float:
        """Standard error of the offset, s."""
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def drift_u_ppm(self) -> float:
        """Standard error of the drift, ppm."""
        return float(np.sqrt(self.covariance[1, 1]))

    @property
    def residual_second(self) -> float:
        """Root mean square of the residuals of the used turns, s; NaN without any."""
        left = self.turns.loc[self.turns["used"], "residual_second"].to_numpy(dtype=np.float64)
        return float(np.sqrt(np.mean(left**2))) if left.size else float("nan")

    def cycler_time(self, log_second: "Floats") -> "Floats":
        """Times of the logger on the cycler's clock, s.

        >>> Alignment("manual", "", offset_second=10.0, drift_ppm=100.0).cycler_time(np.array([1e6])).tolist()
        [1000110.0]
        """
        return self.offset_second + (1 + self.drift_ppm * 1e-6) * log_second


def no_turns() -> pd.DataFrame:
    """An empty table of turns."""
    names = ("cycler_second", "log_second", "residual_second", "u_second", "side")
    return pd.DataFrame({name: pd.Series(dtype=np.float64) for name in names} | {"used": pd.Series(dtype=np.bool_)})


def table_of_turns(trial: "Trial") -> pd.DataFrame:
    """The located turns of an alignment: times in s on both clocks, residual against its line and standard error."""
    times = trial.times
    return pd.DataFrame(
        {
            "cycler_second": times.log_second + trial.line.difference_at(times.log_second),
            "log_second": times.log_second,
            "residual_second": times.difference - trial.line.difference_at(times.log_second),
            "u_second": times.u,
            "side": times.side.astype(np.float64),
            "used": trial.used,
        }
    )


def offset_and_drift(line: "ClockLine") -> tuple[float, float, "Floats"]:
    """Offset in s, drift in ppm and their covariance, from a line about the middle of the log."""
    change = np.array([[1.0, -line.middle], [0.0, 1e6]])
    return line.offset, line.drift * 1e6, change @ line.covariance[:2, :2] @ change.T


def list_rivals(scene: "Scene", found: "Found") -> tuple[Rival, ...]:
    """The alignments that come nearest to the best one, those with the least against them first."""
    rivals = []
    for trial in found.trials[1 : SHOWN_RIVALS + 1]:
        apart = trial.line.difference - found.best.line.difference
        rivals.append(
            Rival(
                trial.line.offset,
                trial.line.drift * 1e6,
                apart / scene.programme.period_second,
                found.evidence(trial),
                found.is_excluded(trial),
                trial.is_witness,
                trial.likeness,
            )
        )
    return tuple(rivals)
