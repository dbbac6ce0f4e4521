"""Live rows: a batch is validated whole, made durable, and only then acknowledged."""

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Collection, Sequence
from typing import Any

from flask import Flask, Response, abort, current_app, request

from access.guard import deny
from access.identity import refused_channels
from access.roles import Role, requires
from api.errors import error_response
from api.requests import read_body
from api.responses import as_json
from data_access.database import db
from data_access.live.batches import BatchAnswer, LiveBatch
from data_access.scope import EVERYTHING, limited_to
from data_access.writes import store_batches
from ingest.collector import Collector, TooManyWaitingError
from ingest.live import InvalidBatchError, read_batch
from ingest.live_text import CSV, JSON_LINES
from pressiometry.errors import BarographError

AGENT: Role = "operator"
"""The role of people who do what agents do; an agent's token does it on its channels."""
_COLLECTOR = "barograph_collector"
_KEY = re.compile(r"([!-.0-9;-~](?:[ -.0-9;-~]{0,118}[!-.0-9;-~])?):[!-~]{1,79}")
_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_DIGEST = re.compile(r"\s*([\w-]+)=(?::([A-Za-z0-9+/]+={0,2}):|([0-9a-fA-F]+))\s*")
_SECOND_AGENT_SECOND = 60


def install_collector(server: Flask) -> None:
    """Give the server the queue of its batches."""

    def store(batches: Sequence[LiveBatch]) -> list[BatchAnswer]:
        """Store batches of whoever waits; each was asked at the door whether it may write to its channels."""
        with limited_to(EVERYTHING):
            return store_batches(db.engine, batches)

    server.extensions[_COLLECTOR] = Collector(store)


@requires(AGENT, agent=True)
def ingest() -> Response:
    """How many rows of the batch were stored, once they are durable."""
    received = time.time()
    if request.mimetype not in {JSON_LINES, CSV}:
        abort(415, f"Send a batch as {JSON_LINES} or {CSV}.")
    encoding = request.headers.get("Content-Encoding", "").strip().lower().removeprefix("x-")
    if encoding not in {"", "identity", "gzip"}:
        abort(415, "Send a batch as it is, or packed by gzip.")
    key, agent = _key()
    body = read_body()
    _check_digest(body)
    try:
        batch = read_batch(
            body, media_type=request.mimetype, encoding=encoding, key=key, agent=agent, received_unix_second=received
        )
        check_channels({row.channel for row in batch.rows})
        answer = current_app.extensions[_COLLECTOR].submit(batch)
    except InvalidBatchError as error:
        rows = [{"row": one.row, "field": one.field, "text": one.text} for one in error.rows]
        return error_response(422, error.text, error.problems, rows=rows)
    except TooManyWaitingError as error:
        response = error_response(429, error.text)
        response.headers["Retry-After"] = "1"
        return response
    return _answer(answer)


def check_channels(names: Collection[str]) -> None:
    """403 unless who asks may send on every one of the channels."""
    refused = refused_channels(names)
    if refused:
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        deny(403, f"You may not send on the channel {refused[0]}{more}: an administrator names channels in a token.")


def _answer(answer: BatchAnswer) -> Response:
    counts: dict[str, Any] = {
        "stored": answer.stored,
        "duplicate": answer.duplicate,
        "last_sequence": answer.last_sequence,
        "missing": answer.missing,
        "flagged": answer.flagged,
        "last_sequences": answer.last_sequences,
        "again": answer.again,
    }
    if answer.verdict == "stored":
        return as_json(counts)
    text = answer.text or f"{len(answer.conflicts)} rows differ from those that are stored; they are kept in quarantine"
    response = error_response(409, f"{text}.", conflicts=answer.conflicts, code=answer.verdict, **counts)
    if answer.verdict == "second_agent":
        response.headers["Retry-After"] = str(_SECOND_AGENT_SECOND)
    return response


def _key() -> tuple[str, str]:
    """The idempotency key and the agent that it names; 400 where there is none."""
    given = request.headers.get("Idempotency-Key", "").strip()
    found = _KEY.fullmatch(given)
    if found is None:
        abort(400, "Idempotency-Key is missing or has another form than <agent>:<batch>, both of plain ASCII.")
    return given, found[1]


def _check_digest(body: bytes) -> None:
    """400 where Content-Digest is there and is not that of the body: it did not arrive as it was sent."""
    given = request.headers.get("Content-Digest")
    if given is None:
        return
    checked = False
    for part in given.split(","):
        found = _DIGEST.fullmatch(part)
        if found is None:
            abort(400, "Content-Digest has another form than sha-256=:<base64>:.")
        algorithm = _DIGESTS.get(found[1].lower())
        if algorithm is None:
            continue
        if not hmac.compare_digest(_decoded(found), algorithm(body).digest()):
            abort(400, "The body is not what Content-Digest says: it was damaged on its way. Send it again.")
        checked = True
    if not checked:
        abort(400, "Content-Digest names no sha-256 or sha-512.")


def _decoded(found: re.Match[str]) -> bytes:
    try:
        return base64.b64decode(found[2], validate=True) if found[2] else bytes.fromhex(found[3])
    except (binascii.Error, ValueError) as error:
        raise BarographError("Content-Digest is no base64", remedy="Send sha-256=:<base64>:.") from error
