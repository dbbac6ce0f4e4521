"""Channels: where they stand, which cell they measure, files that they send; and agents that say they live."""

import time
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, current_app, request
from pydantic import ValidationError

from access.identity import identity
from access.roles import requires
from api.errors import error_response
from api.imports import SPARE_BYTES, UPLOAD_BYTES
from api.ingest import AGENT, check_channels
from api.live_models import Assignment, ChannelFileQuery, ChannelState, Heartbeat
from api.multipart import uploaded_file
from api.requests import expected_version, read_object, read_query
from api.responses import as_json
from data_access.database import db
from data_access.live.placing import TEST_TIME
from data_access.queries import live as queries
from data_access.queries import load_channel_states
from data_access.scope import EVERYTHING, limited_to
from data_access.writes import ensure_channel, greet_agent, release_channel
from ingest.channels import assign
from ingest.live_fields import name_problem
from ingest.upload import receive_upload
from pressiometry.errors import InvalidInputError, NotFoundError, StaleEditError

MOST_SAID = 64 * 1024
"""Characters that an agent may say of itself."""


@requires("viewer")
def list_channels() -> Response:
    """Every channel, by name, and where it stands."""
    return as_json({"channels": [_json(state) for state in load_channel_states(db.engine)]})


@requires("viewer", agent=True)
def one_channel(name: str) -> Response:
    """One channel, with its version as ETag."""
    _check_agent(name)
    return _channel(name)


@requires("viewer", agent=True)
def channel_state(name: str) -> Response:
    """Where a channel stands, so that an agent can go on behind its last row."""
    _check_agent(name)
    return _channel(name)


@requires("operator")
def assign_channel(name: str) -> Response:
    """The channel, whose rows are those of the cell that was sent."""
    version = expected_version()
    body = read_object()
    given = Assignment.model_validate(body)
    try:
        assign(db.engine, name, given.cell_id, version=version, from_sequence=given.from_sequence)
    except StaleEditError as error:
        return _conflict(error, name, body)
    return _channel(name)


@requires("operator")
def release_channel_of_agent(name: str) -> Response:
    """The channel, open to the agent that was refused, or to the next that sends rows."""
    version = expected_version()
    try:
        release_channel(db.engine, name, version=version)
    except StaleEditError as error:
        return _conflict(error, name, {"agent": None})
    return _channel(name)


@requires(AGENT, agent=True)
def receive_channel_file(name: str) -> Response:
    """The number of the import of a file that the instrument of the channel wrote; it waits for the channel's cell."""
    request.max_content_length = UPLOAD_BYTES + SPARE_BYTES
    problem = name_problem(name)
    if problem is not None:
        raise InvalidInputError("The channel cannot have this name", problems=(f"channel: {problem}",))
    check_channels([name])
    query = read_query(ChannelFileQuery)
    channel = ensure_channel(db.engine, name)
    file = uploaded_file(request)
    job, already = receive_upload(
        db.engine,
        file.stream,
        name=query.name or file.name,
        data_dir=current_app.config["BAROGRAPH_DATA_DIR"],
        cell_id=channel.cell_id,
        confirm="auto",
        length=file.length,
        limit=UPLOAD_BYTES,
        channel_id=channel.id,
    )
    if already:
        return as_json({"import_id": job.id, "already": True})
    return as_json({"import_id": job.id}, 202, {"Location": f"/api/v1/imports/{job.id}"})


@requires(AGENT, agent=True)
def heartbeat() -> Response:
    """The server's clock, and where the channels of the agent stand."""
    body = read_object()
    try:
        agent = Heartbeat.model_validate(body).agent
    except ValidationError:
        raise InvalidInputError("The heartbeat names no agent", problems=("agent: a text is expected",)) from None
    problem = name_problem(agent)
    if problem is not None:
        raise InvalidInputError("The agent cannot have this name", problems=(f"agent: {problem}",))
    if len(request.get_data()) > MOST_SAID:
        abort(413, "A heartbeat has at most 64 KB.")
    with limited_to(EVERYTHING):
        states = load_channel_states(db.engine, agent=agent)
        check_channels([state.channel.name for state in states])
        greet_agent(db.engine, agent, {name: value for name, value in body.items() if name != "agent"})
    last = {state.channel.name: state.channel.last_sequence for state in states}
    return as_json({"agent": agent, "server_unix_second": time.time(), "channels": last})


def _check_agent(name: str) -> None:
    """403 for an agent whose token does not name the channel."""
    if identity().channels is not None:
        check_channels([name])


def _channel(name: str) -> Response:
    states = load_channel_states(db.engine, name=name)
    if not states:
        raise NotFoundError(f"There is no channel {name}", remedy="It begins to exist with its first row or file.")
    return as_json(_json(states[0]), headers={"ETag": f'"{states[0].channel.version}"'})


def _json(state: queries.ChannelState) -> dict[str, Any]:
    """A channel as plain values."""
    channel, series = state.channel, state.series
    last, received = channel.last_unix_second, channel.last_received_at
    by_test_time = series is not None and series.clock == TEST_TIME
    answer = ChannelState(
        channel=channel.name,
        agent=channel.agent,
        cell_id=channel.cell_id,
        version=channel.version,
        last_sequence=channel.last_sequence,
        last_time=None if last is None else datetime.fromtimestamp(last, UTC),
        last_unix_second=last,
        last_received_unix_second=None if received is None else received.timestamp(),
        last_test_time_second=channel.last_test_time_second if by_test_time else None,
        usual_interval_second=channel.usual_interval_second,
        same_agent_as=channel.same_agent_as,
        from_sequence=None if series is None else series.from_sequence,
    )
    return answer.model_dump(mode="json")


def _conflict(error: StaleEditError, name: str, yours: dict[str, Any]) -> Response:
    (state,) = load_channel_states(db.engine, name=name)
    response = error_response(409, error.text, yours=yours, current=_json(state))
    response.headers["ETag"] = f'"{state.channel.version}"'
    return response
