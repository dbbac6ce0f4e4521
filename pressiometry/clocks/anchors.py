"""A person's anchors override the search; the turns then only check, or refine on request (CLOCKS 6)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.clocks.alignment import Alignment, offset_and_drift, table_of_turns
from pressiometry.clocks.contradictions import FEWEST_TURNS, Trial, find_used, measure_gains
from pressiometry.clocks.expected import PPM, Anchor, Expected
from pressiometry.clocks.final_fit import fit_finally
from pressiometry.clocks.line import ClockLine
from pressiometry.clocks.scene import Scene, open_scene
from pressiometry.clocks.search import SEARCH_SHARE, Found
from pressiometry.clocks.verdict import BOUND_DEVIATIONS, BOUND_SAMPLES, LEAST_BOUND_SECOND
from pressiometry.errors import InvalidInputError

if TYPE_CHECKING:
    from pressiometry.clocks.traces import CyclerTrace, LogTrace

REFINE_WITHIN = 3.0
"""Turns are looked for within so many times the stated accuracy."""
SINGLE_DRIFT_U = 100 * PPM


def align_by_anchors(
    cycler: "CyclerTrace", log: "LogTrace", anchors: Sequence[Anchor], told: Expected | None = None, *,
    refine: bool = False,
) -> Alignment:  # fmt: skip
    """The clock that a person's anchors fix, verdict "manual"; the reason says whether the turns agree.

    One anchor fixes the offset (drift 0 +- 100 ppm), two or more a straight line.  `refine`: the turns within three
    times the stated accuracy fix the line where at least four do.  Raises InvalidInputError without an anchor, or
    where the anchors' drift is beyond what any clock does.
    """
    told = told or Expected()
    line = _line_of(anchors, log, told)
    scene = open_scene(cycler, log, replace(told, drift=line.drift, drift_u=max(line.drift_u, 10 * PPM)))
    accuracy = max(one.accuracy_second for one in anchors)
    trial = _check(scene, line, REFINE_WITHIN * accuracy if refine else None)
    solid = int(trial.used.sum()) >= FEWEST_TURNS
    if refine and solid:
        final = fit_finally(scene, Found([trial], measure_gains(trial.times), trial.line.scale))
        kept, lag, shown = final.trial.line, final.lag, final.trial
    else:
        kept, lag, shown = line, 0.0, Trial(line, trial.times, np.nan, is_witness=False, told=told)
        shown.used = trial.used
    offset, drift_ppm, covariance = offset_and_drift(kept)
    good_to = BOUND_DEVIATIONS * kept.end_u + float(np.hypot(kept.gap, lag))
    return Alignment(
        "manual", _in_words(line, trial, accuracy, scene, refined=refine and solid),
        offset_second=offset, drift_ppm=drift_ppm, covariance=covariance,
        bound_second=max(good_to, LEAST_BOUND_SECOND) + BOUND_SAMPLES * log.interval,
        first_log_second=float(log.second[0]), last_log_second=float(log.second[-1]), turns=table_of_turns(shown),
        turns_used=int(shown.used.sum()), scale=shown.line.scale, gap_second=kept.gap, lag_second=lag,
        rests_on="anchors",
    )  # fmt: skip


def _line_of(anchors: Sequence[Anchor], log: "LogTrace", told: Expected) -> ClockLine:
    """The straight line of least squares through the anchors; the drift of a single one is the expected one."""
    if not anchors or any(one.accuracy_second <= 0 for one in anchors):
        raise InvalidInputError("A clock set by hand needs an anchor, and the time to which it is good")
    where = np.array([one.log_second for one in anchors]) - log.middle
    what = np.array([one.cycler_second - one.log_second for one in anchors])
    weight = np.array([1 / one.accuracy_second**2 for one in anchors])
    several = np.ptp(where) > 0
    drift_weight = 0.0 if several else 1 / SINGLE_DRIFT_U**2
    drift = 0.0 if several else told.drift
    design = np.stack([np.ones_like(where), where], axis=1)
    normal = design.T @ (design * weight[:, None]) + np.diag([0.0, drift_weight])
    level, slope = np.linalg.solve(normal, design.T @ (weight * what) + np.array([0.0, drift_weight * drift]))
    if abs(slope) > told.drift_bound + 3 * np.sqrt(np.linalg.inv(normal)[1, 1]):
        raise InvalidInputError(
            f"These anchors make the logger's clock {slope * 1e6:+.0f} ppm fast or slow",
            remedy=f"No clock is further off than {told.drift_bound * 1e6:.0f} ppm, unless you raise that bound.",
        )
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = np.linalg.inv(normal)
    return ClockLine(float(level), float(slope), 0.0, log.middle, log.half_length, covariance, sign=told.sign or 1)


def _check(scene: Scene, line: ClockLine, reach: float | None) -> Trial:
    """Turns around the line that was set, and the line through them."""
    times = scene.locate(scene.programme.turns, line, SEARCH_SHARE, reach)
    trial = Trial(scene.fit(times, line), times, np.nan, is_witness=False, told=scene.told)
    trial.used = find_used(times, measure_gains(times))
    return trial


def _in_words(line: ClockLine, trial: Trial, accuracy: float, scene: Scene, *, refined: bool) -> str:
    if int(trial.used.sum()) < FEWEST_TURNS:
        return "Set by hand. Too few turns show in the log near it to check it."
    apart = abs(trial.line.difference - line.difference) + abs(trial.line.drift - line.drift) * line.half_length
    if refined:
        return f"Set by hand and refined by {int(trial.used.sum())} turns, by up to {apart:.1f} s."
    if apart <= max(accuracy, BOUND_DEVIATIONS * line.end_u) + scene.wanted_second:
        return f"Set by hand. The turns agree within {apart:.0f} s."
    return f"Set by hand. The turns disagree by {apart:.0f} s: kept as you set it."
