"""Pages in a real browser while rows are stored: nothing missed, nothing doubled, nothing jumps."""

import hashlib
import math
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from data_access.database import open_engine
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel
from data_access.series import load_cell_records
from data_access.writes import assign_channel, create_cell, store_batches
from ingest.close_cycles import close_cycles

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.conftest import RunningServer

PERIOD_SECOND = 3600.0
WARM_UP, UPDATES, SWAY_BYTES, READINGS = 320, 200, 5_000_000, 4
"""After the warm-up as many rows are kept as may be.  The heap sways by 3.5 MB, which the browser takes back now and
then (24.7, 26.2, 27.3, 28.2, 24.9 MB after 200 updates each); a soak looks longer and closer."""
TIME_PLOT = "document.querySelector('#cell-time .js-plotly-plot')"
DRAWN = f"""() => {TIME_PLOT} && ({TIME_PLOT}.data || []).map((trace) => [trace.meta && trace.meta.column,
    Array.from(trace.x), Array.from(trace.y)])"""


@pytest.fixture(scope="module")
def store(server: "RunningServer") -> Iterator["Engine"]:
    """The store of the running server."""
    engine = open_engine(f"sqlite:///{server.data_dir / 'barograph.db'}")
    yield engine
    engine.dispose()


class Instrument:
    """A channel that sends a cell's voltage, current and pressure; its test time runs 60 s a row, or less."""

    def __init__(self, engine: "Engine", name: str, step_second: float = 60.0) -> None:
        """Make the cell, send the first rows, assign the channel."""
        self.engine, self.name, self.sent, self.step_second = engine, name, 0, step_second
        self.cell = create_cell(engine, {"name": f"cell {name}", "plating_time_min": 15, "active_mass_mg": 20})
        self.send(20)
        assign_channel(engine, name, self.cell.id, version=load_channel(engine, name).version)

    def send(self, count: int) -> None:
        """Store so many rows as one batch of an agent."""
        now = time.time()
        rows = []
        for number in range(self.sent + 1, self.sent + count + 1):
            second = number * self.step_second
            share = second % PERIOD_SECOND / PERIOD_SECOND
            level = 2 * share if share < 0.5 else 2 - 2 * share
            values = {
                "voltage_volt": round(3.0 + 1.2 * math.sqrt(level), 4),
                "current_ampere": 0.005 if share < 0.5 else -0.005,
                "surface_pressure_mpa": round(70 + 1.5 * level, 4),
            }
            unix = now - 0.1 * (self.sent + count - number)
            rows.append(LiveRow(self.name, number, unix, 0.0, values, test_time_second=second))
        digest = hashlib.sha256(repr(rows).encode()).hexdigest()
        (answer,) = store_batches(self.engine, [LiveBatch(f"lab:{digest}", "lab", digest, b"", now, rows)])
        assert answer.verdict == "stored"
        self.sent += count


@pytest.fixture
def instrument(store: "Engine", request: pytest.FixtureRequest) -> Instrument:
    """A fresh cell whose instrument sends."""
    return Instrument(store, re.sub(r"\W", "-", request.node.name)[:60])


