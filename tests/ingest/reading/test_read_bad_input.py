"""Each text entry of the catalogue of bad input gets its stated response (IMPORT section 2.7); files made here."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.reading import Reading, read_export
from pressiometry.errors import RefusedFileError

Read = Callable[..., Reading]
HEADER = "Test_Time(s),Voltage(V),Current(A),Cycle_Index,Pressure(MPa)"


def rows(count: int = 40, start: int = 0, step: float = 10.0) -> list[str]:
    """Rows of a charge with a swelling anode: time, voltage, current, cycle, pressure."""
    return [f"{(k + start) * step:.1f},{3.5 + 0.005 * k:.4f},0.0012,1,{68 + 0.01 * k:.3f}" for k in range(count)]


def text(*lines: str, header: str = HEADER, end: str = "\n") -> str:
    """A file of these lines under a header."""
    return end.join([header, *lines]) + end


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read it."""

    def reader(content: str | bytes, answers: dict[str, Any] | None = None, name: str = "export.csv") -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        reading = read_export(path, name, answers or {})
        assert reading.rows_read == len(reading.table) + reading.rows_quarantined + reading.rows_duplicate
        return reading

    return reader


@pytest.fixture
def refused(read: Read) -> Callable[..., RefusedFileError]:
    """Read a file that must be refused; the error."""

    def reader(content: str | bytes, name: str = "export.csv") -> RefusedFileError:
        with pytest.raises(RefusedFileError) as error:
            read(content, name=name)
        return error.value

    return reader


def codes(reading: Reading) -> set[str]:
    """Codes of the problems."""
    return {problem.code for problem in reading.problems}


def asked(reading: Reading) -> list[str]:
    """Codes of the questions."""
    return [question.code for question in reading.questions]


def problem(reading: Reading, code: str) -> tuple[int | None, str | None]:
    """Line and column of the first problem of a code."""
    found = next(item for item in reading.problems if item.code == code)
    return found.line, found.column


def assert_all_read(reading: Reading, count: int = 40) -> None:
    """Every row is there with the right values, nothing is asked, nothing found wrong."""
    assert (len(reading.table), reading.rows_quarantined, asked(reading)) == (count, 0, [])
    first, last = reading.table.iloc[0], reading.table.iloc[-1]
    assert (first["voltage_volt"], first["current_ampere"]) == pytest.approx((3.5, 0.0012))
    assert last["test_time_second"] == pytest.approx((count - 1) * 10.0)
    assert last["surface_pressure_mpa"] == pytest.approx(68 + 0.01 * (count - 1))


# --- 1, 2: nothing to read ---


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 4096, b"\xef\xbb\xbf"])
def test_01_an_empty_file_is_refused(refused: Callable[..., RefusedFileError], content: bytes) -> None:
    """Nothing, blank lines, NUL bytes only."""
    assert refused(content).code == "empty"


def test_02_header_only_is_refused_with_the_line(refused: Callable[..., RefusedFileError]) -> None:
    """A header without rows: "0 rows", and where the header stands."""
    error = refused(HEADER + "\n")
    assert (error.code, "0 rows" in error.text, "line 1" in error.text) == ("no_rows", True, True)


# --- 3 to 12: encodings, line ends, delimiters, decimal marks ---


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_03_to_07_encodings_and_line_ends(read: Read, encoding: str, mark: bytes, end: str) -> None:
    """Byte-order mark, UTF-16 of both orders with and without a mark, LF, CR LF and CR alone."""
    assert_all_read(read(mark + text(*rows(), end=end).encode(encoding)))


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(";", ","), ("\t", ","), ("\t", "."), ("|", "."), (";", "."), (" ", ".")]
)
def test_08_09_delimiters_and_decimal_commas(read: Read, delimiter: str, decimal: str) -> None:
    """Semicolons, tabs, bars and blanks; decimal commas where the delimiter is none."""
    if decimal == ",":
        lines = [HEADER.replace(",", delimiter), *(row.replace(",", delimiter).replace(".", ",") for row in rows())]
    else:
        lines = [HEADER.replace(",", delimiter), *(row.replace(",", delimiter) for row in rows())]
    content = "\n".join(lines)
    reading = read(content)
    assert_all_read(reading)
    assert (reading.delimiter, reading.decimal_mark) == (delimiter, decimal)


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-16"])
def test_10_11_korean_headers(read: Read, encoding: str) -> None:
    """Korean names in cp949 and UTF-8."""
    reading = read(text(*rows(), header="시간(초),전압(V),전류(A),사이클,압력(MPa)").encode(encoding))
    assert_all_read(reading)
    assert reading.encoding == encoding


