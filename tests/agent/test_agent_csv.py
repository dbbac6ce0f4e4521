"""A growing table is read once, whatever the instrument does to its file."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.barograph_agent import CsvTail, Source, Spool
from tests.agent.conftest import CYCLER, PROFILE, rows_of


def _lines(first: int, last: int, voltage: float = 3.0) -> str:
    return "".join(f"{n}.0,{voltage + n / 1000:.3f},{n % 7}.5,70.{n % 10},1,x\n" for n in range(first, last + 1))


def _test_times(spool: Spool) -> list[float]:
    return [row["test_time_second"] for row in rows_of(spool)]


def test_rows_have_number_time_and_units(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """The agent numbers from 1, keeps the header's units, and gives the wall clock with its zone."""
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 2))
    assert tail.poll() == 2
    first, second = rows_of(spool)
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert (first["voltage_volt"], first["current_ampere"], first["cycle_count"]) == (3.001, 1.5, 1)
    assert first["units"] == {
        "test_time_second": "s", "voltage_volt": "V", "current_ampere": "mA", "surface_pressure_mpa": "MPa",
    }  # fmt: skip
    times = [datetime.fromisoformat(row["time"]) for row in (first, second)]
    assert (times[1] - times[0]).total_seconds() == 1.0
    assert times[0].utcoffset() is not None
    assert "monotonic_second" not in first


