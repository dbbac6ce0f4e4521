"""Changes of people: invited by a link, changed, deleted, restored; their roles in projects."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from data_access.audit import append_audit
from data_access.base import now
from data_access.database import writing
from data_access.models import LoginSession, Membership, OneTimeLink, Person, Project
from data_access.queries.accounts import usable_link
from data_access.secret_texts import new_secret, sha256_of
from data_access.writes.cell_values import check_name
from pressiometry.errors import ForbiddenError, InvalidInputError, NameTakenError, NotFoundError, StaleEditError

ROLES_IN_PROJECTS = ("viewer", "operator")
INVITATION_DAYS, RESET_HOURS, FIRST_HOURS = 7, 24, 24
LONGEST_LOGIN = 60
_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?")
_LIFETIMES = {
    "first": timedelta(hours=FIRST_HOURS),
    "invitation": timedelta(days=INVITATION_DAYS),
    "reset": timedelta(hours=RESET_HOURS),
}


def invite(
    engine: Engine, login: str, name: str, *, is_admin: bool = False, roles: Mapping[int, str] | None = None
) -> tuple[Person, str]:
    """Return a new person, who cannot sign in yet, and the secret of the link that lets them choose a password."""
    values = _checked({"login": login, "name": name})
    with writing(engine) as session:
        _check_login_is_free(session, values["login"])
        person = Person(**values, is_admin=is_admin)
        session.add(person)
        session.flush()
        _set_roles(session, person, roles or {})
        details = {"login": person.login, "is_admin": is_admin, "roles": _as_words(roles or {})}
        append_audit(session, "person invited", person.name, details=details)
        return person, _new_link(session, "invitation", person.id)


def reset_link(engine: Engine, person_id: int) -> str:
    """Return the secret of a new link by which a person chooses another password; earlier links lead nowhere.

    The old password serves until the link is used.
    """
    with writing(engine) as session:
        person = _locked(session, person_id)
        append_audit(session, "reset link made", person.name, details={"login": person.login})
        kind = "invitation" if person.password_hash is None else "reset"
        return _new_link(session, kind, person.id)


def first_link(engine: Engine) -> str:
    """Return the secret of a link that makes the first administrator; earlier ones lead nowhere."""
    with writing(engine) as session:
        append_audit(session, "first link made")
        return _new_link(session, "first", None)


def accept_link(engine: Engine, secret: str, password_hash: str, *, login: str = "", name: str = "") -> Person:
    """Return the person of a link, who can sign in from now on; the link leads nowhere any more.

    The first link makes an administrator of the login and the name.  All sessions of the person end.
    NotFoundError for a link that is used up, over, or none.
    """
    with writing(engine) as session:
        found = usable_link(session, secret, lock=True)
        if found is None:
            raise NotFoundError("This link has been used, or is too old", remedy="Ask an administrator for a new one.")
        link, person = found
        if person is None:
            values = _checked({"login": login, "name": name})
            if any(one.password_hash for one in _administrators(session)):
                raise ForbiddenError("There is an administrator already", remedy="Ask them for an invitation.")
            _check_login_is_free(session, values["login"])
            person = Person(**values, is_admin=True)
            session.add(person)
            session.flush()
        person.password_hash = password_hash
        person.version += 1
        link.used_at = now()
        session.flush()
        end_sessions_of(session, person.id)
        append_audit(session, "link used", person.name, details={"kind": link.kind}, who=person.login)
        return person


def set_password(engine: Engine, person_id: int, password_hash: str, *, keep_session: int | None = None) -> Person:
    """Return the person, with another password; every other session ends."""
    with writing(engine) as session:
        person = _locked(session, person_id)
        person.password_hash = password_hash
        person.version += 1
        end_sessions_of(session, person.id, but=keep_session)
        append_audit(session, "password changed", person.name)
        return person


def update_person(engine: Engine, person_id: int, values: Mapping[str, Any], *, version: int) -> Person:
    """Return the person with another login, name or `is_admin`; the last administrator stays one."""
    given = {name: value for name, value in values.items() if name in {"login", "name"}}
    checked = _checked(given) | {name: bool(values[name]) for name in ("is_admin",) if name in values}
    with writing(engine) as session:
        person = _locked(session, person_id)
        if person.version != version:
            raise StaleEditError(
                f"Somebody else changed this person: version {person.version}, your edit began at {version}",
                where=person.name,
                remedy="Load it again and repeat the edit.",
            )
        different = {name: value for name, value in checked.items() if getattr(person, name) != value}
        if not different:
            return person
        if different.get("is_admin") is False:
            _check_not_last(session, person)
        if "login" in different:
            _check_login_is_free(session, different["login"])
        details = {name: [getattr(person, name), value] for name, value in different.items()}
        for name, value in different.items():
            setattr(person, name, value)
        person.version += 1
        append_audit(session, "person changed", person.name, details=details)
        return person


def delete_person(engine: Engine, person_id: int) -> Person:
    """Return the person, who can no longer sign in, and whose tokens no longer serve; not the last administrator."""
    with writing(engine) as session:
        person = _locked(session, person_id)
        _check_not_last(session, person)
        person.deleted_at = now()
        person.version += 1
        end_sessions_of(session, person.id)
        append_audit(session, "person deleted", person.name, details={"login": person.login})
        return person


def restore_person(engine: Engine, person_id: int) -> Person:
    """Return the person, who can sign in again, and whose tokens serve again."""
    with writing(engine) as session:
        person = session.get(Person, person_id, with_for_update=True)
        if person is None:
            raise NotFoundError(f"There is no person {person_id}")
        if person.deleted_at is None:
            return person
        _check_login_is_free(session, person.login)
        person.deleted_at = None
        person.version += 1
        append_audit(session, "person restored", person.name, details={"login": person.login})
        return person


def set_roles(engine: Engine, person_id: int, roles: Mapping[int, str]) -> None:
    """Give a person these roles in these projects, and none in others."""
    with writing(engine) as session:
        person = _locked(session, person_id)
        before = _set_roles(session, person, roles)
        if before != dict(roles):
            details = {"before": _as_words(before), "after": _as_words(roles)}
            append_audit(session, "roles changed", person.name, details=details)


def end_sessions_of(session: Session, person_id: int, *, but: int | None = None) -> None:
    """End every session of a person but one."""
    query = update(LoginSession).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
    session.execute(query.where(LoginSession.id != (but or 0)).values(ended_at=now()))


def _set_roles(session: Session, person: Person, roles: Mapping[int, str]) -> dict[int, str]:
    """Set the roles; return what they were."""
    wrong = {role for role in roles.values() if role not in ROLES_IN_PROJECTS}
    there = set(session.scalars(select(Project.id).where(Project.deleted_at.is_(None))))
    absent = sorted(set(roles) - there)
    problems = [f"role: {role!r} is none of {', '.join(ROLES_IN_PROJECTS)}" for role in sorted(wrong)]
    problems += [f"project: there is no project {project}" for project in absent]
    if problems:
        raise InvalidInputError("These roles cannot be given", where=person.name, problems=tuple(problems))
    rows = {row.project_id: row for row in session.scalars(select(Membership).where(Membership.person_id == person.id))}
    before = {project: row.role for project, row in rows.items()}
    for project, row in rows.items():
        if project not in roles:
            session.delete(row)
    for project, role in roles.items():
        if project in rows:
            rows[project].role = role
        else:
            session.add(Membership(person_id=person.id, project_id=project, role=role))
    session.flush()
    return before


def _new_link(session: Session, kind: str, person_id: int | None) -> str:
    """Store a link and withdraw those before it for the same person; return its secret."""
    same = OneTimeLink.person_id.is_(None) if person_id is None else OneTimeLink.person_id == person_id
    session.execute(update(OneTimeLink).where(same, OneTimeLink.used_at.is_(None)).values(used_at=now()))
    secret = new_secret()
    expires = now() + _LIFETIMES[kind]
    session.add(OneTimeLink(secret_sha256=sha256_of(secret), kind=kind, person_id=person_id, expires_at=expires))
    return secret


def _administrators(session: Session) -> list[Person]:
    query = select(Person).where(Person.is_admin.is_(True), Person.deleted_at.is_(None)).order_by(Person.id)
    return list(session.scalars(query.with_for_update()))


def _check_not_last(session: Session, person: Person) -> None:
    others = [one for one in _administrators(session) if one.id != person.id and one.password_hash is not None]
    if person.is_admin and not others:
        raise ForbiddenError(
            "This is the last administrator who can sign in", where=person.name, remedy="Make another one first."
        )


def _check_login_is_free(session: Session, login: str) -> None:
    if session.scalar(select(Person.id).where(Person.login == login, Person.deleted_at.is_(None))) is not None:
        raise NameTakenError("Another person has this sign-in name", where=login, remedy="Choose another one.")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a login and a name as they are stored.  InvalidInputError names every problem."""
    checked, problems = dict(values), []
    if "login" in values:
        checked["login"] = unicodedata.normalize("NFC", str(values["login"]).strip().lower())
        if _LOGIN.fullmatch(checked["login"]) is None or len(checked["login"]) > LONGEST_LOGIN:
            problems.append(f"login: up to {LONGEST_LOGIN} letters a-z, digits and . _ @ + - are possible")
    if "name" in values:
        try:
            checked["name"] = check_name(values["name"])
        except ValueError as error:
            problems.append(str(error).replace("a cell needs", "a person needs"))
    if problems:
        raise InvalidInputError("This person cannot be stored", problems=tuple(problems))
    return checked


def _as_words(roles: Mapping[int, str]) -> dict[str, str]:
    """Return roles as JSON can carry them."""
    return {str(project): role for project, role in sorted(roles.items())}


def _locked(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.deleted_at is not None:
        raise NotFoundError(f"There is no person {person_id}", remedy="They may have been deleted.")
    return person
