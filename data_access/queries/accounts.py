"""Reads of accounts: people, their roles in projects, sessions, tokens, the log."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data_access.audit import FIRST, hash_of
from data_access.base import now
from data_access.database import reading
from data_access.models import Audit, Channel, LoginSession, Membership, OneTimeLink, Person, Project, Token
from data_access.scope import EVERYTHING, Scope, limited_to
from data_access.secret_texts import sha256_of
from pressiometry.errors import NotFoundError

IDLE = timedelta(hours=12)
"""A session that nobody uses for so long has ended."""
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Account:
    """A person and the role in each project that is there: "viewer" or "operator"."""

    person: Person
    roles: dict[int, str]


def load_people(engine: Engine, *, deleted: bool = False) -> list[Person]:
    """Return the people who may sign in, or those who were deleted, by name."""
    found = Person.deleted_at.is_not(None) if deleted else Person.deleted_at.is_(None)
    with reading(engine) as session:
        return list(session.scalars(select(Person).where(found).order_by(func.lower(Person.name), Person.id)))


def load_person(engine: Engine, person_id: int) -> Person:
    """Return one person.  NotFoundError where there is none, or no longer."""
    with reading(engine) as session:
        person = session.get(Person, person_id)
    if person is None or person.deleted_at is not None:
        raise NotFoundError(f"There is no person {person_id}", remedy="They may have been deleted.")
    return person


def load_memberships(engine: Engine) -> dict[int, dict[int, str]]:
    """Return the role of each person in each project: {person: {project: role}}."""
    with limited_to(EVERYTHING), reading(engine) as session:
        rows = session.scalars(select(Membership)).all()
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        found.setdefault(row.person_id, {})[row.project_id] = row.role
    return found


def load_projects(engine: Engine, *, deleted: bool = False) -> list[Project]:
    """Return the projects that the reader may see, or those that were deleted, by number."""
    found = Project.deleted_at.is_not(None) if deleted else Project.deleted_at.is_(None)
    with reading(engine) as session:
        return list(session.scalars(select(Project).where(found).order_by(Project.id)))


def load_sessions(engine: Engine, person_id: int) -> list[LoginSession]:
    """Return the browsers in which a person is signed in, the last used first."""
    with reading(engine) as session:
        query = select(LoginSession).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
        query = query.where(LoginSession.seen_at > now() - IDLE)
        return list(session.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())))


def load_tokens(engine: Engine, *, revoked: bool = False) -> list[Token]:
    """Return the tokens, the newest first; revoked ones only where they are asked for."""
    with reading(engine) as session:
        query = select(Token).order_by(Token.id.desc())
        return list(session.scalars(query if revoked else query.where(Token.revoked_at.is_(None))))


def load_audit(engine: Engine, limit: int = 200) -> list[Audit]:
    """Return the last entries of the log, the newest first."""
    with reading(engine) as session:
        return list(session.scalars(select(Audit).order_by(Audit.id.desc()).limit(limit)))


def load_link(engine: Engine, secret: str) -> tuple[OneTimeLink, Person | None] | None:
    """Return the link of a secret and the person it is for (None: it makes the first administrator).

    None where there is no such link, or no longer.
    """
    with limited_to(EVERYTHING), reading(engine) as session:
        return usable_link(session, secret)


def usable_link(session: Session, secret: str, *, lock: bool = False) -> tuple[OneTimeLink, Person | None] | None:
    """Return what `load_link` does, within a session."""
    link = session.get(OneTimeLink, sha256_of(secret), with_for_update=lock or None)
    if link is None or link.used_at is not None or link.expires_at <= now():
        return None
    person = None if link.person_id is None else session.get(Person, link.person_id)
    if link.person_id is not None and (person is None or person.deleted_at is not None):
        return None
    return link, person


def has_administrator(engine: Engine) -> bool:
    """Return whether somebody can sign in as administrator."""
    with limited_to(EVERYTHING), reading(engine) as session:
        query = select(Person.id).where(
            Person.is_admin.is_(True), Person.deleted_at.is_(None), Person.password_hash.is_not(None)
        )
        return session.scalar(query.limit(1)) is not None


def find_person(engine: Engine, login: str) -> Person | None:
    """Return the person of a login, in any case of letters, or None."""
    with limited_to(EVERYTHING), reading(engine) as session:
        return session.scalar(select(Person).where(Person.login == login.lower(), Person.deleted_at.is_(None)))


def find_session(engine: Engine, which: str | int) -> tuple[LoginSession, Account] | None:
    """Return the live session of a cookie's secret, or of a number, and whose it is; or None."""
    is_one = LoginSession.secret_sha256 == sha256_of(which) if isinstance(which, str) else LoginSession.id == which
    with limited_to(EVERYTHING), reading(engine) as session:
        row = session.scalar(select(LoginSession).where(is_one))
        if row is None or row.ended_at is not None or row.seen_at <= now() - IDLE:
            return None
        account = _account(session, row.person_id)
        return None if account is None else (row, account)


def find_token(engine: Engine, which: str | int) -> tuple[Token, Account | None] | None:
    """Return the token of a public name, or of a number, and its maker (None: deleted); None where there is none."""
    with limited_to(EVERYTHING), reading(engine) as session:
        token = session.scalar(select(Token).where((Token.public_id if isinstance(which, str) else Token.id) == which))
        return None if token is None else (token, _account(session, token.person_id))


def _account(session: Session, person_id: int) -> Account | None:
    person = session.get(Person, person_id)
    if person is None or person.deleted_at is not None:
        return None
    query = select(Membership.project_id, Membership.role).join(Project, Project.id == Membership.project_id)
    rows = session.execute(query.where(Membership.person_id == person_id, Project.deleted_at.is_(None)))
    return Account(person, {row.project_id: row.role for row in rows})


def load_channels_beyond(engine: Engine, names: Collection[str], projects: frozenset[int]) -> set[str]:
    """Return those of the channels that are there, and of other projects than these."""
    query = select(Channel.name).where(Channel.name.in_(names), Channel.deleted_at.is_(None))
    with limited_to(EVERYTHING), reading(engine) as session:
        there = set(session.scalars(query))
    with limited_to(Scope(projects)), reading(engine) as session:
        return there - set(session.scalars(query))


def first_broken_audit(engine: Engine) -> tuple[int, int | None]:
    """Return how many entries of the log follow from the one before, and the number of the first that does not."""
    before, count = FIRST, 0
    for row in _audit_rows(engine):
        if hash_of(row, before) != row.sha256:
            return count, row.id
        before = row.sha256
        count += 1
    return count, None


def _audit_rows(engine: Engine) -> Iterator[Audit]:
    """Give the log from its beginning, part by part."""
    last = 0
    while True:
        with reading(engine) as session:
            query = select(Audit).where(Audit.id > last).order_by(Audit.id).limit(_ROWS_AT_ONCE)
            rows = list(session.scalars(query))
        yield from rows
        if not rows:
            return
        last = rows[-1].id
