"""What the server says of itself, alike on both databases."""

from typing import TYPE_CHECKING

import pytest

from data_access.queries.system import load_error_notes, load_last_seen, load_store_state, load_work_state
from data_access.writes import invite, start_session
from data_access.writes.errors import keep_error

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.mark.parametrize("database", ["engine", "postgres_engine"])
def test_sizes_versions_and_who_is_there(database: str, request: pytest.FixtureRequest) -> None:
    """Bytes of the database, its version, the schema, people and sessions; an error is cut to what a row shows."""
    store: Engine = request.getfixturevalue(database)
    person, _ = invite(store, "han@lab", "M. Han", roles={1: "viewer"})
    start_session(store, person.id, ip="", browser="")
    state, work = load_store_state(store), load_work_state(store)
    assert state.backend == store.dialect.name
    assert state.database_bytes > 10_000
    assert state.revision.startswith("00")
    assert state.version[0].isdigit()
    assert (work.people, work.sessions, work.tokens, work.imports) == (1, 1, 0, {})
    assert list(load_last_seen(store)) == [person.id]
    keep_error(store, "7f3a12bc", "GET /", "x" * 5000)
    assert [(note.number, len(note.text)) for note in load_error_notes(store)] == [("7f3a12bc", 400)]
