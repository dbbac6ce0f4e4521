"""A Cell page that stays open while its instrument sends five rows a second: memory and nodes do not grow.

`SOAK_SECONDS` says for how long: 20 in `make test`, where only the nodes can be judged; an hour in `make soak`,
of which the first ten minutes warm up.
"""

import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from data_access.database import open_engine
from data_access.queries import load_channel
from data_access.writes import assign_channel, create_cell
from tests.live.senders import Sender, cycling, end

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

    from tests.conftest import RunningServer

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
WARM_SHARE = 1 / 6
LONG_SECONDS = 1000.0
"""Before that the heap still warms up, and its slope says nothing."""
READINGS = 40
ROWS_A_SECOND = 5
HISTORY_ROWS = 2000
MOST_BYTES_AN_UPDATE = 1024
NODES_SHARE = 0.05
TIME_PLOT = "document.querySelector('#cell-time .js-plotly-plot')"


def reading(cdp: "CDPSession") -> tuple[float, float]:
    """Bytes of the heap and nodes of the document, after what is garbage is gone."""
    cdp.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"], found["Nodes"]


@pytest.mark.long
def test_a_page_that_stays_open_does_not_grow(server: "RunningServer", page: "Page") -> None:
    """After the warm-up at most 1 KB an update, and nodes within 5 %; the plot follows to the end."""
    sender = Sender(server.url, "H01", rows=1, every_second=1 / ROWS_A_SECOND, measured=cycling)
    while sender.next <= HISTORY_ROWS:
        sender.send(500)
    engine = open_engine(f"sqlite:///{server.data_dir / 'barograph.db'}")
    cell = create_cell(engine, {"name": "open for hours", "plating_time_min": 15, "active_mass_mg": 20})
    assign_channel(engine, sender.channel, cell.id, version=load_channel(engine, sender.channel).version)
    engine.dispose()
    page.goto(f"{server.url}/cells/{cell.id}")
    while not page.evaluate(
        f"() => Boolean({TIME_PLOT} && ({TIME_PLOT}.data || []).length && {TIME_PLOT}.data[0].x.length)"
    ):
        page.wait_for_timeout(200)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    page.evaluate(
        "() => { window.heard = 0; window.addEventListener('barograph:rows', () => { window.heard += 1; }); }"
    )
    sender.start()
    began = time.monotonic()
    page.wait_for_timeout(1000 * SECONDS * WARM_SHARE)
    readings = []
    while time.monotonic() - began < SECONDS:
        readings.append((sender.next - HISTORY_ROWS, *reading(cdp)))
        page.wait_for_timeout(1000 * SECONDS * (1 - WARM_SHARE) / READINGS)
    end([sender])
    page.wait_for_timeout(3000)
    last = page.evaluate(f"() => Math.max(...{TIME_PLOT}.data[0].x)")
    updates, heap, nodes = np.array(readings).T
    slope = float(np.polyfit(updates, heap, 1)[0])
    spread = float((nodes.max() - nodes.min()) / np.median(nodes))
    heard = page.evaluate("() => window.heard")
    print(  # noqa: T201 - the figure that the promise is about
        f"{SECONDS:.0f} s, {sender.next - HISTORY_ROWS} rows at {ROWS_A_SECOND}/s, {heard} events: "
        f"heap {heap[0] / 2**20:.1f} to {heap[-1] / 2**20:.1f} MB ({slope:.0f} bytes an update), nodes "
        f"{nodes.min():.0f} to {nodes.max():.0f} ({100 * spread:.1f} %)"
    )
    assert last == pytest.approx((sender.next - 1) / 3600)
    middle = np.median(nodes)
    assert np.abs(nodes - middle).max() / middle < (NODES_SHARE if SECONDS >= LONG_SECONDS else 3 * NODES_SHARE)
    if SECONDS >= LONG_SECONDS:
        assert slope < MOST_BYTES_AN_UPDATE
