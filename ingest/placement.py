"""Where records whose clock is known lie on the cell's time axis, beside those that are there already.

Wall clocks decide where both have one.  Otherwise a clock that goes on is followed: before the stored records, into a
hole of them, or after them.  A clock that starts anew follows what is stored, or stands beside the file of the other
instrument that started anew.  Where two places are possible, the choice is a person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Kind = Literal["cycler", "mechanical"]

CONTINUES_WITHIN = 100.0
"""A clock that goes on after a pause of up to this many times the length of either file is surely the same clock."""

STARTS_WITHIN = 10.0
"""A clock that begins within this many intervals of zero may have started anew."""

SNUG_WITHIN = 5.0
"""Records that end this many intervals before stored ones begin are surely the ones that led up to them."""

HOLE_FROM = 1.5
"""A pause between two stored records longer than this many intervals is a hole."""

WALL_ROUNDING_SECOND = 2.0
MINUTE_SECOND = 60.0
HOUR_SECOND = 3600.0
SAME_OFFSET_SECOND = 1.0
SERVED_SHARE = 0.5
"""A file of one instrument beside which the other has records for this share of its time has found its partner."""

ENDS_NEAR, ENDS_FAR = 0.05, 0.2
"""Shares of a file's length by which its end may miss that of a file it belongs to, and has to miss all others."""


@dataclass(frozen=True)
class Stretch:
    """Records of one file on one raw clock: their times, and what the wall clocks said at the clock's zero.

    `seconds` ascend.  `unix_zero_second` is UTC; `local_zero_second` is the instrument's own date, without a zone.
    """

    name: str
    kind: Kind
    seconds: Floats
    offset_second: float = 0.0
    unix_zero_second: float | None = None
    local_zero_second: float | None = None

    @property
    def start(self) -> float:
        """First time on the cell's axis, s."""
        return float(self.seconds[0]) + self.offset_second

    @property
    def end(self) -> float:
        """Last time on the cell's axis, s."""
        return float(self.seconds[-1]) + self.offset_second

    @property
    def length(self) -> float:
        """From the first to the last record, s."""
        return float(self.seconds[-1] - self.seconds[0])

    @cached_property
    def interval(self) -> float:
        """Median interval of the records, s; 0 for a single one."""
        return float(np.median(np.diff(self.seconds))) if len(self.seconds) > 1 else 0.0

    @property
    def may_start_anew(self) -> bool:
        """Whether the clock begins at about zero."""
        return float(self.seconds[0]) <= max(STARTS_WITHIN * self.interval, SAME_OFFSET_SECOND)


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible place: its offset on the axis, what a person reads in the menu, what is noted where it is taken."""

    value: str
    offset_second: float
    label: str
    note: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stretch goes, and what else would be possible; it is only a proposal where `must_ask`."""

    offset_second: float
    note: tuple[str, str] | None = None
    choices: list[Choice] = field(default_factory=list)
    must_ask: bool = False


def find_place(new: Stretch, same: Sequence[Stretch], other: Sequence[Stretch], answer: str | None = None) -> Place:
    """The place of a stretch; `same` holds the stored records of its own instrument, `other` those of the other kind.

    `answer`: the value of the choice that a person made.  Without any records the file's own clock is the axis.
    """
    choices = _all_choices(new, same, other)
    if not choices:
        return Place(0.0)
    chosen, must_ask = _choose(new, same, choices, other)
    answered = [choice for choice in choices if choice.value == answer]
    if answered:
        return Place(answered[0].offset_second, answered[0].note, choices)
    return Place(chosen.offset_second, chosen.note, choices, must_ask=must_ask and len(choices) > 1)


def is_free(new: Stretch, offset: float, same: Sequence[Stretch], slack: float = 0.0) -> bool:
    """Whether no stored record lies among the new ones at this offset, nor the new ones among densely stored ones."""
    low, high = float(new.seconds[0]) + offset + slack, float(new.seconds[-1]) + offset - slack
    for stretch in same:
        first = int(np.searchsorted(stretch.seconds, low - stretch.offset_second, "right"))
        last = int(np.searchsorted(stretch.seconds, high - stretch.offset_second, "left"))
        if last > first:
            return False
        inside = 0 < first < len(stretch.seconds)
        if inside and stretch.seconds[first] - stretch.seconds[first - 1] <= HOLE_FROM * stretch.interval:
            return False
    return True


def has_other_date(new: Stretch, old: Stretch) -> bool:
    """Whether the wall clocks of both say that the same raw time was another moment; an hour may be summer time."""
    pairs = ((new.unix_zero_second, old.unix_zero_second), (new.local_zero_second, old.local_zero_second))
    apart = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    return bool(apart) and min(apart) > HOUR_SECOND + MINUTE_SECOND


