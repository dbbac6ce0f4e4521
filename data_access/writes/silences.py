"""Events of feeds that fall silent while another one of their cell goes on, and come back."""

from collections.abc import Mapping

from sqlalchemy import Engine, select

from data_access.base import now
from data_access.database import reading, writing
from data_access.models import Event

SILENT, BACK = "feed_silent", "feed_back"
"""Kinds of event; what begins with FEED says something of a feed and nothing of the cell."""
FEED = "feed_"


def load_open_silences(engine: Engine) -> list[Event]:
    """Return the silences that have not ended; one that a person deleted is among them, or it would come again."""
    query = select(Event).where(Event.kind == SILENT, Event.end_second.is_(None)).order_by(Event.id)
    with reading(engine) as session:
        return list(session.scalars(query))


def store_silence(engine: Engine, cell_id: int, start_second: float, text: str) -> Event | None:
    """Return a new silence, from when on the cell's axis; None where another process has just stored it."""
    with writing(engine) as session:
        same = select(Event.id).where(
            Event.cell_id == cell_id, Event.kind == SILENT, Event.end_second.is_(None), Event.text == text
        )
        if session.scalar(same) is not None:
            return None
        row = Event(cell_id=cell_id, kind=SILENT, start_second=start_second, text=text)
        session.add(row)
        session.flush()
        return row


def end_silences(engine: Engine, ends: Mapping[int, tuple[float, str]]) -> int:
    """Return how many silences ended: event_id to the time on the cell's axis and the text of the event about it."""
    ended = 0
    with writing(engine) as session:
        for event_id, (end_second, text) in ends.items():
            row = session.get(Event, event_id, with_for_update=True)
            if row is None or row.end_second is not None:
                continue
            row.end_second = max(end_second, row.start_second or end_second)
            row.version += 1
            session.add(Event(cell_id=row.cell_id, kind=BACK, start_second=row.end_second, text=text, created_at=now()))
            ended += 1
    return ended
