"""Faults that a server could have; the kill tests must find each.  Only a test puts one into the server's processes."""

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from data_access import database
from data_access.live.batches import BatchAnswer, LiveBatch
from data_access.queries import load_channel
from ingest.collector import Collector
from pressiometry.errors import BarographError, NotFoundError

SWITCH = "BROKEN_STORE"
"""Environment: a file that says how the database fails, "full" or "read-only"; not at all while it is absent."""
BUFFER_SECOND = 0.3


def acknowledge_before_commit() -> None:
    """Batches are acknowledged from memory, and stored a moment later."""
    waiting: list[tuple[Flask, Collector, LiveBatch]] = []
    plain = Collector.submit

    def store_later() -> None:
        while True:
            time.sleep(BUFFER_SECOND)
            while waiting:
                server, collector, batch = waiting[0]
                with suppress(BarographError), server.app_context():
                    plain(collector, batch)
                    waiting.pop(0)

    def submit(self: Collector, batch: LiveBatch) -> BatchAnswer:
        if not waiting and not any(one.name == "buffer" for one in threading.enumerate()):
            threading.Thread(target=store_later, name="buffer", daemon=True).start()
        waiting.append((current_app._get_current_object(), self, batch))  # type: ignore[attr-defined]
        return BatchAnswer(stored=len(batch.rows))

    Collector.submit = submit  # type: ignore[method-assign]


def no_idempotency() -> None:
    """A batch that comes again is stored again: keys are not looked at, and rows get the next free numbers."""
    ingest: Any = import_module("api.ingest")
    plain: Callable[[Any, Sequence[LiveBatch]], list[BatchAnswer]] = ingest.store_batches

    def store(engine: Any, batches: Sequence[LiveBatch]) -> list[BatchAnswer]:
        with Path(os.environ["BAROGRAPH_DATA_DIR"], "numbers.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return [plain(engine, [_renumbered(engine, batch)])[0] for batch in batches]

    ingest.store_batches = store


def _renumbered(engine: Any, batch: LiveBatch) -> LiveBatch:
    try:
        last = load_channel(engine, batch.rows[0].channel).last_sequence or 0
    except NotFoundError:
        last = 0
    rows = [replace(row, sequence=last + place) for place, row in enumerate(batch.rows, start=1)]
    return replace(batch, key=f"{batch.key}-{secrets.token_hex(8)}", rows=rows)


def broken_store() -> None:
    """A store that has no room, or may not be written, for as long as a file says so: for those who may not mount."""
    plain = database._begin_sqlite

    def begin(connection: Any) -> None:
        plain(connection)
        switch = Path(os.environ[SWITCH])
        fault = switch.read_text(encoding="utf-8") if switch.exists() else ""
        reads = connection.get_execution_options().get(database.MODE) == "read"
        pages = 1 if fault == "full" else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads or fault == 'read-only' else 'OFF'}")

    database._begin_sqlite = begin