def _choose(
    new: Stretch, same: Sequence[Stretch], choices: list[Choice], other: Sequence[Stretch]
) -> tuple[Choice, bool]:
    """The likeliest choice, and whether a person has to say so."""
    by = {choice.value: choice for choice in choices}
    wall = by.get("wall_clock")
    if wall is not None:
        slack = max(_wall_slack(new), new.interval)
        return wall, not is_free(new, wall.offset_second, same, slack)
    clocks = [choice for choice in choices if choice.value.startswith("same_clock")]
    partners = [choice for choice in choices if choice.value.startswith("beside")]
    if not same:
        return _partner_by_length(new, partners, other)
    if clocks:
        sure = len(clocks) == 1 and _is_sure(new, clocks[0], same)
        return clocks[0], not sure
    if partners and new.may_start_anew:
        return _partner_by_length(new, partners, other)
    after = by.get("directly_after", choices[0])
    return after, not new.may_start_anew or _outlasts(new, after, other)


def _outlasts(new: Stretch, place: Choice, other: Sequence[Stretch]) -> bool:
    """Whether a log would go on where the cycler has no records: it may be a second one of the same time."""
    if new.kind == "cycler" or not other:
        return False
    end = float(new.seconds[-1]) + place.offset_second
    return end > max(one.end for one in other) + ENDS_NEAR * new.length


def _all_choices(new: Stretch, same: Sequence[Stretch], other: Sequence[Stretch]) -> list[Choice]:
    """Every place that is possible, each offset once."""
    clocks = _clock_choices(new, same)
    wall = _wall_choice(new, [*same, *other], clocks)
    choices = [*([wall] if wall else []), *clocks, *_partner_choices(same, other), *_end_choices(new, same)]
    return [
        choice
        for k, choice in enumerate(choices)
        if not any(abs(choice.offset_second - earlier.offset_second) < 1e-6 for earlier in choices[:k])  # noqa: PLR2004 - float noise
    ]


def _wall_choice(new: Stretch, stored: Sequence[Stretch], clocks: list[Choice]) -> Choice | None:
    """The place that the wall clocks give; the raw clock's own where they agree with it to their digits."""
    known = [one for one in stored if one.unix_zero_second is not None]
    if new.unix_zero_second is not None and known and known[0].unix_zero_second is not None:
        offset = new.unix_zero_second - known[0].unix_zero_second + known[0].offset_second
        text = "Placed on the cell's time axis by its wall clock."
        return Choice("wall_clock", _snap(new, offset, clocks), "by its wall clock", ("wall_clock", text))
    known = [one for one in stored if one.local_zero_second is not None]
    if new.local_zero_second is None or not known or known[0].local_zero_second is None:
        return None
    offset = new.local_zero_second - known[0].local_zero_second + known[0].offset_second
    text = (
        f"Placed on the cell's time axis by its date: its clock and that of {known[0].name} name no time zone and "
        "are taken to show the same local time."
    )
    for clock in clocks:
        if abs(abs(clock.offset_second - offset) - HOUR_SECOND) <= _wall_slack(new):
            text = f"{clock.note[1]} Its dates are an hour off, as by a change to or from summer time."
            return Choice("wall_clock", clock.offset_second, clock.label, (clock.note[0], text))
    return Choice("wall_clock", _snap(new, offset, clocks), "by its date and time", ("wall_clock", text))


def _snap(new: Stretch, offset: float, clocks: list[Choice]) -> float:
    """The offset of the same raw clock where the wall clock agrees with it, else the wall clock's."""
    near = [clock.offset_second for clock in clocks if abs(clock.offset_second - offset) <= _wall_slack(new)]
    return near[0] if near else offset


def _wall_slack(new: Stretch) -> float:
    """By how much a wall clock may be off for its digits: dates may be written to the minute."""
    zero = new.unix_zero_second if new.unix_zero_second is not None else new.local_zero_second
    to_the_minute = zero is not None and (zero + float(new.seconds[0])) % MINUTE_SECOND == 0
    return MINUTE_SECOND if to_the_minute else WALL_ROUNDING_SECOND


def _clock_choices(new: Stretch, same: Sequence[Stretch]) -> list[Choice]:
    """The places at which a stored clock could go on, or have come from; the latest clock first."""
    offsets = sorted({round(one.offset_second, 6): one.offset_second for one in same}.values(), reverse=True)
    found: list[Choice] = []
    for offset in offsets:
        where = _beside_own_clock(new, offset, same)
        if where is not None and is_free(new, offset, same):
            value = f"same_clock_{len(found) + 1}" if found else "same_clock"
            found.append(Choice(value, offset, *where))
    return found