def test_12_micro_sign_in_cp1252_is_micro(read: Read) -> None:
    """0xB5 A is µA, not a Korean letter: a factor of a million."""
    content = text(*(row.replace("0.0012", "1200") for row in rows()), header=HEADER.replace("(A)", "(µA)"))
    reading = read(content.encode("cp1252"))
    assert_all_read(reading)
    assert reading.encoding == "cp1252"


@pytest.mark.parametrize("unit", ["\ufffdA", "?A", "ï¿½A", "μA"])
def test_12_a_destroyed_micro_sign_is_still_micro(read: Read, unit: str) -> None:
    """A µ that was lost on the way, or is the Greek letter."""
    content = text(*(row.replace("0.0012", "1200") for row in rows()), header=HEADER.replace("(A)", f"({unit})"))
    assert_all_read(read(content))


# --- 13, 14, 18, 45: what stands around the table ---


def test_13_twenty_lines_of_preamble(read: Read) -> None:
    """Lines of text above the header are passed over; lines are counted from the top of the file."""
    preamble = [f"Remark {k}: cell, holder, 2 mm" for k in range(20)]
    reading = read("\n".join(preamble) + "\n" + text(*rows()))
    assert_all_read(reading)
    assert reading.table["source_row"].iloc[0] == 22


def test_14_unit_row(read: Read) -> None:
    """Units in a row of their own."""
    reading = read(text("s,mV,mA,,bar", *rows(), header="time,voltage,current,cycle,pressure"))
    assert reading.table["surface_pressure_mpa"].iloc[0] == pytest.approx(6.8)
    assert reading.table["current_ampere"].iloc[0] == pytest.approx(1.2e-6)
    assert reading.table["source_row"].iloc[0] == 3


def test_18_trailing_delimiter(read: Read) -> None:
    """A delimiter at the end of every row, or of header and rows, is no column."""
    assert_all_read(read(text(*(row + "," for row in rows()))))
    assert_all_read(read(text(*(row + "," for row in rows()), header=HEADER + ",")))


def test_45_byte_order_mark_on_each_line(read: Read) -> None:
    """A logger that writes the mark at the start of every line."""
    content = "".join("\ufeff" + line + "\n" for line in [HEADER, *rows()])
    assert_all_read(read(content))


# --- 15 to 20: rows and cells that cannot be read ---


def test_15_a_cut_last_line_is_set_aside(read: Read) -> None:
    """Cells are missing in the last line, or its last number has lost digits."""
    cut = text(*rows()) + "400.0,3.7"
    reading = read(cut)
    assert (len(reading.table), reading.quarantine["line"].tolist()) == (40, [42])
    digits = text(*rows())[:-3]
    reading = read(digits)
    assert (len(reading.table), reading.quarantine["line"].tolist()) == (39, [41])
    assert problem(reading, "quarantined")[0] == 41


def test_15_a_whole_last_line_without_a_line_end_stays(read: Read) -> None:
    """Many instruments do not end the last line."""
    assert_all_read(read(text(*rows())[:-1]))


@pytest.mark.parametrize(
    ("last", "cut"),
    [
        ("70.308667", False),
        ("70.30866", False),  # one decimal fewer may be a whole number: as wrong as a rounding
        ("70.3", True),
        ("70.", True),
        ("7", True),
        ("", True),
    ],
)
def test_15_a_last_number_that_is_cut_is_set_aside(read: Read, last: str, cut: bool) -> None:  # noqa: FBT001 - the outcome
    """Decimals vary, as a program writes them: a last number much shorter than nearly all others is not trusted."""
    lines = [
        f"{k * 10.0:.1f},{3.5 + 0.005 * k:.4f},0.0012,1,{round(68 + 0.0141337 * k, 6 - (k % 9 == 0))}"
        for k in range(90)
    ]
    reading = read(text(*lines) + f"900.0,3.95,0.0012,1,{last}")
    assert len(reading.table) == 90 + (not cut)
    assert reading.quarantine["line"].tolist() == [92] * cut


