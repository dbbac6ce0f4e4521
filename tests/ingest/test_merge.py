"""Where the records of a new file lie beside those that a cell has."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ingest.merge import plan_merge, segments_of
from ingest.merge_plan import MergePlan, StoredSegment
from ingest.overlap import find_overlap
from ingest.placement import Kind
from pressiometry.columns import RECORD_COLUMNS


def records(start: float, count: int, *, seed: int = 0, unix: float | None = None, step: float = 10.0) -> pd.DataFrame:
    """Records every `step` s from `start`, with values that only depend on their time and the seed."""
    seconds = start + step * np.arange(count)
    table = pd.DataFrame(
        {
            "test_time_second": seconds,
            "voltage_volt": np.round(3.7 + 0.4 * np.sin(seconds / 500 + seed), 4),
            "current_ampere": np.where(np.sin(seconds / 900 + seed) > 0, 1e-3, -1e-3),
            "source_row": np.arange(2, count + 2),
            "segment": np.zeros(count, dtype=int),
        }
    )
    if unix is not None:
        table["unix_time_second"] = unix + seconds
    return table


def stored(
    table: pd.DataFrame, *, number: int = 1, offset: float = 0.0, kind: Kind = "cycler", local: float | None = None
) -> StoredSegment:
    """The table as a series that a cell has; `local`: date without a zone at the zero of its clock."""
    columns = frozenset(str(name) for name in table.columns if name in RECORD_COLUMNS)
    return StoredSegment(number * 10, number, f"file{number}.csv", kind, offset, table, columns, local)


def codes(plan: MergePlan) -> list[str]:
    """Codes of what the plan says."""
    return [code for code, _ in plan.notes]


def offsets(plan: MergePlan) -> list[float]:
    """Where the stretches of the new file begin to count."""
    return [place.offset_second for place in plan.placements]


def asked(plan: MergePlan) -> dict[str, list[str]]:
    """What has to be answered, with the values of its choices."""
    return {question["code"]: [value for value, _ in question["choices"]] for question in plan.questions}


def test_first_file_keeps_its_own_clock() -> None:
    """The first file's raw clock is the cell's axis: nothing is assumed."""
    plan = plan_merge(records(30.0, 100), "cycler", [])
    assert [(p.start, p.stop, p.offset_second) for p in plan.placements] == [(0, 100, 0.0)]
    assert plan.notes == []


def test_later_export_of_a_running_test_replaces_the_earlier_one() -> None:
    """A file that holds every record of an earlier one supersedes it and stays on its clock."""
    plan = plan_merge(records(0, 150), "cycler", [stored(records(0, 100), offset=500.0)])
    assert plan.superseded == [1]
    assert plan.rows_duplicate == 0
    assert [(p.start, p.stop, p.offset_second) for p in plan.placements] == [(0, 150, 500.0)]
    assert codes(plan) == ["supersedes"]


def test_full_export_replaces_all_daily_splits() -> None:
    """One file can supersede several."""
    splits = [stored(records(0, 50), number=1), stored(records(500, 50), number=2)]
    plan = plan_merge(records(0, 120), "cycler", splits)
    assert sorted(plan.superseded) == [1, 2]
    assert sum(p.stop - p.start for p in plan.placements) == 120


def test_overlapping_split_is_stored_without_doubling_a_record() -> None:
    """Records that the earlier file ends with and the new one begins with are stored once, on the same clock."""
    plan = plan_merge(records(800, 100), "cycler", [stored(records(0, 100), offset=3.0)])
    assert plan.rows_duplicate == 20
    assert [(p.start, p.stop, p.offset_second) for p in plan.placements] == [(20, 100, 3.0)]


def test_earlier_split_uploaded_later_loses_its_end() -> None:
    """The overlap is found at the end of the new file too."""
    plan = plan_merge(records(0, 100), "cycler", [stored(records(900, 100))])
    assert plan.rows_duplicate == 10
    assert [(p.start, p.stop, p.offset_second) for p in plan.placements] == [(0, 90, 0.0)]


def test_same_records_in_other_bytes_store_nothing() -> None:
    """A file whose records are all there already adds none, and says whose they are."""
    plan = plan_merge(records(100, 50), "cycler", [stored(records(0, 100))])
    assert plan.placements == []
    assert plan.rows_duplicate == 50
    assert codes(plan) == ["already_stored"]


def test_differing_records_of_an_overlap_are_kept_aside() -> None:
    """Where the same record has another value, the stored one holds and the other is named."""
    changed = records(800, 100)
    changed.loc[5, "voltage_volt"] = 9.0
    plan = plan_merge(changed, "cycler", [stored(records(0, 100))])
    assert plan.differing_rows == [5]
    assert (plan.rows_duplicate, plan.differing_columns) == (19, ["voltage_volt"])
    assert "1 of them differ" in plan.notes[0][1]


def test_two_runs_from_time_zero_are_not_the_same() -> None:
    """Equal first records are no overlap: a second run is placed directly after the first."""
    second = records(0, 100, seed=2)
    second.loc[0] = records(0, 1).loc[0]
    plan = plan_merge(second, "cycler", [stored(records(0, 100))])
    assert plan.rows_duplicate == 0
    assert plan.placements[0].offset_second == pytest.approx(990 + 10)
    assert codes(plan) == ["directly_after"]


def test_continuation_on_the_same_clock_keeps_the_offset() -> None:
    """A file whose clock goes on where the last one stopped stays on that clock, with the gap as it was."""
    plan = plan_merge(records(5000, 100), "cycler", [stored(records(0, 100), offset=7.0)])
    assert plan.placements[0].offset_second == 7.0
    assert codes(plan) == ["continues"]


def test_wall_clock_decides_where_it_is_known() -> None:
    """Two files with dates are as far apart as their dates say, also when the earlier one comes later."""
    first, second = records(0, 100, unix=1_700_000_000.0), records(0, 100, seed=1, unix=1_700_100_000.0)
    after = plan_merge(second, "cycler", [stored(first)])
    assert after.placements[0].offset_second == pytest.approx(100_000.0)
    before = plan_merge(first, "cycler", [stored(second)])
    assert before.placements[0].offset_second == pytest.approx(-100_000.0)
    assert codes(after) == codes(before) == ["wall_clock"]


def test_segments_get_their_own_place() -> None:
    """Where the clock starts anew inside a file, the next segment lies directly after."""
    table = pd.concat([records(0, 50), records(0, 50, seed=3).assign(segment=1)], ignore_index=True)
    plan = plan_merge(table, "cycler", [])
    assert [(p.start, p.stop, p.offset_second) for p in plan.placements] == [(0, 50, 0.0), (50, 100, 500.0)]
    assert segments_of(table) == [(0, 50), (50, 100)]


def test_logger_starts_with_the_test() -> None:
    """A force log without dates is taken to count from the same start as the cycler, and this is said."""
    log = pd.DataFrame({"test_time_second": np.arange(50.0), "force_newton": 9000.0 + np.arange(50.0), "segment": 0})
    plan = plan_merge(log, "mechanical", [stored(records(0, 100), offset=12.0)])
    assert plan.placements[0].offset_second == 12.0
    assert codes(plan) == ["same_clock"]


def test_pressure_made_from_force_does_not_hide_an_overlap() -> None:
    """Force records are recognised by the force: the pressure made of it depends on the cell's diameter."""
    log = pd.DataFrame({"test_time_second": np.arange(50.0), "force_newton": 9000.0 + np.arange(50.0)})
    held = stored(log.assign(surface_pressure_mpa=68.0), kind="mechanical")
    plan = plan_merge(log.iloc[40:], "mechanical", [held])
    assert plan.rows_duplicate == 10


