"""The tables of live rows: who sends what, which batches were taken, what was flagged about them.

An *agent* is the program beside an instrument; it sends *batches* of rows on *channels*, each one instrument's
stream.  A channel is assigned to a cell.  A *fault* is something flagged about a channel.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from data_access.base import Base, Editable, now


class Channel(Editable, Base):
    """One instrument's stream: whose it is, which cell it measures, and where it stands."""

    __tablename__ = "channel"
    name: Mapped[str]
    agent: Mapped[str | None]  # the one that may write; None: the next that does
    refused_agent: Mapped[str | None]  # another one that tried to write; a release lets it in
    cell_id: Mapped[int | None] = mapped_column(ForeignKey("cell.id"), index=True)
    series_id: Mapped[int | None]  # where its rows go now; a series names its channel, this only saves a search
    last_sequence: Mapped[int | None] = mapped_column(BigInteger)
    last_unix_second: Mapped[float | None]  # of the last row whose wall clock can be
    last_received_at: Mapped[datetime | None]
    usual_interval_second: Mapped[float | None]  # between rows, by the wall clock
    usual_delivery_second: Mapped[float | None]  # between batches, as received
    last_test_time_second: Mapped[float | None]  # raw clock of the last row
    last_monotonic_second: Mapped[float | None]
    clock_shift_second: Mapped[float] = mapped_column(default=0.0)  # raw clock minus wall clock of the last row
    same_agent_as: Mapped[str | None]  # another channel of this agent, where a new one may be that one renamed
    __table_args__ = (
        Index(
            "uq_channel_name",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class Agent(Base):
    """What an agent last said of itself."""

    __tablename__ = "agent"
    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Batch(Base):
    """One batch that was taken: the answer to it, given again when it is sent again."""

    __tablename__ = "batch"
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    agent: Mapped[str]
    answer: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Fault(Base):
    """Something flagged about a channel; what goes on extends one row."""

    __tablename__ = "fault"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    code: Mapped[str]
    first_sequence: Mapped[int | None] = mapped_column(BigInteger)
    last_sequence: Mapped[int | None] = mapped_column(BigInteger)
    n: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)
    text: Mapped[str]
    __table_args__ = (Index("ix_fault_channel_id_code", "channel_id", "code"),)
