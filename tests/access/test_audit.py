"""The log of who did what: what stands there, what does not, and that nothing of it can be changed unnoticed."""

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from access import denials
from access.audit import main
from data_access.audit import Asker, append_audit, audit, set_asker
from data_access.database import writing
from data_access.models import Person
from data_access.queries import first_broken_audit, load_audit
from data_access.writes import create_project, first_link, set_roles
from pressiometry.errors import BarographError
from tests.access.conftest import PASSWORD

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def entries(engine: Engine) -> list[tuple[str, str, str, int | None]]:
    """Who, action, what, status; the oldest first."""
    return [(row.who, row.action, row.what, row.status) for row in reversed(load_audit(engine))]


def test_signing_in_and_out_edits_and_denials_are_written_down(
    browser_of: Callable[[str], "FlaskClient"], stranger: "FlaskClient", engine: Engine, people: dict[str, Person]
) -> None:
    """Who, from where, what, with which status, in which request; and no secret."""
    before = len(load_audit(engine))
    viewer = browser_of("viewer")
    refused = viewer.post("/api/v1/cells", json={"name": "new"})
    assert refused.status_code == 403
    stranger.get("/api/v1/cells")
    stranger.post("/sign-in", data={"login": "hunter2 typed into the wrong box", "password": "x"})
    viewer.post("/sign-out")
    found = entries(engine)[before:]
    assert found == [
        ("viewer", "signed in", "Otto viewer", None),
        ("viewer", "denied", "POST /api/v1/cells: This needs a role that you do not have.", 403),
        ("", "denied", "GET /api/v1/cells: Sign in, or send a token as Authorization: Bearer baro_...", 401),
        ("", "sign-in failed", "unknown login", 401),
        ("viewer", "session ended", "Otto viewer", None),
    ]
    row = load_audit(engine)[3]
    assert (row.ip, row.role, row.request_id) == ("127.0.0.1", "viewer", refused.headers["X-Request-Id"])
    assert "hunter2" not in str(entries(engine))
    assert people


def test_a_flood_of_refusals_is_counted_and_costs_nothing(
    stranger: "FlaskClient", engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten a minute of one address; the next that is written says how many were not."""
    clock = iter([0.0] * 400)
    offset = [0.0]
    monkeypatch.setattr("access.denials.time.monotonic", lambda: next(clock) + offset[0] + 100.0)
    for _ in range(50):
        assert stranger.get("/api/v1/cells").status_code == 401
    assert len(load_audit(engine)) == denials.EACH_MINUTE
    offset[0] = 61.0
    stranger.get("/api/v1/cells")
    assert "(and 40 more" in load_audit(engine)[0].what


def test_a_refusal_stands_where_the_log_cannot_be_written(
    stranger: "FlaskClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy database or a full disk lets nobody in, and makes no 500."""

    def busy(*_: object, **__: object) -> None:
        raise BarographError("The database is busy")

    monkeypatch.setattr(denials, "audit", busy)
    assert stranger.get("/api/v1/cells").status_code == 401


def test_an_edit_of_accounts_stands_there_with_before_and_after(engine: Engine, people: dict[str, Person]) -> None:
    """In the transaction of the edit itself."""
    set_asker(Asker("ada", "admin", "10.0.0.5", "r1"))
    try:
        other = create_project(engine, "other")
        set_roles(engine, people["viewer"].id, {1: "operator", other.id: "viewer"})
    finally:
        set_asker(Asker())
    row = load_audit(engine)[0]
    assert (row.who, row.action, row.what) == ("ada", "roles changed", "Otto viewer")
    assert row.details == {"before": {"1": "viewer"}, "after": {"1": "operator", str(other.id): "viewer"}}


def test_each_entry_is_a_line_of_json_in_the_servers_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """With its hash; an entry that was undone is none."""
    with caplog.at_level(logging.INFO, "barograph.audit"):
        audit(engine, "tried", 'a\n"line" \u202e')
        with pytest.raises(ZeroDivisionError), writing(engine) as session:
            _fail(session)
    (record,) = caplog.records
    line = json.loads(record.getMessage())
    assert "\n" not in record.getMessage()
    assert line["action"] == "tried"
    assert line["sha256"] == load_audit(engine)[0].sha256


def _fail(session: Session) -> None:
    append_audit(session, "undone")
    raise ZeroDivisionError


def test_nothing_is_changed_or_taken_out(engine: Engine) -> None:
    """The database refuses it."""
    first_link(engine)
    for statement in ("UPDATE audit SET who = 'x'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="append-only"), writing(engine) as session:
            session.execute(text(statement))


CHANGES = (
    "UPDATE audit SET what = 'other' WHERE id = 3",
    "DELETE FROM audit WHERE id = 3",
    "UPDATE audit SET at = (SELECT at FROM audit WHERE id = 1) WHERE id = 3",
    "UPDATE audit SET details = '{\"a\": 1}' WHERE id = 3",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_whoever_can_go_round_the_database_is_found(
    engine: Engine, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m access.audit verify` names the first entry that does not follow; whole, it says the last hash."""
    for number in range(5):
        audit(engine, "tried", str(number))
    url = engine.url.render_as_string(hide_password=False)
    assert main(["verify", "--database-url", url]) == 0
    assert load_audit(engine)[0].sha256 in capsys.readouterr().out
    with writing(engine) as session:
        for name in ("audit_no_update", "audit_no_delete"):
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(change))
    assert main(["verify", "--database-url", url]) == 1
    assert "Entry" in capsys.readouterr().err
    assert first_broken_audit(engine)[1] in {3, 4}


def test_no_password_stands_anywhere(
    browser_of: Callable[[str], "FlaskClient"], engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the log of who did what, nor in the server's."""
    with caplog.at_level(logging.DEBUG):
        browser_of("viewer").post("/sign-in", data={"login": "viewer", "password": "a wrong password"})
    assert PASSWORD not in caplog.text
    assert "a wrong password" not in caplog.text
    assert PASSWORD not in str(entries(engine))
