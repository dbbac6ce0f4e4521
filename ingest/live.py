"""Reads what an agent posts: a batch of live rows as NDJSON or CSV, all of it checked before anything is stored.

A batch is taken whole or refused whole, and a refusal names every row and field.  Units are turned into ours here;
values that cannot be are flagged and kept.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_access.live.batches import LiveBatch, LiveRow
from ingest.live_fields import read_row
from ingest.live_text import JSON_LINES, rows_of_csv, rows_of_lines
from pressiometry.errors import BarographError, InvalidInputError, RefusedFileError

UNPACKED_BYTES = 8 * 2**20
"""The largest batch, unpacked."""
MOST_ROWS = 10_000
MOST_PROBLEMS = 100
"""Problems that are named; more are counted."""
_GZIP = 31  # zlib: a gzip header is expected


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one field of one row; rows count from 1."""

    row: int
    field: str
    text: str

    def __str__(self) -> str:
        """The problem in one line."""
        return f"row {self.row}, {self.field}: {self.text}" if self.field else f"row {self.row}: {self.text}"


class InvalidBatchError(InvalidInputError):
    """A batch that is refused whole: `rows` names every row and field."""

    def __init__(self, found: list[RowProblem], count: int) -> None:
        """Name the first problems and count the others."""
        self.rows = found
        more = (f"and {count - len(found)} more",) if count > len(found) else ()
        super().__init__(
            f"The batch cannot be taken: {count} {'value is' if count == 1 else 'values are'} wrong",
            problems=(*(str(one) for one in found), *more),
        )


@dataclass(slots=True)
class _Problems:
    """What was found, the first of it in words."""

    found: list[RowProblem] = field(default_factory=list)
    count: int = 0
    row: int = 0

    def __call__(self, name: str, text: str) -> None:
        """Note a problem of the present row."""
        self.count += 1
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(RowProblem(self.row, name, text))


def unpack(body: bytes, encoding: str) -> bytes:
    """Return the body unpacked.  BarographError for what is no gzip, RefusedFileError where it becomes too large."""
    if encoding in {"", "identity"}:
        if len(body) > UNPACKED_BYTES:
            raise _too_large()
        return body
    parts, size, rest = [], 0, body
    try:
        while rest:
            member = zlib.decompressobj(_GZIP)
            parts.append(member.decompress(rest, UNPACKED_BYTES + 1 - size))
            size += len(parts[-1])
            if size > UNPACKED_BYTES:
                raise _too_large()
            if not member.eof:
                raise BarographError("The gzip stream is cut off", remedy="Send the batch again.")
            rest = member.unused_data
    except zlib.error as error:
        raise BarographError(f"The body is no gzip stream: {error}", remedy="Send the batch again.") from error
    return b"".join(parts)


def read_batch(  # noqa: PLR0913  # what a request says
    body: bytes, *, media_type: str, encoding: str, key: str, agent: str, received_unix_second: float
) -> LiveBatch:
    """Return the checked batch, in our units.

    Raises:
        InvalidBatchError: values that cannot be taken, every one named.
        BarographError: bytes that are no NDJSON, CSV or gzip.
        RefusedFileError: "too_large".

    """
    payload = unpack(body, encoding)
    problems = _Problems()
    read = rows_of_lines if media_type == JSON_LINES else rows_of_csv
    rows: list[LiveRow] = []
    cache: dict[str, tuple[float, float]] = {}
    for number, given in enumerate(read(payload, problems), start=1):
        if number > MOST_ROWS:
            raise _too_large()
        problems.row = number
        row = _checked(given, problems, cache)
        if row is not None:
            rows.append(row)
    if not rows and not problems.count:
        problems.row = 1
        problems("", "the batch has 0 rows")
    if problems.count:
        raise InvalidBatchError(problems.found, problems.count)
    digest = hashlib.sha256(media_type.encode() + b"\n" + payload).hexdigest()
    return LiveBatch(key, agent, digest, payload, received_unix_second, rows)


def _checked(
    given: Mapping[str, Any] | None, problems: _Problems, cache: dict[str, tuple[float, float]]
) -> LiveRow | None:
    """Return the row, or None where a problem was noted."""
    before = problems.count
    row = None if given is None else read_row(given, problems, cache)
    return row if problems.count == before else None


def _too_large() -> RefusedFileError:
    return RefusedFileError(
        "too_large",
        f"The batch is larger than {UNPACKED_BYTES // 2**20} MB or {MOST_ROWS} rows",
        remedy="Send it in two halves.",
    )
