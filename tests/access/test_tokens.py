"""Tokens: what an agent and a reading program may do, and what becomes of a token that does not serve."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, update
from werkzeug.serving import make_server

from access.identity import _of_found_token
from access.roles import needs_of
from agent.barograph_agent import LONGEST_WAIT_SECONDS, Agent, Client, Sender, Source, Spool
from agent.barograph_agent import Settings as AgentSettings
from api import stream as stream_module
from data_access.base import now
from data_access.database import writing
from data_access.models import Person, Token
from data_access.queries import find_token, load_audit, load_channels, load_tokens
from data_access.scope import Scope
from data_access.writes import (
    create_cell,
    create_project,
    create_token,
    delete_person,
    ensure_channel,
    revoke_token,
    set_roles,
)
from pressiometry.errors import InvalidInputError
from tests.access.conftest import new_client

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient

TokenOf = Callable[..., dict[str, str]]
LINES = {"Content-Type": "application/x-ndjson"}


def batch(*channels: str, first: int = 1) -> str:
    """One row of each channel as NDJSON."""
    rows = [
        {"channel": channel, "sequence": first, "time": "2026-11-01T10:00:00Z", "voltage_volt": 3.7}
        for channel in channels
    ]
    return "\n".join(json.dumps(row) for row in rows)


def send(client: "FlaskClient", header: dict[str, str], *channels: str, key: str = "pc:1") -> int:
    """Post a batch; its status."""
    headers = {**header, **LINES, "Idempotency-Key": key}
    return client.post("/api/v1/ingest", data=batch(*channels), headers=headers).status_code


def test_an_agent_appends_to_its_channels_and_reads_where_they_stand(
    stranger: "FlaskClient", token_of: TokenOf
) -> None:
    """Rows, files, heartbeat, state, formats."""
    mine = token_of("agent", "A01", "A02")
    assert send(stranger, mine, "A01", "A02") == 200
    for path in ("/api/v1/channels/A01/state", "/api/v1/channels/A01", "/api/v1/profiles"):
        assert stranger.get(path, headers=mine).status_code == 200, path
    beat = stranger.post("/api/v1/agents/heartbeat", json={"agent": "pc"}, headers=mine)
    assert beat.get_json()["channels"] == {"A01": 1, "A02": 1}
    sent = stranger.post("/api/v1/channels/A01/files?name=a.csv", data=b"x,y\n1,2\n", headers=mine)
    assert sent.status_code == 202


def test_an_agent_reaches_no_other_channel(stranger: "FlaskClient", token_of: TokenOf, engine: Engine) -> None:
    """Not by a row among others, not by a file, a state or a heartbeat in another agent's name; nothing is stored."""
    mine, other = token_of("agent", "A01"), token_of("agent", "B01")
    assert send(stranger, other, "B01", key="bench:1") == 200
    assert send(stranger, mine, "A01", "B01") == 403
    assert send(stranger, mine, "C01") == 403
    assert [channel.name for channel in load_channels(engine)] == ["B01"]
    for path in ("/api/v1/channels/B01/state", "/api/v1/channels/B01", "/api/v1/channels/none/state"):
        assert stranger.get(path, headers=mine).status_code == 403, path
    assert stranger.post("/api/v1/channels/B01/files?name=a", data=b"x", headers=mine).status_code == 403
    beat = stranger.post("/api/v1/agents/heartbeat", json={"agent": "bench"}, headers=mine)
    assert beat.status_code == 403
    assert "B01" in beat.get_json()["error"]


def test_an_agent_reads_nothing_else(
    browser_of: Callable[[str], "FlaskClient"], token_of: TokenOf, accounts_app: "Dash"
) -> None:
    """No cell, record, cycle, file, list of channels or page: whatever does not say that agents may, does not let it.

    The session of an administrator beside the token does not help.
    """
    admin = browser_of("admin")
    mine = token_of("agent", "A01")
    adapter = accounts_app.server.url_map.bind("localhost")
    refused = 0
    for rule in accounts_app.server.url_map.iter_rules():
        needs = needs_of(accounts_app.server.view_functions[rule.endpoint])
        if needs is None or needs.agent or needs.role == "anyone":
            continue
        values: dict[str, Any] = {name: "1" if name == "name" else 1 for name in rule.arguments}
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = adapter.build(rule.endpoint, values, method)
            assert admin.open(path, method=method, headers=mine).status_code == 403, f"{method} {path}"
            refused += 1
    assert refused > 25
    for path in ("/", "/cells", "/_dash-layout"):
        assert admin.get(path, headers=mine).status_code == 403


