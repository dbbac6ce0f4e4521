"""What is wrong with a cycle: codes, what they mean, and which of them keep a cycle out of trends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pressiometry.averages import median
from pressiometry.indicators import FEW_SAMPLES
from pressiometry.normalise import REFERENCE_CYCLES
from pressiometry.past import NO_PAST, Past

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pressiometry.facts import CellFacts
    from pressiometry.legs import MeasuredHalf
    from pressiometry.mechanical import Mechanical
    from pressiometry.pairing import Cycle

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class QualityCode:
    """One finding about a cycle: what it means, and whether it masks the cycle."""

    code: str
    meaning: str
    masks: bool


def _table(*codes: QualityCode) -> dict[str, QualityCode]:
    return {code.code: code for code in codes}


QUALITY_CODES = _table(
    QualityCode("in_progress", "The cycle is not finished", masks=True),
    QualityCode("no_charge", "A discharge without a charge before it", masks=False),
    QualityCode("no_discharge", "The discharge is missing or below 10 % of the cell's own", masks=True),
    QualityCode("record_gap", "Records are missing for more than five intervals while current flowed", masks=False),
    QualityCode("end_not_recorded", "Records are missing where a step begins or ends", masks=True),
    QualityCode("low_coverage", "More than 2 % of a step lacks samples of the mechanical signal", masks=True),
    QualityCode("few_samples", "A step has fewer than 20 samples: its first or last one is used", masks=False),
    QualityCode("saturated", "The mechanical signal stays at the limit of its range", masks=True),
    QualityCode("stuck_sensor", "The mechanical signal does not move while current flows", masks=True),
    QualityCode("signal_step", "The mechanical signal jumps: a tare, a re-torque or a slipped zero", masks=True),
    QualityCode("outlier_samples", "A single sample far off its neighbours lies where a line is fitted", masks=True),
    QualityCode("temperature_excursion", "The temperature range is more than 0.8 K above the cell's usual", masks=True),
    QualityCode("changed_c_rate", "The current differs by more than 5 % from the cycles before", masks=True),
    QualityCode("logged_event", "A logged event falls into the cycle", masks=True),
    QualityCode("capacity_disagrees", "Reported and integrated capacity differ by more than 5 %", masks=False),
    QualityCode("negative_indicator", "The indicator is negative", masks=False),
    QualityCode("scatter", "The indicator scatters more from cycle to cycle than its uncertainty tells", masks=False),
)
"""Every code in the order in which it is listed."""

LEAST_COVERAGE_PERCENT = 98.0
LEAST_DISCHARGE_SHARE = 0.10
"""Below this share of its own median of cycles 2-6 a discharge capacity makes no indicator."""
TEMPERATURE_EXCESS_KELVIN = 0.8
CURRENT_CHANGE_SHARE = 0.05
CURRENT_CYCLES = 5
STUCK_SAMPLES = 10
STUCK_SHARE = 0.10
STUCK_COUNTS = 4.0
"""Equal samples in a row are no measurement when they are ten or more, 10 % of the step and four usual counts."""
STUCK_CODES = ("", "saturated", "stuck_sensor")


def is_masked(codes: list[str]) -> bool:
    """Whether the codes keep a cycle out of trends.

    >>> is_masked(["few_samples"]), is_masked(["few_samples", "in_progress"])
    (False, True)
    """
    return any(QUALITY_CODES[code].masks for code in codes)


class HalfSamples(NamedTuple):
    """What the samples of one half-cycle tell: NaN and "" where they are not judged."""

    lasting: float = np.nan
    """How many samples a count of the sensor lasts."""
    equal_run: float = np.nan
    """Length of the longest run of equal samples, and its value."""
    equal_value: float = np.nan
    samples: float = np.nan
    stuck: str = ""


def find_codes(  # noqa: PLR0913, PLR0917  # a cycle is judged by all of these
    cycles: "pd.DataFrame",
    paired: "Sequence[Cycle]",
    mechanical: "Mechanical | None",
    facts: "CellFacts",
    event_seconds: Sequence[tuple[float, float]] = (),
    past: Past = NO_PAST,
) -> tuple[list[list[str]], list[list[HalfSamples]]]:
    """Codes of every cycle that its measurements give, before any indicator is computed, and of what (SCIENCE 2).

    `cycles` needs cycle_count, state, the capacities, currents and temperature range of `paired`.

    Raises:
        PastChangedError: where the past would be judged otherwise with what came after it.

    """
    least = LEAST_DISCHARGE_SHARE * _usual_discharge(cycles, facts, past)
    past.check(
        holds=bool(((past.column("discharged_ah") < least) == past.flag("is_small")).all()), finding="small discharges"
    )
    moved = _find_moved(cycles, past)
    ranges = _joined(past, cycles, "temperature_range_celsius")
    warm = find_temperature_excursions(ranges)
    past.check(holds=bool((warm[: past.count] == past.flag("is_warm")).all()), finding="temperature excursions")
    small = [not cycle.in_progress and not cycle.dynamic and _discharge_ah(cycle) < least for cycle in paired]
    samples = judge_samples(paired, small, mechanical, past)
    spans = cycles[["start_second", "end_second"]].to_numpy(dtype=float).tolist()
    found = []
    for row, (cycle, (start, end)) in enumerate(zip(paired, spans, strict=True)):
        flags = {
            "in_progress": cycle.in_progress,
            "no_charge": cycle.charge is None and facts.cell_type == "full",
            "no_discharge": small[row],
            "record_gap": any(part.capacity.has_gap for part in cycle.halves),
            "end_not_recorded": not all(part.capacity.ends_recorded for part in cycle.halves),
            "temperature_excursion": warm[past.count + row],
            "changed_c_rate": moved[row] and not small[row],
            "logged_event": any(begin <= end and finish >= start for begin, finish in event_seconds),
            "capacity_disagrees": any(part.capacity.disagrees for part in cycle.halves),
        }
        for part, told in zip(cycle.halves, samples[row], strict=True):
            if small[row] and part is cycle.discharge:
                continue  # what a discharge that is none lacks is no finding of its own
            flags |= dict.fromkeys(_sample_codes(part, told), True)
        found.append([code for code in QUALITY_CODES if flags.get(code)])
    return found, samples


def _joined(past: Past, cycles: "pd.DataFrame", name: str) -> "Floats":
    return np.concatenate((past.column(name), cycles[name].to_numpy(dtype=np.float64)))


def _find_moved(cycles: "pd.DataFrame", past: Past) -> "NDArray[np.bool_]":
    """Which cycles run at another current than the numbered ones before them."""
    counted = cycles["cycle_count"].notna().to_numpy()
    before = np.flatnonzero(np.isfinite(past.column("cycle_count")))[-CURRENT_CYCLES:]
    moved = np.zeros(len(cycles), dtype=bool)
    for name in ("charging_current_ampere", "discharging_current_ampere"):
        current = np.concatenate((past.column(name)[before], cycles[name].to_numpy(dtype=float)[counted]))
        moved[counted] |= find_changed_currents(current)[before.size :]
    return moved


def _discharge_ah(cycle: "Cycle") -> float:
    return 0.0 if cycle.discharge is None else cycle.discharge.capacity.total_ah


def _usual_discharge(cycles: "pd.DataFrame", facts: "CellFacts", past: Past) -> float:
    """Discharge capacity that a cycle is judged by, A h: of cycles 2-6, else nominal, else the largest."""
    complete = np.concatenate((past.flag("complete"), (cycles["state"] == "complete").to_numpy()))
    number = _joined(past, cycles, "cycle_count")
    finished = np.where(complete, _joined(past, cycles, "cycle_discharging_capacity_ah"), np.nan)
    largest = float(np.nanmax(finished)) if np.isfinite(finished).any() else 0.0
    low, high = REFERENCE_CYCLES
    usable = finished[(number >= low) & (number <= high) & (finished > LEAST_DISCHARGE_SHARE * largest)]
    if usable.size:
        return median(usable)
    return facts.nominal_capacity_mah / 1000 if facts.nominal_capacity_mah else largest


def judge_samples(
    paired: "Sequence[Cycle]", small: Sequence[bool], mechanical: "Mechanical | None", past: Past
) -> list[list[HalfSamples]]:
    """What the samples of each half-cycle of each cycle tell, whether they are stuck among it.

    Raises:
        PastChangedError: where samples of the past would be stuck now, or no longer.

    """
    if mechanical is None:
        return [[HalfSamples() for _ in cycle.halves] for cycle in paired]
    told = []
    for cycle, is_small in zip(paired, small, strict=True):
        told.append([
            _measure_samples(part, mechanical.resolution, is_judged=not (is_small and part is cycle.discharge))
            for part in cycle.halves
        ])  # fmt: skip
    before = past.halves
    lasting = np.array([*before["lasting"], *(half.lasting for halves in told for half in halves)])
    lasting = lasting[np.isfinite(lasting)]
    per_count = median(lasting) if lasting.size else 0.0

    def judge(half: HalfSamples) -> str:
        return _judge_run(half.equal_run, half.equal_value, half.samples, per_count, mechanical.limits)

    if past.count:
        runs = before[["equal_run", "equal_value", "samples", "stuck"]].to_numpy(dtype=float)
        possible = runs[(runs[:, 0] >= np.maximum(STUCK_SAMPLES, STUCK_SHARE * runs[:, 2])) | (runs[:, 3] > 0)]
        for run, value, count, stuck in possible.tolist():
            now = STUCK_CODES.index(_judge_run(run, value, count, per_count, mechanical.limits))
            past.check(holds=now == stuck, finding="stuck samples")
    return [[half._replace(stuck=judge(half)) for half in halves] for halves in told]


def _measure_samples(part: "MeasuredHalf", resolution: float, *, is_judged: bool) -> HalfSamples:
    """What the samples of one half-cycle tell by themselves."""
    if part.samples is None:
        return HalfSamples()
    value = part.samples.value
    lasting = np.nan
    if value.size and resolution > 0:
        lasting = value.size * resolution / max(float(value.max() - value.min()), resolution)
    if not is_judged:
        return HalfSamples(lasting)
    run, level = longest_equal_run(value)
    return HalfSamples(lasting, run, level, value.size)


def _sample_codes(part: "MeasuredHalf", told: HalfSamples) -> list[str]:
    """Codes of the mechanical samples of one half-cycle."""
    if part.samples is None:
        return []
    codes = [told.stuck] if told.stuck else []
    if part.samples.coverage_percent < LEAST_COVERAGE_PERCENT:
        codes.append("low_coverage")
    if part.samples.count < FEW_SAMPLES:
        codes.append("few_samples")
    return codes


def find_changed_currents(current_ampere: "Floats") -> "NDArray[np.bool_]":
    """True where a cycle's current is more than 5 % off the median of the five cycles before it.

    >>> find_changed_currents(np.array([1.0, 1.0, 1.0, 0.5, 1.0])).tolist()
    [False, False, False, True, False]
    """
    changed = np.zeros(current_ampere.size, dtype=bool)
    for row in range(1, current_ampere.size):
        before = current_ampere[max(row - CURRENT_CYCLES, 0) : row]
        before = before[np.isfinite(before)]
        if before.size and np.isfinite(current_ampere[row]):
            typical = float(np.median(before))
            changed[row] = abs(current_ampere[row] - typical) > CURRENT_CHANGE_SHARE * typical
    return changed


def find_temperature_excursions(range_kelvin: "Floats") -> "NDArray[np.bool_]":
    """True where the temperature of a cycle ranges 0.8 K wider than the median cycle's.

    >>> find_temperature_excursions(np.array([0.3, 0.4, 1.4, 0.3])).tolist()
    [False, False, True, False]
    """
    if not np.isfinite(range_kelvin).any():
        return np.zeros(range_kelvin.size, dtype=bool)
    return range_kelvin > np.nanmedian(range_kelvin) + TEMPERATURE_EXCESS_KELVIN


def longest_equal_run(values: "Floats") -> tuple[int, float]:
    """Length of the longest run of equal samples and their value.

    >>> longest_equal_run(np.array([1.0, 2.0, 2.0, 2.0, 3.0]))
    (3, 2.0)
    """
    if values.size == 0:
        return 0, float("nan")
    starts = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))
    lengths = np.concatenate((starts[1:], [values.size])) - starts
    longest = int(lengths.argmax())
    return int(lengths[longest]), float(values[starts[longest]])


def find_stuck(values: "Floats", samples_per_count: float, limits: tuple[float, float]) -> str | None:
    """"saturated" or "stuck_sensor" where the samples of a step stand still too long, else None.

    `samples_per_count` is how long a count usually lasts in this test; `limits` are the test's extremes.
    """  # fmt: skip
    length, value = longest_equal_run(values)
    return _judge_run(length, value, values.size, samples_per_count, limits) or None


def _judge_run(run: float, value: float, samples: float, per_count: float, limits: tuple[float, float]) -> str:
    """"saturated", "stuck_sensor" or "" for the longest run of equal samples of a step."""  # fmt: skip
    if not run >= max(STUCK_SAMPLES, STUCK_SHARE * samples, STUCK_COUNTS * per_count):
        return ""
    return "saturated" if value in limits else "stuck_sensor"
