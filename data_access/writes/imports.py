"""Changes of imports: files stored, jobs claimed and reported, deletion, restoration, purge."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import pandas as pd
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from data_access.base import now
from data_access.changes import as_json, record_change
from data_access.database import writing
from data_access.models import Chunk, Gap, Hot, Import, Quarantine, Series, SourceFile, Strand
from data_access.series.of_import import find_rivals
from data_access.series.records import check_restorable
from data_access.writes.bin import BIN_DAYS, is_over
from pressiometry.errors import InvalidInputError, NotFoundError, StaleEditError

STALE_AFTER_SECOND = 30.0
"""A worker without a heartbeat for this long is taken for dead."""
MOST_ATTEMPTS = 2


def store_source_file(engine: Engine, sha256: str, name: str, size: int, path: str) -> SourceFile:
    """Return the file's row; the same bytes have one row, whatever their name."""
    with writing(engine) as session:
        row = session.scalar(select(SourceFile).where(SourceFile.sha256 == sha256))
        if row is None:
            row = SourceFile(sha256=sha256, name=name, size=size, path=path)
            session.add(row)
            session.flush()
        return row


def create_import(engine: Engine, *, source_file_id: int, name: str, who: str = "", **values: Any) -> Import:
    """Return the new import, queued unless `values` say otherwise."""
    with writing(engine) as session:
        row = Import(source_file_id=source_file_id, name=name, **values)
        session.add(row)
        session.flush()
        record_change(session, row, "created", who=who, after={"name": name, "cell_id": row.cell_id})
        return row


def queue_file(  # noqa: PLR0913 - an upload has that many sides
    engine: Engine,
    *,
    source_file_id: int,
    name: str,
    cell_id: int | None,
    confirm: str,
    same: Collection[str],
    channel_id: int | None = None,
) -> tuple[Import, bool]:
    """Return the queued import of a file, and whether the cell had one of it already, in one of the states `same`.

    `channel_id` is the channel that sent it: where it has no cell yet, the import waits for one.
    """
    with writing(engine) as session:
        session.get(SourceFile, source_file_id, with_for_update=True)  # two uploads of the same bytes take turns
        query = select(Import).where(Import.source_file_id == source_file_id, Import.cell_id == cell_id)
        query = query.where(Import.deleted_at.is_(None), Import.status.in_(list(same))).order_by(Import.id.desc())
        existing = session.scalar(query.limit(1))
        if existing is not None:
            return existing, True
        row = Import(source_file_id=source_file_id, name=name, cell_id=cell_id, confirm=confirm, channel_id=channel_id)
        session.add(row)
        session.flush()
        record_change(session, row, "created", who="", after={"name": name, "cell_id": cell_id})
        return row, False


def claim_import(engine: Engine, *, stale_after_second: float = STALE_AFTER_SECOND) -> Import | None:
    """Return the oldest queued import, now marked as being read, or None.

    One whose worker died without a word is claimed once more, and refused when that worker died too.
    """
    with writing(engine) as session:
        lost = Import.heartbeat_at < now() - timedelta(seconds=stale_after_second)
        dead = select(Import).where(Import.status == "reading", lost).with_for_update(of=Import)
        for stale in session.scalars(dead):
            if stale.attempts >= MOST_ATTEMPTS:
                _give_up(stale)
            else:
                stale.status = "queued"
        session.flush()
        query = select(Import).where(Import.status == "queued", Import.deleted_at.is_(None)).order_by(Import.id)
        row = session.scalar(query.limit(1).with_for_update(of=Import, skip_locked=True))
        if row is not None:
            moment = now()
            row.status, row.claimed_at, row.heartbeat_at = "reading", moment, moment
            row.attempts += 1
            row.version += 1
        return row


def _give_up(row: Import) -> None:
    """Refuse an import that ended its worker twice; the number is what the person can tell."""
    row.status, row.error_number = "refused", token_hex(4)
    text = f"Reading the file ended the worker {row.attempts} times. Report error {row.error_number} with the file."
    problem = {"code": "worker_died", "line": None, "column": None, "text": text, "fatal": True}
    row.problems = [*row.problems, problem]
    row.version += 1


def update_import(
    engine: Engine, import_id: int, *, only_if: Collection[str] | None = None, **values: Any
) -> Import | None:
    """Return the import with new values (status, progress, what was understood ...).

    None, and nothing is written, where its status is none of `only_if`: a cancel wins over a worker's report.
    """
    with writing(engine) as session:
        row = _locked(session, import_id)
        if only_if is not None and row.status not in only_if:
            return None
        _set(row, values)
        session.flush()
        return row


def finish_import(  # noqa: PLR0913 - what an import ends with
    engine: Engine,
    import_id: int,
    *,
    rows_stored: int,
    superseded: Collection[int] = (),
    compared_with: Collection[int] | None = None,
    who: str = "",
    **values: Any,
) -> Import | None:
    """Return the import, now stored: its records become visible and those it supersedes hidden, in one moment.

    None where it is no longer being read (it was cancelled).  `compared_with` are the series that its records were
    compared with: StaleEditError if others of the cell are visible now.
    """
    with writing(engine) as session:
        row = _locked(session, import_id)
        if row.status != "reading":
            return None
        if compared_with is not None and {rival.id for rival in find_rivals(session, row)} != set(compared_with):
            raise StaleEditError("Another import of the cell came in or was undone just now", where=row.name)
        _set(row, {**values, "status": "stored", "rows_stored": rows_stored})
        for older in session.scalars(select(Import).where(Import.id.in_(list(superseded)))):
            older.superseded_by_id = import_id
            record_change(session, older, "superseded", who=who, after={"superseded_by_id": import_id})
        session.flush()
        record_change(session, row, "stored", who=who, after={"rows_stored": rows_stored})
        return row


