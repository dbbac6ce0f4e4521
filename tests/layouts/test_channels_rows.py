"""What the Instruments page says: order, sentence, faults, and rows kept aside, all from tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from data_access.models import Agent, Fault
from layouts.channels_rows import LONGEST_PAYLOAD, agent_rows, aside_rows, channel_rows, channels_sentence, fault_rows
from layouts.words import channels as words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def feeds(*states: dict[str, Any]) -> pd.DataFrame:
    """States of feeds as monitoring gives them."""
    known: dict[str, Any] = {
        "agent": "lab-pc",
        "cell_id": None,
        "last_sequence": 7,
        "usual_interval_second": 1.0,
        "faults": 0,
        "status": "live",
        "age_second": 0.4,
        "silent_partner": False,
    }
    return pd.DataFrame([known | state for state in states])


def kept(**values: Any) -> pd.DataFrame:
    """One entry of the quarantine."""
    known = {"received_at": NOW - timedelta(minutes=3), "channel": "A01", "sequence": 5, "text": "{}", "reason": ""}
    return pd.DataFrame([known | values])


def test_silent_channels_come_first_then_those_without_a_cell() -> None:
    """What needs a hand stands above what does not; the rest by name."""
    table = feeds(
        {"name": "b", "cell_id": 1},
        {"name": "a", "cell_id": 1},
        {"name": "waits"},
        {"name": "silent", "cell_id": 2, "status": "stale"},
    )
    rows = channel_rows(table, {1: "In0-1", 2: "In0-2"})
    assert [row["name"] for row in rows] == ["silent", "waits", "a", "b"]
    assert [row["cell"] for row in rows] == ["In0-2", "", "In0-1", "In0-1"]


def test_a_channel_that_never_had_a_row_has_no_numbers() -> None:
    """Not zeros: nothing is known."""
    absent = dict.fromkeys(("agent", "age_second", "usual_interval_second", "last_sequence"))
    (row,) = channel_rows(feeds({"name": "a", "status": "unknown", **absent}), {})
    assert (row["last"], row["interval"], row["row"], row["agent"]) == (None, None, None, "")


def test_a_channel_that_brings_files_is_not_new() -> None:
    """A stored file and no row: it says so; with rows its feed counts."""
    table = feeds(
        {"name": "files", "channel_id": 1, "status": "unknown", "last_sequence": None},
        {"name": "new", "channel_id": 2, "status": "unknown", "last_sequence": None},
        {"name": "rows", "channel_id": 3, "status": "unknown"},
    )
    said = {row["name"]: row["marks"]["status"]["word"] for row in channel_rows(table, {}, {1, 3})}
    assert said == {"files": "Files only", "new": "New", "rows": "New"}


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        (["live"], "1 channel, 1 waits for a cell."),
        (["live", "late"], "2 channels, all of them are heard, 2 wait for a cell."),
        (["stale", "stale", "live"], "3 channels, 2 are silent, 3 wait for a cell."),
        (["ended"], "1 channel, nothing is expected of them now, 1 waits for a cell."),
    ],
)
def test_the_sentence_says_what_is_the_case(statuses: list[str], sentence: str) -> None:
    """In words and numbers, before any table."""
    rows = channel_rows(feeds(*({"name": str(at), "status": status} for at, status in enumerate(statuses))), {})
    assert channels_sentence(rows) == sentence


def test_a_fault_has_its_word_its_rows_and_its_time() -> None:
    """An unknown code is shown as it is: a newer worker may know more."""
    moment = NOW - timedelta(minutes=26)
    faults = [
        Fault(
            code="clock_jump", text="by 1 h", first_sequence=4, last_sequence=9, n=6, first_at=moment, last_at=moment
        ),
        Fault(
            code="brand_new", text="x", first_sequence=None, last_sequence=None, n=1, first_at=moment, last_at=moment
        ),
        Fault(code="conflict", text="x", first_sequence=3, last_sequence=3, n=1, first_at=moment, last_at=moment),
    ]
    rows = fault_rows(faults, now=NOW)
    assert rows[0][:5] == (words.FAULT_WORDS["clock_jump"], "by 1 h", "4–9", "6", "26 min ago")
    assert rows[0][5] == "2026-11-22 11:34:00 UTC"
    assert rows[1][0] == "brand_new"
    assert [row[2] for row in rows[1:]] == ["", "3"]


def test_a_row_kept_aside_shows_what_differs_beside_what_is_stored() -> None:
    """With label and unit of the column; what is the same is not repeated."""
    sent = '{"unix_time_second": 1000.0, "voltage_volt": 3.9, "current_ampere": -0.001}'
    stored = '{"unix_time_second": 1000.0, "voltage_volt": 3.7, "current_ampere": -0.001}'
    reason = f"Another row with this sequence number and other values is stored: {stored}"
    (row,) = aside_rows(kept(text=sent, reason=reason), now=NOW)
    assert (row["sent"], row["stored"]) == (["Voltage 3.9 V"], ["Voltage 3.7 V"])
    assert row["why"] == "Its number stands for other values. The first stays."
    assert (row["row"], row["received"]) == ("5", "3 min ago")


def test_values_that_one_side_lacks_are_shown_as_absent() -> None:
    """And a moment is a date, a negative number has a true minus."""
    reason = 'Another row with this sequence number and other values is stored: {"voltage_volt": 3.7}'
    text = '{"unix_time_second": 0.0, "voltage_volt": 3.7, "current_ampere": -0.001, "odd": "x"}'
    (row,) = aside_rows(kept(text=text, reason=reason), now=NOW)
    assert row["sent"] == ["1970-01-01 00:00:00 UTC", "Current −0.001 A", "odd x"]
    assert row["stored"] == ["Wall-clock time – s", "Current – A", "odd –"]


def test_a_whole_payload_is_shown_as_text_and_not_in_full() -> None:
    """It may be a megabyte; the download has all of it."""
    (row,) = aside_rows(kept(sequence=None, channel=None, text="x" * 10_000, reason="Key used twice"), now=NOW)
    assert row["sent"] == "x" * LONGEST_PAYLOAD
    assert (row["row"], row["channel"], row["why"], row["stored"]) == (words.ASIDE_WHOLE, "", "Key used twice", [])


def test_a_row_that_came_twice_in_one_batch_has_nothing_stored_beside_it() -> None:
    """All its values are shown, and the reason as it was written."""
    reason = "Another row with this sequence number and other values is in the same batch"
    (row,) = aside_rows(kept(text='{"voltage_volt": 3.9}', reason=reason), now=NOW)
    assert (row["sent"], row["stored"], row["why"]) == (["Voltage 3.9 V"], [], reason)


def test_an_agent_that_is_not_heard_stands_first_and_in_the_sentence() -> None:
    """Three signs of life that did not come; what it said before stays in view."""
    heard = Agent(name="a", seen_at=NOW - timedelta(seconds=9), said={"waiting_rows": 0, "rejected": 2})
    silent = Agent(name="b", seen_at=NOW - timedelta(minutes=5), said={"alarms": [{"text": "no unit"}]})
    rows = agent_rows([heard, silent], now=NOW)
    assert [(row["name"], row["is_silent"], row["heard"]) for row in rows] == [
        ("b", True, "5 min"),
        ("a", False, "9.0 s"),
    ]
    assert (rows[1]["waiting"], rows[1]["rejected"], rows[1]["alarms"]) == (0, 2, [])
    sentence = channels_sentence(channel_rows(feeds({"name": "x", "cell_id": 1}), {1: "c"}), rows)
    assert sentence == "1 channel, 1 agent is not heard, 1 agent raises an alarm."
