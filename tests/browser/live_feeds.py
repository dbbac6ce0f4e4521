"""Instruments that send to a running server while a browser test looks on."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from data_access.database import open_engine
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel
from data_access.writes import assign_channel, store_batches

EVERY_SECOND = 2.0
"""A feed is silent after three of these: long enough for a machine that is busy with other tests."""


@contextmanager
def store_of(data_dir: Path) -> Iterator[Engine]:
    """The store of a running server, written to as the ingest route does."""
    engine = open_engine(f"sqlite:///{data_dir / 'barograph.db'}")
    yield engine
    engine.dispose()


def send(engine: Engine, channel: str, first: int, *, rows: int = 1, behind: float = 0.0) -> None:
    """Store rows of a channel as one batch; the last is `behind` seconds old."""
    last = time.time() - behind
    name = "surface_pressure_mpa" if channel.startswith("force") else "voltage_volt"
    moments = [last - EVERY_SECOND * (rows - 1 - at) for at in range(rows)]
    sent = [LiveRow(channel, first + at, moment, 0.0, {name: 3.5}) for at, moment in enumerate(moments)]
    digest = hashlib.sha256(f"{channel}{first}{last}".encode()).hexdigest()
    store_batches(engine, [LiveBatch(f"lab-pc:{digest}", "lab-pc", digest, b"", last, sent)])


def connect(engine: Engine, channel: str, cell_id: int, *, behind: float = 0.0) -> None:
    """Give a cell a channel with five rows."""
    send(engine, channel, 0, rows=5, behind=behind)
    assign_channel(engine, channel, cell_id, version=load_channel(engine, channel).version)


class Instruments:
    """Channels that send a row every EVERY_SECOND until they are silenced."""

    def __init__(self, engine: Engine, *channels: str) -> None:
        """Begin to send."""
        self._engine = engine
        self._channels = set(channels)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def silence(self, channel: str) -> None:
        """Send no more rows of one channel."""
        self._channels.discard(channel)

    def end(self) -> None:
        """Send no more rows at all."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        sequence = 5
        while not self._ended.wait(EVERY_SECOND):
            for channel in sorted(self._channels):
                send(self._engine, channel, sequence)
            sequence += 1
