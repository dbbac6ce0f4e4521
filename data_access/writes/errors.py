"""The table of errors is written in a transaction of its own, and holds only the last ones."""

from sqlalchemy import Engine, delete, func, select

from data_access.database import writing
from data_access.models import ErrorNote

KEPT = 200
LONGEST_TEXT = 400


def keep_error(engine: Engine, number: str, place: str, text: str) -> None:
    """Keep an error under its number, and of all errors the last 200."""
    with writing(engine) as session:
        session.add(ErrorNote(number=number, place=place[:LONGEST_TEXT], text=text[:LONGEST_TEXT]))
        session.flush()
        newest = session.scalar(select(func.max(ErrorNote.id))) or 0
        session.execute(delete(ErrorNote).where(ErrorNote.id <= newest - KEPT))