@pytest.mark.parametrize(("last", "cut"), [("12", False), ("13", False), ("1", True), ("", True)])
def test_15_a_last_counter_that_is_cut_is_set_aside(read: Read, last: str, cut: bool) -> None:  # noqa: FBT001 - the outcome
    """A cycle number that has lost a digit is told by those above it."""
    lines = [f"{k * 10.0:.1f},{3.5 + 0.005 * k:.4f},0.0012,{10 + k // 20}" for k in range(59)]
    header = "Test_Time(s),Voltage(V),Current(A),Cycle_Index"
    reading = read(text(*lines, header=header) + f"590.0,3.8,0.0012,{last}")
    assert len(reading.table) == 59 + (not cut)


def test_15_a_row_above_an_unreadable_last_line_stays(read: Read) -> None:
    """The last line is set aside for what is wrong with it, and the whole row above it stays."""
    reading = read(text(*rows()) + "400.0,3.7,0.0012,1,7x")
    assert (len(reading.table), reading.quarantine["line"].tolist()) == (40, [42])


@pytest.mark.parametrize(
    ("odd", "line"),
    [("100.0,3.7", 7), ("100.0,3.7,0.0012,1,68.0,9.9", 7), ("Total,,,,", 7), ("100.0;3,7;0,0012;1;68", 7)],
)
def test_16_17_a_row_that_does_not_fit_is_set_aside(read: Read, odd: str, line: int) -> None:
    """Too short, too long, a footer, another dialect: the row is kept apart with its line, the others are read."""
    lines = rows()
    lines.insert(5, odd)
    reading = read(text(*lines))
    assert (len(reading.table), reading.quarantine["line"].tolist()) == (40, [line])
    assert reading.quarantine["text"].iloc[0] == odd
    assert problem(reading, "quarantined")[0] == line


@pytest.mark.parametrize("word", ["NaN", "inf", "-inf", "#DIV/0!", "1.#QNAN", "OL", "BURNOUT", "+++++"])
def test_19_words_for_no_number_are_empty_and_counted(read: Read, word: str) -> None:
    """The cell is empty, the row stays, line and column are named."""
    lines = rows()
    lines[3] = lines[3].replace(",0.0012,", f",{word},")
    reading = read(text(*lines))
    assert (len(reading.table), reading.rows_quarantined) == (40, 0)
    assert np.isnan(reading.table["current_ampere"].iloc[3])
    assert problem(reading, "null_values") == (5, "Current(A)")


def test_19_all_words_may_stand_in_one_column(read: Read) -> None:
    """What C libraries print for no number is none beside other words too."""
    lines = rows()
    for place, word in enumerate(("#DIV/0!", "-nan(ind)", "nan(snan)", "-NAN(IND)", "1.#INF")):
        lines[place] = lines[place].replace(",0.0012,", f",{word},")
    reading = read(text(*lines))
    assert (len(reading.table), reading.rows_quarantined) == (40, 0)
    assert np.isnan(reading.table["current_ampere"].iloc[:5]).all()


@pytest.mark.parametrize("value", ["3.4e38", "9.9E+37", "-3.40282e38"])
def test_20_over_range_is_empty_and_counted(read: Read, value: str) -> None:
    """What an overloaded input writes is no measurement."""
    lines = rows()
    lines[3] = lines[3].replace(",0.0012,", f",{value},")
    reading = read(text(*lines))
    assert np.isnan(reading.table["current_ampere"].iloc[3])
    assert problem(reading, "over_range") == (5, "Current(A)")


# --- 21 to 25: time ---


@pytest.mark.parametrize(("first", "length"), [(0, 40), (10, 20), (38, 2)])
def test_21_a_repeated_block_is_read_once(read: Read, first: int, length: int) -> None:
    """A block that repeats the rows before it is dropped and said."""
    lines = rows()
    end = first + length
    reading = read(text(*lines[:end], *lines[first:end], *lines[end:]))
    assert (len(reading.table), reading.rows_duplicate, asked(reading)) == (40, length, [])
    assert problem(reading, "duplicate_rows")[0] == end + 2