def _beside_own_clock(new: Stretch, offset: float, same: Sequence[Stretch]) -> tuple[str, tuple[str, str]] | None:
    """What is said of a place next to records of the same clock; None where the next records are of another one."""
    start, end = float(new.seconds[0]) + offset, float(new.seconds[-1]) + offset
    around = [one for one in same if one.start < start and one.end > end]
    if any(abs(one.offset_second - offset) <= SAME_OFFSET_SECOND for one in around):
        label = f"the same clock: into the gap of {around[0].name}"
        return label, ("fills_gap", f"Its clock is that of {around[0].name}: placed into a gap of its records.")
    before = max((one for one in same if one.end <= start), key=lambda one: one.end, default=None)
    after = min((one for one in same if one.start >= end), key=lambda one: one.start, default=None)
    if before is not None and abs(before.offset_second - offset) <= SAME_OFFSET_SECOND:
        text = f"Its clock goes on where that of {before.name} stopped."
        return f"the same clock: after {before.name}, with the pause between", ("continues", text)
    if after is not None and abs(after.offset_second - offset) <= SAME_OFFSET_SECOND:
        text = f"Its clock leads up to that of {after.name}: placed before its records."
        return f"the same clock: before {after.name}", ("comes_before", text)
    return None


def _is_sure(new: Stretch, clock: Choice, same: Sequence[Stretch]) -> bool:
    """Whether a clock that fits is surely the same one: it leads straight up to stored records, or goes on soon."""
    start, end = float(new.seconds[0]) + clock.offset_second, float(new.seconds[-1]) + clock.offset_second
    own = [one for one in same if abs(one.offset_second - clock.offset_second) <= SAME_OFFSET_SECOND]
    times = np.concatenate([one.seconds + one.offset_second for one in own])
    later, earlier = times[times >= end], times[times <= start]
    ahead = float(later.min()) - end if len(later) else np.inf
    behind = start - float(earlier.max()) if len(earlier) else np.inf
    if new.may_start_anew:
        return ahead <= SNUG_WITHIN * max(new.interval, *(one.interval for one in own))
    longest = max(new.length, *(one.length for one in own), new.interval)
    return min(ahead, behind) <= CONTINUES_WITHIN * longest


def _partner_choices(same: Sequence[Stretch], other: Sequence[Stretch]) -> list[Choice]:
    """The clocks of the other instrument, in order of the axis, beside which this one has no records yet."""
    clocks: dict[float, Stretch] = {}
    for one in sorted(other, key=lambda one: one.start):
        clocks.setdefault(round(one.offset_second, 6), one)
    lonely = [one for one in clocks.values() if not _has_partner(one, same)]
    return [
        Choice(
            f"beside_{k + 1}" if k else "beside",
            one.offset_second,
            f"counts from the same start as {one.name}",
            ("same_clock", f"Taken to count from the same start as {one.name}: they have no wall clock in common."),
        )
        for k, one in enumerate(lonely)
    ]


def _has_partner(stretch: Stretch, same: Sequence[Stretch]) -> bool:
    """Whether this instrument has records beside a stretch of the other one: on its clock, or for most of its time."""
    if any(abs(one.offset_second - stretch.offset_second) <= SAME_OFFSET_SECOND for one in same):
        return True
    covered = sum(max(0.0, min(one.end, stretch.end) - max(one.start, stretch.start)) for one in same)
    return covered > SERVED_SHARE * stretch.length


def _partner_by_length(new: Stretch, partners: list[Choice], other: Sequence[Stretch]) -> tuple[Choice, bool]:
    """The partner beside which the file ends where a file of the other instrument ends; asked if it may be several."""
    ends = np.array([one.end for one in other])
    missed = [float(np.abs(new.seconds[-1] + choice.offset_second - ends).min()) for choice in partners]
    near, far = ENDS_NEAR * new.length, ENDS_FAR * new.length
    best = int(np.argmin(missed))
    clear = missed[best] <= near and sum(miss < far for miss in missed) == 1
    return (partners[best], False) if clear else (partners[0], len(partners) > 1)


def _end_choices(new: Stretch, same: Sequence[Stretch]) -> list[Choice]:
    """A clock of its own: directly after all that is stored, or directly before."""
    if not same:
        return []
    after = max(one.end for one in same) + new.interval - float(new.seconds[0])
    before = min(one.start for one in same) - new.interval - float(new.seconds[-1])
    return [
        Choice(
            f"directly_{side}",
            offset,
            f"starts anew: directly {side} the records that are stored",
            (
                f"directly_{side}",
                f"Its clock starts anew and no date places it: placed directly {side} what is stored.",
            ),
        )
        for side, offset in (("after", after), ("before", before))
    ]
