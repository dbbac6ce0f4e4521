"""Signing in: how often it failed, until when to wait, and the sessions that began."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from data_access.audit import append_audit, take_turn
from data_access.base import now
from data_access.database import reading, writing
from data_access.models import LoginSession, Person, SignInFailure
from data_access.secret_texts import new_secret, sha256_of
from data_access.writes.people import end_sessions_of
from pressiometry.errors import NotFoundError

FREE_OF_LOGIN, FREE_OF_IP = 5, 20
"""Failures in a row that cost no waiting: people mistype, and many share the address of a proxy."""
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was last used."""
MOST_SESSIONS = 20
"""Browsers of one person; the oldest is signed out by one more."""
_TURN = 0x7369676E  # PostgreSQL advisory lock: one signs in at a time


@dataclass(frozen=True, slots=True)
class Try:
    """A try to sign in that may go on, or until when it has to wait."""

    keys: tuple[str, ...]
    wait_until: datetime | None = None


def begin_sign_in(engine: Engine, login: str, ip: str) -> Try:
    """Count a try to sign in as failed before the password is looked at, unless it has to wait.

    So tries that come at the same time are counted too.  `forget_failures`, or `start_session`, forgets them.
    """
    moment = now()
    keys = {_key("login", login): FREE_OF_LOGIN, _key("ip", ip): FREE_OF_IP}
    query = select(SignInFailure).where(SignInFailure.key.in_(keys))
    with reading(engine) as session:  # one that waits costs no write
        if (until := _until(session.scalars(query).all(), moment)) is not None:
            return Try(tuple(keys), until)
    with writing(engine) as session:
        take_turn(session, _TURN)
        rows = {row.key: row for row in session.scalars(query)}
        if (until := _until(rows.values(), moment)) is not None:
            return Try(tuple(keys), until)
        session.execute(delete(SignInFailure).where(SignInFailure.failed_at < moment - FORGOTTEN_AFTER))
        for key, free in keys.items():
            row = rows.get(key)
            failures = 1 if row is None or row.failed_at < moment - FORGOTTEN_AFTER else row.failures + 1
            values = {"failures": failures, "failed_at": moment, "wait_until": moment + _wait(failures - free)}
            session.merge(SignInFailure(key=key, **values))
        return Try(tuple(keys))


def forget_failures(engine: Engine, tried: Try) -> None:
    """Forget a try that was none of somebody who guesses, and those before it."""
    with writing(engine) as session:
        take_turn(session, _TURN)
        session.execute(delete(SignInFailure).where(SignInFailure.key.in_(tried.keys)))


def start_session(engine: Engine, person_id: int, *, ip: str, browser: str, tried: Try | None = None) -> str:
    """Return the secret of a new session, for the browser's cookie; the failures before it are forgotten."""
    secret = new_secret()
    with writing(engine) as session:
        take_turn(session, _TURN)
        person = session.get(Person, person_id)
        if person is None or person.deleted_at is not None:
            raise NotFoundError(f"There is no person {person_id}")
        if tried is not None:
            session.execute(delete(SignInFailure).where(SignInFailure.key.in_(tried.keys)))
        _end_oldest(session, person_id)
        session.add(LoginSession(secret_sha256=sha256_of(secret), person_id=person_id, ip=ip, browser=browser[:200]))
        append_audit(session, "signed in", person.name, who=person.login)
    return secret


def note_session_use(engine: Engine, row: LoginSession) -> None:
    """Note that a session is in use, now and then."""
    if now() - row.seen_at < SEEN_EVERY:
        return
    with writing(engine) as session:
        found = session.get(LoginSession, row.id)
        if found is not None and found.ended_at is None:
            found.seen_at = now()


def end_session(engine: Engine, session_id: int, *, person_id: int | None = None) -> None:
    """End one session; where a person is named, only one of theirs."""
    with writing(engine) as session:
        row = session.get(LoginSession, session_id)
        if row is None or (person_id is not None and row.person_id != person_id):
            raise NotFoundError(f"There is no session {session_id}")
        if row.ended_at is None:
            row.ended_at = now()
            append_audit(session, "session ended", _name_of(session, row.person_id))


def end_sessions(engine: Engine, person_id: int, *, but: int | None = None) -> None:
    """End every session of a person, but one."""
    with writing(engine) as session:
        end_sessions_of(session, person_id, but=but)
        append_audit(session, "sessions ended", _name_of(session, person_id))


def _end_oldest(session: Session, person_id: int) -> None:
    query = select(LoginSession).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
    rows = session.scalars(query.order_by(LoginSession.seen_at.desc())).all()
    for row in rows[MOST_SESSIONS - 1 :]:
        row.ended_at = now()


def _name_of(session: Session, person_id: int) -> str:
    person = session.get(Person, person_id)
    return "" if person is None else person.name


def _until(rows: Iterable[SignInFailure], moment: datetime) -> datetime | None:
    """Return until when the slower of these has to wait, or None."""
    until = max((row.wait_until for row in rows), default=moment)
    return until if until > moment else None


def _wait(beyond: int) -> timedelta:
    """Return how long to wait after so many failures beyond those that are free: 1, 2, 4 ... seconds."""
    return timedelta(0) if beyond < 0 else min(timedelta(seconds=2.0 ** min(beyond, 20)), LONGEST_WAIT)


def _key(kind: str, value: str) -> str:
    """Return what is kept of a login or an address that failed: a login may be a password, typed into the wrong box."""
    return hashlib.sha256(f"{kind}:{value.strip().lower()}".encode("utf-8", "replace")).hexdigest()