def test_22_repeated_stamps_stay(read: Read) -> None:
    """Equal time stamps with other values are records of their own; so is an equal row."""
    lines = rows()
    lines[4] = lines[5].replace("3.52", "3.53")
    lines[8] = lines[7]
    reading = read(text(*lines))
    assert (len(reading.table), reading.rows_duplicate, asked(reading)) == (40, 0, [])


def test_23_time_backwards_is_asked(read: Read) -> None:
    """A step back that is no start from the beginning is asked about, never sorted."""
    lines = rows()
    lines[20:22] = lines[21], lines[20]
    reading = read(text(*lines))
    assert asked(reading) == ["time_backwards"]
    assert problem(reading, "time_backwards") == (23, "Test_Time(s)")
    answered = read(text(*lines), {"time_backwards": "set_aside"})
    assert (len(answered.table), answered.quarantine["line"].tolist(), asked(answered)) == (39, [23], [])


def test_23_single_rows_with_a_wrong_time_may_stay(read: Read) -> None:
    """A stamp of zero in the middle of a running time is no new start: its row may stay where it was written."""
    lines = rows()
    for place in (10, 20):
        lines[place] = "0.0" + lines[place][lines[place].index(",") :]
    (question,) = read(text(*lines)).questions
    assert [value for value, _ in question.choices] == ["at_neighbour", "segments", "set_aside"]
    assert "each for a single row" in question.text
    answered = read(text(*lines), {"time_backwards": "at_neighbour"})
    expected = [10.0 * (k - (k in {10, 20})) for k in range(40)]
    assert answered.table["test_time_second"].tolist() == expected
    assert answered.table["segment"].tolist() == [0] * 40
    assert "wrong_stamps" in {note.code for note in answered.assumptions}


def test_23_longer_steps_back_have_no_neighbour(read: Read) -> None:
    """Rows that run on from an earlier time cannot be put at the time of one row."""
    lines = rows()
    lines[20:24] = lines[18:22]
    (question,) = read(text(*lines[:20], *rows(20, 15))).questions
    assert [value for value, _ in question.choices] == ["segments", "set_aside"]


def test_24_a_restart_begins_a_segment(read: Read) -> None:
    """Time that begins anew begins a segment; nothing is asked."""
    other = [row.replace("0.0012", "0.0011") for row in rows(30)]
    reading = read(text(*rows(), *other))
    assert (asked(reading), reading.table["segment"].tolist()) == ([], [0] * 40 + [1] * 30)
    assert "time_restarts" in codes(reading)


def test_25_a_wrong_time_unit_is_asked(read: Read) -> None:
    """Milliseconds in a column named seconds, as the dates show."""
    lines = [f"{k * 10000},{3.5 + 0.005 * k},0.0012,2024-01-13 10:{k // 6:02d}:{k % 6}0" for k in range(40)]
    header = "Test_Time(s),Voltage(V),Current(A),Date_Time"
    reading = read(text(*lines, header=header))
    assert (asked(reading), reading.table["test_time_second"].iloc[-1]) == (["time_unit"], 390.0)
    kept = read(text(*lines, header=header), {"time_unit": "s"})
    assert (asked(kept), kept.table["test_time_second"].iloc[-1]) == ([], 390000.0)


# --- 26 to 32: columns ---


def test_26_millivolts_named_volts_are_asked(read: Read) -> None:
    """A cell has no 3,500 V."""
    lines = [f"{k * 10.0},{3500 + 5 * k},0.0012" for k in range(40)]
    header = "Test_Time(s),Voltage(V),Current(A)"
    reading = read(text(*lines, header=header))
    assert (asked(reading), reading.table["voltage_volt"].iloc[0]) == (["voltage_unit"], 3.5)
    assert read(text(*lines, header=header), {"voltage_unit": "V"}).table["voltage_volt"].iloc[0] == 3500


CYCLE = [*((3.5 + 0.01 * k, 1.0) for k in range(50)), *((4.0 - 0.01 * k, -1.0) for k in range(50))]
"""Voltage and direction of a charge and a discharge."""


def cycle_rows(make: Callable[[float, float], str]) -> str:
    """A charge and a discharge, the cells after the time made from voltage and direction."""
    return "\n".join(f"{k * 10.0},{volts:.3f},{make(volts, sign)}" for k, (volts, sign) in enumerate(CYCLE)) + "\n"


