"""The child that is started ahead, and what the fast way through a file leaves to the careful one."""

import os
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ingest import child
from ingest.left_reading import load_table
from ingest.preview import extremes
from ingest.reading import bulk, read_export
from pressiometry.errors import RefusedFileError


@pytest.fixture
def standby() -> Iterator[child.Standby]:
    """A standby that leaves no process behind."""
    made = child.Standby()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small file."""
    path = tmp_path / "upload"
    path.write_text("Time (s),Voltage (V),Current (A)\n" + "".join(f"{n},3.6,0.001\n" for n in range(5)))
    return path


def test_process_that_waits_reads_one_file_after_another(tmp_path: Path, path: Path, standby: child.Standby) -> None:
    """Every file has a child of its own, forked by the process that waits, which waits again then."""
    standby.prepare()
    waiting = standby._child
    for _ in range(3):
        child.read_in_child(path, "a.csv", {}, tmp_path / "work", limits=child.Limits.for_size(1), standby=standby)
        assert standby._child is waiting
        assert len(load_table(tmp_path / "work")) == 5


def test_child_that_fell_takes_nobody_with_it(tmp_path: Path, path: Path, standby: child.Standby) -> None:
    """A child that the kernel ended, or that got no memory, is explained; the process that forked it reads the next."""
    standby.prepare()
    waiting = standby._child
    assert waiting is not None
    children = Path(f"/proc/{waiting.pid}/task/{waiting.pid}/children")
    long = tmp_path / "long"
    long.write_text("Time (s),Voltage (V),Current (A)\n" + "".join(f"{n},3.6,0.001\n" for n in range(300_000)))

    def fell(progress: float) -> None:
        if progress > 0:
            for number in children.read_text().split():
                os.kill(int(number), signal.SIGKILL)

    with pytest.raises(RefusedFileError, match="memory"):
        child.read_in_child(
            long, "a.csv", {}, tmp_path / "work", limits=child.Limits.for_size(1), watch=fell, standby=standby
        )
    assert standby._child is waiting
    child.read_in_child(path, "a.csv", {}, tmp_path / "work", limits=child.Limits.for_size(1), standby=standby)
    assert len(load_table(tmp_path / "work")) == 5
    bomb = far_cell(tmp_path / "bomb")
    with pytest.raises(RefusedFileError, match="memory"):
        child.read_in_child(bomb, "bomb.xlsx", {}, tmp_path / "work", limits=child.Limits.for_size(1), standby=standby)
    assert standby._child is waiting


def far_cell(path: Path) -> Path:
    """A workbook of a few hundred bytes whose one cell, in the last row and column, makes a table of 17 billion."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    relations = f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{office}/'
    sheet = '<sheets><sheet name="record" sheetId="1" r:id="r"/></sheets></workbook>'
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr("_rels/.rels", f'{relations}officeDocument" Target="xl/workbook.xml"/></Relationships>')
        archive.writestr("xl/workbook.xml", f'<workbook {space} xmlns:r="{office}">{sheet}')
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'{relations}worksheet" Target="worksheets/a.xml"/></Relationships>'
        )
        archive.writestr("xl/worksheets/a.xml", f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>")
    return path


def test_reading_that_is_stopped_ends_at_once(tmp_path: Path, standby: child.Standby) -> None:
    """Where `watch` raises, the child is killed with the process that forked it; another one waits already."""
    path = tmp_path / "upload"
    path.write_text("Time (s),Voltage (V),Current (A)\n" + "".join(f"{n},3.6,0.001\n" for n in range(300_000)))
    standby.prepare()
    waiting = standby._child

    def stop(progress: float) -> None:
        if progress > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.read_in_child(
            path, "a.csv", {}, tmp_path / "work", limits=child.Limits.for_size(1), watch=stop, standby=standby
        )
    assert waiting is not None
    assert waiting.returncode is not None
    assert standby._child not in (None, waiting)
    assert not (tmp_path / "work" / "reading.json").exists()


def test_child_that_died_while_it_waited_is_replaced(standby: child.Standby) -> None:
    """A child that something killed meanwhile is never handed a file."""
    standby.prepare()
    dead = standby._child
    assert dead is not None
    dead.kill()
    dead.wait()
    taken = standby.take()
    assert taken is not dead
    assert taken.poll() is None
    child.end_child(taken)


def test_closed_standby_leaves_no_process(standby: child.Standby) -> None:
    """Closing ends the child that waits; preparing twice starts only one."""
    standby.prepare()
    waiting = standby._child
    standby.prepare()
    assert standby._child is waiting
    standby.close()
    assert waiting is not None
    assert waiting.poll() is not None


def test_pieces_of_a_file_do_not_change_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a piece ends, the table is the same; a line longer than a piece goes the careful way."""
    path = tmp_path / "upload"
    rows = [f"{n * 10.0},{3.6 + n % 7 / 100:.2f},{0.001 if n % 2 else -0.001}" for n in range(400)]
    path.write_text("Time (s),Voltage (V),Current (A)\n" + "\n".join(rows))
    whole = read_export(path, "a.csv").table
    for size in (40, 64, 1000, 8):
        monkeypatch.setattr(bulk, "_PIECE", size)
        pd.testing.assert_frame_equal(read_export(path, "a.csv").table, whole, check_exact=True)


def test_extremes_of_every_bucket_stay() -> None:
    """The least and the greatest of each bucket are kept, empty buckets give nothing, nor does an empty curve."""
    values = np.full(1000, 3.7)
    values[501], values[777] = 0.1, 4.2
    values[:100] = np.nan
    kept = extremes(values, buckets=10)
    assert {501, 777} <= kept
    assert min(kept) >= 100
    assert len(kept) <= 2 * 10
    assert extremes(np.empty(0)) == set()
