"""The log of who did what: rows are appended, each bound to the one before by its hash, and told to the server's log.

Who asks is said once a request, by `set_asker`; whoever writes about accounts appends in the same transaction.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from data_access.base import now
from data_access.database import writing
from data_access.models import Audit

LOG = logging.getLogger("barograph.audit")
_LOCK = 0x61756469  # PostgreSQL advisory lock: one appends at a time
_LONGEST = 500
"""Characters of a text that somebody outside chose."""
FIRST = "0" * 64
"""What stands for the hash before the first row."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, from where, in which request."""

    who: str = ""
    role: str = ""
    ip: str = ""
    request_id: str = ""


_NOBODY = Asker()
_asker: ContextVar[Asker] = ContextVar("barograph_asker", default=_NOBODY)


def set_asker(asker: Asker) -> None:
    """Have this thread's coming rows say who asked."""
    _asker.set(asker)


def append_audit(  # noqa: PLR0913  # an entry has that many parts
    session: Session,
    action: str,
    what: str = "",
    *,
    details: Mapping[str, Any] | None = None,
    status: int | None = None,
    who: str | None = None,
) -> Audit:
    """Append one row within the session's transaction; it is told to the server's log once it is stored."""
    take_turn(session, _LOCK)
    asker = _asker.get()
    row = Audit(
        at=now(),
        who=_short(asker.who if who is None else who),
        role=asker.role,
        ip=_short(asker.ip),
        action=action,
        what=_short(what),
        details=dict(details or {}),
        status=status,
        request_id=asker.request_id,
    )
    before = session.scalar(select(Audit.sha256).order_by(Audit.id.desc()).limit(1))
    row.sha256 = hash_of(row, before or FIRST)
    session.add(row)
    session.flush()
    line = json.dumps(_plain(row) | {"id": row.id, "sha256": row.sha256}, ensure_ascii=True, sort_keys=True)
    event.listen(session, "after_commit", lambda _session: LOG.info("%s", line), once=True)
    return row


def take_turn(session: Session, lock: int) -> None:
    """Wait until no other transaction is in its turn; on SQLite only one writes anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})


def audit(engine: Engine, action: str, what: str = "", *, status: int | None = None, who: str | None = None) -> Audit:
    """Return a new row, appended in a transaction of its own."""
    with writing(engine) as session:
        return append_audit(session, action, what, status=status, who=who)


def hash_of(row: Audit, before: str) -> str:
    """Return the SHA-256 of a row and the hash of the one before it, as hexadecimal digits."""
    content = json.dumps(_plain(row), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}{content}".encode()).hexdigest()


def _plain(row: Audit) -> dict[str, Any]:
    """Return what a row says, as JSON can carry it."""
    return {
        "at": row.at.isoformat(),
        "who": row.who,
        "role": row.role,
        "ip": row.ip,
        "action": row.action,
        "what": row.what,
        "details": row.details,
        "status": row.status,
        "request_id": row.request_id,
    }


def _short(text: str) -> str:
    """Return a text that the database can hold, of a length that costs nothing.

    >>> _short("a" + chr(0) + "b")
    'ab'
    """
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:_LONGEST]