def test_27_unsigned_current_gets_its_sign_from_the_state(read: Read) -> None:
    """The state says discharge: the current is negative there, and it is noted."""
    content = "time/s,voltage/V,current/A,state\n" + cycle_rows(lambda _, sign: f"0.001,{'C' if sign > 0 else 'D'}")
    reading = read(content)
    assert asked(reading) == []
    assert np.sign(reading.table["current_ampere"]).tolist() == [sign for _, sign in CYCLE]
    assert "sign_from_state" in {note.code for note in reading.assumptions}


def test_27_unsigned_current_gets_its_sign_from_the_capacities(read: Read) -> None:
    """Without a state, the capacity that grows tells."""
    passed = [10 * 0.001 / 3600 * k for k in range(51)]
    lines = [
        f"{k * 10.0},{volts},0.001,{passed[min(k, 50)]},{passed[max(k - 49, 0)]}" for k, (volts, _) in enumerate(CYCLE)
    ]
    header = "time/s,voltage/V,current/A,Charge_Capacity(Ah),Discharge_Capacity(Ah)"
    reading = read(text(*lines, header=header))
    assert asked(reading) == []
    assert np.sign(reading.table["current_ampere"]).tolist()[1:49] == [1.0] * 48
    assert np.sign(reading.table["current_ampere"]).tolist()[51:] == [-1.0] * 49


def test_27_unsigned_current_without_evidence_is_asked(read: Read) -> None:
    """Only the voltage hints at the direction: asked, and the voltage's answer is possible."""
    lines = cycle_rows(lambda _, sign: f"0.001,{1 if sign > 0 else 2}")
    content = "time/s,voltage/V,current/A,step\n" + lines
    assert asked(read(content)) == ["current_unsigned"]
    derived = read(content, {"current_unsigned": "by_voltage"})
    assert np.sign(derived.table["current_ampere"]).tolist() == [sign for _, sign in CYCLE]
    assert (read(content, {"current_unsigned": "charge"}).table["current_ampere"] > 0).all()


@pytest.mark.parametrize("state", ["", "C", "CC Chg"])
def test_28_a_flipped_sign_is_asked(read: Read, state: str) -> None:
    """The voltage rises while the current is negative, or the state says so: asked, with the evidence."""
    named = {1.0: "CC Chg" if len(state) > 1 else "C", -1.0: "CC DChg" if len(state) > 1 else "D"}
    header = "time/s,voltage/V,current/A" + (",state" if state else "") + "\n"
    content = header + cycle_rows(lambda _, sign: f"{-0.001 * sign}" + (f",{named[sign]}" if state else ""))
    reading = read(content)
    assert asked(reading) == ["current_sign"]
    assert "current_sign" not in {note.code for note in reading.assumptions}  # nothing is turned before it is said
    assert "-" not in reading.questions[0].text.partition("correlation")[2]
    turned = read(content, {"current_sign": "discharge"})
    assert "current_sign" in {note.code for note in turned.assumptions}
    assert np.sign(turned.table["current_ampere"]).tolist() == [sign for _, sign in CYCLE]
    assert np.sign(read(content, {"current_sign": "charge"}).table["current_ampere"]).tolist() == [-s for _, s in CYCLE]


def test_28_a_right_sign_is_not_asked(read: Read) -> None:
    """Positive charges: nothing is asked, and an answer to what does not arise turns nothing."""
    content = "time/s,voltage/V,current/A\n" + cycle_rows(lambda _, sign: f"{0.001 * sign}")
    assert asked(read(content)) == []
    assert read(content, {"current_sign": "discharge"}).table["current_ampere"].iloc[0] == 0.001


def test_29_no_cycle_column_is_marked(read: Read) -> None:
    """Cycles are then found from the current, and it is said."""
    reading = read(
        text(*("{},{},{}".format(*row.split(",")[:3]) for row in rows()), header="time/s,voltage/V,current/A")
    )
    assert "no_cycle_column" in {note.code for note in reading.assumptions}
    assert "instrument_cycle_count" not in reading.table


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("time/s,current/A", "voltage"),
        ("time/s,voltage/V", "current"),
        ("voltage/V,current/A", "time"),
        ("apples,pears", "time and voltage and current"),
    ],
)
def test_30_missing_columns_are_refused_by_name(
    refused: Callable[..., RefusedFileError], header: str, missing: str
) -> None:
    """What is missing is named, all of it."""
    error = refused(text(*(f"{k},{k}" for k in range(9)), header=header))
    assert (error.code, f"No column for {missing} was found" in error.text) == ("missing_columns", True)


