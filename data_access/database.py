"""The database: how it is opened, read, written and migrated, alike on SQLite and PostgreSQL."""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pysqlite3.dbapi2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from data_access.local_disk import check_local_disk
from data_access.models import Base
from data_access.scope import current_scope, for_requests, limit
from pressiometry.errors import BarographError, DiskFullError, SettingsError, StoreBusyError

OLDEST_SQLITE = (3, 51, 3)
"""Older SQLite can corrupt a WAL database with several connections (RELIABILITY section 5.3)."""
BUSY_TIMEOUT_SECOND = 5
_LOOK_AGAIN_SECOND = 0.002
_TAKEN = frozenset({pysqlite3.dbapi2.SQLITE_BUSY, pysqlite3.dbapi2.SQLITE_LOCKED})
MODE = "barograph_mode"  # execution option: "read" or "write"
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6261726F  # PostgreSQL advisory lock: several processes start at once
_BUSY_STATES = frozenset({"40001", "40P01", "55P03"})  # PostgreSQL: serialisation, deadlock, lock not available
_DISK_FULL_STATE = "53100"
_UNWRITABLE = frozenset(
    {pysqlite3.dbapi2.SQLITE_READONLY, pysqlite3.dbapi2.SQLITE_IOERR, pysqlite3.dbapi2.SQLITE_CANTOPEN}
)
_UNWRITABLE_STATES = ("25006", "08", "57P")  # PostgreSQL: read-only; its connection lost; it shuts down or starts
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL loses acknowledged rows in a power cut (RELIABILITY section 5.2)
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)


def engine_options(url: str) -> dict[str, Any]:
    """Return the options of `create_engine` for a database URL."""
    if make_url(url).get_backend_name() == "sqlite":
        check_sqlite_version(pysqlite3.dbapi2.sqlite_version_info)
        return {"module": pysqlite3.dbapi2, "connect_args": {"timeout": BUSY_TIMEOUT_SECOND}}
    return {"pool_pre_ping": True}


def check_url(url: str) -> None:
    """Raise SettingsError for a database URL that names no database which several processes can open, safely.

    >>> check_url("sqlite:////srv/lab/barograph.db")
    """
    try:
        parts = make_url(url)
        backend = parts.get_backend_name()
        dialect = parts.get_dialect()
        if backend == "postgresql":
            dialect.import_dbapi()
    except (ArgumentError, ImportError, ValueError):  # SQLAlchemy's NoSuchModuleError is an ArgumentError
        raise _no_database("BAROGRAPH_DATABASE_URL is no address of a database that can be opened here") from None
    if backend not in {"sqlite", "postgresql"}:
        raise _no_database(
            f"BAROGRAPH_DATABASE_URL names a database of the kind {backend}, which Barograph does not use"
        )
    if backend == "sqlite":
        if not parts.database or parts.database == ":memory:" or "mode=memory" in url:
            raise _no_database(
                "BAROGRAPH_DATABASE_URL names a database in memory, which the import worker cannot share"
            )
        check_local_disk(Path(parts.database.removeprefix("file:")))


