"""The table of errors that nobody foresaw: the last ones, for the page of whoever runs the server."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from data_access.base import Base, now


class ErrorNote(Base):
    """One error, under the number that the reader was told; the server's log has its traceback."""

    __tablename__ = "error_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    place: Mapped[str]  # what was asked, and where in the code
    text: Mapped[str]
