"""Takes docs/images/wall.png, `python -m docs.make_wall_picture`: 24 synthetic cells, three of them in trouble.

Needs a Chromium.  Only the web server runs, no worker, so that the stored results stay as the example made them.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app import create_app
from data_access.database import migrate, open_engine
from demo.wall import EVERY_SECOND, FIRST_ROWS, load_wall_example, send_rows
from settings import Settings

PICTURE = Path(__file__).parent / "images" / "wall.png"
CHROMIUM, FLAGS = "/usr/bin/chromium", ["--no-sandbox", "--disable-gpu"]
SENTENCE = "1 cell failed, 1 is falling, 1 feed is silent"


@contextmanager
def running_wall(folder: Path) -> Iterator[str]:
    """Address of a server with the cells of the picture, whose channels send a row a second meanwhile."""
    settings = Settings.from_environment({"BAROGRAPH_DATA_DIR": str(folder)})
    engine = open_engine(settings.database_url)
    migrate(engine)
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    ended = threading.Event()
    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=_feed, args=(engine, ended))]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        ended.set()
        server.shutdown()
        for thread in threads:
            thread.join()
        engine.dispose()


def _feed(engine: Engine, ended: threading.Event) -> None:
    cells = load_wall_example(engine, time.time())
    sequence = FIRST_ROWS
    while not ended.wait(EVERY_SECOND):
        send_rows(engine, cells, sequence, time.time())
        sequence += 1


def photograph(page: Page, address: str, picture: Path) -> None:
    """Wait until the wall says what is the case, and take its picture."""
    page.goto(f"{address}/wall")
    page.get_by_role("heading", name=SENTENCE).wait_for(timeout=90_000)
    page.wait_for_selector("#wall[data-idle]")
    page.screenshot(path=picture)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, running_wall(Path(folder)) as url:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        photograph(browser.new_page(viewport={"width": 1920, "height": 1080}), url, PICTURE)
        browser.close()