def test_live_rows_are_left_alone() -> None:
    """Rows that came live belong to no import: a file never supersedes them."""
    live = StoredSegment(1, None, "channel", "cycler", 0.0, records(0, 100), stored(records(0, 1)).columns)
    plan = plan_merge(records(0, 150), "cycler", [live])
    assert plan.superseded == []
    assert plan.rows_duplicate == 100


def test_empty_tables_have_no_overlap_and_no_place() -> None:
    """Nothing in, nothing planned."""
    assert find_overlap(records(0, 0), records(0, 5), ["voltage_volt"]) is None
    assert (
        plan_merge(records(0, 0), "cycler", [stored(records(0, 0)), stored(records(0, 5), number=2)]).placements == []
    )


def test_same_records_with_other_digits_are_not_doubled() -> None:
    """700 records with four digits, then all with three: the longer export replaces, nothing is stored twice."""
    whole = records(0, 1371)
    plan = plan_merge(whole.round(3), "cycler", [stored(whole[:700])])
    assert (plan.superseded, codes(plan)) == ([1], ["supersedes"])
    assert sum(p.stop - p.start for p in plan.placements) == 1371


def test_nearly_equal_records_are_asked_for() -> None:
    """Values that are close, but not equal to their digits, are the same records only if a person says so."""
    close = records(0, 150)
    close["voltage_volt"] += 4e-4
    assert asked(plan_merge(close, "cycler", [stored(records(0, 100))]))["placement"][0] == "same_records"
    answered = plan_merge(close, "cycler", [stored(records(0, 100))], {"placement": "same_records"})
    assert (answered.superseded, answered.questions) == ([1], [])


