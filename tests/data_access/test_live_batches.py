"""Batches of live rows: stored once whatever is sent how often, conflicts kept aside, nothing overwritten."""

import hashlib
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from data_access.database import migrate, open_engine
from data_access.live.batches import BatchAnswer, Flag, LiveBatch, LiveRow
from data_access.queries import (
    load_channel,
    load_faults,
    load_feeds,
    load_live_quarantine,
    load_new_records,
    load_unclosed,
)
from data_access.series import load_cell_records, load_records, seal
from data_access.writes import (
    assign_channel,
    claim_unclosed,
    create_cell,
    delete_cell,
    mark_closed,
    prune_batches,
    release_channel,
    store_batches,
    unassign,
)
from ingest.channels import assign

NOW = 1_795_000_000.0
"""The server's clock when a batch came: 2026-11-18."""


def row(sequence: int, channel: str = "A01", at: float | None = None, **more: Any) -> LiveRow:
    """A row at one a second, its voltage by its number, or with the values given."""
    values: Mapping[str, float] = more.pop("values", {"voltage_volt": 3.5 + sequence / 1000})
    unix = NOW - 1000 + sequence if at is None else at
    return LiveRow(channel, sequence, unix, 32_400.0, values, **more)


def send(  # noqa: PLR0913  # a batch has that many sides
    engine: Engine, key: str, rows: Sequence[LiveRow], *, agent: str = "lab", received: float = NOW, content: str = ""
) -> BatchAnswer:
    """The answer to one batch."""
    payload = (content or repr(rows)).encode()
    batch = LiveBatch(f"{agent}:{key}", agent, hashlib.sha256(payload).hexdigest(), payload, received, list(rows))
    return store_batches(engine, [batch])[0]


def series_of(engine: Engine, channel: str = "A01") -> int:
    """The series that the channel's rows go to."""
    found = load_channel(engine, channel).series_id
    assert found is not None
    return found


def codes(engine: Engine) -> set[str]:
    """The codes of all faults."""
    return {fault.code for fault in load_faults(engine)}


def test_rows_are_stored_and_counted(engine: Engine) -> None:
    """Stored, duplicate and the last number; the channel begins to exist, of no cell."""
    answer = send(engine, "1", [row(i) for i in range(10)])
    assert (answer.stored, answer.duplicate, answer.last_sequence) == (10, 0, 9)
    channel = load_channel(engine, "A01")
    assert (channel.agent, channel.cell_id, channel.last_sequence) == ("lab", None, 9)
    assert channel.usual_interval_second == pytest.approx(1.0)
    stored = load_records(engine, series_of(engine))
    assert stored["sequence"].tolist() == list(range(10))
    assert stored["voltage_volt"].tolist() == [3.5 + i / 1000 for i in range(10)]
    assert stored["utc_offset_second"].tolist() == [32_400.0] * 10
    assert stored["received_unix_second"].tolist() == [NOW] * 10


def test_the_same_batch_again_is_answered_again(engine: Engine) -> None:
    """Same key, same content: the rows are duplicates now, and nothing is stored twice."""
    rows = [row(i) for i in range(10)]
    send(engine, "1", rows)
    answer = send(engine, "1", rows)
    assert (answer.verdict, answer.stored, answer.duplicate, answer.last_sequence) == ("stored", 0, 10, 9)
    assert len(load_records(engine, series_of(engine))) == 10


def test_the_same_key_for_another_payload_is_refused_whole(engine: Engine) -> None:
    """Nothing is stored, and the payload is kept aside once."""
    send(engine, "1", [row(i) for i in range(3)])
    for _ in range(2):
        answer = send(engine, "1", [row(i) for i in range(3, 6)], content="other")
        assert (answer.verdict, answer.stored) == ("other_content", 0)
    assert len(load_records(engine, series_of(engine))) == 3
    aside = load_live_quarantine(engine)
    assert aside["text"].tolist() == ["other"]
    assert aside["channel"].tolist() == ["A01"]


