"""Small changes: tests of a cell, events, remembered profiles, settings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from data_access.base import now
from data_access.changes import as_json, record_change, values_of
from data_access.database import writing
from data_access.models import Cell, Event, Profile, Setting, Test
from data_access.writes.texts import check_lines
from pressiometry.errors import InvalidInputError, NotFoundError


def create_test(
    engine: Engine, cell_id: int, *, name: str = "", started_at: datetime | None = None, who: str = ""
) -> Test:
    """Return a new test of the cell."""
    with writing(engine) as session:
        if session.get(Cell, cell_id) is None:
            raise NotFoundError(f"There is no cell {cell_id}")
        row = Test(cell_id=cell_id, name=name, started_at=started_at)
        session.add(row)
        session.flush()
        record_change(session, row, "created", who=who, after=values_of(row))
        return row


def ensure_test(engine: Engine, cell_id: int) -> Test:
    """Return the latest test of the cell, or a first one; two callers at once get the same."""
    with writing(engine) as session:
        if session.get(Cell, cell_id, with_for_update=True) is None:
            raise NotFoundError(f"There is no cell {cell_id}")
        query = select(Test).where(Test.cell_id == cell_id, Test.deleted_at.is_(None))
        row = session.scalar(query.order_by(Test.id.desc()).limit(1))
        if row is None:
            row = Test(cell_id=cell_id)
            session.add(row)
            session.flush()
            record_change(session, row, "created", after=values_of(row))
        return row


def store_event(  # noqa: PLR0913  # an event has that many parts
    engine: Engine,
    cell_id: int,
    *,
    kind: str,
    text: str = "",
    start_second: float | None = None,
    end_second: float | None = None,
    who: str = "",
) -> Event:
    """Return a new event on the cell's time axis; InvalidInputError where its text cannot be taken."""
    try:
        text = check_lines(text)
    except ValueError as error:
        raise InvalidInputError(f"The text cannot be taken: {error}", problems=(f"text: {error}",)) from None
    with writing(engine) as session:
        if session.get(Cell, cell_id) is None:
            raise NotFoundError(f"There is no cell {cell_id}")
        row = Event(cell_id=cell_id, kind=kind, text=text, start_second=start_second, end_second=end_second)
        session.add(row)
        session.flush()
        record_change(session, row, "created", who=who, after=values_of(row))
        return row


def delete_event(engine: Engine, event_id: int, *, who: str = "") -> Event:
    """Return the deleted event."""
    with writing(engine) as session:
        row = session.get(Event, event_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"There is no event {event_id}")
        row.deleted_at = now()
        row.version += 1
        session.flush()
        record_change(session, row, "deleted", who=who, after={"deleted_at": as_json(row.deleted_at)})
        return row


def save_profile(
    engine: Engine, fingerprint: str, answers: Mapping[str, Any], *, name: str = "", who: str = ""
) -> Profile:
    """Return the profile that remembers the answers for one header."""
    with writing(engine) as session:
        row = session.scalar(select(Profile).where(Profile.fingerprint == fingerprint).with_for_update())
        if row is None:
            row = Profile(fingerprint=fingerprint, name=name, answers=dict(answers))
            session.add(row)
            session.flush()
            record_change(session, row, "created", who=who, after=values_of(row))
            return row
        before = values_of(row)
        row.name, row.answers = name or row.name, dict(answers)
        row.version += 1
        session.flush()
        record_change(session, row, "updated", who=who, before=before, after=values_of(row))
        return row


def save_setting(engine: Engine, name: str, value: Mapping[str, Any], *, who: str = "") -> Setting:
    """Return the setting with its new value."""
    with writing(engine) as session:
        row = session.scalar(select(Setting).where(Setting.name == name).with_for_update())
        before = {} if row is None else {"value": row.value}
        if row is None:
            row = Setting(name=name, value=dict(value))
            session.add(row)
        else:
            row.value = dict(value)
            row.version += 1
        session.flush()
        action = "updated" if before else "created"
        record_change(session, row, action, who=who, before=before, after={"value": row.value})
        return row