def discard_records(engine: Engine, import_id: int) -> None:
    """Remove for good what an import that never became stored has left; repeating it does no harm."""
    with writing(engine) as session:
        row = session.get(Import, import_id)
        if row is not None and row.status == "stored":
            raise InvalidInputError(
                "The records of a stored import are not discarded", where=row.name, remedy="Delete the import."
            )
        _remove_records(session, [import_id])


def queue_again(engine: Engine, import_ids: Collection[int], *, who: str = "") -> None:
    """Have stored imports read and stored anew: their records are gone until then, what they superseded is back."""
    with writing(engine) as session:
        query = select(Import).where(Import.id.in_(list(import_ids)), Import.deleted_at.is_(None))
        rows = session.scalars(query.where(Import.status == "stored").order_by(Import.id).with_for_update()).all()
        ids = [row.id for row in rows]
        _remove_records(session, ids)
        for older in session.scalars(select(Import).where(Import.superseded_by_id.in_(ids))):
            older.superseded_by_id = None
        for row in rows:
            _set(row, {"status": "queued", "attempts": 0, "progress": 0.0, "rows_stored": 0})
            session.flush()
            record_change(session, row, "queued", who=who)


def _remove_records(session: Session, import_ids: Sequence[int]) -> None:
    own = select(Series.id).where(Series.import_id.in_(import_ids))
    for table in (Chunk, Hot, Gap, Quarantine, Strand):
        session.execute(delete(table).where(table.import_id.in_(import_ids)))
    session.execute(delete(Series).where(Series.id.in_(own), Series.id.not_in(select(Strand.series_id))))


def _set(row: Import, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if not hasattr(Import, name):
            raise TypeError(f"An import has no {name}")
        setattr(row, name, value)
    row.version += 1


def delete_import(engine: Engine, import_id: int, *, who: str = "") -> Import:
    """Return the deleted import: its records and nothing else are gone from every read."""
    with writing(engine) as session:
        row = _locked(session, import_id)
        if row.deleted_at is None:
            _stamp(session, row, now(), "deleted", who)
        return row


def restore_import(
    engine: Engine, import_id: int, *, compared_with: Collection[int] | None = None, who: str = ""
) -> Import:
    """Return the restored import, its records readable again.

    `compared_with` are the series that its records were compared with: StaleEditError if another one came meanwhile.
    InvalidInputError if another import now holds other values for the same records; NotFoundError after 30 days.
    """
    with writing(engine) as session:
        row = _locked(session, import_id)
        _check_is_in_bin(row)
        if row.deleted_at is None:
            return row
        if compared_with is not None and any(rival.id not in compared_with for rival in find_rivals(session, row)):
            raise StaleEditError("Another import of the cell came in just now", where=row.name, remedy="Try again.")
        check_restorable(session, row)
        _stamp(session, row, None, "restored", who)
        return row


def _check_is_in_bin(row: Import) -> None:
    """NotFoundError where the 30 days are over, whether the records were removed already or not."""
    if row.status == "purged" or is_over(row.deleted_at):
        raise NotFoundError(
            f"The import was deleted more than {BIN_DAYS} days ago, for good",
            where=row.name,
            remedy="Import the file again.",
        )


def purge_deleted(engine: Engine, *, older_than_days: float = BIN_DAYS) -> int:
    """Return how many deleted imports lost their records for good; the original files stay."""
    limit = now() - timedelta(days=older_than_days)
    with writing(engine) as session:
        ids = session.scalars(select(Import.id).where(Import.deleted_at < limit, Import.status != "purged")).all()
        _remove_records(session, ids)
        for row in session.scalars(select(Import).where(Import.id.in_(ids))):
            row.status = "purged"
            record_change(session, row, "purged")
        return len(ids)


def store_quarantine(engine: Engine, import_id: int, rows: pd.DataFrame) -> int:
    """Return how many rows (line, text, reason) are kept aside for an import; a repeat replaces them."""
    with writing(engine) as session:
        session.execute(delete(Quarantine).where(Quarantine.import_id == import_id, Quarantine.series_id.is_(None)))
        session.add_all(
            Quarantine(import_id=import_id, line=_whole(row["line"]), text=str(row["text"]), reason=str(row["reason"]))
            for row in rows[["line", "text", "reason"]].to_dict("records")
        )
        return len(rows)


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _stamp(session: Session, row: Import, moment: datetime | None, action: str, who: str) -> None:
    before = {"deleted_at": as_json(row.deleted_at)}
    row.deleted_at = moment
    row.version += 1
    session.flush()
    record_change(session, row, action, who=who, before=before, after={"deleted_at": as_json(moment)})


def _locked(session: Session, import_id: int) -> Import:
    row = session.scalar(select(Import).where(Import.id == import_id).with_for_update(of=Import))
    if row is None:
        raise NotFoundError(f"There is no import {import_id}")
    return row