def test_rows_that_differ_are_kept_aside_and_the_others_stored(engine: Engine) -> None:
    """A new key with a differing row: 409's counts; what is stored stays."""
    send(engine, "1", [row(i) for i in range(5)])
    differing = row(3, values={"voltage_volt": 9.0})
    for key in ("2", "3"):
        answer = send(engine, key, [row(2), differing, row(5)])
        assert answer.verdict == "conflict"
        assert answer.conflicts == [{"channel": "A01", "sequence": 3}]
    stored = load_records(engine, series_of(engine))
    assert stored["sequence"].tolist() == [0, 1, 2, 3, 4, 5]
    assert stored["voltage_volt"][3] == 3.503
    aside = load_live_quarantine(engine)
    assert aside[["channel", "sequence"]].to_numpy().tolist() == [["A01", 3]]
    assert "conflict" in codes(engine)


def test_late_rows_find_their_places(engine: Engine) -> None:
    """Rows behind the last one are stored where they belong, also behind sealed ones, and counted as late."""
    send(engine, "1", [row(i) for i in range(0, 20, 2)])
    seal(engine, series_of(engine))
    answer = send(engine, "2", [row(i) for i in (7, 3, 21, 4)])
    assert (answer.stored, answer.duplicate, answer.last_sequence) == (3, 1, 21)
    stored = load_records(engine, series_of(engine))
    assert stored["sequence"].tolist() == sorted([*range(0, 20, 2), 3, 7, 21])
    assert stored["test_time_second"].tolist() == stored["unix_time_second"].tolist()
    (feed,) = load_feeds(engine).to_dict("records")
    assert (feed["revision"], feed["late_revision"]) == (3, 1)
    assert "late_rows" in codes(engine)


def test_a_second_agent_waits_until_the_channel_is_released(engine: Engine) -> None:
    """Nothing of it is stored; after the release its rows are, and the first agent's no more."""
    send(engine, "1", [row(0)])
    refused = send(engine, "1", [row(1)], agent="other")
    assert (refused.verdict, refused.stored) == ("second_agent", 0)
    assert "second_agent" in codes(engine)
    channel = release_channel(engine, "A01", version=1)
    assert (channel.agent, channel.version) == ("other", 2)
    assert send(engine, "1", [row(1)], agent="other").stored == 1
    assert send(engine, "2", [row(2)]).verdict == "second_agent"


def test_a_new_channel_of_a_known_agent_says_so(engine: Engine) -> None:
    """It may be a channel that was renamed."""
    send(engine, "1", [row(0)])
    send(engine, "2", [row(0, channel="A1")])
    assert load_channel(engine, "A1").same_agent_as == "A01"
    assert load_channel(engine, "A01").same_agent_as is None


def test_rows_kept_for_no_cell_can_be_assigned_later(engine: Engine) -> None:
    """All of them are the cell's then, on an axis that begins with the first, and wait for closing."""
    cell = create_cell(engine, {"name": "one"})
    send(engine, "1", [row(i) for i in range(5)])
    assert load_unclosed(engine).empty
    channel = assign_channel(engine, "A01", cell.id, version=1)
    assert (channel.cell_id, channel.version) == (cell.id, 2)
    send(engine, "2", [row(5)])
    assert load_cell_records(engine, cell.id)["test_time_second"].tolist() == [0, 1, 2, 3, 4, 5]
    (waiting,) = claim_unclosed(engine).to_dict("records")
    assert (waiting["cell_id"], waiting["from_second"]) == (cell.id, 0.0)
    send(engine, "3", [row(6)])
    mark_closed(engine, waiting["series_id"], waiting["revision"])
    (waiting,) = load_unclosed(engine).to_dict("records")
    assert waiting["from_second"] == 6.0


def test_what_was_claimed_and_not_marked_comes_again(engine: Engine) -> None:
    """A worker that dies loses no row of the results."""
    cell = create_cell(engine, {"name": "one"})
    send(engine, "1", [row(i) for i in range(5)])
    assign_channel(engine, "A01", cell.id, version=1)
    claim_unclosed(engine)
    send(engine, "2", [row(5)])
    assert claim_unclosed(engine)["from_second"].tolist() == [0.0]


