"""On the laboratory's network: two people with different roles in two browsers, and an agent, through nginx with TLS.

The proxy runs with the sample file that an administrator copies, and a certificate by the sample script.
"""

import json
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from api.routes import ROUTES
from data_access.database import open_engine
from data_access.queries import load_cells, load_imports, load_people
from data_access.writes import create_cell, create_project, create_token, ensure_channel, invite
from layouts.words import doors as words
from tests.conftest import PATIENCE_MS
from tests.deploy.site import Site, open_site
from tests.hostile_texts import TEXTS, as_channel
from tests.looking import FAULTS, SHOWN, TOUCH, missing
from tests.watching import watch

if TYPE_CHECKING:
    from sqlalchemy import Engine

pytestmark = pytest.mark.browser
PASSWORD = "four words nobody guesses"  # noqa: S105 - of people who are made up
FIRST_EVENT_SECONDS = 2.0
MEGABYTES = 12


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server behind nginx."""
    with open_site(tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture(scope="module")
def store(site: Site) -> "Iterator[Engine]":
    """The store of that server."""
    engine = open_engine(f"sqlite:///{site.data_dir / 'barograph.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def browsers(browser: Browser, site: Site) -> Iterator[dict[str, Page]]:
    """People's browsers, each signed in by the link that they got: an administrator, an operator and a viewer."""
    expect.set_options(timeout=2 * PATIENCE_MS)
    people = {role: new_browser(browser).new_page() for role in ("admin", "operator", "viewer")}
    for role, page in people.items():
        page.faults = watch(page)  # type: ignore[attr-defined]
        if role == "admin":
            take_link(page, site.first_link, login="ada")
        else:
            take_link(page, site.invite(f"otto-{role}", role))
    yield people
    for page in people.values():
        page.context.close()


def new_browser(browser: Browser) -> BrowserContext:
    """A browser of its own; that the certificate holds is tested by a program, which checks it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, ignore_https_errors=True)
    context.set_default_timeout(2 * PATIENCE_MS)
    return context


def take_link(page: Page, link: str, login: str = "") -> None:
    """Choose a password by a one-time link, and be signed in."""
    page.goto(link)
    if login:
        page.get_by_label(words.LOGIN, exact=True).fill(login)
        page.get_by_label(words.NAME, exact=True).fill(login.title())
    page.get_by_label(words.NEW_PASSWORD).fill(PASSWORD)
    page.get_by_label(words.REPEAT).fill(PASSWORD)
    page.get_by_role("button", name=words.CHOOSE).click()
    expect(page.locator("h1")).to_have_text("Overview")


def status_of(site: Site, path: str, headers: Mapping[str, str], method: str = "GET", body: bytes | None = None) -> int:
    """Status of a program's request through the proxy."""
    request = urllib.request.Request(f"{site.url}{path}", body, dict(headers), method=method)  # noqa: S310
    try:
        with site.opener().open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)


def cookie_of(page: Page) -> dict[str, Any]:
    """The one cookie of a browser."""
    (cookie,) = page.context.cookies()
    return dict(cookie)


def test_the_cookie_is_bound_to_this_host_and_to_tls(browsers: dict[str, Page], site: Site) -> None:
    """__Host-: Secure, no domain, path /; no script reads it, no other site's page sends it; the name is certified."""
    cookie = cookie_of(browsers["viewer"])
    assert cookie["name"] == "__Host-session"
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
    assert (cookie["domain"], cookie["path"]) == (urlsplit(site.url).hostname, "/")
    assert browsers["viewer"].evaluate("document.cookie") == ""
    with site.opener().open(f"{site.url}/healthz", timeout=10) as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "nginx/" not in answer.headers["Server"]
    with pytest.raises(urllib.error.URLError) as raised:
        urllib.request.build_opener().open(site.url, timeout=10)
    assert isinstance(raised.value.reason, ssl.SSLCertVerificationError)


