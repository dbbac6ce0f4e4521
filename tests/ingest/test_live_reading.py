"""A batch is read whole or refused whole: with every problem, or as what it says in our units."""

import gzip
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.live.batches import LiveBatch, LiveRow
from ingest.live import UNPACKED_BYTES, InvalidBatchError, read_batch
from ingest.live_fields import unit_problem
from ingest.live_text import CSV, JSON_LINES
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import BarographError, RefusedFileError
from pressiometry.units import UNITS, convert

TIME = "2026-11-22T15:01:11.250+09:00"


def read(body: bytes, media: str = JSON_LINES, encoding: str = "") -> LiveBatch:
    """The batch."""
    return read_batch(
        body, media_type=media, encoding=encoding, key="lab:1", agent="lab", received_unix_second=1.7953e9
    )


def read_one(**fields: Any) -> LiveRow:
    """The one row of a batch."""
    return read(json.dumps({"channel": "A01", "sequence": 1, "time": TIME, **fields}).encode()).rows[0]


def problems_of(**fields: Any) -> list[tuple[str, str]]:
    """What is wrong with one row: fields and words."""
    with pytest.raises(InvalidBatchError) as caught:
        read_one(**fields)
    return [(one.field, one.text) for one in caught.value.rows]


def test_a_row_is_read_as_it_was_written() -> None:
    """The time with its offset, the counts, the clocks, the values."""
    row = read_one(cycle_count=3, step_count=2, record_index=7, monotonic_second=5.5, test_time_second=8, strain=0.001)
    assert (row.unix_second, row.utc_offset_second) == (1795327271.25, 32400.0)
    assert (row.monotonic_second, row.test_time_second) == (5.5, 8.0)
    assert row.values == {"instrument_cycle_count": 3, "step_count": 2, "record_index": 7, "strain": 0.001}


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"channel": 5}, "channel", "5 is no text"),
        ({"channel": None}, "channel", "is missing"),
        ({"channel": " A01"}, "channel", "blanks"),
        ({"channel": "a\u202eb"}, "channel", "cannot be seen"),
        ({"sequence": True}, "sequence", "no whole number"),
        ({"sequence": "7"}, "sequence", "no whole number"),
        ({"sequence": 2**53}, "sequence", "not between"),
        ({"time": None}, "time", "is missing"),
        ({"time": 1795327271}, "time", "no text"),
        ({"time": "2026-11-22T15:01:11"}, "time", "no zone"),
        ({"time": "22.11.2026 15:01"}, "time", "ISO 8601"),
        ({"voltage_volt": "3,7"}, "voltage_volt", "no number"),
        ({"voltage_volt": [3.7]}, "voltage_volt", "no number"),
        ({"voltage_volt": "x" * 500}, "voltage_volt", "..."),
        ({"step_count": 1.5}, "step_count", "no whole number"),
        ({"monotonic_second": "soon"}, "monotonic_second", "no number"),
        ({"volts": 3.7}, "volts", "no such field"),
        ({"unix_time_second": 3.7}, "unix_time_second", "no such field"),
        ({"units": "V"}, "units", "an object"),
        ({"units": {"volts": "V"}}, "units.volts", "no such field"),
        ({"units": {"voltage_volt": 1}}, "units.voltage_volt", "no text"),
        ({"units": {"voltage_volt": "A"}}, "units.voltage_volt", "known are V, mV"),
        ({"units": {"step_count": "s"}}, "units.step_count", "has no unit"),
        ({"cycle_count": 1, "instrument_cycle_count": 1}, "instrument_cycle_count", "twice"),
    ],
)
def test_what_cannot_be_taken_is_named(fields: dict[str, Any], field: str, words: str) -> None:
    """The field, and what is wrong with it."""
    ((found, text),) = problems_of(**fields)
    assert found == field
    assert words in text


def test_what_is_no_number_is_missing() -> None:
    """Also a number that no computer holds, and a clock that was not read."""
    row = read(b'{"channel":"A","sequence":1,"time":"%b","voltage_volt":NaN,"strain":1e999}' % TIME.encode()).rows[0]
    assert (row.values, [(flag.code, flag.n) for flag in row.flags]) == ({}, [("missing_values", 1)] * 2)
    huge = b'{"channel":"A","sequence":1,"time":"%b","strain":1%b}' % (TIME.encode(), b"0" * 400)
    assert read(huge).rows[0].values == {}
    assert read_one(monotonic_second=None, test_time_second="NaN").test_time_second is None