@pytest.mark.parametrize("sealed", [False, True])
def test_another_cell_gets_the_rows_from_a_number_on(engine: Engine, *, sealed: bool) -> None:
    """The operator may assign a cell after it was put in: rows that came since go along, those before stay."""
    first, second = (create_cell(engine, {"name": name}).id for name in ("one", "two"))
    send(engine, "1", [row(0)])
    assign_channel(engine, "A01", first, version=1)
    send(engine, "2", [row(i) for i in range(1, 10)])
    if sealed:
        seal(engine, series_of(engine))
    assign_channel(engine, "A01", second, version=2, from_sequence=6)
    send(engine, "3", [row(10)])
    assert load_cell_records(engine, first)["sequence"].tolist() == [0, 1, 2, 3, 4, 5]
    read = load_cell_records(engine, second)
    assert read["sequence"].tolist() == [6, 7, 8, 9, 10]
    assert read["test_time_second"].tolist() == [0, 1, 2, 3, 4]
    assert send(engine, "4", [row(3), row(8)]).duplicate == 2
    unassign(engine, "A01", version=3, from_sequence=6)
    assert load_cell_records(engine, second).empty


def test_a_channel_assigned_for_the_future_begins_a_new_series(engine: Engine) -> None:
    """Rows so far stay with their cell."""
    first, second = (create_cell(engine, {"name": name}).id for name in ("one", "two"))
    send(engine, "1", [row(0)])
    assign_channel(engine, "A01", first, version=1)
    assign_channel(engine, "A01", second, version=2)
    send(engine, "2", [row(1), row(2)])
    assert load_cell_records(engine, first)["sequence"].tolist() == [0]
    assert load_cell_records(engine, second)["sequence"].tolist() == [1, 2]


def test_two_channels_of_a_cell_are_joined_by_their_wall_clocks(engine: Engine) -> None:
    """Voltage here, pressure there: the pressure stands beside the voltage of the same moment."""
    cell = create_cell(engine, {"name": "one"})
    start = NOW - 1000
    volts = [row(i, at=start + i, test_time_second=500.0 + i) for i in range(20)]
    pressures = [row(i, "P01", at=start + 5.5 + i, values={"surface_pressure_mpa": 70 + i / 10}) for i in range(10)]
    send(engine, "1", volts)
    send(engine, "2", pressures)
    assign_channel(engine, "A01", cell.id, version=1)
    assign_channel(engine, "P01", cell.id, version=1)
    read = load_cell_records(engine, cell.id, columns=["voltage_volt", "surface_pressure_mpa"])
    at = read["test_time_second"] == 508.0  # 2.5 s after the first pressure
    assert read.loc[at, "surface_pressure_mpa"].tolist() == pytest.approx([70.25])
    assert read["surface_pressure_mpa"].isna().sum() == 20 - 9


def test_force_becomes_pressure_by_the_cells_area(engine: Engine) -> None:
    """The force is kept, the pressure derived."""
    cell = create_cell(engine, {"name": "one", "force_diameter_mm": 13.0})
    send(engine, "1", [row(0, values={"force_newton": 1000.0})])
    assign_channel(engine, "A01", cell.id, version=1)
    send(engine, "2", [row(1, values={"force_newton": 1000.0})])
    read = load_records(engine, series_of(engine))
    assert read["force_newton"].tolist() == [1000.0, 1000.0]
    assert read["surface_pressure_mpa"].iloc[1] == 1000.0 / (np.pi * 13.0**2 / 4)
    assert send(engine, "3", [row(1, values={"force_newton": 1000.0})]).duplicate == 1


