"""What the server says of itself to whoever runs it: sizes, versions, work that waits, the last errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select, text

from data_access.base import now
from data_access.database import reading
from data_access.models import Cell, Channel, ErrorNote, Import, LoginSession, Person, SourceFile, Token
from data_access.queries.accounts import IDLE

WORK = ("queued", "reading", "asks")
"""Statuses of imports that somebody, or the worker, has to do something about."""


@dataclass(frozen=True, slots=True)
class StoreState:
    """What holds the records: "sqlite" or "postgresql", its version, the schema's revision, sizes in bytes."""

    backend: str
    version: str
    revision: str
    database_bytes: int
    uploaded_bytes: int


@dataclass(frozen=True, slots=True)
class WorkState:
    """Imports by status, since when the oldest of those queued waits, and how many people and tokens there are."""

    imports: dict[str, int]
    queued_since: datetime | None
    sessions: int
    people: int
    tokens: int


def load_store_state(engine: Engine) -> StoreState:
    """Return what holds the records, and how large it is."""
    backend = engine.dialect.name
    size, version = {
        "sqlite": ("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", "sqlite_version()"),
        "postgresql": ("SELECT pg_database_size(current_database())", "current_setting('server_version')"),
    }[backend]
    with reading(engine) as session:
        uploaded = session.scalar(select(func.coalesce(func.sum(SourceFile.size), 0)))
        return StoreState(
            backend,
            str(session.scalar(text(f"SELECT {version}"))),
            str(session.scalar(text("SELECT version_num FROM alembic_version"))),
            int(session.scalar(text(size)) or 0),
            int(uploaded or 0),
        )


def load_work_state(engine: Engine) -> WorkState:
    """Return what waits and who is there; a session counts while it has not been idle too long."""
    moment = now()
    sessions = select(func.count()).where(LoginSession.ended_at.is_(None), LoginSession.seen_at > moment - IDLE)
    people = select(func.count()).where(Person.deleted_at.is_(None))
    alive = Token.expires_at.is_(None) | (Token.expires_at > moment)
    tokens = select(func.count()).where(Token.revoked_at.is_(None), alive)
    imports = select(Import.status, func.count(), func.min(Import.created_at)).where(
        Import.deleted_at.is_(None), Import.status.in_(WORK)
    )
    with reading(engine) as session:
        rows = {status: (count, since) for status, count, since in session.execute(imports.group_by(Import.status))}
        return WorkState(
            {status: count for status, (count, _) in rows.items()},
            rows.get("queued", (0, None))[1],
            *(int(session.scalar(query) or 0) for query in (sessions, people, tokens)),
        )


def load_error_notes(engine: Engine, limit: int = 50) -> list[ErrorNote]:
    """Return the last errors that nobody foresaw, the newest first."""
    with reading(engine) as session:
        return list(session.scalars(select(ErrorNote).order_by(ErrorNote.id.desc()).limit(limit)))


def load_failed_imports(engine: Engine, limit: int = 50) -> Sequence[Import]:
    """Return the last imports that ended in an error with a number, the newest first."""
    query = select(Import).where(Import.error_number.is_not(None)).order_by(Import.id.desc()).limit(limit)
    with reading(engine) as session:
        return list(session.scalars(query))


def load_last_seen(engine: Engine) -> dict[int, datetime]:
    """Return when each person was last seen, by number."""
    query = select(LoginSession.person_id, func.max(LoginSession.seen_at)).group_by(LoginSession.person_id)
    with reading(engine) as session:
        return {row[0]: row[1] for row in session.execute(query)}


def count_belongings(engine: Engine) -> dict[int, dict[str, int]]:
    """Return how much belongs to each project: cells, and channels and imports of no cell, that are not deleted."""
    conditions = {
        "cells": (Cell.project_id, Cell.deleted_at.is_(None)),
        "instruments": (Channel.project_id, Channel.deleted_at.is_(None) & Channel.cell_id.is_(None)),
        "imports": (Import.project_id, Import.deleted_at.is_(None) & Import.cell_id.is_(None)),
    }
    found: dict[int, dict[str, int]] = {}
    with reading(engine) as session:
        for kind, (of_project, condition) in conditions.items():
            query = select(of_project, func.count()).where(condition).group_by(of_project)
            for project, count in session.execute(query):
                found.setdefault(project, {})[kind] = count
    return found
