"""How well two clocks are put together: verdicts, errors and intervals over many simulated cells, beside the naive way.

python -m benchmarks.clocks [--seeds 100] [--only WORD]      synthetic cells (demo/two_clocks.py)
"""

import argparse
from collections import Counter
from dataclasses import dataclass, field, replace
from time import process_time

import numpy as np

from benchmarks.bars import Bar
from demo.disturbances import HARSH, TYPICAL, UNDISTURBED, Disturbances
from demo.two_clocks import Cycling, Logging, Mechanics, TwoClocks, simulate_two_clocks, with_spikes
from pressiometry.clocks import Alignment, Expected, align_log, align_segments, start_within, trace_cycler, trace_log

SPRING = 1 / 12.6
TYPICAL_STEADY, HARSH_STEADY = replace(TYPICAL, ripple_kelvin=0.0), replace(HARSH, ripple_kelvin=0.0)
WRONG_CELL = 1000
"""Added to the seed of the cell whose log is taken for this one's."""


@dataclass(frozen=True)
class Case:
    """One line of the table: what is simulated, and what is told to the alignment."""

    name: str
    cycling: Cycling = field(default_factory=Cycling)
    logging: Logging | None = None  # None: offset within 50 min, drift within 100 ppm
    mechanics: Mechanics = field(default_factory=Mechanics)
    wrong_capacity: float = 0.0  # the log is that of another cell, its capacity off by so much (sd)
    start_off_cycles: float = 0.0
    start_share: float = 0.5  # half-width of the stated start, of a period
    expected: Expected = field(default_factory=Expected)
    logging_changes: dict[str, float] = field(default_factory=dict)
    spikes: float = 0.0
    is_wrong: bool = False


def _sizes(sizes: Disturbances, factor: float = 1.0, kappa: float | None = None) -> Disturbances:
    return replace(
        sizes, slip_mpa=sizes.slip_mpa * factor, kappa_mpa_per_kelvin=kappa or sizes.kappa_mpa_per_kelvin * factor
    )


CELL = Cycling(cycles=20, fade_per_cycle=0.001, scatter=0.004, flat_around_second=1800.0)
DAYS_3, DAYS_14 = Cycling(cycles=17), Cycling(cycles=85)
REAL = Mechanics(creep=0.03, bow=0.04, disturbances=TYPICAL_STEADY)
ROUGH = Mechanics(creep=0.03, bow=0.04, disturbances=HARSH_STEADY)
REAL_OVEN = replace(REAL, disturbances=TYPICAL)
ROUGH_OVEN = replace(ROUGH, disturbances=HARSH)
WEAK = Mechanics(SPRING, creep=0.03, bow=0.04, disturbances=_sizes(TYPICAL_STEADY, SPRING))
WEAK_WARM = Mechanics(SPRING, creep=0.03, bow=0.04, disturbances=_sizes(TYPICAL_STEADY, SPRING, 0.06))
QUIET = Mechanics(disturbances=replace(UNDISTURBED, sensor_mpa=0.004))
CREEPING = Mechanics(creep=0.10, bow=0.04, hysteresis=0.03, disturbances=TYPICAL_STEADY)
HOUR = Cycling(cycles=40, half_cycle_second=3600.0, rest_second=0.0)