def test_new_records_come_once_from_chunks_and_hot_rows(engine: Engine) -> None:
    """What a page asks for after a number is every later record, in order, on the cell's axis."""
    cell = create_cell(engine, {"name": "one"})
    send(engine, "1", [row(i) for i in range(0, 10, 2)])
    assign_channel(engine, "A01", cell.id, version=1)
    seal(engine, series_of(engine))
    send(engine, "2", [row(i) for i in (5, 10, 11, 12)])
    seen: list[int] = []
    while len(part := load_new_records(engine, series_of(engine), seen[-1] if seen else -1, ["voltage_volt"], 3)):
        seen += part["sequence"].tolist()
        assert part["test_time_second"].tolist() == part["sequence"].tolist()
    assert seen == [0, 2, 4, 5, 6, 8, 10, 11, 12]


def test_a_test_time_that_begins_again_begins_a_new_series(engine: Engine) -> None:
    """The next test on the same channel lies behind the one before, as the wall clock says."""
    cell = create_cell(engine, {"name": "one"})
    send(engine, "1", [row(i, test_time_second=float(i)) for i in range(5)])
    assign_channel(engine, "A01", cell.id, version=1)
    send(engine, "2", [row(10 + i, test_time_second=float(i)) for i in range(3)])
    assert load_cell_records(engine, cell.id)["test_time_second"].tolist() == [0, 1, 2, 3, 4, 10, 11, 12]
    assert "test_time_restarted" in codes(engine)


def test_late_rows_of_a_part_that_had_none_lie_on_the_cells_axis(engine: Engine) -> None:
    """The cell was given numbers of which none had come yet."""
    cell = create_cell(engine, {"name": "one"})
    send(engine, "1", [row(0), row(10)])
    assign_channel(engine, "A01", cell.id, version=1, from_sequence=5)
    unassign(engine, "A01", version=2, from_sequence=10)
    send(engine, "2", [row(7), row(8)])
    assert load_cell_records(engine, cell.id)["test_time_second"].tolist() == [0, 1]


def test_each_kind_of_a_fault_has_an_entry_with_its_own_words(engine: Engine) -> None:
    """A time before 2000 and one in the future, two quantities, two pairs of agents: nothing hides behind the first."""
    flags = [Flag("missing_values", "current_ampere: no number"), Flag("missing_values", "voltage_volt: no number")]
    rows = [row(0), row(1, at=0.0), row(2, at=1.0), row(3, at=NOW + 3 * 86_400), row(4, flags=flags)]
    send(engine, "1", rows)
    for other in ("two", "three", "two"):
        assert send(engine, other, [row(9)], agent=other).verdict == "second_agent"
    found = [(fault.code, fault.first_sequence, fault.last_sequence, fault.n) for fault in load_faults(engine)]
    assert sorted(found, key=str) == sorted(
        [
            ("time_implausible", 1, 2, 2),
            ("time_implausible", 3, 3, 1),
            ("missing_values", 4, 4, 1),
            ("missing_values", 4, 4, 1),
            ("second_agent", None, None, 2),
            ("second_agent", None, None, 1),
        ],
        key=str,
    )


def test_a_fault_that_goes_on_is_one_entry_and_a_later_one_another(engine: Engine) -> None:
    """Weeks of a stuck sensor do not fill the page."""
    flags = [Flag("out_of_range", "100 V", 1)]
    for number, received in enumerate((NOW, NOW + 60, NOW + 2 * 3600)):
        send(engine, str(number), [row(number, flags=flags)], received=received)
    faults = [fault for fault in load_faults(engine) if fault.code == "out_of_range"]
    assert [(fault.n, fault.first_sequence, fault.last_sequence) for fault in faults] == [(1, 2, 2), (2, 0, 1)]


def test_a_repetition_in_one_batch_is_judged_by_the_first(engine: Engine) -> None:
    """Equal: a duplicate; other values: a conflict."""
    answer = send(engine, "1", [row(1), row(1), row(1, values={"voltage_volt": 9.0})])
    assert (answer.stored, answer.duplicate, len(answer.conflicts)) == (1, 1, 1)


def test_channels_of_the_same_moment_are_made_once(engine: Engine) -> None:
    """Writers that meet a new channel at once all store their rows."""
    check_writers_at_once(engine)


