"""A Cell page in a real Chromium whose instrument sends: from a row to its pixel, and what an update costs."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.bars import Bar
from benchmarks.pages import CHROMIUM, FLAGS
from tests.live.killing import children
from tests.live.senders import Sender

READY_SECOND = 120.0
UPDATES_A_SECOND = 2
MEASURED_SECOND = 30.0
COST_SECOND = 20.0
DRAWINGS = 10
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
    """Processor time of an update that is added, against a figure drawn anew; of the server and of the browser."""
    with open_cell_page(url, cell_id) as page:
        page.evaluate(COUNT_ROWS)
        page.evaluate(COUNT_DRAWINGS)
        stop = threading.Event()
        thread = threading.Thread(target=_send_steadily, args=(sender, stop))
        thread.start()
        page.wait_for_timeout(WARM_SECOND * 1000)
        added = _cost(page, supervisor, "window.rowsHeard", _wait)
        anew = _cost(page, supervisor, "window.drawings", _draw_anew)
        stop.set()
        thread.join()
        page.goto("about:blank")
        time.sleep(6)  # the hub rests when nobody listens
        stop.clear()
        thread = threading.Thread(target=_send_steadily, args=(sender, stop))
        thread.start()
        time.sleep(2)
        began = web_cpu_second(supervisor)
        time.sleep(COST_SECOND)
        quiet = web_cpu_second(supervisor) - began
        stop.set()
        thread.join()
    idle = added[0] / COST_SECOND, added[1] / COST_SECOND  # what goes on beside a drawing
    server_added, browser_added = max(added[0] - quiet, 0.0) / added[2], added[1] / added[2]
    server_anew = max(anew[0] - idle[0] * anew[3], 0.0) / anew[2]
    browser_anew = max(anew[1] - idle[1] * anew[3], 0.0) / anew[2]
    print(
        f"an update added: server {1000 * server_added:.1f} ms, browser {1000 * browser_added:.1f} ms "
        f"({added[2]:.0f} updates); the time plot drawn anew: server {1000 * server_anew:.1f} ms, browser "
        f"{1000 * browser_anew:.1f} ms ({anew[2]:.0f} drawings); {_load()}"
    )
    whole = (server_added + browser_added) / (server_anew + browser_anew)
    return [
        Bar("CPU of an update added / drawn anew, server and browser", whole, 1 / 20),
        Bar("CPU of an update added / drawn anew, server alone", server_added / server_anew, 1 / 20),
    ]


def _send_steadily(sender: Sender, stop: threading.Event) -> None:
    while not stop.wait(1 / UPDATES_A_SECOND):
        sender.send(1)


def _cost(page: Page, supervisor: int, counted: str, work: Callable[[Page], None]) -> tuple[float, float, float, float]:
    """Processor seconds of the web server and of the page's main thread, what was counted meanwhile, and seconds."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    began, server, busy, count = time.monotonic(), web_cpu_second(supervisor), _busy(cdp), page.evaluate(counted)
    work(page)
    page.wait_for_timeout(500)
    used = web_cpu_second(supervisor) - server, _busy(cdp) - busy
    return *used, page.evaluate(counted) - count, time.monotonic() - began


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