CASES = [
    Case("strictly periodic, 3 d, offset 137 s", DAYS_3, Logging(137.0), QUIET),
    Case("strictly periodic, 3 d, logger 20 000 s late", DAYS_3, Logging(137.0, late_second=20_000.0), QUIET),
    Case("strictly periodic, 14 d, 100 ppm", DAYS_14, Logging(137.0, 100.0), QUIET),
    Case("strictly periodic, 14 d, 100 ppm, typical noise", DAYS_14, Logging(137.0, 100.0), REAL),
    Case("full cell, 20 cycles, typical", CELL, mechanics=REAL),
    Case("full cell, harsh noise", CELL, mechanics=ROUGH),
    Case("oven that ripples, typical", CELL, mechanics=REAL_OVEN),
    Case("oven that ripples, harsh", CELL, mechanics=ROUGH_OVEN),
    Case("spring rig, swing 23 counts", CELL, mechanics=WEAK),
    Case("spring rig, strong temperature noise", CELL, mechanics=WEAK_WARM),
    Case("logger every 60 s", CELL, mechanics=REAL, logging_changes={"interval_second": 60.0}),
    Case("logger every 300 s", CELL, mechanics=REAL, logging_changes={"interval_second": 300.0}),
    Case("symmetric, 1 h + 1 h, sign unknown", HOUR, mechanics=REAL, start_share=0.25, expected=Expected(sign=None)),
    Case("2 cycles only", replace(CELL, cycles=2), mechanics=REAL),
    Case("one slow formation cycle, then periodic", Cycling(cycles=15, formation_factor=5.0), mechanics=REAL),
    Case("flat before and after, periodic", Cycling(cycles=15, flat_around_second=30_000.0), mechanics=REAL),
    Case("4 missing stretches", CELL, mechanics=REAL, logging_changes={"holes": 4}),
    Case("short circuit in cycle 19 of 20, periodic", Cycling(short_in_cycle=19), mechanics=REAL),
    Case("drift 3000 ppm, bound 5000", CELL, Logging(900.0, 3000.0), REAL,
         expected=Expected(drift_u=2000e-6, drift_bound=5000e-6)),
    Case("1-h rests", replace(CELL, rest_second=3600.0), mechanics=REAL),
    Case("cycler rows every 30 s, none at the edges", replace(CELL, edge_rows=False), mechanics=REAL),
    Case("minute stamps, 0.2 % spikes", CELL, mechanics=REAL, spikes=0.002,
         logging_changes={"truncated_to_second": 60.0}),
    Case("creep 10 %, hysteresis 3 %", CELL, mechanics=CREEPING),
    Case("another cell, capacity 2 % off", CELL, mechanics=REAL, wrong_capacity=0.02, is_wrong=True),
    Case("another cell, capacity 0.3 % off", CELL, mechanics=REAL, wrong_capacity=0.003, is_wrong=True),
    Case("another cell, capacity 2 % off, spring rig", CELL, mechanics=WEAK, wrong_capacity=0.02, is_wrong=True),
    Case("log without cycling", CELL, mechanics=replace(REAL, cell="none"), is_wrong=True),
    Case("log of a symmetric cell", CELL, mechanics=REAL, wrong_capacity=-1.0, is_wrong=True),
    Case("1800 s lost unseen", CELL, mechanics=REAL, logging_changes={"lost_second": 1800.0}, is_wrong=True),
    Case("300 s lost unseen", CELL, mechanics=REAL, logging_changes={"lost_second": 300.0}, is_wrong=True),
    Case("start stated one cycle wrong, full cell", CELL, mechanics=REAL, start_off_cycles=1.0, is_wrong=True),
    Case("start stated one cycle wrong, spring rig", CELL, mechanics=WEAK, start_off_cycles=1.0, is_wrong=True),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of one seed."""

    verdict: str
    error: float
    bound: float
    cpu: float
    right_cycle: bool
    naive_error: float
    reason: str
    within: float


def simulate(case: Case, seed: int) -> tuple[TwoClocks, float]:
    """Both records of one seed, and the period in s."""
    rng = np.random.default_rng([seed, 7])
    cycling = case.cycling
    if cycling is not HOUR:
        rest = cycling.rest_second if cycling.rest_second > 900 else rng.uniform(120, 900)  # noqa: PLR2004 - 15 min
        cycling = replace(cycling, half_cycle_second=rng.uniform(6000, 7200), rest_second=rest)
    logging = case.logging or Logging(rng.uniform(-3000, 3000), rng.uniform(-100, 100))
    logging = replace(logging, **case.logging_changes)  # type: ignore[arg-type]
    pair = simulate_two_clocks(cycling, logging, case.mechanics, seed)
    if case.wrong_capacity:
        other = HOUR if case.wrong_capacity < 0 else replace(
            cycling, half_cycle_second=cycling.half_cycle_second * (1 + case.wrong_capacity * rng.normal())
        )  # fmt: skip
        log = simulate_two_clocks(other, logging, case.mechanics, seed + WRONG_CELL)
        pair = replace(pair, log_second=log.log_second, log_mpa=log.log_mpa)
    pair = with_spikes(pair, case.spikes, seed) if case.spikes else pair
    return pair, 2 * (cycling.half_cycle_second + cycling.rest_second)


def run_case(case: Case, seed: int, *, start_known: bool) -> Run:
    """Align one seed and compare with the truth."""
    pair, period = simulate(case, seed)
    rng = np.random.default_rng([seed, 8])
    cycler, log = trace_cycler(pair.cycler_second, pair.cycler_ampere), trace_log(pair.log_second, pair.log_mpa)[0]
    true = pair.true_cycler_time(log.second)
    expected = case.expected
    if start_known:
        half = case.start_share * period
        centre = float(true[0] - log.second[0]) + rng.uniform(-0.9, 0.9) * half / 2 + case.start_off_cycles * period
        expected = replace(expected, start=start_within(centre, half))
    began = process_time()
    found = align_log(cycler, log, expected)
    cpu = process_time() - began
    error = float(np.abs(found.cycler_time(log.second) - true).max())
    naive = naive_shift(pair)
    naive_error = float(np.abs(log.second + naive - true).max())
    within = log.interval + 3
    return Run(found.verdict, error, found.bound_second, cpu, error < period / 4, naive_error, found.reason, within)


def naive_shift(pair: TwoClocks) -> float:
    """The constant shift at which the plain cross-correlation of charge and pressure is largest, s."""
    cycler = trace_cycler(pair.cycler_second, pair.cycler_ampere)
    step = 30.0
    grid = np.arange(cycler.second[0], cycler.second[-1], step)
    charge = cycler.charge_at(grid)
    own = np.arange(pair.log_second.min(), pair.log_second.max(), step)
    order = np.argsort(pair.log_second, kind="stable")
    pressure = np.interp(own, pair.log_second[order], pair.log_mpa[order])
    size = 1 << (grid.size + own.size).bit_length()
    both = np.fft.rfft(charge - charge.mean(), size) * np.conj(np.fft.rfft(pressure - pressure.mean(), size))
    lag = int(np.argmax(np.fft.irfft(both, size)))
    return float((lag if lag < size // 2 else lag - size) * step + grid[0] - own[0])


def run_restart(seed: int) -> tuple[list[Alignment], list[float]]:
    """Align a log that was restarted in the middle; only the first start is known, and that power was back in 2 h."""
    rng = np.random.default_rng([seed, 9])
    cycling = replace(CELL, half_cycle_second=rng.uniform(6000, 7200), rest_second=rng.uniform(120, 900))
    middle = cycling.cycles * (cycling.half_cycle_second + cycling.rest_second) + rng.uniform(-5000, 5000)
    pause = rng.uniform(60, 6000)
    logging = Logging(
        rng.uniform(-3000, 3000), rng.uniform(-100, 100), restart_second=middle, restart_pause_second=pause
    )
    pair = simulate_two_clocks(cycling, logging, REAL, seed)
    parts = trace_log(pair.log_second, pair.log_mpa)
    first = float(pair.true_cycler_time(parts[0].second[:1])[0] - parts[0].second[0])
    expected = Expected(start=start_within(first + 1000, 4000), back_within_second=7200.0)
    found = align_segments(trace_cycler(pair.cycler_second, pair.cycler_ampere), parts, expected)
    pace = 1 + logging.drift_ppm * 1e-6
    starts = [logging.offset_second, found[0].cycler_time(parts[0].second[-1:])[0]]
    # the second part's zero is the first sample after the pause
    samples = np.ceil((middle + pause - float(pair.true_cycler_time(parts[0].second[:1])[0])) / (10.0 * pace))
    starts[1] = float(pair.true_cycler_time(parts[0].second[:1])[0]) + samples * 10.0 * pace
    starts[1] -= pace * float(parts[1].second[0])
    errors = [
        float(np.abs(one.cycler_time(part.second) - (start + pace * part.second)).max())
        for one, part, start in zip(found, parts, starts, strict=True)
    ]
    return found, errors


def show(case: Case, runs: list[Run], *, start_known: bool) -> Counter[str]:
    """Print one line of the table; return the counts."""
    counts: Counter[str] = Counter(run.verdict for run in runs)
    kept = [run for run in runs if run.verdict == "accepted"]
    errors = [run.error for run in kept] or [float("nan")]
    false = [run for run in kept if case.is_wrong or run.error > run.within or not run.right_cycle]
    usable = [run for run in runs if run.verdict in {"accepted", "coarse"} and not case.is_wrong]
    covered = np.mean([run.error <= run.bound for run in usable]) if usable else np.nan
    coarse = [run.error for run in runs if run.verdict == "coarse"]
    counts["false"], counts["usable"] = len(false), len(usable)
    counts["covered"] = sum(run.error <= run.bound for run in usable)
    counts["coarse_wrong_cycle"] = sum(run.verdict == "coarse" and not run.right_cycle for run in runs)
    print(
        f"{case.name:48s} {'start known ' if start_known else 'unknown     '}"
        f"{'/'.join(str(counts[v]) for v in ('accepted', 'coarse', 'ambiguous', 'refused')):>12s} of {len(runs):3d}; "
        f"error median {np.median(errors):5.1f} p95 {np.percentile(errors, 95):5.1f} max {max(errors):6.1f} s"
        f"{f', coarse p95 {np.percentile(coarse, 95):.0f}' if coarse else ''}; false {len(false)}, "
        f"covered {100 * covered:.0f} %; naive median {np.median([r.naive_error for r in runs]):.0f} s; "
        f"cpu {np.median([r.cpu for r in runs]):.2f} s",
        flush=True,
    )
    return counts


def run(*, large: bool) -> list[Bar]:
    """Print the table of CLOCKS section 7 for synthetic cells and return its bars; `large`: 100 seeds a case."""
    return study(100 if large else 10)


def study(number: int, only: str = "") -> list[Bar]:
    """Print the table for so many seeds, of the cases whose name has `only`, and return its bars."""
    total: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    wrong: Counter[str] = Counter()
    for case in CASES:
        if only not in case.name:
            continue
        for start_known in (True, False):
            if case.start_off_cycles and not start_known:
                continue
            runs = [run_case(case, seed, start_known=start_known) for seed in range(number)]
            counts = show(case, runs, start_known=start_known)
            (wrong if case.is_wrong else total[start_known]).update(counts)
    if only in "restart":
        print("restart in the middle:", *_restarts(number))
    known, unknown = total[True], total[False]
    covered = 100 * (known["covered"] + unknown["covered"]) / max(known["usable"] + unknown["usable"], 1)
    return [
        Bar("false acceptances without a start time", unknown["false"], 0),
        Bar(
            "false acceptances with a start time, of 200 accepted", 200 * known["false"] / max(known["accepted"], 1), 1
        ),
        Bar("accepted logs that are wrong", wrong["accepted"], 0),
        Bar("shown bounds that hold, %", covered, 95, at_least=True),
    ]


def _restarts(number: int) -> tuple[str, ...]:
    results = [run_restart(seed) for seed in range(number)]
    both = [errors for found, errors in results if all(one.verdict == "accepted" for one in found)]
    verdicts = Counter("+".join(one.verdict for one in found) for found, _ in results)
    return (
        f"{len(both)} of {number} both accepted,",
        f"max error {max(map(max, both), default=np.nan):.1f} s;",
        str(dict(verdicts)),
    )


def main() -> None:
    """Run the study from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clocks", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="cases whose name has this")
    chosen = parser.parse_args()
    for bar in study(chosen.seeds, chosen.only):
        print(bar)


if __name__ == "__main__":
    main()
