"""Instruments' own binary files, as lines of text, by programs that a laboratory may add: fastnda, mdbtools.

Neither is needed: where one is absent the file is refused with its name and with how to export text instead.
"""

import logging
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from ingest.reading.findings_log import Findings
from ingest.reading.workbook import refuse_bomb
from pressiometry.errors import RefusedFileError

_NEWARE = {
    "index": "DataPoint",
    "cycle_count": "Cycle Index",
    "step_count": "Step Index",
    "step_index": "Programme Step",
    "step_type": "Step Type",
    "total_time_s": "Total Time(s)",
    "voltage_V": "Voltage(V)",
    "current_mA": "Current(mA)",
    "capacity_mAh": "Step Capacity(mAh)",
    "unix_time_s": "Unix Time(s)",
}
"""What fastnda calls a column -> what Neware's own exports call it."""
_ARBIN_TABLE = "Channel_Normal_Table"
_ARBIN = {
    "DateTime": "Date_Time",
    "Test_Time": "Test_Time(s)",
    "Step_Time": "Step_Time(s)",
    "Current": "Current(A)",
    "Voltage": "Voltage(V)",
    "Charge_Capacity": "Charge_Capacity(Ah)",
    "Discharge_Capacity": "Discharge_Capacity(Ah)",
}
"""Columns of Arbin's database, which name no units -> what Arbin's own exports call them."""
_MDB_SECONDS = 600


def neware_lines(path: Path, name: str, findings: Findings, *, zipped: bool) -> Iterator[str]:
    """Records of a Neware .nda or .ndax file; cells divided by tabs, the header first."""
    kind = ".ndax" if zipped else ".nda"
    try:
        fastnda = import_module("fastnda")  # not everybody has it
    except ImportError as error:
        raise RefusedFileError(
            "not_read_yet", f"This is a Neware {kind} file; it is read where fastnda is installed", where=name,
            remedy="Have it installed beside the server (pip install fastnda), or export it as CSV or Excel (BTSDA).",
        ) from error  # fmt: skip
    if zipped:
        refuse_bomb(path, name, f"Neware {kind} file")
    with _Heard("fastnda") as heard, tempfile.TemporaryDirectory() as folder:
        link = Path(folder, f"file{kind}")  # fastnda goes by the ending
        link.symlink_to(path.absolute())
        try:
            table: Any = fastnda.read(link, cycle_mode="chg")
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # a library that reads undocumented bytes may raise anything
            raise RefusedFileError(
                "damaged", f"This Neware {kind} file cannot be read ({type(error).__name__})", where=name,
                remedy="Export it again, or as CSV.",
            ) from error  # fmt: skip
    for text in heard.texts:
        findings.warn("reader_says", f"fastnda: {text}")
    if not len(table):
        raise RefusedFileError("no_rows", "0 rows: the file has no records", where=name, remedy="Export it again.")
    findings.assume(
        "neware_cycles", "Cycles are counted as Neware's exports do: a new one at a charge after a discharge"
    )
    yield "\t".join(_NEWARE.get(column, column) for column in table.columns)
    yield from str(table.write_csv(separator="\t", include_header=False)).splitlines()


def arbin_lines(path: Path, name: str) -> Iterator[str]:
    """Records of an Arbin .res file, a database of Access; cells divided by commas, the header first."""
    program = shutil.which("mdb-export")
    if program is None:
        raise RefusedFileError(
            "not_read_yet", "This is an Arbin .res file; it is read where mdb-export is installed", where=name,
            remedy="Have it installed beside the server (mdbtools), or export it as CSV or Excel (MITS Pro).",
        )  # fmt: skip
    command = [program, "-Q", str(path), _ARBIN_TABLE]
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True, errors="replace") as process:  # noqa: S603 - a fixed program, no shell
            assert process.stdout is not None  # noqa: S101 - asked for above
            for place, line in enumerate(process.stdout):
                cells = line.rstrip("\n").split(",")
                yield ",".join(_ARBIN.get(cell, cell) for cell in cells) if place == 0 else line.rstrip("\n")
        if process.wait(_MDB_SECONDS):
            raise RefusedFileError(
                "damaged", "This Arbin .res file cannot be read: it is damaged, or has no table of records", where=name,
                remedy="Export it again, or as CSV.",
            )  # fmt: skip


class _Heard(logging.Handler):
    """Listens to what a library warns of, while it is entered."""

    def __init__(self, library: str) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []
        self.log = logging.getLogger(library)

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    def __enter__(self) -> Self:
        self.log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.log.removeHandler(self)