def test_31_two_columns_of_one_name_are_asked(read: Read) -> None:
    """Which of them is meant is asked; the answer names the column by its place."""
    content = text("0,3.5,0.1,3.6", "10,3.51,0.1,3.7", header="time/s,Voltage(V),Current(A),Voltage(V)")
    reading = read(content)
    assert asked(reading) == ["duplicate_header:voltage_volt"]
    chosen = read(content, {"duplicate_header:voltage_volt": "Voltage(V) [column 4]"})
    assert (asked(chosen), chosen.table["voltage_volt"].tolist()) == ([], [3.6, 3.7])


def test_32_two_exports_in_one_file_are_segments(read: Read) -> None:
    """The header again in the middle: two segments, and the header is no row."""
    reading = read(text(*rows(), HEADER, *[row.replace("0.0012", "0.0011") for row in rows()]))
    assert (len(reading.table), reading.rows_quarantined, asked(reading)) == (80, 0, [])
    assert reading.table["segment"].tolist() == [0] * 40 + [1] * 40


# --- 33 to 38: what is no export, and odd cells ---


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html>login</html>", "\n <html><body>1,2\n3,4</body></html>"])
def test_33_a_web_page_is_refused(refused: Callable[..., RefusedFileError], page: str) -> None:
    """A login page saved as .csv."""
    assert refused(page).code == "html"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04 [Content_Types].xml xl/", "workbook"), (b"PK\x03\x04 Step.xml", "ndax"),
        (b"PK\x03\x04 a.txt", "zip"),
        (b"\xd0\xcf\x11\xe0 1,2", "workbook"), (b"BIO-LOGIC MODULAR FILE\x1a", "Export as text"), (b"NEWARE 1", ".nda"),
        (b"\x00\x01\x00\x00Standard Jet DB", ".res"), (b"\x1f\x8b\x08 1", "gzip"),
    ],
)  # fmt: skip
def test_34_binary_files_are_refused_by_their_first_bytes(
    refused: Callable[..., RefusedFileError], content: bytes, word: str
) -> None:
    """Whatever the file's name says."""
    error = refused(content)
    assert (error.code in ("not_read_yet", "not_text", "damaged"), word in error.text) == (True, True)


def test_35_nul_bytes_are_removed_and_the_line_set_aside(read: Read) -> None:
    """What a logger's crash leaves: a block of NUL bytes; the damaged line is set aside, the rest is read."""
    lines = rows()
    lines[9] = "\x00" * 300_000 + lines[9]
    reading = read(text(*lines))
    assert (len(reading.table), reading.quarantine["line"].tolist()) == (39, [11])
    assert "\x00" not in reading.quarantine["text"].iloc[0]


def test_37_a_script_in_a_header_is_only_text(read: Read) -> None:
    """The header is kept as it stands (pages escape it) and does not disturb the reading."""
    reading = read(text(*(row + ",1" for row in rows()), header=HEADER + ",<script>alert(1)</script>"))
    assert_all_read(reading)
    assert reading.mapping[-1].source == "<script>alert(1)</script>"
    assert reading.mapping[-1].column is None


@pytest.mark.parametrize("form", ["1,234.50", "1.234,50"])
def test_38_thousands_separators(read: Read, form: str) -> None:
    """Both marks in one cell tell which one groups."""
    lines = [f"{k}{form[5]}0;3{form[5]}{5 + k};{form}" for k in range(4)]
    reading = read(text(*lines, header="time/s;voltage/V;current/mA"))
    assert reading.table["current_ampere"].iloc[0] == pytest.approx(1.2345)
    assert reading.table["voltage_volt"].iloc[1] == pytest.approx(3.6)
    assert next(note.text for note in reading.assumptions if note.code == "thousands").startswith(
        f"“{form[1]}” stands between thousands"
    )


# --- 39 to 44: dates, channels, sensors ---

DATED = "Test_Time(s),Voltage(V),Current(A),Date_Time"


def dated(*dates: str) -> str:
    """One row a date, 10 s apart."""
    return text(*(f"{k * 10.0},{3.5 + k / 100},0.1,{date}" for k, date in enumerate(dates)), header=DATED)


