"""Who asks: the one person at this machine, somebody who signed in, a program with a token, or anyone.

Looked up once a request, when the guard needs it, and forgotten after it.
"""

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

from flask import current_app, g, has_request_context, request
from sqlalchemy import Engine

from access.roles import Role, may
from data_access.audit import Asker, set_asker
from data_access.base import now
from data_access.database import db
from data_access.models import Token
from data_access.queries import find_session, find_token, load_channels_beyond
from data_access.queries.accounts import Account
from data_access.scope import NOTHING, Scope
from data_access.secret_texts import sha256_of
from data_access.writes import note_session_use, note_token_use

ACCOUNTS = "BAROGRAPH_ACCOUNTS"
"""Key of the server's configuration: whether people sign in."""
TRUSTED_PROXY = "BAROGRAPH_TRUSTED_PROXY"
_TOKEN = re.compile(r"baro_([0-9a-f]{10})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and what follows from it."""

    name: str = ""
    """As it stands in the record of changes."""
    role: Role = "anyone"
    person_id: int | None = None
    channels: frozenset[str] | None = None
    """Those that an agent's token may send on; None: it is no agent."""
    session_id: int | None = None
    token_id: int | None = None
    scope: Scope | None = NOTHING
    """Projects that are there for this reader; None: whatever there is, nobody limits it."""
    refusal: str = ""
    """Why a token or a session that was shown does not serve."""


SINGLE_USER = Identity(role="admin", scope=None)
"""The person at the machine, where nobody signs in."""
ANYONE = Identity()


def identity() -> Identity:
    """Return who asks; outside a request the program itself, which may do everything."""
    if not has_request_context() or not current_app.config.get(ACCOUNTS):
        return SINGLE_USER
    if "identity" not in g:
        g.identity = _of_request()
        set_asker(Asker(g.identity.name, g.identity.role, request.remote_addr or "", g.get("request_id", "")))
    found: Identity = g.identity
    return found


def allowed(role: Role) -> bool:
    """Return whether this reader may do what needs the role, in one project at least."""
    return may(identity().role, role)


def refused_channels(names: Collection[str]) -> list[str]:
    """Return those of the channels on which who asks may not send rows and files, by name.

    An agent sends on the channels that its token names; an operator on new ones and those of projects to edit.
    """
    asker = identity()
    if asker.channels is not None:
        return sorted(set(names) - asker.channels)
    if not may(asker.role, "operator"):
        return sorted(names)
    editable = None if asker.scope is None else asker.scope.editable
    return [] if editable is None else sorted(load_channels_beyond(db.engine, names, editable))


def still_valid(engine: Engine, asker: Identity) -> bool:
    """Return whether an answer that goes on for hours may: the session or token serves, and grants what it did."""
    if asker.session_id is not None:
        found = find_session(engine, asker.session_id)
        return found is not None and _person(found[1], found[0].id) == asker
    if asker.token_id is not None:
        token = find_token(engine, asker.token_id)
        return token is not None and _of_found_token(token) == asker
    return True


def session_cookie() -> str:
    """Return the name of the cookie: behind TLS one that no other host and no plain connection can set."""
    return "__Host-session" if current_app.config.get(TRUSTED_PROXY) else "session"


def _of_request() -> Identity:
    """Return who the header or the cookie says; a header that does not serve is not made good by a cookie."""
    if "Authorization" in request.headers:
        return _of_token(request.headers["Authorization"])
    secret = request.cookies.get(session_cookie())
    found = find_session(db.engine, secret) if secret else None
    if found is None:
        return Identity(refusal="The session has ended: sign in again.") if secret else ANYONE
    row, account = found
    note_session_use(db.engine, row)
    return _person(account, session_id=row.id)


def _of_token(header: str) -> Identity:
    scheme, _, text = header.partition(" ")
    given = _TOKEN.fullmatch(text.strip()) if scheme.lower() == "bearer" else None
    if given is None:
        return Identity(refusal="Authorization is not of the form Bearer baro_..., as a token is shown.")
    found = find_token(db.engine, given[1])
    if found is None or not hmac.compare_digest(found[0].secret_sha256, sha256_of(given[2])):
        return Identity(refusal="There is no such token.")
    asker = _of_found_token(found)
    if asker.token_id is not None:
        note_token_use(db.engine, found[0])
    return asker


def _of_found_token(found: tuple[Token, Account | None]) -> Identity:
    token, account = found
    if token.revoked_at is not None:
        return Identity(refusal="This token was revoked.")
    if token.expires_at is not None and token.expires_at <= now():
        return Identity(refusal="This token has expired.")
    if account is None:
        return Identity(refusal="Whoever made this token is no longer there.")
    return _program(token, account)


def _program(token: Token, account: Account) -> Identity:
    """Return an agent, which reads no data, or a reader of what the token's maker may read."""
    name = f"token {token.name}"
    if token.kind == "agent":
        return Identity(name, channels=frozenset(token.channels), token_id=token.id, scope=Scope(who=name))
    readable = None if account.person.is_admin else frozenset(account.roles)
    return Identity(name, "viewer", token_id=token.id, scope=Scope(readable, frozenset(), name))


def _person(account: Account, session_id: int) -> Identity:
    """Return a person: administrators everywhere, others in the projects where they have a role."""
    person, roles = account.person, account.roles
    editable = frozenset(project for project, role in roles.items() if role == "operator")
    role: Role = "admin" if person.is_admin else "operator" if editable else "viewer"
    scope = Scope(who=person.login) if person.is_admin else Scope(frozenset(roles), editable, person.login)
    return Identity(person.login, role, person.id, session_id=session_id, scope=scope)