def test_richer_export_replaces() -> None:
    """The same rows with a pressure replace those without."""
    plan = plan_merge(records(0, 100).assign(surface_pressure_mpa=70.0), "cycler", [stored(records(0, 100))])
    assert (plan.superseded, plan.questions) == ([1], [])


def test_poorer_export_keeps_what_is_stored() -> None:
    """The same rows without the pressure add nothing and take nothing away."""
    plan = plan_merge(records(0, 100), "cycler", [stored(records(0, 100).assign(surface_pressure_mpa=70.0))])
    assert (plan.superseded, plan.placements, plan.questions) == ([], [], [])


def test_longer_export_that_lost_a_column_adds_what_is_new() -> None:
    """More rows but no pressure: the stored ones stay as they are, the rest is added."""
    held = stored(records(0, 100).assign(surface_pressure_mpa=70.0))
    plan = plan_merge(records(0, 150), "cycler", [held])
    assert ([(p.start, p.stop) for p in plan.placements], plan.superseded, plan.questions) == ([(100, 150)], [], [])
    assert plan.gave_to == [1]


def test_richer_part_takes_the_rest_over() -> None:
    """Some of the stored rows, with a pressure that these lack: it is added to them, and no row is lost."""
    plan = plan_merge(records(0, 50).assign(surface_pressure_mpa=70.0), "cycler", [stored(records(0, 100))])
    assert (plan.superseded, plan.questions, len(plan.joined[0].old_rows)) == ([1], [], 50)
    assert "Pressure of these records is added" in plan.notes[0][1]


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (
            lambda t: t.assign(surface_pressure_mpa=t.surface_pressure_mpa + 5),
            "Pressure differs in 100 records by up to 5 MPa",
        ),
        (
            lambda t: t.assign(surface_pressure_mpa=t.surface_pressure_mpa * 1.01),
            "Pressure differs in 100 records by up to",
        ),
        (lambda t: t.assign(instrument_cycle_count=2.0), "Instrument's cycle differs in 100 records by up to 1"),
    ],
)
@pytest.mark.parametrize("rows", [(0, 100), (0, 150), (0, 200), (50, 150)])
def test_other_values_of_the_same_records_are_asked_for(
    alter: Callable[[pd.DataFrame], pd.DataFrame], words: str, rows: tuple[int, int]
) -> None:
    """Equal voltage and current, another pressure or cycle: a person says which holds, whatever part the file is."""
    whole = records(0, 200).assign(surface_pressure_mpa=lambda t: 70 + t.voltage_volt, instrument_cycle_count=1.0)
    held = stored(whole[:150].reset_index(drop=True))
    new = alter(whole)[slice(*rows)].reset_index(drop=True)
    plan = plan_merge(new, "cycler", [held])
    assert asked(plan) == {"replacing": ["add", "replace"]}
    common = min(rows[1], 150) - rows[0]
    assert words.replace("100", str(common)) in plan.questions[0]["text"]
    assert "answered" not in plan.notes[0][1]
    kept = plan_merge(new, "cycler", [held], {"replacing": "add"})
    assert (kept.questions, kept.superseded, kept.rows_duplicate) == ([], [], common)
    assert "hold, as answered" in kept.notes[0][1]
    replaced = plan_merge(new, "cycler", [held], {"replacing": "replace"})
    assert (replaced.questions, replaced.superseded) == ([], [1])
    assert all(one.new_holds for one in replaced.joined)