@pytest.mark.parametrize(
    "date",
    [
        "25/04/2024 10:00:{:02d}",
        "04/25/2024 10:00:{:02d}",
        "2024-04-25 10:00:{:02d}",
        "25.04.2024 10:00:{:02d}",
        "4/25/2024 10:00:{:02d} AM",
    ],
)
def test_39_plain_dates_are_not_asked(read: Read, date: str) -> None:
    """A day above 12, or a year in front: the order is plain; with a zone it becomes UTC."""
    reading = read(dated(date.format(0), date.format(10), date.format(20)), {"time_zone": "Asia/Seoul"})
    assert asked(reading) == []
    assert reading.table["unix_time_second"].tolist() == [1714006800.0, 1714006810.0, 1714006820.0]


def test_40_ambiguous_dates_are_asked(read: Read) -> None:
    """3 April or 4 March: asked, and the answer is used."""
    content = dated("03/04/2024 10:00:00", "03/04/2024 10:00:10")
    assert asked(read(content)) == ["date_order"]
    day = read(content, {"date_order": "dmy", "time_zone": "UTC"}).table["unix_time_second"].iloc[0]
    month = read(content, {"date_order": "mdy", "time_zone": "UTC"}).table["unix_time_second"].iloc[0]
    assert day - month == 30 * 86400


def test_40_the_running_time_may_tell_the_order(read: Read) -> None:
    """Over a change of the day the running time says which order is right."""
    lines = ["0.0,3.5,0.1,03/04/2024 10:00:00", "86400.0,3.6,0.1,04/04/2024 10:00:00"]
    reading = read(text(*lines, header=DATED))
    assert (asked(reading), "date_order" in {note.code for note in reading.assumptions}) == ([], True)


def test_54_excel_serial_dates(read: Read) -> None:
    """Days since 1899-12-30, as Excel counts them."""
    reading = read(dated("45407.0", "45407.5"), {"time_zone": "UTC", "time_unit": "s"})
    assert reading.table["unix_time_second"].tolist() == [1714003200.0, 1714046400.0]


def test_41_two_channels_are_asked(read: Read) -> None:
    """Records of several channels in one file: one is chosen, the others are not this cell's."""
    lines = [f"{k * 10.0},{3.5 + c / 10},0.1,{c}" for k in range(20) for c in (1, 2)]
    content = text(*lines, header="time/s,voltage/V,current/A,channel")
    reading = read(content)
    assert asked(reading) == ["channel"]
    chosen = read(content, {"channel": "2"})
    assert (len(chosen.table), set(chosen.table["voltage_volt"])) == (20, {3.7})
    assert asked(read(content, {"channel": "9"})) == ["channel"]


def test_42_one_giant_line_is_refused_at_once(refused: Callable[..., RefusedFileError]) -> None:
    """A megabyte without a line end is no table; 10 s at most."""
    begun = time.monotonic()
    assert refused("1,2," * 262_144).code == "line_too_long"
    assert refused(text(*rows()) + "1,2," * 262_144).code == "line_too_long"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("value", ["0", "0.000", "68.5"])
def test_43_a_channel_without_a_sensor_is_absent(read: Read, value: str) -> None:
    """Always 0, or the same to the last digit: no pressure is plotted."""
    lines = [",".join([*row.split(",")[:4], value]) for row in rows(200)]
    reading = read(text(*lines))
    assert "surface_pressure_mpa" not in reading.table
    assert problem(reading, "not_connected")[1] == "Pressure(MPa)"


@pytest.mark.parametrize("value", ["-2501.7", "65535", "-999"])
def test_44_an_open_sensor_is_empty(read: Read, value: str) -> None:
    """What an unplugged thermocouple reads is no temperature."""
    lines = [f"{row},{25 + k / 10}" for k, row in enumerate(rows())]
    lines[7] = lines[7].rsplit(",", 1)[0] + f",{value}"
    reading = read(text(*lines, header=HEADER + ",Temperature (C)"))
    assert np.isnan(reading.table["surface_temperature_celsius"].iloc[7])
    assert problem(reading, "sentinel") == (9, "Temperature (C)")


# --- 56, 59, 61 ---