def test_every_unit_that_files_may_have_is_known() -> None:
    """What the import of files converts, live rows convert alike, to the last bit."""
    for column, units in UNITS.items():
        if column == "unix_time_second":
            continue
        for unit in units:
            assert unit_problem(column, unit) is None
            row = read_one(**{column: 2.5}, units={column: unit})
            value = row.test_time_second if column == "test_time_second" else row.values[column]
            assert value == float(convert(2.5, unit, next(iter(units))))


def test_a_value_that_cannot_be_is_flagged_in_our_units() -> None:
    """9,000 mV are 9 V; 100 V are not possible."""
    assert read_one(voltage_volt=9000, units={"voltage_volt": "mV"}).flags == []
    (flag,) = read_one(voltage_volt=100).flags
    assert (flag.code, flag.text) == (
        "out_of_range",
        "Voltage 100 V is outside -1 to 10 V: kept, and used in no result",
    )


def test_csv_says_the_same_as_json() -> None:
    """Numbers, texts, empty cells, blank lines, units in the header or in a column, a byte order mark."""
    table = (
        "\ufeffchannel, sequence ,time,voltage_volt [ mV ],step_count,units\r\n"
        f'A01,1,{TIME},3500,2,"{{""current_ampere"": ""mA""}}"\r\n'
        "\r\n"
        f"A01,2,{TIME},nan,,\r\n"
    )
    rows = read(table.encode(), CSV).rows
    assert [row.values for row in rows] == [{"voltage_volt": 3.5, "step_count": 2.0}, {}]
    with pytest.raises(InvalidBatchError, match="3 values are wrong"):
        read(b"channel,sequence,time,voltage_volt,units\nA01,1_0,now,3 500,broken\n".replace(b",broken", b","), CSV)
    with pytest.raises(InvalidBatchError) as caught:
        read(f"channel,sequence,time,units\nA01,1,{TIME},broken\n".encode(), CSV)
    assert [one.field for one in caught.value.rows] == ["units"]


def test_packed_parts_are_one_body() -> None:
    """A gzip file may have several members, as `cat a.gz b.gz` makes it."""
    lines = [json.dumps({"channel": "A", "sequence": i, "time": TIME}).encode() + b"\n" for i in range(2)]
    assert len(read(b"".join(gzip.compress(line) for line in lines), encoding="gzip").rows) == 2


def test_a_bomb_is_not_unpacked() -> None:
    """A small body that would become 256 MB is refused with little memory."""
    bomb = gzip.compress(b" " * 2**28, 1)
    tracemalloc.start()
    try:
        with pytest.raises(RefusedFileError):
            read(bomb, encoding="gzip")
        assert tracemalloc.get_traced_memory()[1] < 4 * UNPACKED_BYTES
    finally:
        tracemalloc.stop()


def test_the_digest_tells_payloads_apart() -> None:
    """The same rows packed or not are one content; the same bytes as CSV are another."""
    line = json.dumps({"channel": "A", "sequence": 1, "time": TIME}).encode()
    assert read(line).digest == read(gzip.compress(line), encoding="gzip").digest
    assert read(line).digest != read(line + b"\n").digest


names = st.sampled_from(["channel", "sequence", "time", "units", "voltage_volt", "step_count", "x", *RECORD_COLUMNS])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(TIME),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(names, anything, max_size=6), max_size=4))
def test_any_json_is_a_batch_or_a_refusal(rows: list[dict[str, Any]]) -> None:
    """Never anything but a batch or a known error."""
    body = "\n".join(json.dumps(row) for row in rows).encode("utf-8", "surrogatepass")
    try:
        batch = read(body)
    except BarographError:
        return
    assert len(batch.rows) == len(rows)


@given(st.binary(max_size=200), st.sampled_from([JSON_LINES, CSV]), st.sampled_from(["", "gzip"]))
def test_any_bytes_are_a_batch_or_a_refusal(body: bytes, media: str, encoding: str) -> None:
    """Never anything but a batch or a known error."""
    try:
        read(body, media, encoding)
    except BarographError:
        return
