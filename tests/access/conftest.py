"""What tests of accounts share: a server with accounts, people of each role, their browsers, and tokens."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from access import passwords
from app import create_app
from data_access.database import db
from data_access.models import Person
from data_access.writes import accept_link, create_token, first_link, invite
from settings import Settings

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient

PASSWORD = "four words nobody guesses"  # noqa: S105 - of people who are made up
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2 with parameters that cost nothing."""


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that are made at once; what they are good for is not tested here."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)


@pytest.fixture
def accounts_settings(settings: Settings) -> Settings:
    """Settings of a server on the network, without TLS."""
    return replace(settings, insecure_lan=True, trusted_hosts=("lab.example.org",))


@pytest.fixture
def accounts_app(accounts_settings: Settings) -> Iterator["Dash"]:
    """The application with accounts."""
    yield from running(accounts_settings)


def running(settings: Settings) -> Iterator["Dash"]:
    """Give an application, and close its database after it."""
    app = create_app(settings)
    yield app
    with app.server.app_context():
        db.engine.dispose()


@pytest.fixture
def people(engine: Engine) -> dict[str, Person]:
    """One person of each role: "admin", "operator" and "viewer" (of project 1); all have PASSWORD."""
    digest = QUICK.hash(PASSWORD.encode())
    found = {"admin": accept_link(engine, first_link(engine), digest, login="admin", name="Ada Admin")}
    for role in ("operator", "viewer"):
        _, secret = invite(engine, role, f"Otto {role}", roles={1: role})
        found[role] = accept_link(engine, secret, digest)
    return found


@pytest.fixture
def stranger(accounts_app: "Dash") -> "FlaskClient":
    """A browser in which nobody is signed in."""
    return new_client(accounts_app)


@pytest.fixture
def browser_of(accounts_app: "Dash", people: dict[str, Person]) -> Callable[[str], "FlaskClient"]:
    """A browser in which the person of a role is signed in."""

    def sign_in(role: str) -> "FlaskClient":
        client = new_client(accounts_app)
        answer = client.post("/sign-in", data={"login": people[role].login, "password": PASSWORD})
        assert answer.status_code == 303
        return client

    return sign_in


@pytest.fixture
def token_of(engine: Engine, people: dict[str, Person]) -> Callable[..., dict[str, str]]:
    """The header of a new token: kind, channels, maker, days."""

    def make(kind: str, *channels: str, maker: str = "admin", days: int | None = None) -> dict[str, str]:
        made: Any = create_token(
            engine, name=f"{kind} of {maker}", kind=kind, channels=channels, person_id=people[maker].id, days=days
        )
        return {"Authorization": f"Bearer {made[1]}"}

    return make


def new_client(app: "Dash") -> "FlaskClient":
    """A client that accepts anything, like curl and fetch."""
    client: FlaskClient = app.server.test_client()
    client.environ_base["HTTP_ACCEPT"] = "*/*"
    return client
