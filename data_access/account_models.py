"""The tables of accounts: people, their roles in projects, links, sessions, tokens, and the log of who did what.

Of every secret (link, session, token) only its SHA-256 is kept, of a password its Argon2 hash.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from data_access.base import Base, now


class Person(Base):
    """Somebody who may sign in, once a password was chosen by an invitation's link."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    login: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index(
            "uq_person_login",
            "login",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class Membership(Base):
    """What a person may do in one project: "viewer" or "operator"."""

    __tablename__ = "membership"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True, index=True)
    role: Mapped[str]


class OneTimeLink(Base):
    """A link that lets one person choose a password, once: "first" (administrator), "invitation", "reset"."""

    __tablename__ = "one_time_link"
    secret_sha256: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)  # None: makes the first one
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # or withdrawn, by a newer link


class SignInFailure(Base):
    """How often a login, or an address, failed in a row, and until when it has to wait.

    Kept for logins that do not exist too: an answer must not tell which ones do.
    """

    __tablename__ = "sign_in_failure"
    key: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of "login:..." or "ip:..."
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(index=True)
    wait_until: Mapped[datetime]


class LoginSession(Base):
    """One browser in which a person is signed in."""

    __tablename__ = "login_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(default="")
    browser: Mapped[str] = mapped_column(default="")


class Token(Base):
    """A secret for a program: "agent" sends on its channels, "read" reads what its maker may."""

    __tablename__ = "token"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    secret_sha256: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    channels: Mapped[list[str]] = mapped_column(default=list)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)  # its maker
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Audit(Base):
    """One thing that somebody did or was denied: append-only, each row bound to the one before by its hash."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    who: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default="")
    ip: Mapped[str] = mapped_column(default="")
    action: Mapped[str]
    what: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # before and after, never a secret
    status: Mapped[int | None]  # of the answer, where it was a refusal
    request_id: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]  # of this row and the one before
