"""From the instrument to the pixel: how soon, at what cost, for how many; beside an import; after an outage.

python -m benchmarks live [--large]     synthetic rows, sent over HTTP to the real server, seen in a real Chromium
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from sqlalchemy import Engine

from benchmarks.bars import Bar
from benchmarks.imports import write_csv
from benchmarks.listeners import Listeners, listening
from benchmarks.live_pages import cost_of_updates, insert_to_pixel, web_cpu_second
from data_access.database import open_engine
from data_access.queries import load_channel, load_import
from data_access.writes import assign_channel, create_cell
from tests.conftest import RunningServer, start_server
from tests.live.senders import Sender, cycling, end

CHANNELS, ROWS_A_SECOND, BROWSERS = 64, 10, 20
HISTORY_ROWS = 20_000
STREAMS = 100
STEADY_SECOND = 30.0
WARM_SECOND = 5.0
BACKLOG_SECOND, BACKLOG_ROWS_A_SECOND = 600, 5
IMPORTED_ROWS, MANY_IMPORTED_ROWS = 10**6, 10**7
LONGEST_IMPORT_SECOND = 600.0
_UPLOAD = """
import http.client, sys
host, port, cell_id, path = sys.argv[1:]
connection = http.client.HTTPConnection(host, int(port), timeout=600)
with open(path, "rb") as file:
    connection.request("POST", f"/api/v1/cells/{cell_id}/files?confirm=auto&name=large.csv", file)
print(connection.getresponse().read().decode())
"""


def run(*, large: bool = False) -> list[Bar]:
    """Print the figures of the live way and return the bars."""
    with _server() as (server, engine):
        cell_id, sender = _cell_with_history(server, engine)
        bars = insert_to_pixel(server.url, cell_id, sender)
        bars += cost_of_updates(server.url, cell_id, sender, server.process.pid)
        bars += _many_streams(server)
    with _server() as (server, engine):
        bars += _steady(server, engine, MANY_IMPORTED_ROWS if large else IMPORTED_ROWS)
    with _server() as (server, _):
        bars += _backlog(server)
    return bars


@contextmanager
def _server() -> Iterator[tuple[RunningServer, Engine]]:
    """Give a real server over an empty database, and its store."""
    with tempfile.TemporaryDirectory() as folder:
        running = start_server(Path(folder))
        engine = open_engine(f"sqlite:///{folder}/barograph.db")
        try:
            yield running, engine
        finally:
            engine.dispose()
            running.stop()


def _cell_with_history(server: RunningServer, engine: Engine) -> tuple[int, Sender]:
    """Return a cell whose channel has sent for hours, and its sender, not started."""
    sender = Sender(server.url, "P01", measured=cycling)
    while sender.next <= HISTORY_ROWS:
        sender.send(500)
    cell_id = _assign(engine, sender.channel)
    time.sleep(WARM_SECOND)  # its cycles are closed
    return cell_id, sender


def _assign(engine: Engine, channel: str) -> int:
    """Give the channel a cell; return its id."""
    cell = create_cell(engine, {"name": f"synthetic {channel}", "plating_time_min": 15, "active_mass_mg": 20})
    assign_channel(engine, channel, cell.id, version=load_channel(engine, channel).version)
    return cell.id


def _many_streams(server: RunningServer) -> list[Bar]:
    """A hundred pages that listen to two workers."""
    listeners = Listeners(server.url, [""] * STREAMS)
    time.sleep(2 * WARM_SECOND)
    held = listeners.end()
    print(f"{held} of {STREAMS} streams were held and heard events, {_load()}")
    return [Bar("streams held by 2 workers", held, STREAMS, at_least=True)]


def _steady(server: RunningServer, engine: Engine, imported_rows: int) -> list[Bar]:
    """64 channels at 10 Hz, each a batch a second, 20 pages that listen; alone, and while a file is imported."""
    path = server.data_dir / "large.csv"
    write_csv(path, imported_rows)
    importing = create_cell(engine, {"name": "synthetic import"})
    senders = [Sender(server.url, f"S{number:02d}", rows=ROWS_A_SECOND, measured=cycling) for number in range(CHANNELS)]
    for sender in senders:
        sender.start()
    while not all(sender.acknowledged for sender in senders):
        time.sleep(0.1)
    cells = [_assign(engine, sender.channel) for sender in senders]
    queries = [f"rows={cells[number]}" if number % 2 else "" for number in range(BROWSERS)]
    with listening(server.url, queries):
        time.sleep(WARM_SECOND)
        used = web_cpu_second(server.process.pid)
        p50, p99 = _acknowledged_in(senders, STEADY_SECOND)
        share = (web_cpu_second(server.process.pid) - used) / STEADY_SECOND
        what = f"{CHANNELS} channels at {ROWS_A_SECOND} Hz, {BROWSERS} pages: acknowledged in"
        print(
            f"{what} p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms; the web server used {100 * share:.0f} % of one "
            f"processor, {_load()}"
        )
        import_id = _upload(server, importing.id, path)
        busy = _acknowledged_while(senders, engine, import_id)
        print(
            f"beside an import of {imported_rows:.0e} rows ({busy[2]:.0f} s, {busy[3]}): "
            f"p50 {1000 * busy[0]:.0f} ms, p99 {1000 * busy[1]:.0f} ms, {_load()}"
        )
    end(senders)
    return [
        Bar("64 x 10 Hz, 20 pages: acknowledged, p99 (ms)", 1000 * p99, 500),
        Bar(f"the same beside an import of {imported_rows:.0e} rows: more (ms)", 1000 * (busy[1] - p99), 150),
    ]


def _acknowledged_in(senders: list[Sender], seconds: float) -> tuple[float, float]:
    """Return the median and the 99th percentile of what batches wait in the next seconds."""
    began = time.monotonic()
    time.sleep(seconds)
    taken = [taken for sender in senders for at, taken in sender.seconds if at >= began]
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99))


def _upload(server: RunningServer, cell_id: int, path: Path) -> int:
    """Upload a file as a browser does, from a process of its own; return the import's id."""
    address = urlsplit(server.url)
    command = [sys.executable, "-c", _UPLOAD, str(address.hostname), str(address.port), str(cell_id), str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    return int(json.loads(answer.stdout)["import_id"])


def _acknowledged_while(senders: list[Sender], engine: Engine, import_id: int) -> tuple[float, float, float, str]:
    """Return median and 99th percentile of what batches wait until an import has ended, its seconds and its status."""
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_IMPORT_SECOND:
        job = load_import(engine, import_id)
        if job.status not in {"queued", "reading"} and (job.status != "stored" or job.progress == 1):
            break
        time.sleep(0.2)
    lasted = time.monotonic() - began
    taken = [taken for sender in senders for at, taken in sender.seconds if at >= began]
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99)), lasted, job.status


def _backlog(server: RunningServer) -> list[Bar]:
    """64 agents come back at once, each with the rows of ten minutes."""
    rows = BACKLOG_SECOND * BACKLOG_ROWS_A_SECOND
    senders = [
        Sender(server.url, f"B{number:02d}", backlog=rows, rows=0, measured=cycling) for number in range(CHANNELS)
    ]
    began = time.monotonic()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(300)
    drained = time.monotonic() - began
    print(
        f"{CHANNELS} x {BACKLOG_SECOND} s at {BACKLOG_ROWS_A_SECOND} rows/s: drained in {drained:.1f} s "
        f"({CHANNELS * rows / drained:.0f} rows/s), {_load()}"
    )
    return [Bar("backlog of 10 min from 64 agents drained (s)", drained, 60)]


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
