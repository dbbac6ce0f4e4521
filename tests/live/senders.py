"""Instruments that follow the ingest protocol, many in one process; and what the store must hold of their rows.

Batches are sealed before they are sent, and sent again under the same key until they are acknowledged.
"""

import base64
import gzip
import hashlib
import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import numpy as np
import orjson
from sqlalchemy import Engine, select

from data_access.database import reading
from data_access.models import Series
from data_access.series import load_records

LONGEST_WAIT_SECOND = 0.5
"""Shorter than what an agent or Retry-After says, so that many kills are met in a short test."""
TIMEOUT_SECOND = 45.0
"""Longer than the server lets a batch wait."""
MOST_ROWS = 500
_COLUMNS = ["voltage_volt", "current_ampere"]


def values_of(number: int) -> tuple[float, float]:
    """Voltage and current that row `number` of any channel has."""
    return 3.0 + number % 1000 / 1000, number * 1e-9


@dataclass(frozen=True, slots=True)
class Batch:
    """A sealed batch: its key, its packed bytes and the rows in it."""

    key: str
    body: bytes
    numbers: range

    def headers(self) -> dict[str, str]:
        """The headers of its request."""
        digest = base64.b64encode(hashlib.sha256(self.body).digest()).decode()
        return {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Idempotency-Key": self.key,
            "Content-Digest": f"sha-256=:{digest}:",
        }


def plain(number: int) -> dict[str, float]:
    """What row `number` holds, so that it can be told from every other."""
    return dict(zip(_COLUMNS, values_of(number), strict=True))


def cycling(number: int) -> dict[str, float]:
    """What row `number` of a synthetic cell under test holds: a cycle of 600 rows, pressure follows the charge."""
    phase = number % 600 / 600
    share, sign = (2 * phase, 1.0) if phase < 0.5 else (2 - 2 * phase, -1.0)
    noise = number * 7919 % 101 / 101
    return {
        "voltage_volt": round(3.4 + 0.7 * share + 0.05 * sign + 1e-3 * noise, 5),
        "current_ampere": 1e-3 * sign,
        "surface_pressure_mpa": round(70 + 2 * share + 0.01 * noise, 4),
    }


def seal(channel: str, numbers: range, measured: Callable[[int], dict[str, float]] = plain) -> Batch:
    """A batch of one channel, whose rows say which they are by their test time."""
    moment = datetime.now(UTC).isoformat()
    lines = []
    for number in numbers:
        row = {"channel": channel, "sequence": number, "time": moment, "test_time_second": float(number)}
        lines.append(orjson.dumps(row | measured(number)))
    return Batch(f"agent of {channel}:{numbers.start}", gzip.compress(b"\n".join(lines), 1), numbers)


@dataclass
class Sender(threading.Thread):
    """One instrument: a batch of `rows` every `every_second`, and at first a backlog of as many rows as are told."""

    url: str
    channel: str
    rows: int = 5
    every_second: float = 1.0
    backlog: int = 0
    deaf_share: float = 0.0
    """So many of the answers are not waited for: the connection is cut behind the request."""
    measured: Callable[[int], dict[str, float]] = plain
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[range] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    """Statuses, 0 where the connection broke."""
    without_retry_after: int = 0
    repeated: int = 0
    seconds: list[tuple[float, float]] = field(default_factory=list)
    """When each batch was acknowledged, and how long after it was first sent."""
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A thread that ends when its batch is acknowledged after `stop`."""
        super().__init__(name=self.channel, daemon=True)
        self._dice = random.Random(self.channel)  # noqa: S311 - no secret
        self._connection: http.client.HTTPConnection | None = None
        self.next = 1

    __hash__ = threading.Thread.__hash__
    __eq__ = threading.Thread.__eq__

    def run(self) -> None:
        """Send until told to stop."""
        while self.backlog and not self.stop.is_set():
            self.send(min(self.backlog, MOST_ROWS))
            self.backlog -= min(self.backlog, MOST_ROWS)
        due = time.monotonic() + self._dice.uniform(0, self.every_second)
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            if not self.rows:
                break
            self.send(self.rows)
            due = max(due + self.every_second, time.monotonic() - self.every_second)
        self._hang_up()

    def send(self, rows: int) -> None:
        """Seal the next rows and send them until they are acknowledged or refused."""
        batch = seal(self.channel, range(self.next, self.next + rows), self.measured)
        self.next += rows
        began, wait = time.monotonic(), 0.02
        while True:
            status, answer = self._try(batch)
            self.answers[status] += 1
            if status == http.client.OK:
                self.acknowledged.append(batch.numbers)
                self.seconds.append((time.monotonic(), time.monotonic() - began))
                self.repeated += answer.get("again") is True
                return
            if status in range(400, 500) and status != http.client.TOO_MANY_REQUESTS:
                self.refused.append(f"{batch.key}: {status} {answer}")
                return
            time.sleep(wait * self._dice.uniform(0.5, 1.0))
            wait = min(2 * wait, LONGEST_WAIT_SECOND)

    def _try(self, batch: Batch) -> tuple[int, dict[str, object]]:
        """The status and the answer; 0 where the connection broke or was cut."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_SECOND)
            self._connection.request("POST", "/api/v1/ingest", batch.body, batch.headers())
            if self._dice.random() < self.deaf_share:
                self._hang_up()
                return 0, {}
            answer = self._connection.getresponse()
            body = answer.read()
            if answer.status in {429, 503, 507} and answer.headers["Retry-After"] is None:
                self.without_retry_after += 1
            return answer.status, orjson.loads(body)
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            self._hang_up()
            return 0, {}

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def end(senders: Iterable[Sender], seconds: float = 60.0) -> None:
    """Let each send what it has begun, and end; a sender that cannot is a failure."""
    senders, deadline = list(senders), time.monotonic() + seconds
    for sender in senders:
        sender.stop.set()
    for sender in senders:
        sender.join(max(0.1, deadline - time.monotonic()))
    assert [sender.channel for sender in senders if sender.is_alive()] == [], "the server did not recover"


@dataclass(frozen=True)
class Tally:
    """Rows that were acknowledged, and what is wrong with those in the store."""

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    altered: int

    @property
    def faults(self) -> tuple[int, int, int]:
        """Lost, doubled, altered."""
        return self.lost, self.doubled, self.altered


def tally(engine: Engine, acknowledged: dict[str, list[range]]) -> Tally:
    """Compare the store with what was acknowledged by channel; rows are known by their test time."""
    with reading(engine) as session:
        found = session.execute(select(Series.id, Series.channel).where(Series.channel.in_(acknowledged))).all()
    counts: dict[str, Counter[int]] = {channel: Counter() for channel in acknowledged}
    altered = 0
    for series_id, channel in found:
        table = load_records(engine, series_id, columns=_COLUMNS)
        numbers = table["test_time_second"].to_numpy().round().astype(int)
        counts[channel].update(numbers.tolist())
        truth = np.array([values_of(number) for number in numbers.tolist()]).reshape(-1, 2)
        same = (table[_COLUMNS].to_numpy(float) == truth).all(axis=1)
        altered += int((~(same & (numbers == table["sequence"].to_numpy()))).sum())
    rows = {channel: {n for part in parts for n in part} for channel, parts in acknowledged.items()}
    return Tally(
        acknowledged=sum(map(len, rows.values())),
        stored=sum(sum(count.values()) for count in counts.values()),
        lost=sum(len(numbers - counts[channel].keys()) for channel, numbers in rows.items()),
        doubled=sum(n - 1 for count in counts.values() for n in count.values()),
        altered=altered,
    )
