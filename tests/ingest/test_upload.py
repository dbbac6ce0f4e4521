"""Receiving a file: original bytes kept under their hash, or not received at all."""

import errno
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Never

import pytest
from sqlalchemy import Engine

from data_access.queries import load_imports, load_source_file
from data_access.writes import create_cell, delete_import, update_import
from ingest.upload import clean_name, receive_upload, source_path, sweep_temporary_files
from pressiometry.errors import InvalidInputError, NotFoundError, RefusedFileError

BYTES = b"Test_Time(s),Voltage(V),Current(A)\n0,3.7,0.001\n10,3.71,0.001\n"
SHA256 = hashlib.sha256(BYTES).hexdigest()


def test_original_bytes_are_kept_under_their_hash(engine: Engine, data_dir: Path) -> None:
    """What was sent lies byte for byte in files/<sha256>, and an import is queued for it."""
    job, already = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, length=len(BYTES))
    assert not already
    assert (job.status, job.name, job.cell_id, job.confirm) == ("queued", "a.csv", None, "ask")
    assert source_path(data_dir, SHA256).read_bytes() == BYTES
    assert load_source_file(engine, job.source_file_id).size == len(BYTES)
    assert [path.name for path in (data_dir / "files").iterdir()] == [SHA256]


def test_same_bytes_for_the_same_cell_are_not_queued_twice(engine: Engine, data_dir: Path) -> None:
    """A second upload of the same bytes gives the import that is there; another cell gets its own."""
    cells = [create_cell(engine, {"name": name}).id for name in ("A", "B")]
    first, _ = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, cell_id=cells[0])
    again, already = receive_upload(engine, io.BytesIO(BYTES), name="b.csv", data_dir=data_dir, cell_id=cells[0])
    other, fresh = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, cell_id=cells[1])
    assert (again.id, already) == (first.id, True)
    assert other.id != first.id
    assert not fresh


def test_same_bytes_sent_at_once_are_one_import(engine: Engine, data_dir: Path) -> None:
    """Eight uploads at the same moment: one is new, the others are that one."""
    cell_id = create_cell(engine, {"name": "A"}).id

    def send(_: int) -> tuple[int, bool]:
        job, already = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, cell_id=cell_id)
        return job.id, already

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(send, range(8)))
    assert len({number for number, _ in sent}) == 1
    assert [already for _, already in sent].count(False) == 1


@pytest.mark.parametrize("ended", ["refused", "cancelled", "deleted"])
def test_a_file_that_did_not_get_in_can_be_sent_again(engine: Engine, data_dir: Path, ended: str) -> None:
    """An import that was refused, cancelled or undone does not stand in the way of a new one."""
    first, _ = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)
    if ended == "deleted":
        delete_import(engine, first.id)
    else:
        update_import(engine, first.id, status=ended)
    second, already = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)
    assert second.id != first.id
    assert not already


def test_stored_file_without_a_cell_may_go_to_a_second_cell(engine: Engine, data_dir: Path) -> None:
    """Without a cell only an import that is still open is the same one."""
    first, _ = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)
    open_one, already = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)
    assert (open_one.id, already) == (first.id, True)
    update_import(engine, first.id, status="stored")
    _, already = receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)
    assert not already


@pytest.mark.parametrize("length", [len(BYTES) + 1, len(BYTES) - 1])
def test_other_length_than_announced_is_not_received(engine: Engine, data_dir: Path, length: int) -> None:
    """An upload that was cut, or is longer than announced, leaves no file and no import."""
    with pytest.raises(InvalidInputError, match="Not received"):
        receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, length=length)
    assert list((data_dir / "files").iterdir()) == []
    assert load_imports(engine) == []


def test_too_large_is_refused_before_and_while_it_streams(engine: Engine, data_dir: Path) -> None:
    """The limit holds for the announced length, and for a stream that announces nothing."""
    for length in (len(BYTES), None):
        with pytest.raises(RefusedFileError, match="larger than") as refused:
            receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, length=length, limit=10)
        assert refused.value.code == "too_large"
    assert not list(data_dir.glob("files/*"))


def test_empty_file_is_refused(engine: Engine, data_dir: Path) -> None:
    """0 bytes are no file (IMPORT 2.7, 1)."""
    with pytest.raises(RefusedFileError, match="empty"):
        receive_upload(engine, io.BytesIO(b""), name="a.csv", data_dir=data_dir, length=0)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_says_so(engine: Engine, data_dir: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """No space, or no quota, is told in words, and leaves nothing."""

    def full(_handle: int) -> Never:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RefusedFileError, match="disk is full") as refused:
        receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)
    assert refused.value.code == "disk_full"
    assert not list(data_dir.glob("files/*"))


def test_other_faults_of_the_disk_are_not_hidden(
    engine: Engine, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that no person sending a file can act on stays what it is."""

    def broken(_handle: int) -> Never:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="broken"):
        receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir)


def test_unknown_cell_and_unknown_confirm_are_refused(engine: Engine, data_dir: Path) -> None:
    """Nothing is received for a cell that does not exist, or with another word than auto or ask."""
    with pytest.raises(NotFoundError):
        receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, cell_id=99)
    with pytest.raises(InvalidInputError, match="auto or ask"):
        receive_upload(engine, io.BytesIO(BYTES), name="a.csv", data_dir=data_dir, confirm="maybe")  # type: ignore[arg-type]
    assert not (data_dir / "files").exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\export\\In0.csv", "In0.csv"),
        ("a\u202ecsv.exe\x00", "acsv.exe"),
        ("셀 1번.csv", "셀 1번.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_are_text_without_folders_and_control_characters(given: str, kept: str) -> None:
    """A name never leads anywhere: it is the last part, without control and direction characters."""
    assert clean_name(given) == kept


def test_nameless_upload_is_refused() -> None:
    """A file needs a name: people find it again by that."""
    with pytest.raises(InvalidInputError, match="no file name"):
        clean_name("///")


def test_parts_of_cut_uploads_are_swept_after_a_day(data_dir: Path) -> None:
    """A temporary file of a process that died is removed; one that may still grow is left."""
    folder = data_dir / "files"
    folder.mkdir()
    part = folder / "upload-x.part"
    part.write_bytes(b"half")
    assert sweep_temporary_files(data_dir) == 0
    assert sweep_temporary_files(data_dir, now=part.stat().st_mtime + 90_000) == 1
    assert not part.exists()
