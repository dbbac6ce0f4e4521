"""A clock that lost time without showing it: two lines of one drift fit the turns where one does not (CLOCKS 6)."""

from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD
from pressiometry.clocks.alignment import Jump
from pressiometry.clocks.line import CLIPPED_Z2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.contradictions import Trial
    from pressiometry.clocks.expected import Expected
    from pressiometry.clocks.scene import Scene

    Floats = NDArray[np.float64]

BETTER_BY = 40.0
FEWEST_A_PART = 3
AGREEING = 0.75
"""Share of the turns that two lines must explain: the log of another cell has a step too, and more."""
REWEIGHTINGS = 6
MOST_PLACES = 60
WIDE_SHARE, WIDE_REACH = 0.45, 0.5
"""Window and reach, of a half-cycle, in which a lost time is looked for."""


def find_jump(where: "Floats", what: "Floats", u: "Floats", told: "Expected", least_second: float) -> Jump | None:
    """The step of the clock between turns (times of the logger, differences and errors in s), or None.

    Source: CLOCKS section 5 (two intercepts better by more than 40, step larger than the sample and 3 s).
    """
    if where.size < 2 * FEWEST_A_PART:
        return None
    order = np.argsort(where)
    where, what, u = where[order], what[order], u[order]
    z = np.diff(what) / np.hypot(u[1:], u[:-1])
    wide = u * max(MAD_TO_SD * float(np.median(np.abs(z))), 1.0)
    single, *_ = _fit(where, what, wide, told, where.size)
    places = np.unique(np.linspace(FEWEST_A_PART, where.size - FEWEST_A_PART, MOST_PLACES).astype(np.int64))
    fits = [_fit(where, what, wide, told, int(place)) for place in places]
    best = int(np.argmin([cost for cost, *_ in fits]))
    (cost, step, left), place = fits[best], int(places[best])
    agreeing = float((np.abs(left) <= np.maximum(4 * u, least_second)).mean())
    if single - cost <= BETTER_BY or abs(step) <= least_second or agreeing < AGREEING:
        return None
    return Jump(float(where[place - 1] + where[place]) / 2, step)


def _fit(where: "Floats", what: "Floats", u: "Floats", told: "Expected", place: int) -> "tuple[float, float, Floats]":
    """Clipped squares of a line with a step before `place`, the step and what is left, s; no step at the end."""
    after = (np.arange(where.size) >= place).astype(np.float64)
    design = np.stack([np.ones_like(where), (where - where.mean()), after], axis=1)
    prior = np.array([0.0, 1 / told.drift_u**2, 1e-12])
    weight, values = np.ones_like(u), np.zeros(3)
    values[1] = told.drift
    for _ in range(REWEIGHTINGS):
        strength = weight / u**2
        normal = design.T @ (design * strength[:, None]) + np.diag(prior)
        values = np.linalg.solve(normal, design.T @ (strength * what) + prior * np.array([0.0, told.drift, 0.0]))
        values[1] = np.clip(values[1], told.drift - told.drift_bound, told.drift + told.drift_bound)
        z = (what - design @ values) / u
        weight = 1 / (1 + z * z / CLIPPED_Z2)
    left = what - design @ values
    z = left / u
    cost = float(np.minimum(z * z, CLIPPED_Z2).sum()) + float(prior[1] * (values[1] - told.drift) ** 2)
    return cost, float(values[2]), left


def find_wide_jump(scene: "Scene", trial: "Trial") -> Jump | None:
    """The same with turns looked for up to half a half-cycle away."""
    reach = WIDE_REACH * scene.programme.half_cycle_second
    times = scene.locate(scene.programme.turns, trial.line, WIDE_SHARE, reach)
    used = times.is_inside & (times.k > 2 * times.k_u)
    return find_jump(times.log_second[used], times.difference[used], times.u[used], scene.told, scene.wanted_second)
