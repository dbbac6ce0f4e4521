"""Where a file lies on the cell's axis, whatever the order in which the files come."""

import numpy as np
import pytest

from ingest.placement import Kind, Place, Stretch, find_place, is_free

UTC = 1_716_199_200.0
MINUTE = 60.0


def stretch(  # noqa: PLR0913 - what places a file
    start: float,
    stop: float,
    *,
    offset: float = 0.0,
    kind: Kind = "cycler",
    name: str = "a.csv",
    unix: float | None = None,
    local: float | None = None,
    without: tuple[float, float] = (0.0, 0.0),
) -> Stretch:
    """Records every minute, perhaps with a hole."""
    seconds = np.arange(start, stop, MINUTE)
    seconds = seconds[(seconds < without[0]) | (seconds >= without[1])]
    return Stretch(name, kind, seconds, offset, unix, local)


def log(start: float, stop: float, *, offset: float = 0.0, name: str = "f.csv", local: float | None = None) -> Stretch:
    """Records of a force logger."""
    return stretch(start, stop, offset=offset, kind="mechanical", name=name, local=local)


def note(place: Place) -> str | None:
    """Code of what was assumed."""
    return place.note[0] if place.note else None


def values(place: Place) -> list[str]:
    """What a person may choose."""
    return [choice.value for choice in place.choices]


def test_earlier_part_uploaded_later_goes_before() -> None:
    """A clock that leads straight up to stored records is theirs, also from zero on (b.csv first, then a.csv)."""
    place = find_place(stretch(0, 41_880), [stretch(41_880, 72_600)], [])
    assert (place.offset_second, note(place), place.must_ask) == (0.0, "comes_before", False)


@pytest.mark.parametrize("order", [(3, 1, 0, 2), (2, 3, 1, 0), (0, 3, 1, 2)])
def test_daily_splits_find_their_places(order: tuple[int, ...]) -> None:
    """Four parts of one clock come out in order of time, whatever the order in which they were sent."""
    taken: list[Stretch] = []
    for part in order:
        place = find_place(stretch(part * 10_200, (part + 1) * 10_200), taken, [])
        assert (place.offset_second, place.must_ask) == (0.0, False)
        taken.append(stretch(part * 10_200, (part + 1) * 10_200))


def test_missing_rows_go_into_their_hole() -> None:
    """Records whose times are missing among stored ones fill that hole."""
    place = find_place(stretch(12_000, 18_000), [stretch(0, 60_000, without=(12_000, 18_000))], [])
    assert (place.offset_second, note(place), place.must_ask) == (0.0, "fills_gap", False)


def test_clock_that_might_lead_up_or_start_anew_is_asked() -> None:
    """From zero, ending hours before stored records begin: either their beginning, or a new start after them."""
    place = find_place(stretch(0, 6_000), [stretch(41_880, 72_600)], [])
    assert place.must_ask
    assert values(place) == ["same_clock", "directly_after", "directly_before"]
    answered = find_place(stretch(0, 6_000), [stretch(41_880, 72_600)], [], "directly_after")
    assert (answered.offset_second, answered.must_ask) == (72_600.0, False)


def test_clock_inside_stored_records_is_asked() -> None:
    """Other records at times that are taken, from a clock that does not start at zero: no place is likely."""
    place = find_place(stretch(20_000, 30_000), [stretch(0, 60_000)], [])
    assert place.must_ask
    assert values(place) == ["directly_after", "directly_before"]


def test_clock_that_starts_anew_follows() -> None:
    """The usual continuation: from zero, on a clock whose beginning is taken; other places may be chosen."""
    place = find_place(stretch(0, 6_000), [stretch(0, 60_000)], [])
    assert (place.offset_second, note(place), place.must_ask) == (60_000.0, "directly_after", False)
    assert values(place) == ["directly_after", "directly_before"]


def test_two_clocks_that_could_go_on_are_asked() -> None:
    """After a restart, a part that fits a pause of the first clock and the end of the second is asked for."""
    taken = [stretch(0, 6_000), stretch(0, 6_000, offset=60_000.0, name="b.csv")]
    place = find_place(stretch(9_000, 12_000), taken, [])
    assert place.must_ask
    assert values(place)[:2] == ["same_clock", "same_clock_2"]


def test_long_pause_is_asked() -> None:
    """A clock that goes on after a hundred times the length of the files may be another one."""
    assert find_place(stretch(9_000_000, 9_006_000), [stretch(0, 6_000)], []).must_ask