@pytest.mark.parametrize("rows", [(0, 100), (0, 150), (50, 150)])
def test_records_that_are_alike_are_asked_for(rows: tuple[int, int]) -> None:
    """A voltage that is off by more than any digits: the same records, or others, whatever part the file is."""
    new = records(0, 150)[slice(*rows)].reset_index(drop=True).assign(voltage_volt=lambda t: t.voltage_volt + 0.01)
    held = stored(records(0, 100))
    question = plan_merge(new, "cycler", [held]).questions[0]
    assert (question["code"], question["choices"][0][0]) == ("placement", "same_records")
    assert "Voltage differs in" in question["choices"][0][1]
    assert codes(plan_merge(new, "cycler", [held])) == []  # no place is said to be settled
    then = plan_merge(new, "cycler", [held], {"placement": "same_records"})
    assert asked(then) == {"replacing": ["add", "replace"]}


def test_a_clock_with_equal_records_is_one_clock() -> None:
    """Where a file has equal records on a clock, all that it has at stored times of that clock are these records."""
    other = records(1000, 100).assign(voltage_volt=lambda t: 3 + np.cos(t.test_time_second), current_ampere=0.5)
    held = [stored(records(0, 100)), stored(other, number=2)]
    plan = plan_merge(records(0, 200), "cycler", held)
    assert asked(plan) == {"replacing": ["add", "replace"]}


def test_force_counts_as_pressure() -> None:
    """A force log loses nothing though its pressure is only made when it is stored."""
    log = pd.DataFrame({"test_time_second": np.arange(60.0), "force_newton": 9000.0 + np.arange(60.0)})
    held = stored(log[:50].assign(surface_pressure_mpa=68.0), kind="mechanical")
    assert plan_merge(log, "mechanical", [held]).superseded == [1]


def test_later_segment_follows_where_the_file_says_so_and_answers_hold() -> None:
    """A question of place names its choices; its answer places the records; a local date is kept for later files."""
    early = records(0, 60).assign(local_time_second=lambda t: 1000.0 + t.test_time_second)
    plan = plan_merge(early, "cycler", [stored(records(9000, 100))])
    assert asked(plan) == {"placement": ["same_clock", "directly_after", "directly_before"]}
    answered = plan_merge(early, "cycler", [stored(records(9000, 100))], {"placement": "same_clock"})
    assert (offsets(answered), answered.questions) == ([0.0], [])
    assert answered.placements[0].local_zero_second == 1000.0
    assert [question["code"] for question in answered.optional_questions] == ["placement"]


def test_second_logger_is_not_chained_to_the_first() -> None:
    """A thickness log counts from the cycler's start, not from the end of the force log."""
    force = pd.DataFrame({"test_time_second": np.arange(50.0), "force_newton": 9000.0 + np.arange(50.0)})
    thickness = pd.DataFrame({"test_time_second": np.arange(50.0), "thickness_micrometre": np.arange(50.0)})
    held = [stored(records(0, 5)), stored(force, number=2, kind="mechanical")]
    plan = plan_merge(thickness, "mechanical", held)
    assert (offsets(plan), codes(plan), plan.questions) == ([0.0], ["same_clock"], [])


def test_same_times_on_another_day_are_other_records() -> None:
    """Two daily files that count from zero and look alike are two days, as their dates say."""
    monday = stored(records(0, 100), local=1_716_199_200.0)
    friday = records(0, 100).assign(local_time_second=lambda t: 1_716_544_800.0 + t.test_time_second)
    plan = plan_merge(friday, "cycler", [monday])
    assert (plan.rows_duplicate, offsets(plan), plan.questions) == (0, [345_600.0], [])


def test_live_rows_are_never_altered_by_a_file() -> None:
    """A quantity that live rows lack is named, not added; values that differ may only be left as they are."""
    live = StoredSegment(1, None, "channel", "cycler", 0.0, records(0, 100), stored(records(0, 1)).columns)
    plan = plan_merge(records(0, 100).assign(surface_pressure_mpa=70.0), "cycler", [live])
    assert (plan.superseded, plan.joined, plan.gave_to) == ([], [], [])
    assert "Pressure of them came with this file and cannot be added" in plan.notes[0][1]
    other = records(0, 100).assign(voltage_volt=lambda t: t.voltage_volt + (t.test_time_second % 30 == 0))
    assert asked(plan_merge(other, "cycler", [live]))["placement"][0] == "same_records"
    assert asked(plan_merge(other, "cycler", [live], {"placement": "same_records"})) == {"replacing": ["add"]}