@pytest.mark.parametrize("cell", ["02-Jan", "1-2", "Feb 01", "01. Feb", "2024-02-01", "2월 1일"])
def test_55_a_number_that_a_spreadsheet_made_a_date_is_set_aside(read: Read, cell: str) -> None:
    """In a column that is needed the row goes to quarantine, with what has happened to it."""
    lines = rows()
    lines[5] = f"50.0,{cell},0.0012,1,68.05"
    reading = read(text(*lines))
    assert (asked(reading), reading.quarantine["line"].tolist()) == ([], [7])
    assert "a spreadsheet has made a date of it" in reading.quarantine["reason"].iloc[0]


def test_55_a_column_of_such_dates_is_asked(read: Read) -> None:
    """A column that a record can do without may be left out, so that its rows are kept."""
    lines = [f"{line},{'02-Jan' if k % 2 else '3'}" for k, line in enumerate(rows())]
    content = text(*lines, header=f"{HEADER},Step_Index")
    reading = read(content)
    assert (asked(reading), len(reading.table)) == (["spreadsheet_dates:step_count"], 40)
    assert "step_count" not in reading.table
    assert reading.mapping[-1].note == "left out"
    kept = read(content, {"spreadsheet_dates:step_count": "set_aside"})
    assert (asked(kept), len(kept.table), kept.rows_quarantined) == ([], 20, 20)


def test_56_mixed_decimal_marks_are_set_aside(read: Read) -> None:
    """Rows with the other mark are set aside with their lines; none is read a thousand times too large."""
    lines = [row.replace(",", ";") for row in rows()]
    lines[6] = lines[6].replace(".", ",")
    reading = read(text(*lines, header=HEADER.replace(",", ";")))
    assert (len(reading.table), reading.quarantine["line"].tolist()) == (39, [8])


def test_56_decimal_commas_in_a_comma_file_are_refused(refused: Callable[..., RefusedFileError]) -> None:
    """Commas as both marks shift the columns: refused, and it is said why."""
    error = refused(text(*(f"{k},0,3,{500 + k}" for k in range(20)), header="time/s,voltage/V"))
    assert error.code == "decimal_comma_in_comma_file"


def test_59_a_saturated_sensor_is_named(read: Read) -> None:
    """Flat tops at the largest value, again and again."""
    lines = [
        ",".join([*row.split(",")[:4], f"{min(68 + abs(100 - k % 200) / 20, 72):.3f}"])
        for k, row in enumerate(rows(800))
    ]
    assert "saturated" in codes(read(text(*lines)))


def test_61_an_impedance_spectrum_is_refused(refused: Callable[..., RefusedFileError]) -> None:
    """EIS is no cycling, whatever columns it has beside."""
    header = "freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm,time/s,Ewe/V,I/mA"
    assert refused(text(*(f"{k},1,2,{k},3.5,1" for k in range(9)), header=header)).code == "eis"


def test_impossible_voltages_are_flagged_and_stay(read: Read) -> None:
    """Outside -1 to 10 V: named with the line, not removed."""
    lines = rows()
    lines[3] = lines[3].replace("3.5150", "53.515")
    reading = read(text(*lines))
    assert (problem(reading, "impossible_voltage"), reading.table["voltage_volt"].max()) == ((5, "Voltage(V)"), 53.515)


def test_a_file_of_unreadable_rows_is_refused_with_their_lines(refused: Callable[..., RefusedFileError]) -> None:
    """More than half of the rows cannot be read: refused, the first lines named."""
    good = rows(10)
    error = refused(text(*good, *("x,y,z,a,b" for _ in range(30))))
    assert (error.code, "line 12" in error.text) == ("mostly_unreadable", True)


def test_no_header_is_refused_unless_the_columns_are_named(
    read: Read, refused: Callable[..., RefusedFileError]
) -> None:
    """Numbers without names are not guessed; a mapping names them."""
    content = "\n".join(rows()) + "\n"
    assert refused(content).code == "no_header"
    names = {
        "column 1": {"column": "test_time_second", "unit": "s"},
        "column 2": {"column": "voltage_volt", "unit": "V"},
        "column 3": {"column": "current_ampere", "unit": "A"},
        "column 5": {"column": "surface_pressure_mpa", "unit": "MPa"},
    }
    assert_all_read(read(content, {"mapping": names}))
