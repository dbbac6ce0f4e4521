"""A Cell page in a real Chromium whose instrument sends: from a row to its pixel, and what an update costs."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from benchmarks.bars import Bar
from benchmarks.listeners import listening
from benchmarks.pages import CHROMIUM, FLAGS
from tests.live.killing import children
from tests.live.senders import Sender

READY_SECOND = 120.0
UPDATES_A_SECOND = 2
MEASURED_SECOND = 30.0
COST_SECOND = 20.0
DRAWINGS = 10
LISTENERS = 20
WARM_SECOND = 8.0
PLOT = "document.querySelector('#cell-time .js-plotly-plot')"
LAST_DRAWN = f"(() => {{ const d = {PLOT} && {PLOT}.data[0]; return d && d.x.length ? d.x[d.x.length - 1] : null; }})()"
WATCH = f"""() => {{
  window.drawnAt = [];
  const look = () => {{
    const last = {LAST_DRAWN};
    const seen = window.drawnAt;
    if (last !== null && (!seen.length || seen[seen.length - 1][0] < last)) {{
      requestAnimationFrame(() => seen.push([last, Date.now()]));  // it is painted by the next frame
    }}
    setTimeout(look, 10);
  }};
  look();
}}"""
REDRAW = "() => window.dash_clientside.set_props('cell-live', { data: Date.now() })"
COUNT_ROWS = """() => { window.rowsHeard = 0;
  window.addEventListener('barograph:rows', () => { window.rowsHeard += 1; }); }"""
COUNT_DRAWINGS = f"""() => {{ window.drawings = 0; window.lastMeta = null; setInterval(() => {{
  const meta = {PLOT} && {PLOT}.layout.meta && {PLOT}.layout.meta.live;
  if (meta && meta.drawn !== window.lastMeta) {{ window.lastMeta = meta.drawn; window.drawings += 1; }} }}, 20); }}"""


@contextmanager
def open_cell_page(url: str, cell_id: int) -> Iterator[Page]:
    """Give the page of a cell that is drawn and listens."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/cells/{cell_id}")
        _wait_for(page, f"{LAST_DRAWN} !== null")
        _wait_for(page, f"window.barograph.live.watching() === {cell_id}")
        yield page
        browser.close()


def _wait_for(page: Page, condition: str) -> None:
    """Look until it holds; the page's security policy forbids Playwright's own way."""
    until = time.monotonic() + READY_SECOND
    while not page.evaluate(f"() => {condition}"):
        if time.monotonic() > until:
            raise TimeoutError(condition)
        page.wait_for_timeout(200)


def insert_to_pixel(url: str, cell_id: int, sender: Sender) -> list[Bar]:
    """Send two rows a second, and see when each is part of the drawing; from before the request to the next frame."""
    with open_cell_page(url, cell_id) as page:
        page.evaluate(WATCH)
        sent: list[tuple[float, float]] = []
        done = threading.Event()

        def send() -> None:
            until, due = time.monotonic() + MEASURED_SECOND + WARM_SECOND, time.monotonic()
            while time.monotonic() < until:
                sent.append((float(sender.next) / 3600, time.time()))
                sender.send(1)
                due += 1 / UPDATES_A_SECOND
                time.sleep(max(0.0, due - time.monotonic()))
            done.set()

        threading.Thread(target=send).start()
        while not done.is_set():
            page.wait_for_timeout(200)
        page.wait_for_timeout(3000)
        drawn = page.evaluate("() => window.drawnAt")
    warm = sent[0][1] + WARM_SECOND
    taken = []
    for hours, moment in sent:
        seen = next((at for last, at in drawn if last >= hours - 1e-9), None)
        if moment >= warm:
            taken.append(float("inf") if seen is None else seen / 1000 - moment)
    taken.sort()
    p50, p95 = statistics.median(taken), taken[int(0.95 * len(taken))]
    print(f"insert to pixel, {len(taken)} rows at {UPDATES_A_SECOND}/s: p50 {p50:.2f} s, p95 {p95:.2f} s, {_load()}")
    return [Bar("insert to pixel, p95 (s)", p95, 1.2)]


