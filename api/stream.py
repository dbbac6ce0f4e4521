"""Live events for pages, as Server-Sent Events, and the same for one who may only ask.

Every stream holds a thread, so their number is limited; each ends as soon as the server's worker is to end.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

import orjson
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from access.guard import deny
from access.identity import allowed, identity, still_valid
from access.roles import requires
from api.hub import FEEDS_SECOND, Hub, Snapshot
from api.listener import Listener
from api.live_rows import read_positions, write_positions
from api.models import StreamQuery
from api.requests import read_query
from api.responses import as_json
from data_access.database import db
from data_access.scope import current_scope

KEEP_ALIVE_SECOND = 10.0
"""A proxy closes what is silent, and a browser that has gone is noticed when something is written to it."""
ASK_AGAIN_SECOND = 15.0
"""How long a stream may outlive its reader's session."""
_EXTENSION = "barograph_hub"
_PAGES = ("assets", "layouts", "callbacks", "figures")
"""What a browser has loaded, or was told to draw: where that changes, its page is of another build."""
_TRY_AGAIN_SECOND = 10


def install_hub(server: Flask) -> None:
    """Give the server a hub of its own."""
    server.extensions[_EXTENSION] = Hub(lambda: db.engine)


def hub_of(server: Flask) -> Hub:
    """Return the hub of a server."""
    return cast("Hub", server.extensions[_EXTENSION])


@cache
def build_id() -> str:
    """Return what tells one build of the pages from another."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(path for folder in _PAGES for path in (root / folder).rglob("*.*")):
        if path.suffix in {".py", ".js", ".css"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@requires("viewer", wall=True)
def stream() -> Response:
    """Live events of cells, as text/event-stream: hello, feeds, rows, cycles, late."""
    listener = _listener()
    if not listener.hub.join(listener.rows):
        raise ServiceUnavailable(
            "Too many pages listen to this server at once; ask /api/v1/stream/once instead.",
            retry_after=_TRY_AGAIN_SECOND,
        )
    engine, asker = db.engine, identity()
    events = _events(listener, lambda: still_valid(engine, asker))
    response = Response(events, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(lambda: listener.hub.leave(listener.rows))
    return response


@requires("viewer", wall=True)
def stream_once() -> Response:
    """The same events once: all since the position that is given, and the position to ask from next."""
    listener = _listener()
    snapshot = listener.hub.ask()
    if snapshot is None:
        raise ServiceUnavailable("The store cannot be read at the moment.", retry_after=_TRY_AGAIN_SECOND)
    events = [("hello", _hello(listener, snapshot)), *listener.news(snapshot)]
    told = [{"event": name, "data": orjson.Fragment(body)} for name, body in events]
    return as_json({"events": told, "id": write_positions(listener.positions or {})})


def _listener() -> Listener:
    """Return the listener that the request describes; a browser that comes back says where it was in a header."""
    query = read_query(StreamQuery)
    cells = frozenset(map(int, query.cells.split(","))) if query.cells else None
    rows = frozenset(map(int, query.rows.split(","))) if query.rows else frozenset[int]()
    given = request.headers.get("Last-Event-ID") or query.last
    if rows and not allowed("viewer"):
        deny(401, "Sign in to see the rows of a cell: the wall shows what its instruments say now.")
    positions = read_positions(given) if given else None
    return Listener(hub_of(current_app), cells, rows, positions, current_scope(db.engine).readable)


def _hello(listener: Listener, snapshot: Snapshot) -> bytes:
    own = snapshot.cells_of(listener.projects)
    return orjson.dumps(
        {
            "build": build_id(),
            "server_unix_second": time.time(),
            "interval_second": FEEDS_SECOND,
            "cycles": {str(cell): revision for cell, revision in snapshot.revisions.items() if cell in own},
        }
    )


def _events(listener: Listener, may_go_on: Callable[[], bool]) -> Iterator[bytes]:
    """Give the text of the stream for as long as the worker lives, the browser reads, and its reader may."""
    yield b": live events of Barograph\n\n"
    hub, seen, greeted, told_at = listener.hub, None, False, time.monotonic()
    asked_at = told_at
    while hub.alive():
        if time.monotonic() - asked_at >= ASK_AGAIN_SECOND:
            asked_at = time.monotonic()
            if not may_go_on():
                return
        snapshot = hub.wait(seen, KEEP_ALIVE_SECOND)
        if snapshot is not None and snapshot is not seen and hub.alive():
            if not greeted:
                greeted = True
                yield _written("hello", _hello(listener, snapshot), "")
            for name, body in listener.news(snapshot):
                yield _written(name, body, write_positions(listener.positions or {}))
                told_at = time.monotonic()
            seen = snapshot
        if time.monotonic() - told_at >= KEEP_ALIVE_SECOND:
            told_at = time.monotonic()
            yield b": still here\n\n"


def _written(name: str, body: bytes, position: str) -> bytes:
    head = f"event: {name}\nid: {position}\ndata: " if position else f"event: {name}\ndata: "
    return head.encode() + body + b"\n\n"
