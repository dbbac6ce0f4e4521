"""Tokens of programs: made, used, revoked."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine

from data_access.audit import append_audit
from data_access.base import now
from data_access.database import writing
from data_access.models import Person, Token
from data_access.secret_texts import new_secret, sha256_of
from data_access.writes.cell_values import check_name
from pressiometry.errors import InvalidInputError, NotFoundError

KINDS = ("agent", "read")
LONGEST_DAYS = 3660
USE_NOTED_EVERY = timedelta(minutes=5)
"""How exactly the last use of a token is known: a write a request would cost more than it tells."""


def create_token(  # noqa: PLR0913  # a token has that many parts
    engine: Engine, *, name: str, kind: str, channels: Sequence[str], person_id: int, days: int | None
) -> tuple[Token, str]:
    """Return a new token and its text, `baro_<id>_<secret>`, which is not kept; `days` None: without an end."""
    wanted = list(dict.fromkeys(channel.strip() for channel in channels if channel.strip()))
    checked = _check(name, kind, wanted, days)
    secret = new_secret()
    with writing(engine) as session:
        person = session.get(Person, person_id)
        if person is None or person.deleted_at is not None:
            raise NotFoundError(f"There is no person {person_id}")
        row = Token(
            public_id=secrets.token_hex(5),
            secret_sha256=sha256_of(secret),
            name=checked,
            kind=kind,
            channels=wanted,
            person_id=person_id,
            expires_at=None if days is None else now() + timedelta(days=days),
        )
        session.add(row)
        session.flush()
        details = {"kind": kind, "channels": wanted, "days": days, "public_id": row.public_id}
        append_audit(session, "token made", row.name, details=details)
        return row, f"baro_{row.public_id}_{secret}"


def revoke_token(engine: Engine, token_id: int) -> Token:
    """Return the token, which no longer serves."""
    with writing(engine) as session:
        row = session.get(Token, token_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"There is no token {token_id}")
        if row.revoked_at is None:
            row.revoked_at = now()
            append_audit(session, "token revoked", row.name, details={"public_id": row.public_id})
        return row


def note_token_use(engine: Engine, token: Token) -> None:
    """Note that a token is in use, now and then; the first use of a day stands in the log."""
    moment, last = now(), token.last_used_at
    if last is not None and moment - last < USE_NOTED_EVERY:
        return
    with writing(engine) as session:
        row = session.get(Token, token.id, with_for_update=True)
        if row is None or row.last_used_at != last:
            return  # another request has just noted it
        row.last_used_at = moment
        if last is None or last.date() != moment.date():
            append_audit(session, "token used", row.name, details={"public_id": row.public_id}, who=f"token {row.name}")


def _check(name: str, kind: str, channels: Sequence[str], days: int | None) -> str:
    """Return the name as it is stored.  InvalidInputError names every problem."""
    problems = []
    try:
        name = check_name(name)
    except ValueError as error:
        problems.append(str(error).replace("a cell needs", "a token needs"))
    if kind not in KINDS:
        problems.append(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    for channel in channels:
        try:
            check_name(channel)
        except ValueError as error:
            problems.append(f"channels: {channel!r}: {error}")
    if kind == "agent" and not channels:
        problems.append("channels: name those that the agent sends on")
    if kind == "read" and channels:
        problems.append("channels: a token that reads has none")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        problems.append(f"days: {days} is not between 1 and {LONGEST_DAYS}")
    if problems:
        raise InvalidInputError("The token cannot be made", problems=tuple(problems))
    return name
