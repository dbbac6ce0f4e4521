"""Reads of imports, their files and what they kept aside."""

from collections.abc import Collection

import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import defer

from data_access.database import reading
from data_access.models import Import, Quarantine, SourceFile
from pressiometry.errors import NotFoundError

LEANS_ON = "leans_on"
"""Key of Import.preview: the imports that hold records which the import's file has too."""


def load_imports(
    engine: Engine,
    *,
    cell_id: int | None = None,
    statuses: Collection[str] | None = None,
    limit: int = 100,
    deleted: bool = False,
) -> list[Import]:
    """Return the latest imports, newest first, without their previews; deleted ones only when asked for."""
    query = select(Import).options(defer(Import.preview, raiseload=True)).order_by(Import.id.desc()).limit(limit)
    if cell_id is not None:
        query = query.where(Import.cell_id == cell_id)
    if statuses is not None:
        query = query.where(Import.status.in_(list(statuses)))
    if not deleted:
        query = query.where(Import.deleted_at.is_(None))
    with reading(engine) as session:
        return list(session.scalars(query))


def find_imports_of_file(engine: Engine, sha256: str) -> list[Import]:
    """Return the imports of the same bytes, newest first, deleted ones left out."""
    query = select(Import).join(SourceFile, SourceFile.id == Import.source_file_id)
    with reading(engine) as session:
        query = query.where(SourceFile.sha256 == sha256, Import.deleted_at.is_(None))
        return list(session.scalars(query.order_by(Import.id.desc())))


def find_leaning(engine: Engine, job: Import) -> list[int]:
    """Return the numbers of the stored imports of the cell whose files have records that this one holds."""
    query = select(Import.id, Import.preview).where(Import.cell_id == job.cell_id, Import.id != job.id)
    with reading(engine) as session:
        rows = session.execute(query.where(Import.status == "stored", Import.deleted_at.is_(None)).order_by(Import.id))
        return [number for number, preview in rows if job.id in preview.get(LEANS_ON, [])]


def load_import(engine: Engine, import_id: int) -> Import:
    """Return the import, also when it was deleted; NotFoundError if there is none."""
    with reading(engine) as session:
        row = session.get(Import, import_id)
    if row is None:
        raise NotFoundError(f"There is no import {import_id}")
    return row


def load_source_file(engine: Engine, source_file_id: int | None = None, *, sha256: str | None = None) -> SourceFile:
    """Return the stored file by its number or its SHA-256; NotFoundError if there is none."""
    query = select(SourceFile).where(SourceFile.id == source_file_id if sha256 is None else SourceFile.sha256 == sha256)
    with reading(engine) as session:
        row = session.scalar(query)
    if row is None:
        raise NotFoundError(f"There is no stored file {source_file_id if sha256 is None else sha256}")
    return row


def load_quarantine(engine: Engine, import_id: int) -> pd.DataFrame:
    """Return the rows that an import kept aside: line (or sequence), text, reason."""
    query = select(Quarantine.line, Quarantine.text, Quarantine.reason).where(Quarantine.import_id == import_id)
    with reading(engine) as session:
        rows = session.execute(query.order_by(Quarantine.id)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=["line", "text", "reason"])