def until(page: Page, condition: str | Callable[[], bool], seconds: float = 40) -> None:
    """Wait for a JavaScript condition, or a function of ours."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition() if callable(condition) else page.evaluate(f"() => !!({condition})"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


def has_grown(page: Page, points: int) -> bool:
    """Whether the line of the voltage holds more points than these."""
    return len(plotted(page, "voltage_volt")[0]) > points


def open_cell(page: Page, server: "RunningServer", cell: int, query: str = "") -> None:
    """Open a Cell page and wait until its rows are asked for."""
    page.set_viewport_size({"width": 1440, "height": 1300})
    page.goto(f"{server.url}/cells/{cell}{query}")
    until(page, "barograph.live.connected() && barograph.live.watching()")
    page.evaluate("window.sameDocument = true")


def plotted(page: Page, column: str) -> tuple[list[float | None], list[float | None]]:
    """Hours and values of one line of the time plot, as the browser holds them."""
    found: Any = page.evaluate(DRAWN)
    return next((x, y) for name, x, y in found if name == column)


def is_as_stored(page: Page, engine: "Engine", cell: int) -> bool:
    """Whether both lines hold every stored record once, in order."""
    stored = load_cell_records(engine, cell, ["voltage_volt", "surface_pressure_mpa"])
    for column in ("voltage_volt", "surface_pressure_mpa"):
        hours, values = plotted(page, column)
        known = [(hour, value) for hour, value in zip(hours, values, strict=True) if value is not None]
        if len(known) != len(stored):
            return False
        assert [value for _, value in known] == stored[column].tolist()
        drawn = np.array([hour for hour, _ in known], np.float64)
        np.testing.assert_allclose(drawn, stored["test_time_second"] / 3600, atol=1e-9)
    return True


def workers(server: "RunningServer") -> list[int]:
    """The worker processes of the web server."""

    def children(pid: int) -> list[int]:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]

    master = next(
        pid for pid in children(server.process.pid) if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    return children(master)


def test_the_time_plot_grows_by_what_is_stored(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """Every row is drawn once, the facts follow in their places, the dot is green; nothing is loaded again."""
    open_cell(page, server, instrument.cell.id, "?range=all")
    instrument.send(1)
    until(page, "document.querySelector('[data-live-dot][data-level=live]')")
    places = """[...document.querySelectorAll('.top-actions > *, #cell-facts .fact')].map((one) =>
        Math.round(one.getBoundingClientRect().left))"""
    before = page.evaluate(places)
    for _ in range(8):
        instrument.send(5)
        page.wait_for_timeout(150)
        assert page.evaluate(places) == before, "nothing moves sideways as ages and values change"
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))
    hours, _ = plotted(page, "voltage_volt")
    assert page.evaluate(f"{TIME_PLOT}.layout.xaxis.range[1]") >= (hours[-1] or 0)
    assert page.evaluate("window.sameDocument")
    last = load_cell_records(store, instrument.cell.id, ["voltage_volt"])["voltage_volt"].iloc[-1]
    expect(page.locator("[data-live=voltage_volt]")).to_have_text(f"{last:.3f}")

    def is_green() -> bool:
        instrument.send(1)  # the dot is green only while rows come
        return page.locator("[data-live-dot][data-level=live]").count() == 1

    until(page, is_green)
    assert "Live ·" in page.locator("[data-live-dot]").inner_text()


def test_a_zoomed_view_stays_and_leads_back_to_now(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """A range of the past does not move or grow; "Jump to now" shows the newest rows, which were not lost."""
    open_cell(page, server, instrument.cell.id, "?from=120&to=600")
    before = page.evaluate(f"{TIME_PLOT}.layout.xaxis.range"), plotted(page, "voltage_volt")
    expect(page.locator("[data-jump-now]")).to_be_visible()
    for _ in range(4):
        instrument.send(5)
        page.wait_for_timeout(300)
    page.wait_for_timeout(800)
    assert (page.evaluate(f"{TIME_PLOT}.layout.xaxis.range"), plotted(page, "voltage_volt")) == before
    page.locator("[data-jump-now]").click()
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))
    expect(page.locator("[data-jump-now]")).to_be_hidden()


def test_a_drawn_range_stays_at_once_and_a_double_click_gives_it_up(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """Rows that come before the server has answered a zoom do not move it; a double click chooses no cycle."""
    open_cell(page, server, instrument.cell.id, "?range=all")
    instrument.send(70)
    close_cycles(store, instrument.cell.id)
    until(page, f"({TIME_PLOT}.layout.meta.cycles || []).length >= 1")
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))
    held: list[Any] = []
    asked = re.compile("_dash-update")
    page.route(asked, lambda route: held.append(route))  # noqa: PLW0108 - playwright wants a function of ours
    box = page.locator("#cell-time .nsewdrag").first.bounding_box()
    assert box is not None
    height = box["y"] + 60
    page.mouse.move(box["x"] + 0.3 * box["width"], height)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], height + 2, steps=5)
    page.mouse.up()
    until(page, "location.search.includes('from=')")
    drawn = page.evaluate(f"{TIME_PLOT}.layout.xaxis.range")
    page.wait_for_timeout(700)  # the button has just been released: points wait for that
    instrument.send(40)
    until(page, f"barograph.live.position().split(':')[1] == {instrument.sent}")
    page.wait_for_timeout(700)
    assert page.evaluate(f"{TIME_PLOT}.layout.xaxis.range") == drawn
    assert held
    page.unroute(asked)
    for route in held:
        with suppress(PlaywrightError):  # one that was given up meanwhile
            route.continue_()
    until(page, f"{TIME_PLOT}.layout.meta.live.follows === false")
    assert page.evaluate(f"{TIME_PLOT}.layout.xaxis.range") == pytest.approx(drawn, abs=1e-3)
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], height)
    until(page, f"{TIME_PLOT}.layout.meta.live.follows === true")
    instrument.send(5)
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))
    assert page.evaluate("location.search") == "?range=all"


@pytest.mark.provokes(r"net::ERR_(CONNECTION|INCOMPLETE|EMPTY)", reason="a worker is killed while it answers")
@pytest.mark.provokes("the server did not respond", reason="a worker is killed while it answers")
def test_killed_workers_leave_no_trace_in_the_plot(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """Every worker is killed under writes, twice: the page comes back by itself and has every row once."""
    open_cell(page, server, instrument.cell.id, "?range=all")
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.2):
            instrument.send(2)

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(2):
        drawn = len(plotted(page, "voltage_volt")[0])
        until(page, partial(has_grown, page, drawn + 5))
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        until(page, "!barograph.live.connected()")
        until(page, "barograph.live.connected()", 90)
    stop.set()
    writer.join()
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))
    assert page.evaluate("window.sameDocument")
    expect(page.locator("#connection")).to_be_hidden()


def test_late_rows_find_their_place(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """Rows with older numbers are drawn where they belong, and once."""
    open_cell(page, server, instrument.cell.id, "?range=all")
    held = instrument.sent
    instrument.sent += 10
    instrument.send(5)
    page.wait_for_timeout(1200)
    now, instrument.sent = instrument.sent, held
    instrument.send(10)
    instrument.sent = now
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))


def test_results_appear_when_a_cycle_closes(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """Figures over cycles are drawn anew in their places: no reload, no skeleton, the reader's zoom stays."""
    instrument.send(250)
    close_cycles(store, instrument.cell.id)
    open_cell(page, server, instrument.cell.id)
    stack = "document.querySelector('#cell-stack .js-plotly-plot')"
    points = f"({stack}.data.find((trace) => trace.customdata) || {{x: []}}).x.length"
    until(page, f"{points} >= 3")
    box = page.locator("#cell-stack .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 42, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    end = page.evaluate(f"{stack}.layout.xaxis.range[1]")
    before = page.evaluate(points)
    instrument.send(120)
    close_cycles(store, instrument.cell.id)
    until(page, f"{points} > {before}")
    assert page.evaluate("window.sameDocument")
    assert page.locator(".skeleton:visible").count() == 0
    until(page, f"{stack}.layout.xaxis.range[1] === {end}")


@pytest.mark.provokes("ERR_FAILED", reason="the test itself refuses these requests")
def test_where_streams_do_not_get_through_the_page_asks(
    page: Page, server: "RunningServer", store: "Engine", instrument: Instrument
) -> None:
    """A proxy that refuses streams: the same rows come by plain requests."""
    page.route(re.compile(r"/api/v1/stream\?"), lambda route: route.abort())
    open_cell(page, server, instrument.cell.id, "?range=all")
    assert page.evaluate("barograph.live.mode()") == "poll"
    for _ in range(4):
        instrument.send(5)
        page.wait_for_timeout(400)
    until(page, lambda: is_as_stored(page, store, instrument.cell.id))


def test_the_overview_follows_in_its_places(page: Page, server: "RunningServer", store: "Engine") -> None:
    """Values change while the rows stay where they are; a feed that falls silent is said in the sentence."""
    instrument = Instrument(store, "quick", step_second=0.3)
    page.goto(server.url)
    row = page.locator(f".ag-row[row-id='{instrument.cell.id}']")
    expect(row).to_be_visible()
    page.evaluate("window.sameDocument = true")
    order = page.evaluate("[...document.querySelectorAll('.ag-row')].map((row) => row.getAttribute('row-id'))")
    row.hover()
    for _ in range(4):
        instrument.send(3)
        page.wait_for_timeout(400)
    last = load_cell_records(store, instrument.cell.id, ["voltage_volt"])["voltage_volt"].iloc[-1]
    expect(row.locator("[col-id=voltage]")).to_have_text(f"{last:.3f}")
    assert order == page.evaluate("[...document.querySelectorAll('.ag-row')].map((row) => row.getAttribute('row-id'))")
    page.mouse.move(5, 5)
    expect(page.locator("#overview-sentence")).to_contain_text("silent")
    expect(row).to_contain_text("Feed stale")
    page.locator(".chip", has_text="Feed stale").click()
    until(page, "location.search === '?state=stale'")
    expect(row).to_be_visible()


def test_hundreds_of_updates_leave_memory_as_it_was(
    page: Page, server: "RunningServer", instrument: Instrument
) -> None:
    """After a warm-up, updates add neither points nor nodes to the page, and the heap only sways."""
    open_cell(page, server, instrument.cell.id, "?range=24h")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    give = """([from, count]) => { for (let i = 0; i < count; i += 1) {
      const n = from + 5 * i, at = [0, 1, 2, 3, 4].map((k) => n + k);
      const columns = { sequence: at,
        test_time_second: at.map((k) => 60 * k), voltage_volt: at.map((k) => 3 + k % 60 / 60),
        surface_pressure_mpa: at.map((k) => 70 + (k % 60) / 60) };
      window.dispatchEvent(new CustomEvent("barograph:rows", { detail: { cell_id: CELL, series_id: SERIES, after: n - 1,
        last_sequence: n + 4, columns } }));
    } }"""
    series = page.evaluate("Number(barograph.live.position().split(':')[0])")
    give = give.replace("CELL", str(instrument.cell.id)).replace("SERIES", str(series))

    def reading() -> tuple[float, float]:
        """Heap and nodes after what is unused has been collected."""
        page.wait_for_timeout(1500)
        session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return found["JSHeapUsedSize"], found["Nodes"]

    def measured() -> tuple[float, float]:
        """Heap and nodes that remain when the plot has just been drawn from the store: as many points each time.

        The least of some readings: what a timer or an unfinished answer still holds is no growth.
        """
        drawn = page.evaluate(f"{TIME_PLOT}.layout.meta.live.drawn")
        page.evaluate("dash_clientside.set_props('cell-live', { data: Date.now() })")
        until(page, f"{TIME_PLOT}.layout.meta.live.drawn > {drawn}")
        heaps, nodes = zip(*(reading() for _ in range(READINGS)), strict=True)
        return min(heaps), min(nodes)

    at = instrument.sent + 1
    for _ in range(WARM_UP // 20):
        page.evaluate(give, [at, 20])
        at += 100
    heap, nodes = measured()
    for _ in range(UPDATES // 20):
        page.evaluate(give, [at, 20])
        at += 100
    grown, more = measured()
    assert grown - heap < SWAY_BYTES
    assert len(plotted(page, "voltage_volt")[0]) < 2000
    assert more < 1.05 * nodes