def test_a_truncated_last_line_waits_for_its_end(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """Half a number is never a number."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 2) + "3.0,3.0")
    tail.poll()
    with path.open("a") as file:
        file.write("03,3.5,70.3,1,x\n")
    tail.poll()
    assert [(row["test_time_second"], row["voltage_volt"]) for row in rows_of(spool)][-1] == (3.0, 3.003)


def test_growth_is_read_on_by_another_agent_with_the_same_spool(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """The place in the file is in the spool, not in the memory."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 50))
    tail.poll()
    path.write_text(CYCLER + _lines(1, 90))
    CsvTail(tail.source, spool, PROFILE).poll()
    rows = rows_of(spool)
    assert [row["sequence"] for row in rows] == list(range(1, 91))
    assert [row["test_time_second"] for row in rows] == [float(n) for n in range(1, 91)]


@pytest.mark.parametrize("new_name", ["export.csv.1", "export_old.csv"])
def test_rotation_reads_what_was_left_in_the_renamed_file(
    tail: CsvTail, spool: Spool, tmp_path: Path, new_name: str
) -> None:
    """Inside the pattern or not: the renamed file is finished, and the new one begins."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 30))
    tail.poll()
    with path.open("a") as file:
        file.write(_lines(31, 33))
    path.rename(tmp_path / new_name)
    path.write_text(CYCLER + _lines(1, 5, voltage=4.0))
    tail.poll()
    tail.poll()
    rows = rows_of(spool)
    assert [row["test_time_second"] for row in rows] == [float(n) for n in [*range(1, 34), *range(1, 6)]]
    assert [row["sequence"] for row in rows] == list(range(1, 39))


def test_a_copy_of_the_file_is_not_read_again(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """The same content under another name is the same rows."""
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 200))
    tail.poll()
    (tmp_path / "export_copy.csv").write_text(CYCLER + _lines(1, 200))
    tail.poll()
    assert len(_test_times(spool)) == 200


@pytest.mark.parametrize("preamble", ["", "Exported 12:01\n", "Exported at 12:05 by the night shift, second edition\n"])
def test_a_file_that_is_exported_anew_is_read_on(tail: CsvTail, spool: Spool, tmp_path: Path, preamble: str) -> None:
    """A new export of the whole test, with another title or rounding, adds only its new rows."""
    path = tmp_path / "export.csv"
    path.write_text("Exported 12:00\n" + CYCLER + _lines(1, 300))
    tail.poll()
    (tmp_path / "new").write_text(preamble + CYCLER + _lines(1, 310))
    (tmp_path / "new").replace(path)
    tail.poll()
    path.write_text(preamble + CYCLER + _lines(1, 310).replace(",x\n", ",edited\n") + _lines(311, 320))
    tail.poll()
    assert _test_times(spool) == [float(n) for n in range(1, 321)]


def test_a_file_that_is_being_written_anew_is_waited_for(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """Shorter than what was read, with the same beginning: nothing is read until it has grown past it."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 300))
    tail.poll()
    for last in (0, 10, 200):
        path.write_text(CYCLER + _lines(1, last))
        tail.poll()
    path.write_text(CYCLER + _lines(1, 301))
    tail.poll()
    assert _test_times(spool) == [float(n) for n in range(1, 302)]


def test_a_new_test_in_the_same_file_begins_anew(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """Other rows under the same name and header are all read."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 40))
    tail.poll()
    path.write_text(CYCLER + _lines(1, 3, voltage=3.5))
    tail.poll()
    assert _test_times(spool) == [float(n) for n in [*range(1, 41), 1, 2, 3]]


def test_a_new_test_that_begins_like_the_last_one_is_read_when_they_differ(
    tail: CsvTail, spool: Spool, tmp_path: Path
) -> None:
    """A pressure that rests at the same value for long: the first row that differs tells the tests apart."""
    path, header = tmp_path / "export.csv", "Test_Time(s),Pressure(MPa)\n"
    resting = "".join(f"{n},70.0\n" for n in range(1, 101))
    path.write_text(header + resting + "".join(f"{n},71.0\n" for n in range(101, 401)))
    tail.poll()
    path.write_text(header + resting)
    tail.poll()
    assert [alarm["code"] for alarm in spool.alarms()] == ["shorter"]
    path.write_text(header + resting + "".join(f"{n},72.0\n" for n in range(101, 201)))
    tail.poll()
    rows = rows_of(spool)
    assert [row["test_time_second"] for row in rows] == [float(n) for n in [*range(1, 401), *range(1, 201)]]
    assert spool.alarms() == []


def test_a_unit_that_changes_amid_the_rows_goes_with_the_rows(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """A logger that starts again with mA in place of A: never a thousand times the current."""
    first, second = (
        "Test_Time(s),Voltage(V),Current(A)\n1,3.7,0.001\n",
        "Test_Time(s),Voltage(V),Current(mA)\n2,3.7,1\n",
    )
    (tmp_path / "export.csv").write_text(first + second + "Test Time,Voltage,Current\ns,V,µA\n3,3.7,1000\n")
    tail.poll()
    assert [row["units"]["current_ampere"] for row in rows_of(spool)] == ["A", "mA", "µA"]
    assert spool.alarms() == []


def test_after_a_restart_what_was_read_is_not_read_again(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """Files that have not changed are not even opened; an older copy raises no alarm."""
    (tmp_path / "export_monday.csv").write_text(CYCLER + _lines(1, 100))
    tail.poll()
    (tmp_path / "export_tuesday.csv").write_text(CYCLER + _lines(1, 150))
    tail.poll()
    again = CsvTail(tail.source, spool, PROFILE)
    assert again.poll() == 0
    assert len(rows_of(spool)) == 150
    assert spool.alarms() == []


def test_a_full_disk_loses_nothing(
    tail: CsvTail, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written to the spool is read again: place and rows are one transaction."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 10))
    monkeypatch.setattr(spool, "save_lineage", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tail.poll()
    monkeypatch.undo()
    with path.open("a") as file:
        file.write(_lines(11, 11))
    tail.poll()
    assert _test_times(spool) == [float(n) for n in range(1, 12)]


def test_a_date_tells_a_new_spool_where_to_go_on(spool: Spool, tmp_path: Path) -> None:
    """The server's last row by its wall clock, also where the agent was killed before it read on."""
    rows = "".join(f"2026-11-22 10:00:{second:02d},3.7,0\n" for second in range(30))
    (tmp_path / "export.csv").write_text("Date_Time,Voltage(V),Current(A)\n" + rows)
    spool.begin("A01", {"last_sequence": 10, "last_time": "2026-11-22T10:00:09Z", "last_test_time_second": None})
    tail = CsvTail(Source("csv", "A01", str(tmp_path / "export.csv"), time_zone="+00:00"), spool, PROFILE)
    tail.poll()
    assert rows_of(spool)[0]["time"] == "2026-11-22T10:00:10.000+00:00"


def test_a_commit_that_fails_is_rolled_back(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """A disk that is full at the very end of a transaction: the next one begins anew and is committed."""
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 3))
    pages = spool.database.execute("PRAGMA page_count").fetchone()[0]
    spool.database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError):
        spool.save_lineage("A01", None, {"text": "x" * 1_000_000})
    spool.database.execute("PRAGMA max_page_count = 1000000")
    assert not spool.database.in_transaction
    assert tail.poll() == 3
    assert len(rows_of(spool)) == 3


