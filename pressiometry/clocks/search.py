"""Tries every candidate, and keeps what speaks against each (CLOCKS 4.3 to 4.8)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.clocks.coarse import find_candidates
from pressiometry.clocks.contradictions import (
    COST,
    USES_MOST,
    Gains,
    Trial,
    check_chunks,
    find_used,
    measure_gains,
)
from pressiometry.clocks.line import ClockLine, line_of_candidate

if TYPE_CHECKING:
    from pressiometry.clocks.coarse import Candidate
    from pressiometry.clocks.scene import Scene
    from pressiometry.clocks.turn_times import TurnTimes
    from pressiometry.clocks.turns import Turns

SEARCH_SHARE = 0.25
"""Window in which candidates are compared, of the neighbouring steps."""
FIRST_LOOK_TURNS, EXCLUDED_AT_ONCE = 36, 240.0
OPEN_ENOUGH = 24
"""After so many, best first, the others are looked at on a few turns only."""
EXCLUDED = 40.0
"""So much more badness excludes an alignment: fewer than three contradictions are not enough."""
EXCLUDED_BY_CHUNKS = 5
MOST_TURNS, MOST_ROUNDS = 0.6, 3


@dataclass
class Found:
    """All trials, the best first, and what they were judged by."""

    trials: list[Trial]
    gains: Gains
    scale: float

    @property
    def best(self) -> Trial:
        """The alignment with the least against it, witnesses left out."""
        return self.trials[0]

    def evidence(self, rival: Trial) -> float:
        """What speaks against a rival more than against the best."""
        return rival.badness - self.best.badness

    def is_excluded(self, rival: Trial) -> bool:
        """Whether the data contradict a rival; one with too few turns only by its half-cycles."""
        if not rival.can_be_judged and rival.chunks.failed - self.best.chunks.failed < EXCLUDED_BY_CHUNKS:
            return False
        return self.evidence(rival) >= EXCLUDED


def search(scene: "Scene") -> Found | None:
    """Try all candidates; None where nothing inside the stated start is alike."""
    candidates = find_candidates(scene.cycler, scene.log, scene.programme, scene.told)
    if not any(not one.is_witness for one in candidates):
        return None
    first = _try(scene, candidates[0], scene.programme.turns)
    trials = [first]
    gains, scale = measure_gains(first.times), 1.0
    _judge_best(scene, first, gains)
    for candidate in candidates[1:]:
        trials.append(_try_rival(scene, candidate, trials, gains))
    trials = [trial for trial in trials if not _is_double(trial, trials, scene)]
    best = first
    for _ in range(MOST_ROUNDS):
        gains, scale = measure_gains(best.times), _common_scale(trials)
        _judge_best(scene, best, gains)
        for trial in trials:
            trial.chunks = check_chunks(scene, trial.line, gains.usual)
            trial.judge(gains, scale, unusable_counts=trial is not best and best.used_share >= USES_MOST)
        former, best = best, _best_of(trials)
        if best is former:
            break
    rest = sorted((one for one in trials if one is not best), key=lambda one: one.badness)
    return Found([best, *rest], gains, scale)


def _common_scale(trials: list[Trial]) -> float:
    """The least scatter, in standard errors, of any alignment that uses most of the turns.

    No rival may excuse itself by its own scatter (CLOCKS trap 6), not even the one that is most alike.
    """
    most = max(int(one.used.sum()) for one in trials)
    return min(max(one.line.scale, 1.0) for one in trials if one.used.sum() >= MOST_TURNS * most)


def _best_of(trials: list[Trial]) -> Trial:
    """The least bad alignment inside the stated start; of equals the one that is most alike."""
    inside = [one for one in trials if not one.is_witness]
    judged = [one for one in inside if one.can_be_judged] or inside
    least = min(one.badness for one in judged)
    return max((one for one in judged if one.badness <= least + COST / 4), key=lambda one: one.likeness)


def _judge_best(scene: "Scene", trial: Trial, gains: Gains) -> None:
    trial.chunks = check_chunks(scene, trial.line, gains.usual)
    trial.judge(gains, max(trial.line.scale, 1.0), unusable_counts=False)


def _try(
    scene: "Scene", candidate: "Candidate", turns: "Turns", gains: Gains | None = None, *, passes: int = 2
) -> Trial:
    """Locate the turns of a candidate, fit, locate again nearer, fit."""
    times = scene.locate(turns, line_of_candidate(candidate, scene.log), SEARCH_SHARE)
    line = scene.fit(times, line_of_candidate(candidate, scene.log), gains)
    trial = _trial(scene, line, times, candidate, gains)
    for _ in range(passes):
        if not trial.used.any():
            break
        times = scene.locate(turns, trial.line, SEARCH_SHARE, scene.reach(trial))
        trial = _trial(scene, scene.fit(times, trial.line, gains), times, candidate, gains)
    return trial


def _trial(
    scene: "Scene", line: ClockLine, times: "TurnTimes", candidate: "Candidate", gains: Gains | None
) -> Trial:  # fmt: skip
    trial = Trial(line, times, candidate.likeness, candidate.is_witness, scene.told)
    trial.used = find_used(times, gains or measure_gains(times))
    return trial


def _try_rival(scene: "Scene", candidate: "Candidate", trials: list[Trial], gains: Gains) -> Trial:
    """Try a rival on a few turns first: what already speaks strongly against it need not be measured further."""
    turns, best = scene.programme.turns, trials[0]
    few = np.unique(np.linspace(0, len(turns) - 1, min(FIRST_LOOK_TURNS, len(turns))).astype(np.int64))
    trial = _try(scene, candidate, turns.some(few), gains, passes=0)
    trial.chunks = check_chunks(scene, trial.line, gains.usual)
    trial.judge(gains, max(best.line.scale, 1.0), unusable_counts=best.used_share >= USES_MOST)
    if trial.badness - best.badness > EXCLUDED_AT_ONCE or len(trials) > OPEN_ENOUGH:
        return trial
    return _try(scene, candidate, turns, gains)


def _is_double(trial: Trial, trials: list[Trial], scene: "Scene") -> bool:
    """Whether an earlier trial has come to the same line."""
    for other in trials:
        if other is trial:
            return False
        if abs(other.line.difference - trial.line.difference) < scene.programme.half_cycle_second / 4:
            return True
    return False
