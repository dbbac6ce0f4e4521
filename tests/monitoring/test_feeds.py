"""Feeds: live, late, stale or ended by their age; one that falls silent beside a living one is recorded, once."""

import hashlib

import numpy as np
import pytest
from sqlalchemy import Engine

from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_cell, load_channel, load_events
from data_access.writes import assign_channel, create_cell, store_batches, update_cell
from data_access.writes.notes import delete_event
from monitoring.feeds import assess_feed, feed_states, record_feed_events

NOW = 1_795_000_000.0
CYCLER, LOGGER = "C01", "P01"


@pytest.mark.parametrize(
    ("age", "interval", "state", "status"),
    [
        (0.5, 0.1, "running", "live"),  # ten rows a second come in batches of up to one second
        (1.6, 0.1, "running", "late"),
        (2.1, 0.1, "running", "stale"),
        (19.9, 10.0, "running", "live"),
        (20.1, 10.0, "running", "late"),
        (30.1, 10.0, "running", "stale"),
        (30.1, 10.0, None, "stale"),
        (30.1, 10.0, "finished", "ended"),
        (5.0, 10.0, "failed", "live"),
        (np.nan, 10.0, "running", "unknown"),
        (5.0, np.nan, "running", "unknown"),
    ],
)
def test_a_feed_is_judged_by_its_own_interval(age: float, interval: float, state: str | None, status: str) -> None:
    """Stale after three usual intervals, at least 2 s; what is silent after its test is over has ended."""
    assert assess_feed(age, interval, cell_state=state) == status


def send(engine: Engine, channel: str, first: int, last: int, interval: float = 10.0) -> None:
    """Rows of a channel, each received when it was measured; row 0 at NOW."""
    rows = [LiveRow(channel, n, NOW + n * interval, 0.0, {"voltage_volt": 3.7 + n / 1000}) for n in range(first, last)]
    for row in rows:
        digest = hashlib.sha256(f"{channel}{row.sequence}".encode()).hexdigest()
        store_batches(engine, [LiveBatch(digest, "lab", digest, b"", row.unix_second, [row])])


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A running cell with two channels, ten rows each."""
    made = create_cell(engine, {"name": "A", "electrode_diameter_mm": 13.0})
    for name in (CYCLER, LOGGER):
        send(engine, name, 0, 10)
        assign_channel(engine, name, made.id, version=load_channel(engine, name).version)
    return made.id


def statuses(engine: Engine, second: float) -> dict[str, tuple[str, bool]]:
    """Status and silent_partner of every channel so long after row 0."""
    found = feed_states(engine, NOW + second)
    return {str(row["name"]): (row["status"], row["silent_partner"]) for row in found.to_dict("records")}


def test_ages_and_partners(engine: Engine, cell_id: int) -> None:
    """Age counts from the last row received; a stale channel beside a living one has a partner that it left alone."""
    assert statuses(engine, 95.0) == {CYCLER: ("live", False), LOGGER: ("live", False)}
    assert feed_states(engine, NOW + 95.0)["age_second"].tolist() == pytest.approx([5.0, 5.0])
    send(engine, CYCLER, 10, 13)
    assert statuses(engine, 121.0) == {CYCLER: ("live", False), LOGGER: ("stale", True)}
    assert statuses(engine, 200.0) == {CYCLER: ("stale", False), LOGGER: ("stale", False)}
    update_cell(engine, cell_id, {"state": "finished"}, version=load_cell(engine, cell_id).version)
    assert statuses(engine, 200.0) == {CYCLER: ("ended", False), LOGGER: ("ended", False)}


def test_a_channel_without_a_cell_has_no_partner(engine: Engine) -> None:
    """Two channels of no cell are not partners of each other."""
    for name in (CYCLER, LOGGER):
        send(engine, name, 0, 10)
    send(engine, CYCLER, 10, 13)
    assert statuses(engine, 121.0) == {CYCLER: ("live", False), LOGGER: ("stale", False)}
    assert record_feed_events(engine, NOW + 121.0) == 0


@pytest.mark.parametrize(("alive", "silent"), [(CYCLER, LOGGER), (LOGGER, CYCLER)])
def test_silence_beside_a_living_channel_is_recorded_once(
    engine: Engine, cell_id: int, alive: str, silent: str
) -> None:
    """Within three intervals, whichever of the two it is; its return is recorded too, both with their times."""
    send(engine, alive, 10, 13)
    assert record_feed_events(engine, NOW + 119.0) == 0
    assert record_feed_events(engine, NOW + 120.5) == 1
    assert record_feed_events(engine, NOW + 121.5) == 0
    (event,) = load_events(engine, cell_id)
    assert event.kind == "feed_silent"
    assert silent in event.text
    assert event.start_second == pytest.approx(90.0)
    send(engine, alive, 13, 20)
    send(engine, silent, 19, 20)
    assert record_feed_events(engine, NOW + 191.0) == 1
    assert record_feed_events(engine, NOW + 192.0) == 0
    assert [one.kind for one in load_events(engine, cell_id)] == ["feed_silent", "feed_back"]
    assert load_events(engine, cell_id)[0].end_second == pytest.approx(190.0)
    send(engine, alive, 20, 30)
    assert record_feed_events(engine, NOW + 291.0) == 1  # silent again: another event


def test_a_deleted_event_does_not_come_again(engine: Engine, cell_id: int) -> None:
    """What a person deleted stays deleted while the same silence goes on."""
    send(engine, CYCLER, 10, 13)
    record_feed_events(engine, NOW + 121.0)
    delete_event(engine, load_events(engine, cell_id)[0].id)
    assert record_feed_events(engine, NOW + 122.0) == 0
    assert load_events(engine, cell_id) == []


def test_nothing_is_recorded_where_all_are_silent(engine: Engine, cell_id: int) -> None:
    """A test that ended, or a server that was down, is no silence beside a living channel."""
    assert record_feed_events(engine, NOW + 10_000.0) == 0
    assert load_events(engine, cell_id) == []


def send_lot(engine: Engine, channel: str, first: int, last: int) -> None:
    """Rows of every second, received together with the last of them."""
    rows = [LiveRow(channel, n, NOW + n, 0.0, {"surface_pressure_mpa": 70.0 + n / 1000}) for n in range(first, last)]
    digest = hashlib.sha256(f"{channel}{first}".encode()).hexdigest()
    store_batches(engine, [LiveBatch(digest, "lots", digest, b"", rows[-1].unix_second, rows)])


def test_a_feed_that_comes_in_lots_is_not_silent_between_them(engine: Engine) -> None:
    """A table that is flushed every 20 s is judged by its lots; nothing is recorded until one of them is overdue."""
    made = create_cell(engine, {"name": "A", "electrode_diameter_mm": 13.0})
    send(engine, CYCLER, 0, 2, 1.0)
    send_lot(engine, LOGGER, 0, 20)
    for name in (CYCLER, LOGGER):
        assign_channel(engine, name, made.id, version=load_channel(engine, name).version)
    for lot in range(1, 6):
        send(engine, CYCLER, 20 * lot - 2, 20 * lot, 1.0)
        assert record_feed_events(engine, NOW + 20 * lot) == 0
        send_lot(engine, LOGGER, 20 * lot, 20 * lot + 20)
    assert load_channel(engine, LOGGER).usual_interval_second == pytest.approx(1.0)
    send(engine, CYCLER, 178, 181, 1.0)
    assert statuses(engine, 180.0)[LOGGER] == ("stale", True)
    assert record_feed_events(engine, NOW + 180.0) == 1
