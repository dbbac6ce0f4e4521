"""Whatever the bytes: a Reading, or a refusal with a sentence; never another error, never a hang."""

import contextlib
import tempfile
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.reading import read_export
from pressiometry.errors import RefusedFileError

PLAIN = b"Test_Time(s),Voltage(V),Current(A),Cycle_Index,Date_Time,State,Pressure(MPa)\n" + b"".join(
    b"%d.0,3.%03d,0.001,%d,2024-01-%02d 10:00:00,C,68.%03d\n" % (k * 10, 500 + k, 1 + k // 30, 1 + k % 28, k)
    for k in range(60)
)
SNIPPETS = st.sampled_from(
    [b",", b";", b"\t", b"\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"NaN", b"3.4e38", b"1,5", b"-",
     b"e9",
     b" ",
     b"\xb5", b"Time,Voltage\n", b"12:30:00", b"03/04/2024", b"99999999999999999999", b"(A)", b"\xec\xa0\x84"]
)  # fmt: skip


def check(content: bytes) -> None:
    """Read these bytes within ten seconds, or have them refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        begun = time.monotonic()
        with contextlib.suppress(RefusedFileError):
            reading = read_export(path, "upload.csv")
            assert reading.rows_read == len(reading.table) + reading.rows_quarantined + reading.rows_duplicate
            assert len(reading.table) > 0
            assert reading.table["source_row"].is_monotonic_increasing
        assert time.monotonic() - begun < 10


@given(st.binary(max_size=3000))
def test_any_bytes(content: bytes) -> None:
    """Bytes without any form."""
    check(content)


@settings(max_examples=3 * settings().max_examples)  # most of the others are refused at once
@given(st.lists(st.tuples(st.integers(0, len(PLAIN)), st.integers(0, 30), SNIPPETS), max_size=6))
def test_a_damaged_export(damages: list[tuple[int, int, bytes]]) -> None:
    """A good export of which stretches were replaced by something else."""
    content = PLAIN
    for place, length, snippet in damages:
        content = content[:place] + snippet + content[place + length :]
    check(content)


@given(
    st.lists(
        st.lists(st.sampled_from(["1", "2.5", "-3e2", "", "x", "12:00", "1/2/2024", "nan", "7,5"]), max_size=5),
        max_size=40,
    ),
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.sampled_from(
        ["time/s{0}voltage/V{0}current/A", "time{0}V{0}I{0}force", "a{0}b", "date{0}Pressure (bar){0}load"]
    ),
)
def test_any_table(table: list[list[str]], delimiter: str, header: str) -> None:
    """Tables of odd cells in any dialect."""
    check("\n".join([header.format(delimiter), *(delimiter.join(row) for row in table)]).encode())