def test_a_reading_token_reads_its_makers_projects_and_changes_nothing(
    stranger: "FlaskClient", token_of: TokenOf, engine: Engine, people: dict[str, Person]
) -> None:
    """Also where its maker may edit; a role that is taken from the maker is taken from the token."""
    cell = create_cell(engine, {"name": "of one"})
    other = create_project(engine, "other")
    hidden = create_cell(engine, {"name": "of other", "project_id": other.id})
    reads = token_of("read", maker="operator")
    names = [one["name"] for one in stranger.get("/api/v1/cells", headers=reads).get_json()["cells"]]
    assert names == ["of one"]
    assert stranger.get(f"/api/v1/cells/{hidden.id}", headers=reads).status_code == 404
    assert stranger.post("/api/v1/cells", json={"name": "new"}, headers=reads).status_code == 403
    assert stranger.delete(f"/api/v1/cells/{cell.id}", headers={**reads, "If-Match": '"1"'}).status_code == 403
    assert send(stranger, reads, "A01") == 403
    found = find_token(engine, load_tokens(engine)[0].id)
    assert found is not None
    assert _of_found_token(found).scope == Scope(frozenset({1}), frozenset(), "token read of operator")
    set_roles(engine, people["operator"].id, {other.id: "viewer"})
    names = [one["name"] for one in stranger.get("/api/v1/cells", headers=reads).get_json()["cells"]]
    assert names == ["of other"]


def test_an_operator_sends_on_channels_of_his_projects_only(
    browser_of: Callable[[str], "FlaskClient"], engine: Engine, people: dict[str, Person]
) -> None:
    """A new channel, or one of a project to edit; another's is refused, its agent's name too."""
    del people
    other = create_project(engine, "other")
    hidden = create_cell(engine, {"name": "of other", "project_id": other.id})
    channel = ensure_channel(engine, "B01")
    with writing(engine) as session:
        session.execute(update(type(channel)).values(cell_id=hidden.id, agent="bench"))
    operator = browser_of("operator")
    assert send(operator, {}, "A01") == 200
    assert send(operator, {}, "B01", key="pc:2") == 403
    assert operator.post("/api/v1/channels/B01/files?name=a", data=b"x").status_code == 403
    assert operator.post("/api/v1/agents/heartbeat", json={"agent": "bench"}).status_code == 403
    assert operator.get("/api/v1/channels/B01/state").status_code == 404


@pytest.mark.parametrize("kind", ["agent", "read"])
def test_a_token_that_does_not_serve_is_told_why(
    stranger: "FlaskClient", token_of: TokenOf, engine: Engine, people: dict[str, Person], kind: str
) -> None:
    """Revoked, expired, of a deleted person, of no form, guessed: 401 and a sentence; never by address or form."""
    channels = ("A01",) if kind == "agent" else ()
    path = "/api/v1/profiles"
    made = [token_of(kind, *channels, maker=maker, days=1) for maker in ("admin", "admin", "operator")]
    assert {stranger.get(path, headers=header).status_code for header in made} == {200}
    first, second, _ = reversed(load_tokens(engine))
    revoke_token(engine, first.id)
    with writing(engine) as session:
        session.execute(update(Token).where(Token.id == second.id).values(expires_at=now() - timedelta(seconds=1)))
    delete_person(engine, people["operator"].id)
    sentences = [stranger.get(path, headers=header) for header in made]
    assert [answer.status_code for answer in sentences] == [401] * 3
    said = [answer.get_json()["error"] for answer in sentences]
    assert said == [
        "This token was revoked.", "This token has expired.", "Whoever made this token is no longer there.",
    ]  # fmt: skip
    public_id = first.public_id
    for given in (
        f"Bearer baro_{public_id}_{'A' * 43}",
        f"Bearer baro_{'0' * 10}_{'A' * 43}",
        "Bearer x",
        "Basic eA==",
    ):
        assert stranger.get(path, headers={"Authorization": given}).status_code == 401, given
    text = made[0]["Authorization"].removeprefix("Bearer ")
    assert stranger.get(f"{path}?token={text}&access_token={text}").status_code == 401


