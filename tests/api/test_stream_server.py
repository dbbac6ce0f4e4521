"""Streams of the real server: they end when it stops, survive its restarts, and many are held at once."""

import hashlib
import http.client
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import orjson
import pytest

from data_access.database import open_engine
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel, load_feeds
from data_access.writes import assign_channel, create_cell, store_batches

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.conftest import RunningServer

CHANNEL = "A01"
LIVES = 3
GRACEFUL_SECOND = 10
"""How long gunicorn waits for what its workers are doing."""


@pytest.fixture
def store(server: "RunningServer") -> Iterator["Engine"]:
    """The store of the running server, written to as the ingest route does."""
    engine = open_engine(f"sqlite:///{server.data_dir / 'barograph.db'}")
    yield engine
    engine.dispose()


def send(engine: "Engine", numbers: range, channel: str = CHANNEL) -> None:
    """Store rows as an agent's batch."""
    now = time.time()
    rows = [LiveRow(channel, n, now, 0.0, {"voltage_volt": 3.0 + n / 1e4}, test_time_second=float(n)) for n in numbers]
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    store_batches(engine, [LiveBatch(f"lab:{digest}", "lab", digest, b"", now, rows)])


def fed_cell(engine: "Engine", channel: str) -> tuple[int, str]:
    """A cell with a channel of ten rows, and the position behind them."""
    send(engine, range(1, 11), channel)
    cell = create_cell(engine, {"name": f"cell of {channel}"})
    assign_channel(engine, channel, cell.id, version=load_channel(engine, channel).version)
    feeds = load_feeds(engine)
    feed = feeds[feeds["name"] == channel].iloc[0]
    return cell.id, f"{feed['series_id']}:10:{feed['late_revision']}"


class Stream:
    """One EventSource: its events, and the id of the last of them."""

    def __init__(self, url: str, query: str, last: str = "") -> None:
        """Open it; `last` is sent as a browser does when it comes back."""
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        headers = {"Accept-Encoding": "gzip, br"} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", f"/api/v1/stream?{query}", headers=headers)
        self.answer = self.connection.getresponse()
        self.id = last

    def __enter__(self) -> Self:
        """Give the stream."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it as a tab does."""
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self.answer.close()
        self.connection.close()

    def events(self) -> Iterator[tuple[str, bytes]]:
        """Events until the stream ends or breaks."""
        name = ""
        try:
            for line in self.answer:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "id":
                    self.id = value
                elif field == "data":
                    yield name, value.encode()
        except (OSError, http.client.HTTPException):
            return


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(one) for one in text.split()]


def web_server(server: "RunningServer") -> int:
    """The master of gunicorn among the children of the supervisor."""
    return next(pid for pid in children(server.process.pid) if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes())


def test_a_stream_is_sent_as_it_comes(server: "RunningServer", store: "Engine") -> None:
    """No compression, no buffering by a proxy, nothing kept; a new row is there within 1.5 s."""
    cell, _ = fed_cell(store, "B01")
    with Stream(server.url, f"rows={cell}") as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
        assert stream.answer.headers["X-Accel-Buffering"] == "no"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        assert stream.answer.headers["Content-Encoding"] is None
        events = stream.events()
        assert next(events)[0] == "hello"
        assert next(events)[0] == "feeds"
        sent = time.monotonic()
        send(store, range(11, 13), "B01")
        name, body = next(event for event in events if event[0] != "feeds")
        assert (name, orjson.loads(body)["columns"]["sequence"]) == ("rows", [11, 12])
        assert time.monotonic() - sent < 1.5


def test_open_streams_do_not_hold_up_the_end_of_their_worker(server: "RunningServer", store: "Engine") -> None:
    """A reload or a stop tells workers to end: streams end with them, or each would cost the graceful 10 s."""
    fed_cell(store, "C01")
    streams = [Stream(server.url, "") for _ in range(12)]
    assert {next(stream.events())[0] for stream in streams} == {"hello"}
    workers = set(children(web_server(server)))
    began = time.monotonic()
    for pid in workers:
        os.kill(pid, signal.SIGTERM)
    for stream in streams:
        for _ in stream.events():
            pass
        stream.close()
    while workers & set(children(web_server(server))):
        time.sleep(0.05)
    assert time.monotonic() - began < GRACEFUL_SECOND / 2


def test_nothing_is_missed_or_doubled_while_workers_die(server: "RunningServer", store: "Engine") -> None:
    """All workers are killed under writes, again and again: who comes back by Last-Event-ID has every row once."""
    cell, position = fed_cell(store, CHANNEL)
    master, numbers, sent, stop = web_server(server), list[int](), [10], threading.Event()

    def write() -> None:
        while not stop.wait(0.05):
            send(store, range(sent[0] + 1, sent[0] + 6))
            sent[0] += 5

    writer = threading.Thread(target=write)
    writer.start()
    for life in range(LIVES):
        began, heard = len(numbers), 0
        while heard < 3:
            with Stream(server.url, f"rows={cell}", position) as stream:
                for name, body in stream.events():
                    assert name != "late"
                    position = stream.id
                    if name == "rows":
                        numbers += orjson.loads(body)["columns"]["sequence"]
                        heard += 1
                    if heard >= 3:
                        break
        assert len(numbers) > began
        for pid in children(master) if life < LIVES - 1 else ():
            os.kill(pid, signal.SIGKILL)
    stop.set()
    writer.join()
    assert numbers == list(range(11, len(numbers) + 11))
    assert len(numbers) > 50


def test_a_hundred_streams_are_held_and_the_rest_still_works(server: "RunningServer", store: "Engine") -> None:
    """Two workers hold a hundred pages; others are answered meanwhile; one page too many is told so."""
    fed_cell(store, "D01")
    streams = [Stream(server.url, "") for _ in range(100)]
    try:
        assert {stream.answer.status for stream in streams} <= {200, 503}
        held = [stream for stream in streams if stream.answer.status == 200]
        assert len(held) == 100
        assert {next(stream.events())[0] for stream in held} == {"hello"}
        began = time.monotonic()
        with urllib.request.urlopen(f"{server.url}/api/v1/cells", timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        assert time.monotonic() - began < 2
    finally:
        for stream in streams:
            stream.close()