def test_without_tls_there_is_only_the_way_to_it(site: Site) -> None:
    """308 to https; a name that is not ours is refused, whatever the browser says that a proxy said."""
    with closing(HTTPConnection(urlsplit(site.plain_url).netloc, timeout=10)) as plain:
        plain.request("GET", "/cells")
        answer = plain.getresponse()
        assert answer.status == 308
        assert answer.headers["Location"].startswith("https://")
    assert status_of(site, "/sign-in", {"Host": "evil.example"}) == 400
    assert status_of(site, "/sign-in", {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}) == 200


def test_a_viewer_sees_and_changes_nothing(browsers: dict[str, Page], site: Site, store: "Engine") -> None:
    """Not by the page, where no control is; not by the API; not by a callback that the operator's page had sent."""
    operator, viewer = browsers["operator"], browsers["viewer"]
    sent: list[Request] = []
    operator.on("request", lambda asked: sent.append(asked) if asked.method == "POST" else None)
    operator.goto(f"{site.url}/cells?new=1")
    form = operator.get_by_role("dialog")
    form.get_by_label("Name").fill("In0-1")
    form.get_by_role("button", name="Save").click()
    expect(operator.locator("#cells-grid .ag-row").first).to_be_attached()
    saved = next(asked for asked in sent if '"value":"In0-1"' in (asked.post_data or ""))

    viewer.goto(f"{site.url}/cells")
    expect(viewer.locator("#cells-grid a").first).to_have_text("In0-1")
    for control in ("New cell", "Import a list", "Delete", "Archive"):
        expect(viewer.get_by_role("button", name=control)).to_have_count(0)
    viewer.goto(f"{site.url}/import")
    expect(viewer.locator("h1").first).to_be_visible()
    expect(viewer.locator("#import-drop:visible")).to_have_count(0)

    cell = load_cells(store)[0]
    kept = {"Cookie": f"__Host-session={cookie_of(viewer)['value']}"}
    typed = {**kept, "Content-Type": "application/json", "Origin": site.url, "If-Match": f'"{cell.version}"'}
    forged = (saved.post_data or "").replace("In0-1", "forged")
    assert "forged" in forged
    assert status_of(site, "/_dash-update-component", typed, "POST", forged.encode()) == 403
    body = json.dumps({"name": "changed"}).encode()
    for route in ROUTES:
        if route.method == "GET":
            continue
        path = re.sub("{name}", "A01", re.sub("{[a-z]+_id}", str(cell.id), route.address))
        assert status_of(site, path, typed, route.method, body) == 403, f"{route.method} {path}"
    assert [(one.name, one.version) for one in load_cells(store)] == [("In0-1", cell.version)]
    assert [path for path in ("/api/v1/cells", "/api/v1/imports") if status_of(site, path, kept) != 200] == []
    assert status_of(site, f"/api/v1/cells/{cell.id}", {}) == 401
    assert viewer.faults == []  # type: ignore[attr-defined]
    assert operator.faults == []  # type: ignore[attr-defined]


