"""Passwords: hashed by Argon2id, tried seldom, the same answer and the same time whatever is wrong."""

import math
import secrets
import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine

from data_access.audit import audit
from data_access.base import now
from data_access.models import Person
from data_access.queries import find_person, load_person
from data_access.writes import begin_sign_in, forget_failures, set_password, start_session
from data_access.writes.sessions import Try
from pressiometry.errors import BarographError, InvalidInputError, StoreBusyError

SHORTEST, LONGEST = 12, 200
"""Characters of a password."""
HASHER = PasswordHasher()
"""Argon2id with the library's parameters: 64 MiB and some tens of milliseconds a password."""
AT_ONCE, PATIENCE_SECOND = 2, 10.0
"""Passwords that one process looks at at the same time, and how long another one waits for that."""
_turns = BoundedSemaphore(AT_ONCE)


class WrongPasswordError(BarographError):
    """A login and a password that do not belong together; which of them is wrong is not said."""


class TooManyTriesError(BarographError):
    """A try that comes before the wait after those that failed is over."""

    def __init__(self, wait_second: int) -> None:
        """Say how long to wait."""
        self.wait_second = wait_second
        super().__init__(
            "Signing in failed too often", remedy=f"Try again in {wait_second} s, or ask for another password."
        )


def sign_in(engine: Engine, login: str, password: str, *, ip: str, browser: str) -> str:
    """Return the secret of a new session.

    Raises WrongPasswordError, and TooManyTriesError without a look at the password.
    """
    tried = _begin(engine, login, ip)
    person = find_person(engine, login.strip()) if login.isprintable() else None  # PostgreSQL takes no NUL
    if not _fits(person, password):
        audit(engine, "sign-in failed", "unknown login" if person is None else person.login, status=401)
        raise WrongPasswordError("Sign-in name or password is wrong", remedy="Try again.")
    assert person is not None  # noqa: S101 - it fits
    return start_session(engine, person.id, ip=ip, browser=browser, tried=tried)


def change_password(  # noqa: PLR0913  # whose, from what, to what, from where
    engine: Engine, person_id: int, old: str, new: str, *, ip: str = "", keep_session: int | None = None
) -> Person:
    """Return the person with the new password; every session but one ends.

    Raises what `sign_in` raises for the old password, and InvalidInputError for a new one that cannot be taken.
    """
    person = load_person(engine, person_id)
    digest = hash_password(new, person.login)
    tried = _begin(engine, person.login, ip)
    if not _fits(person, old):
        audit(engine, "password not changed", person.login, status=401)
        raise WrongPasswordError("The present password is another one", remedy="Try again.")
    forget_failures(engine, tried)
    return set_password(engine, person_id, digest, keep_session=keep_session)


def hash_password(password: str, login: str) -> str:
    """Return the Argon2 hash of a password.  InvalidInputError where it cannot be taken."""
    text = unicodedata.normalize("NFC", password)
    problems = []
    if len(text) < SHORTEST:
        problems.append(f"password: {len(text)} characters, at least {SHORTEST} are needed")
    if len(text) > LONGEST:
        problems.append(f"password: {len(text)} characters, at most {LONGEST} are possible")
    if login and text.casefold().strip() == login.casefold():
        problems.append("password: it is the sign-in name")
    if len(set(text)) < SHORTEST // 3:
        problems.append("password: it repeats too few characters")
    if problems:
        raise InvalidInputError("This password cannot be taken", problems=tuple(problems))
    with _Turn():
        return HASHER.hash(_bytes(text))


def _begin(engine: Engine, login: str, ip: str) -> Try:
    tried = begin_sign_in(engine, login, ip)
    if tried.wait_until is not None:
        raise TooManyTriesError(max(1, math.ceil((tried.wait_until - now()).total_seconds())))
    return tried


def _fits(person: Person | None, password: str) -> bool:
    """Return whether this is the person's password; it takes as long where there is no such person."""
    known, nobodys = None if person is None else person.password_hash, _nobodys_hash()
    text = unicodedata.normalize("NFC", password[: LONGEST + 1])
    with _Turn():
        try:
            return HASHER.verify(known or nobodys, _bytes(text)) and known is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    """Return the hash of a password that nobody has."""
    return HASHER.hash(secrets.token_bytes(32))


def _bytes(text: str) -> bytes:
    """Return the text as bytes; half a character, which a forged form may hold, is no fault of the server."""
    return text.encode("utf-8", "surrogatepass")


class _Turn:
    """One of the few places where a password is looked at: each takes 64 MiB."""

    def __enter__(self) -> None:
        """Wait for a place."""
        if not _turns.acquire(timeout=PATIENCE_SECOND):
            raise StoreBusyError("Too many people sign in at once", remedy="Try again in a few seconds.")

    def __exit__(self, *_: object) -> None:
        """Leave the place to the next."""
        _turns.release()
