"""The tables of measured records: series, strands, hot rows, compressed chunks, gaps, quarantine.

A *strand* is the records of one series that came with one import (import_id 0: live rows, no import).
Deleting an import hides its strands and restoring shows them again: no record moves.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, LargeBinary, Table
from sqlalchemy.orm import Mapped, mapped_column

from data_access.base import Base, now
from pressiometry.columns import RECORD_COLUMNS

LIVE = 0
"""The import_id of rows that came live, without a file."""


class Series(Base):
    """One instrument's records on one raw clock; offset_second puts them on the cell's time axis."""

    __tablename__ = "series"
    id: Mapped[int] = mapped_column(primary_key=True)
    test_id: Mapped[int | None] = mapped_column(ForeignKey("test.id"), index=True)  # None: rows of no cell yet
    source: Mapped[str]  # "cycler" or "mechanical"
    channel: Mapped[str]
    clock: Mapped[str]
    offset_second: Mapped[float] = mapped_column(default=0.0)
    local_zero_second: Mapped[float | None]  # date at the zero of the clock, s since 1970, where it names no zone
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"), index=True)  # if one import made it
    created_at: Mapped[datetime] = mapped_column(default=now)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"), index=True)  # if its rows come live
    from_sequence: Mapped[int] = mapped_column(BigInteger, default=0)  # the first that may be of this series
    unix_zero_second: Mapped[float | None]  # wall clock at the zero of the clock, UTC s since 1970, as rows told it
    pressure_from_force: Mapped[bool | None]  # of live rows; None: neither came yet
    revision: Mapped[int] = mapped_column(default=0)  # counts the batches stored
    late_revision: Mapped[int] = mapped_column(default=0)  # counts those with rows before the last one
    unclosed_from_second: Mapped[float | None]  # raw clock of the first row that closing has not considered
    closing_from_second: Mapped[float | None]  # the same of rows that are being considered now
    closing_revision: Mapped[int | None]


class Strand(Base):
    """One strand that has records."""

    __tablename__ = "strand"
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)


class Hot(Base):
    """Recent rows, one column a quantity.  Time is not unique: real files repeat stamps, and both records stay."""

    __tablename__ = "hot"
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (
        *(Column(name, Float(53)) for name in RECORD_COLUMNS),
        Index("ix_hot_series_id_time", "series_id", "import_id", "test_time_second"),
        {"sqlite_with_rowid": False},
    )


class Chunk(Base):
    """A run of one quantity, compressed.  Level 0: the values; level k: min and max of about 16^k records."""

    __tablename__ = "chunk"
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quantity: Mapped[str] = mapped_column(primary_key=True)
    seq0: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq1: Mapped[int] = mapped_column(BigInteger)  # last sequence number covered
    t0: Mapped[float]  # smallest and largest test_time_second, on every quantity: reads seek by time
    t1: Mapped[float]
    n: Mapped[int]
    min: Mapped[float | None]
    max: Mapped[float | None]
    first: Mapped[float | None]
    last: Mapped[float | None]
    codec: Mapped[str]
    crc: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        Index("ix_chunk_time", "series_id", "import_id", "quantity", "level", "t1", "t0", "seq0", "seq1", "n"),
    )


HOT = cast("Table", Hot.__table__)
CHUNK = cast("Table", Chunk.__table__)
"""The tables themselves, for statements of many rows."""


class Gap(Base):
    """An interval without records, decided between sealed records; `sequence` is the record after it."""

    __tablename__ = "gap"
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start_second: Mapped[float]
    end_second: Mapped[float]


class Quarantine(Base):
    """A row that was not stored, and why: of a file (line) or of a series (sequence)."""

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    line: Mapped[int | None] = mapped_column(BigInteger)  # of the file, or the row's sequence number
    text: Mapped[str]
    reason: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(default=now)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"), index=True)  # of live rows