@pytest.mark.parametrize("kind", ["unix", "local"])
def test_wall_clocks_decide(kind: str) -> None:
    """Dates place a file, with or without a zone: days apart, and before what is stored."""
    monday = stretch(0, 36_000, unix=UTC if kind == "unix" else None, local=UTC if kind == "local" else None)
    later = UTC + 4 * 86_400 + 30
    friday = stretch(0, 36_000, unix=later if kind == "unix" else None, local=later if kind == "local" else None)
    after, before = find_place(friday, [monday], []), find_place(monday, [friday], [])
    assert (after.offset_second, before.offset_second) == (4 * 86_400 + 30, -4 * 86_400 - 30)
    assert note(after) == note(before) == "wall_clock"
    assert ("time zone" in (after.note or ("", ""))[1]) is (kind == "local")


def test_force_log_that_started_an_hour_earlier() -> None:
    """Two clocks of one laboratory without a zone place the log an hour before the cycler."""
    place = find_place(log(0, 40_000, local=UTC - 3600), [], [stretch(0, 36_000, local=UTC)])
    assert (place.offset_second, note(place), place.must_ask) == (-3600.0, "wall_clock", False)


def test_rounded_dates_do_not_move_a_clock_that_goes_on() -> None:
    """Where dates agree with the running clock to their seconds, the running clock holds."""
    place = find_place(stretch(36_000, 40_000, local=UTC + 0.7), [stretch(0, 36_000, local=UTC)], [])
    assert place.offset_second == 0.0


def test_summer_time_does_not_move_a_clock_that_goes_on() -> None:
    """Dates that are an hour off while the running clock goes on: the laboratory changed its clocks."""
    place = find_place(stretch(36_000, 40_000, local=UTC + 3600), [stretch(0, 36_000, local=UTC)], [])
    assert place.offset_second == 0.0
    assert "summer time" in (place.note or ("", ""))[1]


def test_wall_clock_among_other_records_is_asked() -> None:
    """A date at which the cell has other records of the cycler is no place."""
    place = find_place(stretch(0, 6_000, unix=UTC + 18_000), [stretch(0, 36_000, unix=UTC)], [])
    assert place.must_ask
    assert values(place) == ["wall_clock", "directly_after", "directly_before"]


def test_second_force_file_stands_beside_the_second_cycler_file() -> None:
    """c1; f1, which ran 40 min longer; c2 and f2 both restart: f2 counts from the start of c2, not from f1's end."""
    first, second = stretch(0, 30_000, name="c1.csv"), stretch(0, 30_000, offset=30_000.0, name="c2.csv")
    place = find_place(log(0, 30_000), [log(0, 32_400, name="f1.csv")], [first, second])
    assert (place.offset_second, note(place), place.must_ask) == (30_000.0, "same_clock", False)


def test_first_force_file_beside_two_cycler_files_is_asked() -> None:
    """Equal lengths do not tell which of two starts a log belongs to."""
    place = find_place(log(0, 30_000), [], [stretch(0, 30_000), stretch(0, 31_000, offset=30_000.0)])
    assert place.must_ask
    assert values(place) == ["beside", "beside_2"]


def test_force_file_of_the_whole_time_needs_no_answer() -> None:
    """A log that ends where the last cycler file ends counts from the first one's start."""
    place = find_place(log(0, 61_000), [], [stretch(0, 30_000), stretch(0, 31_000, offset=30_000.0)])
    assert (place.offset_second, place.must_ask) == (0.0, False)


@pytest.mark.parametrize("step", [1, 2])
def test_second_log_of_one_time_is_asked(step: int) -> None:
    """The whole test has its force log: another one of the same length would lie where no test is."""
    taken, cycler = log(0, 30_000), stretch(0, 30_000)
    second = log(0, 30_000)
    second = Stretch(second.name, second.kind, second.seconds[::step] + step, 0.0)
    place = find_place(second, [taken], [cycler])
    assert (place.must_ask, values(place)) == (True, ["directly_after", "directly_before"])
    assert find_place(second, [taken], [cycler], "directly_after").must_ask is False


def test_log_that_starts_anew_within_the_test_follows() -> None:
    """Two halves of a log, each from zero, beside one file of the cycler."""
    place = find_place(log(0, 15_000), [log(0, 15_000)], [stretch(0, 30_000)])
    assert (place.offset_second, place.must_ask) == (15_000.0, False)


def test_dated_log_among_samples_of_another_is_asked() -> None:
    """A date at which the cell has samples of the same quantity is no place."""
    place = find_place(log(0, 30_000, local=UTC + 7), [log(0, 30_000, local=UTC)], [])
    assert place.must_ask


def test_touching_records_leave_a_place_free() -> None:
    """Records may begin with the stamp at which the stored ones end; among dense records there is no room."""
    assert is_free(stretch(5_940, 7_000), 0.0, [stretch(0, 6_000)])
    assert not is_free(stretch(90, 100), 0.0, [stretch(0, 6_000)])
    assert not is_free(stretch(0, 7_000), 0.0, [stretch(600, 6_000)])