def test_channels_of_the_same_moment_are_made_once_on_postgresql(postgres_url: str) -> None:
    """Also where several may write at once."""
    engine = open_engine(postgres_url)
    migrate(engine)
    check_writers_at_once(engine)
    engine.dispose()


def check_writers_at_once(engine: Engine) -> None:
    """Eight writers, each with a batch of the same channel, while another seals what is there."""
    errors: list[BaseException] = []

    def run(key: int) -> None:
        try:
            send(engine, str(key), [row(key)])
            seal(engine, series_of(engine))
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [Thread(target=run, args=(key,)) for key in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert load_records(engine, series_of(engine))["sequence"].tolist() == list(range(8))


def test_answers_of_old_batches_are_forgotten(engine: Engine) -> None:
    """After 30 days the numbers of the rows still tell a repetition."""
    send(engine, "1", [row(1)], received=NOW)
    assert prune_batches(engine) == 0
    assert prune_batches(engine, older_than_days=-10_000) == 1
    assert send(engine, "1", [row(1)]).duplicate == 1


def test_the_area_of_a_cell_makes_the_pressure_of_rows_that_came_before_it(engine: Engine) -> None:
    """Force of an unassigned channel becomes pressure when the channel gets its cell."""
    cell = create_cell(engine, {"name": "one", "force_diameter_mm": 13.0})
    send(engine, "1", [row(i, values={"force_newton": 1000.0}) for i in range(4)])
    seal(engine, series_of(engine))
    send(engine, "2", [row(4, values={"force_newton": 1000.0})])
    assert "surface_pressure_mpa" not in load_records(engine, series_of(engine))
    assign(engine, "A01", cell.id, version=1)
    area = np.pi * 13.0**2 / 4
    assert load_records(engine, series_of(engine))["surface_pressure_mpa"].tolist() == [1000.0 / area] * 5


def usual_interval(engine: Engine) -> float | None:
    """What the channel's rows usually are apart."""
    return load_channel(engine, "A01").usual_interval_second


def test_the_usual_interval_is_that_of_the_wall_clock(engine: Engine) -> None:
    """A simulation's test time runs faster; what is late is told by the clock on the wall."""
    send(engine, "1", [row(i, at=NOW - 100 + 0.15 * i, test_time_second=90.0 * i) for i in range(20)])
    assert usual_interval(engine) == pytest.approx(0.15)


def test_a_clock_of_whole_seconds_still_tells_the_usual_interval(engine: Engine) -> None:
    """Ten rows a second all show the same second."""
    send(engine, "1", [row(i, at=NOW - 100 + i // 10) for i in range(101)])
    assert usual_interval(engine) == pytest.approx(0.1)


def test_without_believable_dates_the_usual_interval_is_that_of_the_batches(engine: Engine) -> None:
    """A clock in 1970 says nothing."""
    for number in range(3):
        rows = [row(5 * number + i, at=float(i)) for i in range(5)]
        send(engine, str(number), rows, received=NOW + 10 * number)
    assert usual_interval(engine) == pytest.approx(2.0)


def test_rows_of_a_deleted_cell_are_kept_for_no_cell(engine: Engine) -> None:
    """Nobody sees a deleted cell: its channels wait for another one, and what comes meanwhile can be assigned."""
    cell = create_cell(engine, {"name": "In0-1"})
    send(engine, "1", [row(0)])
    assign_channel(engine, "A01", cell.id, version=load_channel(engine, "A01").version)
    before = load_channel(engine, "A01").version
    delete_cell(engine, cell.id)
    assert (load_channel(engine, "A01").cell_id, load_channel(engine, "A01").version) == (None, before + 1)
    send(engine, "2", [row(1)])
    other = create_cell(engine, {"name": "In0-2"})
    assign_channel(engine, "A01", other.id, version=before + 1)
    assert len(load_cell_records(engine, other.id)) == 1
    assert len(load_cell_records(engine, cell.id)) == 1