def cost_of_updates(url: str, cell_id: int, sender: Sender, supervisor: int) -> list[Bar]:
    """Processor time a browser and update: points added to the drawing, against the time plot drawn anew.

    The server's share of an update is that of 20 pages that listen; what it needs to store the rows is taken off, and
    so is what the page does while no rows come.
    """
    with listening(url, [f"rows={cell_id}"] * LISTENERS), open_cell_page(url, cell_id) as page:
        page.evaluate(COUNT_ROWS)
        page.evaluate(COUNT_DRAWINGS)
        page.wait_for_timeout(1000 * WARM_SECOND)
        silent = _cost(page, supervisor, "window.rowsHeard", _wait)
        with _sending(sender):
            page.wait_for_timeout(1000 * WARM_SECOND)
            added = _cost(page, supervisor, "window.rowsHeard", _wait)
        anew = _cost(page, supervisor, "window.drawings", _draw_anew)
    time.sleep(2 * WARM_SECOND)  # the hub rests when nobody listens
    with _sending(sender):
        began, used = time.monotonic(), web_cpu_second(supervisor)
        time.sleep(COST_SECOND)
        storing = (web_cpu_second(supervisor) - used) / (time.monotonic() - began)
    rest = silent.server / silent.seconds, silent.browser / silent.seconds
    server_added = max(added.server - storing * added.seconds, 0.0) / added.times / (LISTENERS + 1)
    browser_added = max(added.browser - rest[1] * added.seconds, 0.0) / added.times
    server_anew = max(anew.server - rest[0] * anew.seconds, 0.0) / anew.times
    browser_anew = max(anew.browser - rest[1] * anew.seconds, 0.0) / anew.times
    print(
        f"an update added: server {1000 * server_added:.2f} ms, browser {1000 * browser_added:.1f} ms "
        f"({added.times:.0f} updates, {LISTENERS + 1} pages); the time plot drawn anew: server "
        f"{1000 * server_anew:.0f} ms, browser {1000 * browser_anew:.0f} ms ({anew.times:.0f} drawings); the page "
        f"while no rows come: {1000 * rest[1]:.0f} ms a second; {_load()}"
    )
    whole = (server_added + browser_added) / (server_anew + browser_anew)
    return [
        Bar("CPU of an update added / drawn anew, server and browser", whole, 1 / 20),
        Bar("CPU of an update added / drawn anew, server alone", server_added / server_anew, 1 / 20),
        Bar("CPU of an update added / drawn anew, browser alone", browser_added / browser_anew, 1 / 20),
    ]


@contextmanager
def _sending(sender: Sender) -> Iterator[None]:
    """Send two rows a second meanwhile."""
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(1 / UPDATES_A_SECOND):
            sender.send(1)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    stop.set()
    thread.join()


class Cost(NamedTuple):
    """Processor seconds of the web server and of the page's main thread, what was counted, and seconds."""

    server: float
    browser: float
    times: float
    seconds: float


def _cost(page: Page, supervisor: int, counted: str, work: Callable[[Page], None]) -> Cost:
    """What some work of the page costs, or the passing of time."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time; a busy machine changes it little
    began, server, busy, count = time.monotonic(), web_cpu_second(supervisor), _busy(cdp), page.evaluate(counted)
    work(page)
    page.wait_for_timeout(500)
    used = web_cpu_second(supervisor) - server, _busy(cdp) - busy
    return Cost(*used, page.evaluate(counted) - count, time.monotonic() - began)


def _wait(page: Page) -> None:
    page.wait_for_timeout(1000 * COST_SECOND)


def _draw_anew(page: Page) -> None:
    """Have the time plot drawn anew by the server, one drawing after the other."""
    for _ in range(DRAWINGS):
        before = page.evaluate("window.drawings")
        page.evaluate(REDRAW)
        _wait_for(page, f"window.drawings > {before}")


def _busy(cdp: object) -> float:
    found = cdp.send("Performance.getMetrics")["metrics"]  # type: ignore[attr-defined]
    return float(next(one["value"] for one in found if one["name"] == "TaskDuration"))


def web_cpu_second(supervisor: int) -> float:
    """Processor seconds that the web server's workers have used."""
    masters = [pid for pid, command in children(supervisor).items() if "gunicorn" in command]
    ticks = 0
    for pid in (pid for master in masters for pid in children(master)):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