def test_events_arrive_as_they_happen(browsers: dict[str, Page], site: Site) -> None:
    """The first event is here within 2 s, and the stream goes on: the proxy keeps nothing back."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{site.url}/api/v1/stream", headers={"Cookie": f"__Host-session={cookie_of(browsers['viewer'])['value']}"}
    )
    began = time.monotonic()
    with site.opener().open(request, timeout=15) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        first = answer.readline()
        assert time.monotonic() - began < FIRST_EVENT_SECONDS
        assert first.strip()
        began = time.monotonic()
        while not answer.readline().startswith((b"event: feeds", b":")):
            assert time.monotonic() - began < 12  # it says something every 10 s


def test_a_large_file_passes_and_nothing_else_that_large(
    browsers: dict[str, Page], site: Site, store: "Engine"
) -> None:
    """An upload of 12 MB from the operator's page is received whole; 12 MB anywhere else are 413 at the proxy."""
    rows = "".join(f"{second},{3.5 + second % 900 / 1000:.3f},0.001\n" for second in range(MEGABYTES * 2**20 // 17))
    content = f"Test_Time(s),Voltage(V),Current(A)\n{rows}".encode()
    assert len(content) > 10 * 2**20
    kept = {"Cookie": f"__Host-session={cookie_of(browsers['operator'])['value']}", "Origin": site.url}
    kept["Content-Type"] = "application/octet-stream"
    assert status_of(site, "/api/v1/imports?name=long.csv", kept, "POST", content) == 202
    (job,) = [job for job in load_imports(store) if job.name == "long.csv"]
    assert job.source_file.size == len(content)
    assert status_of(site, "/api/v1/cells", kept, "POST", content) == 413


def test_an_agents_token_reads_nothing_but_where_its_channels_stand(
    browsers: dict[str, Page], site: Site, store: "Engine"
) -> None:
    """Rows of its channel are taken; every other address, and every other channel, is refused."""
    assert browsers  # ada came by her link
    ada = next(person for person in load_people(store) if person.login == "ada")
    _, secret = create_token(store, name="rack A", kind="agent", channels=["A01"], person_id=ada.id, days=30)
    create_cell(store, {"name": "In0-2"})
    ensure_channel(store, "B07")
    token = {"Authorization": f"Bearer {secret}"}
    row = {"channel": "A01", "sequence": 1, "time": "2026-11-01T10:00:00Z", "voltage_volt": 3.7}
    lines = {**token, "Content-Type": "application/x-ndjson", "Idempotency-Key": "rack:1"}
    assert status_of(site, "/api/v1/ingest", lines, "POST", json.dumps(row).encode()) == 200
    other = {**lines, "Idempotency-Key": "rack:2"}
    assert status_of(site, "/api/v1/ingest", other, "POST", json.dumps({**row, "channel": "B07"}).encode()) == 403
    assert status_of(site, "/api/v1/channels/A01/state", token) == 200
    assert status_of(site, "/api/v1/ingest", {**lines, "Authorization": f"Bearer {secret[:-1]}x"}, "POST", b"{}") == 401
    allowed = {"/healthz", "/api/v1/profiles", "/api/v1/channels/{name}", "/api/v1/channels/{name}/state"}
    for route in ROUTES:
        if route.method == "GET" and route.address not in allowed:
            path = re.sub("{name}", "A01", re.sub("{[a-z]+_id}", "1", route.address))
            assert status_of(site, path, token) in {401, 403, 404}, path
    for path in ("/api/v1/channels/B07", "/api/v1/channels/B07/state", "/", "/cells", "/settings/people"):
        assert status_of(site, path, token) in {401, 403, 404}, path
    assert (
        status_of(site, "/api/v1/cells/1/files?name=a.csv", {**token, "Content-Type": "text/csv"}, "POST", b"a") == 403
    )


def test_settings_show_every_text_as_it_was_typed(browsers: dict[str, Page], site: Site, store: "Engine") -> None:
    """Names of people, projects and tokens, and logins that were tried: nothing runs, asks elsewhere or leads away."""
    page, texts = browsers["admin"], list(TEXTS.values())
    ada = next(person for person in load_people(store) if person.login == "ada")
    pairs = [f"{first} {second}"[:120].strip() for first, second in zip(texts[::2], texts[1::2], strict=False)]
    for at, name in enumerate(pairs):
        invite(store, f"person-{at}", name)
    for text in texts:
        create_token(store, name=text, kind="agent", channels=[as_channel(text)], person_id=ada.id, days=30)
    projects = [TEXTS[kind] for kind in ("link", "style with an address", "attribute in double quotes")]
    for text in projects:
        create_project(store, text)
    tried = urllib.parse.urlencode({"login": texts[1], "password": texts[2]}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": site.url, "User-Agent": "<img src=x>"}
    assert status_of(site, "/sign-in", form, "POST", tried) == 401
    tokens = [*texts, *map(as_channel, texts)]
    shown = {"people": pairs, "tokens": tokens, "projects": projects, "system": [], "account": []}
    for name, wanted in shown.items():
        page.goto(f"{site.url}/settings/{name}")
        there = page.locator(".settings-content table") if wanted else page.locator(".settings-content .panel")
        expect(there.first).to_be_attached()
        page.wait_for_load_state("networkidle")
        page.evaluate(TOUCH)
        assert missing(page.evaluate(SHOWN), wanted) == [], name
        assert page.evaluate(FAULTS) == [], name
    assert page.faults == []  # type: ignore[attr-defined]
