"""A small real server that stores what an agent sends, and fails as it is told; files that grow as an instrument's."""

import base64
import gzip
import hashlib
import json
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest

from agent import barograph_agent
from agent.barograph_agent import CsvTail, Settings, Source, Spool
from ingest.reading.names_for_agents import names_for_agents

PROFILE = names_for_agents()
CYCLER = "Test_Time(s),Voltage(V),Current(mA),Pressure(MPa),Cycle_Index,Note\n"


class Store:
    """What the server has: rows by channel and number, answers by key, and how it is to misbehave."""

    def __init__(self) -> None:
        """Empty, and well-behaved."""
        self.lock = threading.Lock()
        self.rows: dict[tuple[str, int], dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self.problems: list[str] = []
        self.received: Counter[str] = Counter()
        self.files: list[tuple[str, bytes]] = []
        self.beats: list[dict[str, Any]] = []
        self.next: deque[tuple[int, dict[str, str], dict[str, Any]]] = deque()
        self.refuse: Callable[[list[dict[str, Any]]], tuple[int, dict[str, Any]] | None] = lambda _rows: None
        self.profile: dict[str, Any] | None = PROFILE
        self.cut_share = 0.0
        self.states: dict[str, dict[str, Any]] = {}
        self.random = random.Random(1)  # noqa: S311 - the same cuts each time

    def of(self, channel: str, column: str) -> list[Any]:
        """Values of a column on a channel, by number."""
        return [row.get(column) for (name, _), row in sorted(self.rows.items()) if name == channel]

    def ingest(self, headers: Any, body: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
        """The answer to a batch, as the protocol says."""
        key, digest = headers["Idempotency-Key"], headers["Content-Digest"]
        if digest != f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:":
            self.problems.append("digest")
        rows = [json.loads(line) for line in gzip.decompress(body).splitlines()]
        with self.lock:
            self.received[key] += 1
            if self.next:
                return self.next.popleft()
            if key in self.answers:
                if self.answers[key][0] != digest:
                    self.problems.append(f"{key} came with other content")
                    return 409, {}, {"error": "other content"}
                return self.answers[key][1], {}, self.answers[key][2]
            refused = self.refuse(rows)
            if refused is not None:
                return refused[0], {}, refused[1]
            answer = {"stored": 0, "duplicate": 0, "last_sequence": rows[-1]["sequence"]}
            for row in rows:
                place = (row["channel"], row["sequence"])
                known = self.rows.setdefault(place, row)
                answer["stored" if known is row else "duplicate"] += 1
                if known != row:
                    self.problems.append(f"conflict at {place}")
            self.answers[key] = (digest, 200, answer)
            return 200, {}, answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def store(self) -> Store:
        return cast("StoreServer", self.server).store

    def do_GET(self) -> None:
        """Profiles and states of channels."""
        if self.path == "/api/v1/profiles":
            return self._answer(200 if self.store.profile else 503, {}, self.store.profile or {})
        channel = self.path.split("/")[4]
        numbers = [number for name, number in self.store.rows if name == channel]
        state = self.store.states.get(channel) or ({"last_sequence": max(numbers)} if numbers else None)
        return self._answer(200 if state else 404, {}, state or {})

    def do_POST(self) -> None:
        """Batches, files and heartbeats; some connections are cut before or after the work."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/v1/ingest":
            if self.store.random.random() < self.store.cut_share:
                return self._cut()
            answer = self.store.ingest(self.headers, body)
            if self.store.random.random() < self.store.cut_share:
                return self._cut()
            return self._answer(*answer)
        if self.path.endswith("/heartbeat"):
            self.store.beats.append(json.loads(body))
            return self._answer(200, {}, {})
        self.store.files.append((self.path, body))
        return self._answer(*(self.store.next.popleft() if self.store.next else (202, {}, {})))

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _answer(self, status: int, headers: dict[str, str], value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


class StoreServer(ThreadingHTTPServer):
    """The server with its store."""

    daemon_threads = True
    store: Store

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        """An agent that was killed leaves its connection: no message."""


@pytest.fixture
def server() -> Iterator[StoreServer]:
    """A server on a free port of this machine."""
    running = StoreServer(("127.0.0.1", 0), _Handler)
    running.store = Store()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def store(server: StoreServer) -> Store:
    """What the server has."""
    return server.store


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """A spool whose channel A01 begins at 1."""
    opened = Spool(tmp_path / "spool", "pc")
    opened.begin("A01", {})
    yield opened
    opened.close()


@pytest.fixture
def settings(server: StoreServer, tmp_path: Path) -> Settings:
    """Settings of an agent that follows export.csv."""
    return Settings(server.url, (Source("csv", "A01", str(tmp_path / "export.csv")),), tmp_path / "spool", agent="pc")


@pytest.fixture
def tail(spool: Spool, tmp_path: Path) -> CsvTail:
    """What follows export*.csv as channel A01."""
    return CsvTail(Source("csv", "A01", str(tmp_path / "export*.csv")), spool, PROFILE)


def rows_of(spool: Spool, channel: str = "A01") -> list[dict[str, Any]]:
    """Every row that waits in a spool, by number."""
    rows = []
    while (batch := next((b for b in map(spool.next_batch, range(barograph_agent.LANES)) if b), None)) is not None:
        rows += [row for row in batch.rows if row["channel"] == channel]
        spool.acknowledge(batch)
    return sorted(rows, key=lambda row: int(row["sequence"]))