def test_another_channels_file_is_never_taken_for_a_renamed_one(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """A file system gives the number of a deleted file to the next one."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 10))
    tail.poll()
    path.rename(tmp_path / "other.csv")
    (tmp_path / "other.csv").write_text(CYCLER + _lines(1, 10, voltage=4.0))
    tail.poll()
    assert len(rows_of(spool)) == 10


def test_decimal_comma_units_row_and_preamble(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """A German export: semicolons, commas, a title, a row of units below the header."""
    text = "Prüfling 7\n\nTest Time;Voltage;Current;Force\ns;V;mA;kgf\n1,5;3,7;-0,25;712,5\n2,5;3,8;;713\n"
    (tmp_path / "export.csv").write_bytes(text.encode("cp1252"))
    tail.poll()
    rows = rows_of(spool)
    assert [row["voltage_volt"] for row in rows] == [3.7, 3.8]
    assert [row["current_ampere"] for row in rows] == [-0.25, None]
    assert rows[0]["units"]["force_newton"] == "kgf"
    assert "current_ampere" not in rows[1]["units"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp949"])
def test_encodings(tail: CsvTail, spool: Spool, tmp_path: Path, encoding: str) -> None:
    """Marks, zeros and Korean code pages are understood."""
    path = tmp_path / "export.csv"
    path.write_bytes("시험시간(s),전압(V),온도(°C)\n1,3.7,60.1\n2,3.8,60.2\n".encode(encoding))
    tail.poll()
    path.write_bytes("시험시간(s),전압(V),온도(°C)\n1,3.7,60.1\n2,3.8,60.2\n3,3.9,60.3\n".encode(encoding))
    tail.poll()
    rows = rows_of(spool)
    assert [row["voltage_volt"] for row in rows] == [3.7, 3.8, 3.9]
    assert rows[2]["surface_temperature_celsius"] == 60.3


def test_the_instruments_date_is_the_time(spool: Spool, tmp_path: Path) -> None:
    """With the zone of the settings, and day and month in the order that fits the day of writing."""
    today = datetime.now(UTC)
    text = f"Date_Time,Voltage(V),Current(A)\n{today:%d/%m/%Y} 10:00:01.250,3.7,0\n{today:%d/%m/%Y} 10:00:02,3.7,0\n"
    (tmp_path / "export.csv").write_text(text)
    tail = CsvTail(Source("csv", "A01", str(tmp_path / "export.csv"), time_zone="+09:00"), spool, PROFILE)
    tail.poll()
    assert rows_of(spool)[0]["time"] == f"{today:%Y-%m-%d}T10:00:01.250+09:00"


def test_rows_without_any_clock_have_the_time_of_writing(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """As a file is read in blocks, its rows carry no monotonic clock."""
    (tmp_path / "export.csv").write_text("Voltage(V),Pressure(MPa)\n3.7,70\n")
    tail.poll()
    (row,) = rows_of(spool)
    assert "monotonic_second" not in row
    assert abs((datetime.fromisoformat(row["time"]) - datetime.now(UTC)).total_seconds()) < 5


def test_what_cannot_be_read_is_kept_aside_and_said(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """A footer, a shifted row and a number with two marks are no rows; the others are."""
    bad = 'Total,,,,,\n9,3.7,0,0,1,70,x\n10,"1,234.5",0,70,1,x\n'
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 3) + bad + _lines(4, 5))
    tail.poll()
    assert _test_times(spool) == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [(alarm["code"], alarm["channel"]) for alarm in spool.alarms()] == [("unreadable", "A01")]
    assert (tmp_path / "spool/rejected/A01-unreadable.txt").read_text().count("\n") == 3


def test_a_repeated_header_and_zeros_after_a_crash_are_no_rows(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """Loggers that start again write their header again; those that crash pad with zeros."""
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 2) + CYCLER + "\0" * 40 + "\n" + _lines(3, 3))
    tail.poll()
    assert _test_times(spool) == [1.0, 2.0, 3.0]
    assert spool.alarms() == []


def test_nan_and_over_range_are_missing(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """An empty cell, NaN and infinity are null: measured nothing, and JSON has no other word."""
    (tmp_path / "export.csv").write_text(CYCLER + "1,NaN,,inf,1,x\n")
    tail.poll()
    (row,) = rows_of(spool)
    assert (row["voltage_volt"], row["current_ampere"], row["surface_pressure_mpa"]) == (None, None, None)


def test_the_instruments_own_numbers_may_be_the_sequence(spool: Spool, tmp_path: Path) -> None:
    """Where the settings say that they never start again."""
    (tmp_path / "export.csv").write_text("Data_Point,Test_Time(s),Voltage(V)\n101,1,3.7\n102,2,3.7\n")
    tail = CsvTail(Source("csv", "A01", str(tmp_path / "export.csv"), numbered=True), spool, PROFILE)
    tail.poll()
    assert [row["sequence"] for row in rows_of(spool)] == [101, 102]


def test_a_new_spool_goes_on_after_the_last_row_that_the_server_has(
    tail: CsvTail, spool: Spool, tmp_path: Path
) -> None:
    """The server's last row is found in the file again by its test time."""
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 100))
    spool.begin("A01", {"last_sequence": 60, "last_time": "2026-11-22T10:00:00Z", "last_test_time_second": 60.0})
    tail.poll()
    first = rows_of(spool)[0]
    assert (first["sequence"], first["test_time_second"]) == (61, 61.0)


def test_a_new_spool_that_cannot_find_the_place_says_so(tail: CsvTail, spool: Spool, tmp_path: Path) -> None:
    """Rows that may be stored already are not sent a second time; a person is told."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + _lines(1, 10))
    spool.begin("A01", {"last_sequence": 10})
    tail.poll()
    path.write_text(CYCLER + _lines(1, 12))
    tail.poll()
    assert _test_times(spool) == [11.0, 12.0]
    assert [alarm["code"] for alarm in spool.alarms()] == ["skipped"]


def test_a_long_backlog_is_read_in_parts_and_dated_by_its_test_time(
    tail: CsvTail, spool: Spool, tmp_path: Path
) -> None:
    """Each part is counted back from the file's last row, not from its own."""
    (tmp_path / "export.csv").write_text(CYCLER + _lines(1, 30_000))
    while tail.poll():
        pass
    rows = rows_of(spool)
    assert [row["sequence"] for row in rows] == list(range(1, 30_001))
    first, last = (datetime.fromisoformat(rows[place]["time"]) for place in (0, -1))
    assert (last - first).total_seconds() == pytest.approx(29_999, abs=0.01)
    assert abs((datetime.now(UTC) - last).total_seconds()) < 60
