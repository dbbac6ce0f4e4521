"""Instruments' own files are read by programs that a laboratory may add; without them they are refused by name."""

import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest.reading import read_export
from pressiometry.errors import RefusedFileError

NDA = b"NEWARE" + bytes(100)
RES = b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(100)
RECORDS = [(n, n * 10.0, 1 if n < 20 else 2, 3.5 + n % 20 / 100, 1.5 if n < 20 else -1.5) for n in range(40)]


class FakeTable:
    """What fastnda returns, as far as it is looked at."""

    columns = (
        "index", "voltage_V", "current_mA", "unix_time_s", "step_time_s", "total_time_s", "cycle_count", "step_count",
        "step_index", "step_type", "capacity_mAh",
    )  # fmt: skip

    def __len__(self) -> int:
        """How many records."""
        return len(RECORDS)

    def write_csv(self, *, separator: str, include_header: bool) -> str:
        """Rows without the header."""
        assert not include_header
        rows = [
            (n, v, i, 1.7e9 + t, 0, t, 1, step, step, "CC_Chg" if i > 0 else "CC_DChg", i * (n % 20) * 10 / 3600)
            for n, t, step, v, i in RECORDS
        ]
        return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def fake_read(path: Path, *, cycle_mode: str) -> FakeTable:
    """Warn, as fastnda does, and return the table."""
    assert (path.suffix, path.read_bytes(), cycle_mode) == (".nda", NDA, "chg")
    logging.getLogger("fastnda").warning("Aux files found, but could not read them")
    return FakeTable()


def test_a_neware_file_is_read_where_fastnda_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the same test exported by Neware: mA, mAh of a step with a sign, Unix time; what the library said is shown."""
    monkeypatch.setitem(sys.modules, "fastnda", SimpleNamespace(read=fake_read))
    path = tmp_path / "upload"
    path.write_bytes(NDA)
    reading = read_export(path, "x.nda")
    assert (reading.format, reading.questions, len(reading.table)) == ("neware_csv", [], 40)
    last = reading.table.iloc[-1]
    assert (last["current_ampere"], last["unix_time_second"]) == (-0.0015, 1.7e9 + 390)
    assert last["cycle_discharging_capacity_ah"] == pytest.approx(1.5e-3 * 190 / 3600)
    assert [p.text for p in reading.problems if p.code == "reader_says"] == [
        "fastnda: Aux files found, but could not read them"
    ]
    assert "neware_cycles" in {note.code for note in reading.assumptions}


def test_a_library_that_falls_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises for damaged bytes."""

    def fall(path: Path, **_: object) -> None:
        raise IndexError(path)

    monkeypatch.setitem(sys.modules, "fastnda", SimpleNamespace(read=fall))
    (tmp_path / "upload").write_bytes(NDA)
    with pytest.raises(RefusedFileError, match="cannot be read"):
        read_export(tmp_path / "upload", "x.nda")


@pytest.mark.parametrize(("content", "word"), [(NDA, "fastnda"), (RES, "mdb-export")])
def test_without_the_program_the_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, word: str
) -> None:
    """What it is, what would read it, and how to export text instead."""
    monkeypatch.setitem(sys.modules, "fastnda", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "upload").write_bytes(content)
    with pytest.raises(RefusedFileError, match=f"read where {word} is installed.* export it as CSV"):
        read_export(tmp_path / "upload", "x")


def put_program(folder: Path, script: str) -> None:
    """A program mdb-export in this folder."""
    program = folder / "mdb-export"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_an_arbin_database_is_read_where_mdb_export_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of records with the units that it has by definition; capacities run on over the whole test."""
    header = (
        "Test_ID,Data_Point,Test_Time,Step_Time,DateTime,Step_Index,Cycle_Index,Current,Voltage,Charge_Capacity,"
        "Discharge_Capacity"
    )
    rows = [
        f"1,{n},{t},0,{45407 + t / 86400},{s},1,{i / 1e3},{v},{min(n, 19) * 4e-6},{max(n - 19, 0) * 4e-6}"
        for n, t, s, v, i in RECORDS
    ]
    (tmp_path / "table").write_text("\n".join([header, *rows]) + "\n")
    put_program(tmp_path, f'test "$3" = Channel_Normal_Table && exec /bin/cat {tmp_path}/table')
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "upload").write_bytes(RES)
    reading = read_export(tmp_path / "upload", "x.res")
    assert (reading.format, reading.questions, len(reading.table)) == ("arbin_csv", [], 40)
    last = reading.table.iloc[-1]
    assert (last["test_time_second"], last["current_ampere"], last["voltage_volt"]) == (390, -0.0015, 3.69)
    assert last["cycle_discharging_capacity_ah"] == pytest.approx(8e-5)


def test_a_database_that_cannot_be_exported_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a part of the table came before the program fell: nothing of it is read."""
    put_program(tmp_path, "echo Test_Time,Voltage,Current; echo 1,3.5,0.1; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "upload").write_bytes(RES)
    with pytest.raises(RefusedFileError, match="damaged"):
        read_export(tmp_path / "upload", "x.res")
