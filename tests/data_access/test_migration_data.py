"""A database of the version before is brought up with every row kept."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from data_access import database
from data_access.database import MIGRATIONS, migrate, open_engine
from data_access.queries import load_cells, load_quarantine
from data_access.series import load_records, load_series, seal
from pressiometry.errors import SettingsError

BEFORE = "0002"
ROWS = """\
INSERT INTO cell (id, version, created_at, project_id, name, cell_type, electrode_diameter_mm, force_diameter_mm,
pressure_resolution_kgf, mass_uncertainty_percent, area_uncertainty_percent, force_gain_uncertainty_percent,
estimator, state, notes, tags, properties, formation_cycles, cycle_attrs)
VALUES (1, 1, '2026-11-01 00:00:00', 1, 'old', 'full', 13, 13, 0.1, 0, 0, 0, 'automatic', 'running', '', '[]',
'{}', 0, '{}');
INSERT INTO test (id, version, created_at, project_id, cell_id, name)
VALUES (1, 1, '2026-11-01 00:00:00', 1, 1, '');
INSERT INTO source_file (id, sha256, name, size, path, created_at)
VALUES (1, 'aa', 'a.csv', 3, 'a', '2026-11-01 00:00:00');
INSERT INTO import_job (id, version, created_at, project_id, cell_id, source_file_id, name, status, confirm,
answers, rows_read, rows_stored, rows_quarantined, rows_duplicate,
mapping, assumptions, problems, questions, preview, progress, attempts)
VALUES (1, 1, '2026-11-01 00:00:00', 1, 1, 1, 'a.csv', 'stored', 'ask', '{}',
2, 2, 1, 0, '[]', '[]', '[]', '[]', '{}', 1, 1);
INSERT INTO series (id, test_id, source, channel, clock, offset_second, import_id, created_at)
VALUES (1, 1, 'cycler', 'a.csv', 'import 1', 5, 1, '2026-11-01 00:00:00');
INSERT INTO strand (series_id, import_id)
VALUES (1, 1);
INSERT INTO hot (series_id, import_id, sequence, test_time_second, voltage_volt)
VALUES (1, 1, 1, 0, 3.5);
INSERT INTO hot (series_id, import_id, sequence, test_time_second, voltage_volt)
VALUES (1, 1, 2, 1, 3.6);
INSERT INTO gap (series_id, import_id, sequence, start_second, end_second)
VALUES (1, 1, 2, 0, 1);
INSERT INTO quarantine (id, import_id, series_id, line, text, reason, received_at)
VALUES (1, 1, NULL, 3, 'x', 'no number', '2026-11-01 00:00:00')"""


def fill_old(engine: Engine) -> None:
    """Make the tables of the version before, with some rows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(**{database.MODE: "write"}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        for statement in ROWS.split(";\n"):
            connection.execute(text(statement))


def check_kept(engine: Engine) -> None:
    """Everything is there, and new rows go on."""
    assert [cell.name for cell in load_cells(engine)] == ["old"]
    (series,) = load_series(engine, 1)
    assert (series.offset_second, series.revision, series.from_sequence) == (5.0, 0, 0)
    assert load_records(engine, series.id)["voltage_volt"].tolist() == [3.5, 3.6]
    assert seal(engine, series.id) == 2
    assert load_records(engine, series.id)["voltage_volt"].tolist() == [3.5, 3.6]
    assert load_quarantine(engine, 1)["text"].tolist() == ["x"]


@pytest.fixture
def old_sqlite(tmp_path: object) -> Iterator[Engine]:
    """A database file of the version before."""
    engine = open_engine(f"sqlite:///{tmp_path}/old.db")
    fill_old(engine)
    yield engine
    engine.dispose()


def test_sqlite_is_brought_up_with_its_rows(old_sqlite: Engine) -> None:
    """And its foreign keys hold afterwards, on the same connection."""
    migrate(old_sqlite)
    check_kept(old_sqlite)
    with old_sqlite.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_database_with_rows_of_nothing_is_left_as_it_was(old_sqlite: Engine) -> None:
    """Damage is told, and nothing is changed."""
    with old_sqlite.execution_options(**{database.MODE: "write"}).connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("DELETE FROM test")
        driver.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(SettingsError, match="refer to nothing"):
        migrate(old_sqlite)
    with old_sqlite.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == BEFORE


def test_postgresql_is_brought_up_with_its_rows(postgres_url: str) -> None:
    """The same on PostgreSQL."""
    engine = open_engine(postgres_url)
    fill_old(engine)
    migrate(engine)
    check_kept(engine)
    engine.dispose()