def _no_database(what: str) -> SettingsError:
    return SettingsError(what, remedy="Give sqlite:////folder/file.db or postgresql+psycopg://user@host/name.")


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Raise SettingsError for an SQLite whose write-ahead log is not safe with several connections.

    >>> check_sqlite_version((3, 51, 3))
    """
    if version < OLDEST_SQLITE:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SQLITE))
        raise SettingsError(
            f"SQLite {found} can damage a database that several processes use; {needed} or newer is needed",
            remedy="Install the pinned requirements again (make setup).",
        )


def open_engine(url: str) -> Engine:
    """Return an engine for the URL, with the pragmas and transaction modes every process must use."""
    engine = create_engine(url, json_serializer=_written, json_deserializer=orjson.loads, **engine_options(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _written(value: Any) -> str:
    """Return JSON as text: quickly, for the results of thousands of cycles are written while other writers wait."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    """Begin as reader or writer: a reader that turns writer fails with "locked" in spite of the time-out."""
    reads = connection.get_execution_options().get(MODE) == "read"
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
    if not reads:
        _take_turn(connection)
    else:
        connection.exec_driver_sql("BEGIN DEFERRED")


def _take_turn(connection: Connection) -> None:
    """Begin to write as soon as the writer before has ended: SQLite itself looks again after up to 100 ms only."""
    driver: Any = connection.connection.driver_connection
    end = time.monotonic() + BUSY_TIMEOUT_SECOND
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < end:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except pysqlite3.dbapi2.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _TAKEN:
                    break
                time.sleep(_LOOK_AGAIN_SECOND * (0.5 + random.random()))  # noqa: S311  # no secret
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECOND * 1000:.0f}")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy over the engines of `open_engine`, so that the app and the worker open it alike."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:  # noqa: ARG002
        url = options["url"]
        engine = open_engine(url if isinstance(url, str) else url.render_as_string(hide_password=False))
        return for_requests(engine) if app.config.get("BAROGRAPH_ACCOUNTS") else engine


db = Database(model_class=Base)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that reads one snapshot and cannot write; it sees what is in scope."""
    options: dict[str, Any] = {MODE: "read"}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.connection(execution_options=options)
        limit(session, current_scope(engine).readable)
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session whose work is one transaction: committed at the end, undone by any error.

    It sees what is in scope to be edited.
    StoreBusyError where another writer does not let go in time, DiskFullError where there is no room.
    """
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            session.connection(execution_options={MODE: "write"})
            limit(session, current_scope(engine).editable)
            yield session
    except DBAPIError as error:
        if (known := _known(error)) is None:
            raise
        raise known from error


def _known(error: DBAPIError) -> BarographError | None:
    """Return the error in words for what passes, or what a person can mend."""
    sqlite = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # an extended code holds the plain one
    postgresql = getattr(error.orig, "sqlstate", None)
    if sqlite in _TAKEN or postgresql in _BUSY_STATES:
        return StoreBusyError("The database is busy: another writer holds it", remedy="Try again in a few seconds.")
    if sqlite in _UNWRITABLE or str(postgresql).startswith(_UNWRITABLE_STATES) or error.connection_invalidated:
        _log_once(f"The database cannot be written: {error.orig}")
        return StoreBusyError(
            f"The database cannot be written: {error.orig}",
            remedy="Check the disk and the permissions of the data folder; what was not stored may be sent again.",
        )
    if sqlite == pysqlite3.dbapi2.SQLITE_FULL or postgresql == _DISK_FULL_STATE:
        return DiskFullError(
            "The disk is full: nothing was stored", remedy="Make room on the disk of the data folder, then try again."
        )
    return None


@cache
def _log_once(text: str) -> None:
    """Tell the person who runs the server, not each time that somebody asks again."""
    logging.getLogger("barograph").error("%s", text)


def migrate(engine: Engine) -> None:
    """Bring the database to the newest tables, in one transaction.

    SettingsError if the database cannot be opened or was written by a newer version of Barograph.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    try:
        with _unguarded(engine) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            current = set(MigrationContext.configure(connection).get_current_heads())
            if not current <= known:
                raise SettingsError(
                    "The database was written by a newer version of Barograph",
                    where=engine.url.render_as_string(),
                    remedy="Start that version, or choose another database with BAROGRAPH_DATABASE_URL.",
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            is_sqlite = engine.dialect.name == "sqlite"
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise SettingsError(
                    "The database holds rows that refer to nothing", where=engine.url.render_as_string()
                )
    except DBAPIError as error:
        raise SettingsError(
            f"The database cannot be opened: {error.orig}",
            where=engine.url.render_as_string(),
            remedy="Check BAROGRAPH_DATABASE_URL, the folder and its permissions.",
        ) from error


@contextmanager
def _unguarded(engine: Engine) -> Iterator[Connection]:
    """Give a connection on which SQLite's foreign keys are off: a table is rebuilt under those that refer to it.

    They can only be switched outside a transaction; `migrate` checks them all before it commits.
    """
    with engine.connect().execution_options(**{MODE: "write"}) as connection:
        driver = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if driver is not None:
            driver.execute("PRAGMA foreign_keys = OFF")
        try:
            yield connection
        finally:
            if driver is not None:
                driver.execute("PRAGMA foreign_keys = ON")