def test_a_token_is_shown_once_and_stored_as_its_hash(
    token_of: TokenOf, engine: Engine, stranger: "FlaskClient", accounts_settings: Any
) -> None:
    """Nothing of the secret is in the database or in the log; the first use of a day stands there, once."""
    secret = token_of("read")["Authorization"].split("_", 2)[2]
    header = {"Authorization": f"Bearer baro_{load_tokens(engine)[0].public_id}_{secret}"}
    for _ in range(3):
        assert stranger.get("/api/v1/cells", headers=header).status_code == 200
    (token,) = load_tokens(engine)
    assert token.last_used_at is not None
    assert [row.action for row in load_audit(engine)].count("token used") == 1
    files = Path(accounts_settings.data_dir).glob("barograph.db*")
    assert not any(secret.encode() in file.read_bytes() for file in files)


def test_a_token_without_a_purpose_is_not_made(engine: Engine, people: dict[str, Person]) -> None:
    """An agent names its channels, a reader none; it ends within ten years or never."""
    for kind, channels, days, problem in (
        ("agent", [], None, "channels"), ("read", ["A01"], None, "channels"), ("admin", [], None, "kind"),
        ("agent", ["A\x0001"], None, "channels"),
        ("read", [], 0, "days"), ("read", [], 99999, "days"),
    ):  # fmt: skip
        with pytest.raises(InvalidInputError) as refused:
            create_token(engine, name="t", kind=kind, channels=channels, person_id=people["admin"].id, days=days)
        assert any(one.startswith(problem) for one in refused.value.problems)


def test_a_stream_ends_with_its_session(
    browser_of: Callable[[str], "FlaskClient"],
    engine: Engine,
    people: dict[str, Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was opened while one was signed in does not go on for hours after it; nor after a role was taken away."""
    monkeypatch.setattr(stream_module, "ASK_AGAIN_SECOND", 0.0)
    monkeypatch.setattr(stream_module, "KEEP_ALIVE_SECOND", 0.05)
    for end in (lambda: set_roles(engine, people["viewer"].id, {}), lambda: delete_person(engine, people["viewer"].id)):
        answer = browser_of("viewer").get("/api/v1/stream", buffered=False)
        parts = iter(answer.response)
        assert any(b"hello" in part for part in parts)
        end()
        assert len(list(islice(parts, 1000))) < 1000
        answer.close()


@pytest.fixture
def listening(accounts_app: "Dash") -> Iterator[str]:
    """The address of the application on a free port."""
    server = make_server("127.0.0.1", 0, accounts_app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_agent_sends_with_its_token_and_alarms_without(
    listening: str, token_of: TokenOf, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real agent: its rows are stored; once the token is revoked it raises an alarm, waits, and keeps its rows."""
    token = token_of("agent", "A01")["Authorization"].removeprefix("Bearer ")
    (tmp_path / "token").write_text(f"{token}\n")
    monkeypatch.delenv("BAROGRAPH_TOKEN", raising=False)
    settings = AgentSettings(
        listening, (Source("csv", "A01", str(tmp_path / "a.csv")),), tmp_path / "spool", agent="pc",
        token_file=str(tmp_path / "token"),
    )  # fmt: skip
    spool = Spool(settings.spool, "pc")
    agent, client = Agent(settings, spool), Client(settings)
    try:
        assert "columns" in agent.profile()
        assert agent.channel_state("A01") == {}
        spool.begin("A01", {})
        _fill(spool, 3)
        assert Sender(spool, client, 0).step() == 0.0
        assert [channel.last_sequence for channel in load_channels(engine)] == [3]
        assert agent._beat() > 0
        assert agent.channel_state("other") is None
        assert "You may not send on the channel other" in spool.alarms()[0]["text"]
        revoke_token(engine, load_tokens(engine)[0].id)
        _fill(spool, 2)
        assert Sender(spool, client, 0).step() == LONGEST_WAIT_SECONDS
        assert "(401): renew its token. This token was revoked." in spool.alarms()[0]["text"]
        assert spool.backlog()["waiting_rows"] == 2
    finally:
        client.close()
        agent.client.close()
        agent.beats.close()
        spool.close()


def _fill(spool: Spool, count: int) -> None:
    """Put rows into the spool."""
    rows = [{"time": f"2026-11-01T10:00:{second:02d}Z", "voltage_volt": 3.7} for second in range(count)]
    spool.append("A01", rows)


def test_a_client_without_a_token_is_a_stranger(accounts_app: "Dash") -> None:
    """An agent that was set up before there were accounts is refused, and says so."""
    assert send(new_client(accounts_app), {}, "A01") == 401
