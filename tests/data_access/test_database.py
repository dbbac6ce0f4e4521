"""The database is opened alike everywhere, migrated in one transaction, and never half understood."""

from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DatabaseError

from data_access import database
from data_access.codec import decode, encode
from data_access.database import check_sqlite_version, migrate, open_engine, reading, writing
from data_access.models import Base
from data_access.queries import load_cells
from data_access.series import create_series
from data_access.writes import create_cell, create_test
from pressiometry.errors import DamagedDataError, DiskFullError, SettingsError, StoreBusyError


def test_sqlite_is_opened_safely(engine: Engine) -> None:
    """WAL with synchronous=FULL, foreign keys on, untrusted schema."""
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
        }
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "busy_timeout": 5000}
    assert found == expected


def test_a_reader_cannot_write(engine: Engine) -> None:
    """What reads only is refused a write by the database."""
    with pytest.raises(DatabaseError, match="readonly"), reading(engine) as session:
        session.execute(text("DELETE FROM project"))


def rename_and_fail(engine: Engine) -> None:
    """A write that fails after its first statement."""
    with writing(engine) as session:
        session.execute(text("UPDATE project SET name = 'other'"))
        raise ValueError("stop")


def test_an_error_undoes_the_whole_write(engine: Engine) -> None:
    """A write is all or nothing."""
    with pytest.raises(ValueError, match="stop"):
        rename_and_fail(engine)
    with reading(engine) as session:
        assert session.execute(text("SELECT name FROM project")).scalar_one() == "default"


def test_a_held_database_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another writer does not let go in time the store says that it is busy; afterwards it writes again."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECOND", 0.1)
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with writing(engine):
        with pytest.raises(StoreBusyError):
            create_cell(other, {"name": "one"})
        assert load_cells(other) == []
    create_cell(other, {"name": "one"})
    other.dispose()


def test_a_full_disk_is_told(engine: Engine) -> None:
    """Where there is no room nothing of the write is stored, reads go on, and there is a sentence."""
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    with pytest.raises(DiskFullError, match="Make room"):
        create_cell(engine, {"name": "one", "tags": [f"{number:0>100}" for number in range(10_000)]})
    assert load_cells(engine) == []


def test_a_database_that_may_not_be_written_is_told(engine: Engine) -> None:
    """A file system that turned read-only: nothing is stored, reads go on, and the same request may come again."""
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA query_only = ON"))
    with pytest.raises(StoreBusyError, match="cannot be written"):
        create_cell(engine, {"name": "one"})
    assert load_cells(engine) == []


def test_old_sqlite_is_refused() -> None:
    """SQLite before 3.51.3 can damage a database that several processes use."""
    with pytest.raises(SettingsError, match=r"3\.51\.2"):
        check_sqlite_version((3, 51, 2))


def test_models_and_migrations_agree(engine: Engine) -> None:
    """The migrations make exactly the tables of the models."""
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    """Every process migrates at its start."""
    create_cell(engine, {"name": "one"})
    migrate(engine)
    with reading(engine) as session:
        assert session.execute(text("SELECT count(*) FROM cell")).scalar_one() == 1


def test_a_newer_database_is_refused(engine: Engine) -> None:
    """A database of a newer version is left alone, with one sentence."""
    with writing(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="newer version"):
        migrate(engine)


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    """A file that is no database, and a folder that is not there, are told in one sentence."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for a damaged one" * 20, encoding="utf-8")
    for url in (f"sqlite:///{path}", f"sqlite:///{tmp_path}/absent/b.db"):
        engine = open_engine(url)
        with pytest.raises(SettingsError, match="cannot be opened"):
            migrate(engine)
        engine.dispose()


def test_a_flipped_bit_is_noticed() -> None:
    """Damaged chunks are never decoded: most flipped bits would pass silently."""
    data, crc = encode(np.arange(1000.0))
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    with pytest.raises(DamagedDataError):
        decode(bytes(damaged), crc)


def test_postgresql_is_the_same(postgres_engine: Engine) -> None:
    """The same tables, triggers and read-only readers on PostgreSQL."""
    with postgres_engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    cell = create_cell(postgres_engine, {"name": "one"})
    create_series(postgres_engine, create_test(postgres_engine, cell.id).id, "cycler", "A01", "A01")
    with pytest.raises(DatabaseError, match="append-only"), writing(postgres_engine) as session:
        session.execute(text("DELETE FROM change"))
    with pytest.raises(DatabaseError, match="read-only"), reading(postgres_engine) as session:
        session.execute(text("DELETE FROM project"))
