"""Rows of a channel that go to another cell: whole series change their test, one that is cut is parted in two."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data_access.live.placing import find_offset, test_of
from data_access.models import Hot, Series
from data_access.record_models import CHUNK, HOT
from data_access.series.rows import TIME
from data_access.series.sealed import of_level
from data_access.series.store import lock_test, unseal_from
from data_access.series.strands import StrandKey, ensure_strand


def series_from(session: Session, channel_id: int, from_sequence: int) -> list[Series]:
    """Return the series that hold the channel's rows from a sequence number on; one that it cuts is parted first."""
    query = select(Series).where(Series.channel_id == channel_id).order_by(Series.from_sequence)
    every = session.scalars(query.with_for_update()).all()
    for one in every:
        lock_test(session, one.id)
    later = [one for one in every if one.from_sequence >= from_sequence]
    before = [one for one in every if one.from_sequence < from_sequence]
    if before and (not later or later[0].from_sequence > from_sequence):
        later.insert(0, _part(session, before[-1], from_sequence))
    return later


def _part(session: Session, one: Series, from_sequence: int) -> Series:
    """Return a new series with the rows from a sequence number on; there may be none yet, and late ones come."""
    unseal_from(session, StrandKey(one.id), from_sequence)
    new = Series(
        test_id=one.test_id,
        source=one.source,
        channel=one.channel,
        clock=one.clock,
        offset_second=one.offset_second,
        channel_id=one.channel_id,
        from_sequence=from_sequence,
        unix_zero_second=one.unix_zero_second,
        pressure_from_force=one.pressure_from_force,
    )
    session.add(new)
    session.flush()
    moved = (Hot.series_id == one.id, Hot.sequence >= from_sequence)
    if session.scalar(select(Hot.sequence).where(*moved).limit(1)) is not None:
        session.execute(update(HOT).where(*moved).values(series_id=new.id))
        ensure_strand(session, StrandKey(new.id))
        one.late_revision += 1
    return new


def give_to(session: Session, one: Series, cell_id: int | None) -> None:
    """Make a series one of a cell, on whose axis it is placed anew; None: of no cell."""
    first = _first_second(session, one)
    one.test_id = None if cell_id is None else test_of(session, cell_id)
    session.flush()
    lock_test(session, one.id)
    if cell_id is None or first is None:
        one.offset_second = 0.0
    else:
        one.offset_second = find_offset(session, cell_id, one, first)
    one.unclosed_from_second, one.closing_from_second, one.closing_revision = first, None, None
    one.revision += 1
    one.late_revision += 1
    session.flush()


def _first_second(session: Session, one: Series) -> float | None:
    """Return the raw clock of the first row of a series; None without rows."""
    key, c = StrandKey(one.id), CHUNK.c
    times = [
        session.scalar(select(func.min(c.t0)).where(*of_level(key, 0), c.quantity == TIME)),
        session.scalar(select(func.min(HOT.c[TIME])).where(HOT.c.series_id == one.id)),
    ]
    known = [time for time in times if time is not None]
    return min(known) if known else None
