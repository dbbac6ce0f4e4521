"""One log, or the parts of one that was restarted: each part its own offset, all of them one drift (CLOCKS 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pressiometry.clocks.alignment import Alignment
from pressiometry.clocks.expected import PPM, Expected, StartRange
from pressiometry.clocks.final_fit import fit_finally
from pressiometry.clocks.scene import open_scene
from pressiometry.clocks.search import search
from pressiometry.clocks.verdict import WHOSE, conclude

if TYPE_CHECKING:
    from pressiometry.clocks.traces import CyclerTrace, LogTrace

DRIFT_DEVIATIONS, LEAST_DRIFT_U = 2.0, 3 * PPM
DRIFT_WITHIN = 5.0
"""The drift of a later part lies within so many of its prior's deviations."""
USABLE = ("accepted", "coarse")


def align_log(cycler: "CyclerTrace", log: "LogTrace", told: Expected | None = None) -> Alignment:
    """The alignment of one segment of a log with a cycler's record; its verdict says whether it may be used.

    Needs nothing of the pressure's unit.  Never raises for data that do not fit: that is a refusal with its reason.
    Source: CLOCKS sections 2 to 5.
    """
    told = told or Expected()
    if not (cycler.ampere != 0).any():
        return Alignment("refused", "No current flows in the cycler's record: nothing to align with.")
    scene = open_scene(cycler, log, told)
    if len(scene.programme.turns) == 0:
        return Alignment("refused", "The current never turns in the cycler's record: nothing to align with.")
    found = search(scene)
    if found is None:
        where = "within the stated start" if told.start is not None else "at any offset"
        return Alignment("refused", f"Pressure and charge are not alike {where}; {WHOSE}")
    return conclude(scene, found, fit_finally(scene, found))


def align_segments(
    cycler: "CyclerTrace", parts: Sequence["LogTrace"], told: Expected | None = None, *,
    starts: Mapping[int, StartRange] | None = None,
) -> list[Alignment]:  # fmt: skip
    """The alignments of the parts of one log, in their order.

    `told.start` is that of the first part, `starts` those of others.  A part lies after the one before it and before
    the one after it, within `told.back_within_second`.  The first accepted part fixes the drift for the others.
    Source: CLOCKS section 6.
    """
    told = told or Expected()
    known = dict(starts or {})
    if told.start is not None:
        known.setdefault(0, told.start)
    done: dict[int, Alignment] = {}
    while len(done) < len(parts):
        k = _next(parts, known, done)
        start = known.get(k) or _between(cycler, parts, done, k, told.back_within_second)
        done[k] = align_log(cycler, parts[k], replace(_with_drift(told, done), start=start))
    return [done[k] for k in range(len(parts))]


def _next(parts: Sequence["LogTrace"], known: Mapping[int, StartRange], done: Mapping[int, Alignment]) -> int:
    """The next part: with a known start, then beside an accepted one, then the longest."""
    usable = {k for k, one in done.items() if one.verdict in USABLE}
    left = [k for k in range(len(parts)) if k not in done]
    return min(left, key=lambda k: (k not in known, not usable & {k - 1, k + 1}, -parts[k].half_length, k))


def _with_drift(told: Expected, done: Mapping[int, Alignment]) -> Expected:
    sure = [one for one in done.values() if one.verdict == "accepted"]
    if not sure:
        return told
    first = min(sure, key=lambda one: one.drift_u_ppm)
    u = max(DRIFT_DEVIATIONS * first.drift_u_ppm * PPM, LEAST_DRIFT_U)
    return replace(told, drift=first.drift_ppm * PPM, drift_u=u, drift_bound=min(DRIFT_WITHIN * u, told.drift_bound))


def _between(
    cycler: "CyclerTrace", parts: Sequence["LogTrace"], done: Mapping[int, Alignment], k: int, within: float | None
) -> StartRange | None:
    """Limits of a part's start from its accepted neighbours, s; None without any."""
    usable = {j: one for j, one in done.items() if one.verdict in USABLE}
    before = max((j for j in usable if j < k), default=None)
    after = min((j for j in usable if j > k), default=None)
    if before is None and after is None:
        return None
    first, length = float(parts[k].second[0]), 2 * parts[k].half_length
    low, high = float(cycler.second[0]) - first - length, float(cycler.second[-1]) - first
    if before is not None:
        end = float(usable[before].cycler_time(parts[before].second[-1:])[0])
        low = end - first - usable[before].bound_second
        high = min(high, low + within) if within is not None and before == k - 1 else high
    if after is not None:
        begin = float(usable[after].cycler_time(parts[after].second[:1])[0])
        high = min(high, begin - length - first + usable[after].bound_second)
        low = max(low, high - within) if within is not None and after == k + 1 else low
    return StartRange(low, max(high, low))
