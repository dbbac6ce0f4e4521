"""Receives an uploaded file: streamed to disk, hashed, made durable, and queued as an import.

The order is: temporary file, fsync, rename to its sha256, then the row in the store.  A cut in between leaves a
temporary file, or a file that no row names; both are swept, and the person sees "not received".
"""

import errno
import hashlib
import os
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal, Protocol

from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import find_imports_of_file, load_cell
from data_access.writes import queue_file, store_source_file
from data_access.writes.texts import LONGEST_NAME, is_seen
from pressiometry.errors import InvalidInputError, RefusedFileError

Confirm = Literal["auto", "ask"]

SIZE_LIMIT = 2 * 2**30
"""Bytes of the largest file that is taken."""

BLOCK = 2**20
"""Bytes held in memory at once while receiving."""

OPEN_STATES = ("queued", "reading", "asks")
"""An import that is under way: its file is read or waits for an answer."""

ORPHAN_AGE_SECOND = 24 * 3600
"""A temporary file older than this belongs to no upload that is still running."""


class ByteStream(Protocol):
    """What a web server hands over as the body of a request."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""


def receive_upload(  # noqa: PLR0913 - an upload has that many sides
    engine: Engine,
    stream: ByteStream,
    *,
    name: str,
    data_dir: Path,
    cell_id: int | None = None,
    confirm: Confirm = "ask",
    length: int | None = None,
    limit: int = SIZE_LIMIT,
    channel_id: int | None = None,
) -> tuple[Import, bool]:
    """The queued import of these bytes, and whether the same bytes were there already for this cell.

    `length` is what the sender announced; fewer or more bytes than that are "not received".  Raises
    InvalidInputError (name, length), RefusedFileError ("empty", "too_large", "disk_full"), NotFoundError (cell).
    """
    name = clean_name(name)
    if confirm not in ("auto", "ask"):
        raise InvalidInputError(f"confirm is '{confirm}'", where=name, remedy="Say auto or ask.")
    if cell_id is not None:
        load_cell(engine, cell_id)
    if length is not None and length > limit:
        raise _too_large(name, limit)
    sha256, size = _store_bytes(stream, name, data_dir, length, limit)
    source_file = store_source_file(engine, sha256=sha256, name=name, size=size, path=f"files/{sha256}")
    same = _same_states(cell_id)
    return queue_file(
        engine,
        source_file_id=source_file.id,
        name=name,
        cell_id=cell_id,
        confirm=confirm,
        same=same,
        channel_id=channel_id,
    )


def same_import(engine: Engine, sha256: str, cell_id: int | None) -> Import | None:
    """The import that already holds these bytes for this cell: stored, or under way; else None.

    Without a cell only an import under way that has none either is the same: the file may belong to a second cell.
    """
    for earlier in find_imports_of_file(engine, sha256):
        if earlier.cell_id == cell_id and earlier.status in _same_states(cell_id):
            return earlier
    return None


def _same_states(cell_id: int | None) -> tuple[str, ...]:
    return OPEN_STATES if cell_id is None else (*OPEN_STATES, "stored")


def clean_name(name: str) -> str:
    r"""The file's own name: no folders, no control or direction characters, NFC, at most 120 characters.

    >>> clean_name("C:\\data\\In0-3.csv")
    'In0-3.csv'
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if is_seen(letter)).strip()[-LONGEST_NAME:].strip()
    if not kept:
        raise InvalidInputError("The upload has no file name", remedy="Send it as ?name=export.csv.")
    return kept


def source_path(data_dir: Path, sha256: str) -> Path:
    """Where the original bytes with this sha256 lie."""
    return data_dir / "files" / sha256


def sweep_temporary_files(data_dir: Path, *, now: float | None = None) -> int:
    """Number of temporary files removed that uploads cut off more than a day ago left behind."""
    edge = (time.time() if now is None else now) - ORPHAN_AGE_SECOND
    orphans = [path for path in (data_dir / "files").glob("upload-*.part") if path.stat().st_mtime < edge]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _store_bytes(stream: ByteStream, name: str, data_dir: Path, length: int | None, limit: int) -> tuple[str, int]:
    """sha256 and size of the bytes, which lie durable under their hash when this returns."""
    folder = data_dir / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, part_name = tempfile.mkstemp(prefix="upload-", suffix=".part", dir=folder)
        part = Path(part_name)
        try:
            with os.fdopen(handle, "wb") as target:
                sha256, size = _copy(stream, target, name, limit)
                _check_size(name, size, length)
                target.flush()
                os.fsync(target.fileno())
            part.replace(source_path(data_dir, sha256))
            _sync_folder(folder)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RefusedFileError(
                "disk_full",
                "Not received: the server's disk is full",
                where=name,
                remedy="Free space, then send it again.",
            ) from error
        raise
    return sha256, size


def _copy(stream: ByteStream, target: IO[bytes], name: str, limit: int) -> tuple[str, int]:
    """sha256 and number of bytes copied; at most one block is in memory."""
    digest, size = hashlib.sha256(), 0
    for block in _blocks(stream):
        size += len(block)
        if size > limit:
            raise _too_large(name, limit)
        digest.update(block)
        target.write(block)
    return digest.hexdigest(), size


def _blocks(stream: ByteStream) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _check_size(name: str, size: int, length: int | None) -> None:
    """Raise unless as many bytes came as were announced, and at least one."""
    if length is not None and size != length:
        raise InvalidInputError(
            f"Not received: {size} of {length} bytes arrived", where=name, remedy="Send the file again."
        )
    if size == 0:
        raise RefusedFileError("empty", "The file is empty: 0 bytes", where=name, remedy="Export it again.")


def _too_large(name: str, limit: int) -> RefusedFileError:
    return RefusedFileError(
        "too_large",
        f"The file is larger than {limit / 2**30:.3g} GB",
        where=name,
        remedy="Export it in parts; continuation files are appended.",
    )


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
