"""Whether an alignment may be used: accepted, coarse, ambiguous or refused, and why, in plain words (CLOCKS 5)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD
from pressiometry.clocks.alignment import Alignment, Jump, list_rivals, offset_and_drift, table_of_turns
from pressiometry.clocks.contradictions import FEWEST_TURNS
from pressiometry.clocks.jumps_of_clock import find_jump, find_wide_jump

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pressiometry.clocks.alignment import RestsOn, Verdict
    from pressiometry.clocks.contradictions import Trial
    from pressiometry.clocks.final_fit import FinalFit
    from pressiometry.clocks.scene import Scene
    from pressiometry.clocks.search import Found

AGREEING, FAILING = 0.75, 0.34
SCATTER_OF_HALF, SCATTER_SAMPLES = 0.03, 1.5
SCATTER_SCALE, SCATTER_SECOND = 3.0, 10.0
LEAST_LIKENESS = 0.3
AT_BOUND = 0.97
WITNESS_BETTER, WITNESS_TURNS, FAR_DEVIATIONS = 40.0, 0.10, 4.0
WIDE_BELOW = 0.9
BOUND_DEVIATIONS, LEAST_BOUND_SECOND, BOUND_SAMPLES = 2.5, 5.0, 0.02
FEWEST_WINDOWS = 6
"""Fewer windows of a drive cycle leave too little over to tell how good the line through them is."""
UNSEEN_OF_STAMP = 0.5
"""Where in a stamp that was cut off its rows lie is not known to half an interval (CLOCKS trap 8)."""
SAME_DURATION_SECOND = 3.0
HOUR, DAY, NEAR_SECOND = 3600.0, 86_400.0, 60.0
BASIS = {"data": "the data", "start time": "your start time"}
WHOSE = "is this the log of this cell?"


@dataclass(frozen=True, slots=True)
class Findings:
    """Numbers that the verdict rests on, seconds where not said."""

    located: int
    used: int
    agreeing: float
    scatter: float
    jump: Jump | None


def examine(scene: "Scene", found: "Found", final: "FinalFit") -> Findings:
    """Agreement and scatter of the turns, and whether the clock jumped."""
    best = found.best
    near = np.abs(best.residual) <= np.maximum(4 * best.line.scale * best.times.u, scene.wanted_second)
    agreeing = float((best.used & near).mean()) if len(best.times) else 0.0
    left = final.trial.residual[final.trial.used]
    scatter = MAD_TO_SD * float(np.median(np.abs(left))) if left.size else float("inf")
    jump = None if scene.programme.is_drive else _jump(scene, final.trial, min(agreeing, best.used_share))
    return Findings(len(best.times), int(best.used.sum()), agreeing, scatter, jump)


def _jump(scene: "Scene", trial: "Trial", agreeing: float) -> Jump | None:
    times, used = trial.times, trial.used
    what = times.difference - trial.line.gap * times.side
    near = find_jump(times.log_second[used], what[used], times.u[used], scene.told, scene.wanted_second)
    return near if near is not None or agreeing >= WIDE_BELOW else find_wide_jump(scene, trial)


def refuse(scene: "Scene", found: "Found", final: "FinalFit", seen: Findings) -> str | None:
    """Why the log cannot be aligned, or None.  Source: CLOCKS section 5."""
    return next(_objections(scene, found, final, seen), None)


def _objections(scene: "Scene", found: "Found", final: "FinalFit", seen: Findings) -> "Iterator[str]":
    best, bound = found.best, scene.told.drift_bound
    failed, checked = best.chunks.failed, best.chunks.checked
    most = max(SCATTER_OF_HALF * scene.programme.half_cycle_second, SCATTER_SAMPLES * scene.log.interval)
    large = final.scale > SCATTER_SCALE and seen.scatter > max(scene.log.interval, SCATTER_SECOND)
    if seen.used < FEWEST_TURNS:
        yield f"Only {seen.used} turns of the current show in the log, at least {FEWEST_TURNS} are needed; {WHOSE}"
    if seen.jump is not None:
        yield (
            f"The logger's clock jumps by {seen.jump.step_second:+.0f} s at {seen.jump.log_second:.0f} s of its time: "
            "split the log there, or say when each part started"
        )
    if seen.agreeing < AGREEING:
        yield f"Only {100 * seen.agreeing:.0f} % of {seen.located} turns agree with one clock; {WHOSE}"
    if failed > FAILING * checked:
        yield f"{failed} of {checked} half-cycles do not swing as the charge says; {WHOSE}"
    if seen.scatter > most or large:
        yield f"The turns scatter by {seen.scatter:.0f} s about one clock; {WHOSE}"
    if best.likeness < LEAST_LIKENESS:
        yield f"Pressure and charge are hardly alike (correlation {best.likeness:.2f}); {WHOSE}"
    if abs(final.trial.line.drift - scene.told.drift) >= AT_BOUND * bound:
        yield (
            f"The best drift is at its bound of {bound * 1e6:.0f} ppm: raise it where the logger's clock is known to "
            f"be poor, or ask: {WHOSE}"
        )
    overruled = _overruled(scene, found)
    if overruled is not None:
        yield overruled


def _overruled(scene: "Scene", found: "Found") -> str | None:
    """Whether an alignment outside the stated start is so much better that the start must be wrong."""
    best = found.best
    far = np.abs(best.residual) > FAR_DEVIATIONS * found.scale * best.times.u
    against = float((best.absent | ~best.used | far).mean())
    better = [one for one in found.trials if one.is_witness and found.evidence(one) < -WITNESS_BETTER]
    if not better or against < WITNESS_TURNS:
        return None
    apart = better[0].line.difference - best.line.difference
    return (
        f"Outside the stated start, {apart:+.0f} s ({apart / scene.programme.period_second:+.1f} cycles) away, the log "
        f"fits far better{_hint(apart)}: check the start time"
    )


def conclude(scene: "Scene", found: "Found", final: "FinalFit") -> Alignment:
    """The alignment with its verdict, bound, rivals and notes.  Source: CLOCKS section 5."""
    seen = examine(scene, found, final)
    line = final.trial.line
    good_to = BOUND_DEVIATIONS * line.end_u + float(np.hypot(line.gap, final.lag))
    unseen = UNSEEN_OF_STAMP if scene.log.stamps_truncated else BOUND_SAMPLES
    bound = max(good_to, LEAST_BOUND_SECOND) + unseen * scene.log.interval
    open_rivals = [one for one in found.trials[1:] if not found.is_excluded(one)]
    rests_on: RestsOn = "start time" if open_rivals else "data"
    inside = [one for one in open_rivals if not one.is_witness]
    verdict: Verdict
    refusal = refuse(scene, found, final, seen)
    if refusal is not None:
        verdict, reason, rests_on = "refused", refusal, "nothing"
    elif inside:
        verdict, reason, rests_on = "ambiguous", _ambiguous(scene, found, inside), "nothing"
    elif good_to > scene.wanted_second or (scene.programme.is_drive and seen.used < FEWEST_WINDOWS):
        verdict = "coarse"
        reason = (
            f"Time good to ±{bound:.0f} s; the cycle rests on {BASIS[rests_on]}. "
            "Good for fits over a half-cycle, not for values at its ends"
        )
    else:
        verdict = "accepted"
        reason = (
            f"Offset {line.offset:.1f} s, drift {line.drift * 1e6:.0f} ppm, good to ±{bound:.0f} s over the whole "
            f"record ({seen.used} turns)"
        )
    offset, drift_ppm, covariance = offset_and_drift(line)
    return Alignment(
        verdict=verdict, reason=f"{reason.rstrip('?')}{'?' if reason.endswith('?') else '.'}", offset_second=offset,
        drift_ppm=drift_ppm, covariance=covariance, bound_second=bound, first_log_second=float(scene.log.second[0]),
        last_log_second=float(scene.log.second[-1]), turns=table_of_turns(final.trial),
        turns_used=int(final.trial.used.sum()), turns_contradicted=int(found.best.absent.sum()),
        half_cycles_checked=found.best.chunks.checked, half_cycles_failed=found.best.chunks.failed, scale=line.scale,
        likeness=found.best.likeness, gap_second=line.gap, lag_second=final.lag, window_share=final.share,
        rivals=list_rivals(scene, found), rests_on=rests_on, jump=seen.jump, notes=_notes(scene),
    )  # fmt: skip


def _ambiguous(scene: "Scene", found: "Found", open_rivals: "list[Trial]") -> str:
    best = found.best.line
    apart = sorted((one.line.difference - best.difference for one in open_rivals), key=abs)
    named = ", ".join(f"{best.offset + one:.0f} s" for one in [0.0, *apart[:3]])
    hint = next((_hint(one) for one in apart if _hint(one)), "")
    return (
        f"{len(apart) + 1} offsets fit equally well{hint}, among them {named}: give a start time good to "
        f"±{scene.programme.period_second / 2 / 60:.0f} min, or mark one turn in both records"
    )


def _hint(apart_second: float) -> str:
    """A usual mistake that makes two clocks differ by so much."""
    if any(abs(abs(apart_second) - known) <= NEAR_SECOND for known in (HOUR, DAY)):
        return " (summer time, or another time zone?)"
    return ""


def _notes(scene: "Scene") -> tuple[str, ...]:
    """What a person should know whatever the verdict."""
    notes = []
    durations = scene.programme.durations
    if durations.size and _is_timed(scene):
        notes.append(
            "The half-cycles all last equally long, as a timer makes them: the data cannot tell whose log this is."
        )
    if scene.log.stamps_truncated:
        notes.append("Time stamps repeat: they were taken as cut off, and their rows spread evenly.")
    if scene.log.spikes:
        notes.append(f"{scene.log.spikes} single samples far from their neighbours were left out.")
    return tuple(notes)


def _is_timed(scene: "Scene") -> bool:
    """Whether half-cycles of one direction last equally long, within a few seconds."""
    steps = scene.programme.steps
    inner = slice(1, -1)
    sign, seconds = steps.sign[inner], steps.seconds[inner]
    whole = seconds > scene.programme.half_cycle_second / 2
    spreads = [float(np.std(seconds[whole & (sign == one)])) for one in (1, -1) if (whole & (sign == one)).any()]
    return bool(spreads) and max(spreads) < SAME_DURATION_SECOND
