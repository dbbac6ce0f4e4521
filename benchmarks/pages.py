"""How long it takes in a real Chromium from a click on one page to the content of the next, synthetic demo cells.

python -m benchmarks pages

The ratio is against the same browser loading the server's `/healthz` and nothing else: the least that a page can take.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from playwright.sync_api import Page, sync_playwright

from benchmarks.bars import Bar

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECOND = 180
ROUNDS = 3
STEPS: tuple[tuple[str, str, str], ...] = (
    ("Overview to Cells", 'a[href="/cells"]', "#cells-grid .ag-row"),
    ("Cells to Cell", '#cells-grid a[href^="/cells/"]', "#cell-time .trace"),
    ("Cell to Compare", 'a[href="/compare"]', "#compare-graph .trace"),
    ("Compare to Import", 'a[href="/import"]', "#import-drop"),
    ("Import to Overview", 'a[href="/"]', "#overview-grid .ag-row"),
)
"""What is clicked, and what stands on the next page once it is there."""


def run(*, large: bool = False) -> list[Bar]:
    """Print the seconds of each step and its ratio to a bare answer; no bar is set by the design."""
    del large
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {**os.environ, "BAROGRAPH_DATA_DIR": folder, "BAROGRAPH_PORT": str(port)}
        server = subprocess.Popen([sys.executable, "-m", "supervisor", "--demo"], env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/healthz")
            _measure(address)
        finally:
            server.terminate()
            server.wait(timeout=30)
    return []


def _wait_for(address: str) -> None:
    until = time.monotonic() + START_SECOND
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return
    raise TimeoutError(f"{address} did not answer within {START_SECOND} s")


def _measure(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        bare = statistics.median(_timed_load(page, f"{address}/healthz", "body") for _ in range(ROUNDS))
        first = _timed_load(page, f"{address}/", "#overview-grid .ag-row")
        print(f"bare answer in the browser: {bare:.3f} s")
        print(f"first load of the Overview: {first:.2f} s ({first / bare:.0f} x)")
        taken: dict[str, list[float]] = {name: [] for name, _, _ in STEPS}
        for _ in range(ROUNDS):
            for name, clicked, awaited in STEPS:
                taken[name].append(_timed_click(page, clicked, awaited))
        for name, seconds in taken.items():
            middle = statistics.median(seconds)
            print(f"{name}: {middle:.2f} s, of {ROUNDS} {min(seconds):.2f}-{max(seconds):.2f} ({middle / bare:.0f} x)")
        browser.close()


def _timed_load(page: Page, address: str, awaited: str) -> float:
    start = time.perf_counter()
    page.goto(address)
    page.locator(awaited).first.wait_for(state="attached")
    return time.perf_counter() - start


def _timed_click(page: Page, clicked: str, awaited: str) -> float:
    start = time.perf_counter()
    page.locator(clicked).first.click()
    page.locator(awaited).first.wait_for(state="attached")
    return time.perf_counter() - start
