"""The tables, the same on SQLite and PostgreSQL.

Every editable table has id, version, created_at, deleted_at and project_id.  Measured records are in
`record_models`; they are named here too, so that one metadata knows every table.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from data_access.account_models import Audit, LoginSession, Membership, OneTimeLink, Person, SignInFailure, Token
from data_access.base import Base, Editable, now
from data_access.live_models import Agent, Batch, Channel, Fault
from data_access.record_models import Chunk, Gap, Hot, Quarantine, Series, Strand
from data_access.system_models import ErrorNote

__all__ = [
    "Agent", "Audit", "Base", "Batch", "Cell", "Change", "Channel", "Chunk", "Cycle", "ErrorNote", "Event", "Fault",
    "Gap", "Hot", "Import", "LoginSession", "Membership", "OneTimeLink", "Person", "Profile", "Project",
    "Quarantine", "Series", "Setting", "SignInFailure", "SourceFile", "Strand", "Test", "Token",
]  # fmt: skip


class Project(Base):
    """A project, to which cells belong and in which people have roles; number 1 is there from the start."""

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    name: Mapped[str]
    __table_args__ = (
        Index(
            "uq_project_name",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class Cell(Editable, Base):
    """One built cell and what is known of it; absent values are None."""

    __tablename__ = "cell"
    name: Mapped[str]
    plating_time_min: Mapped[float | None]
    group: Mapped[str | None] = mapped_column("group_label")
    cell_type: Mapped[str] = mapped_column(default="full")
    active_mass_mg: Mapped[float | None]
    loading_mg_per_cm2: Mapped[float | None]
    electrode_diameter_mm: Mapped[float]
    force_diameter_mm: Mapped[float] = mapped_column(default=13.0)
    fixture_stiffness_mpa_per_um: Mapped[float | None]
    pressure_resolution_kgf: Mapped[float] = mapped_column(default=0.1)
    mass_uncertainty_percent: Mapped[float] = mapped_column(default=0.0)
    area_uncertainty_percent: Mapped[float] = mapped_column(default=0.0)
    force_gain_uncertainty_percent: Mapped[float] = mapped_column(default=0.0)
    nominal_capacity_mah: Mapped[float | None]
    temperature_celsius: Mapped[float | None]
    applied_pressure_mpa: Mapped[float | None]
    estimator: Mapped[str] = mapped_column(default="automatic")
    started_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="running")
    cause: Mapped[str | None]
    notes: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
    formation_cycles: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None]
    synthetic: Mapped[str | None]
    cycle_attrs: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the science said of all its cycles
    cycles_revision: Mapped[int] = mapped_column(default=0)  # counts the changes of its cycles
    closed_with: Mapped[str | None]  # fingerprint of what its cycles were computed with
    __table_args__ = (
        Index(
            "uq_cell_name",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class Test(Editable, Base):
    """One test run on a cell."""

    __tablename__ = "test"
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]


class SourceFile(Base):
    """One uploaded file, kept byte for byte under its SHA-256."""

    __tablename__ = "source_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    path: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Import(Editable, Base):
    """One file on its way into the store, and what was understood of it."""

    __tablename__ = "import_job"
    cell_id: Mapped[int | None] = mapped_column(ForeignKey("cell.id"), index=True)
    source_file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id"), index=True)
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default="queued", index=True)
    confirm: Mapped[str] = mapped_column(default="ask")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    format: Mapped[str | None]
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_stored: Mapped[int] = mapped_column(default=0)
    rows_quarantined: Mapped[int] = mapped_column(default=0)
    rows_duplicate: Mapped[int] = mapped_column(default=0)
    mapping: Mapped[list[Any]] = mapped_column(default=list)
    assumptions: Mapped[list[Any]] = mapped_column(default=list)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    questions: Mapped[list[Any]] = mapped_column(default=list)
    preview: Mapped[dict[str, Any]] = mapped_column(default=dict)
    progress: Mapped[float] = mapped_column(default=0.0)
    fingerprint: Mapped[str | None]
    error_number: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("import_job.id"), index=True)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"), index=True)  # that sent it, live
    source_file: Mapped[SourceFile] = relationship(lazy="joined", innerjoin=True, viewonly=True)


class Cycle(Base):
    """The results of one cycle, written when it closes; `results` holds what is not null of CYCLE_COLUMNS."""

    __tablename__ = "cycle"
    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"))
    test_id: Mapped[int | None] = mapped_column(ForeignKey("test.id"), index=True)
    cycle_count: Mapped[int | None]
    formation_count: Mapped[int | None]
    state: Mapped[str]
    start_second: Mapped[float]
    end_second: Mapped[float]
    masked: Mapped[int] = mapped_column(default=0)
    results: Mapped[dict[str, Any]]
    curves: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    evidence: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSON(none_as_null=True)))  # for later cycles
    __table_args__ = (Index("ix_cycle_cell_id_start_second", "cell_id", "start_second"),)


class Change(Base):
    """One change of one object: append-only, it serves undo and audit."""

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    who: Mapped[str] = mapped_column(default="")
    action: Mapped[str]  # created, updated, deleted, restored, undone
    kind: Mapped[str]  # the table of the object
    object_id: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("change.id"))
    __table_args__ = (Index("ix_change_kind_object_id", "kind", "object_id"),)


class Event(Editable, Base):
    """Something that happened to a cell, on the cell's time axis."""

    __tablename__ = "event"
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    kind: Mapped[str]
    start_second: Mapped[float | None]
    end_second: Mapped[float | None]
    text: Mapped[str] = mapped_column(default="")


class Profile(Editable, Base):
    """What a person answered for one instrument's header, remembered by its fingerprint."""

    __tablename__ = "profile"
    fingerprint: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Setting(Editable, Base):
    """One named value that a person may change while the server runs."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(unique=True)
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)
