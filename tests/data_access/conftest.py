"""What tests of the store share: a series to write to, and chunks so small that few records pass every level."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from data_access.database import migrate, open_engine
from data_access.series import create_series, pyramid, sealed, store
from data_access.writes import create_cell, create_test


@pytest.fixture
def tiny_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 8 records, 4 buckets of 4, transactions of 32 records."""
    for module, name, value in (
        (sealed, "CHUNK_RECORDS", 8), (store, "CHUNK_RECORDS", 8), (store, "TRANSACTION_RECORDS", 32),
        (pyramid, "FAN", 4), (pyramid, "CHUNK_BUCKETS", 4), (pyramid, "SMALLEST_LEVEL", 2),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def series_id(engine: Engine) -> int:
    """A series of a cell."""
    cell = create_cell(engine, {"name": "cell"})
    return create_series(engine, create_test(engine, cell.id).id, "cycler", "A01", "A01").id


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """A migrated PostgreSQL."""
    engine = open_engine(postgres_url)
    migrate(engine)
    yield engine
    engine.dispose()
