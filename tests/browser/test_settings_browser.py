"""Settings in real browsers: an administrator invites, the invited one signs in and finds only what a viewer may."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from werkzeug.serving import make_server

from access.passwords import hash_password
from app import create_app
from data_access.database import db, migrate, open_engine
from data_access.writes import accept_link, create_cell, create_token, first_link, invite, start_session
from settings import Settings
from tests.watching import watch

AXE = next(Path(axe_playwright_python.__path__[0]).rglob("axe.min.js")).read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
PASSWORD = "four words nobody guesses"  # noqa: S105 - of people who are made up


@dataclass
class Laboratory:
    """A server with accounts on a loopback address, without TLS, and the numbers of its people by login."""

    url: str
    engine: Engine
    people: dict[str, int]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """An administrator, an operator, two cells, a token; in this process, so that it starts at once."""
    environment = {"BAROGRAPH_DATA_DIR": str(tmp_path_factory.mktemp("instance")), "BAROGRAPH_INSECURE_LAN": "1"}
    settings = Settings.from_environment(environment)
    engine = open_engine(settings.database_url)
    migrate(engine)
    admin = accept_link(engine, first_link(engine), hash_password(PASSWORD, "lim"), login="lim", name="J. Lim")
    person, secret = invite(engine, "han", "M. Han", roles={1: "operator"})
    accept_link(engine, secret, hash_password(PASSWORD, "han"))
    create_cell(engine, {"name": "In0-1", "plating_time_min": 0})
    create_cell(engine, {"name": "In5-1", "plating_time_min": 5})
    create_token(engine, name="cycler-1", kind="agent", channels=["A01"], person_id=admin.id, days=None)
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Laboratory(f"http://127.0.0.1:{server.server_port}", engine, {"lim": admin.id, "han": person.id})
    server.shutdown()
    with app.server.app_context():
        db.engine.dispose()
    engine.dispose()


def enter(page: Page, laboratory: Laboratory, login: str, path: str) -> None:
    """Open a page in a browser in which the person is signed in; the door has its own tests."""
    secret = start_session(laboratory.engine, laboratory.people[login], ip="127.0.0.1", browser="Chrome/141.0 Linux")
    page.context.add_cookies([{"name": "session", "value": secret, "url": laboratory.url}])
    page.goto(f"{laboratory.url}{path}")
    expect(page.locator("#signed-in")).to_be_visible()


def test_an_invited_viewer_signs_in_and_finds_only_what_a_viewer_may(
    page: Page, browser: Browser, laboratory: Laboratory
) -> None:
    """From the dialog to the other person's browser; no call of the viewer's pages is refused."""
    enter(page, laboratory, "lim", "/settings/people")
    page.locator("#people-invite").click()
    page.locator("#people-name").fill("S. Park <b>")
    page.locator("#people-login").fill("park")
    page.locator("#people-login").press("Enter")
    link = page.locator("#people-link code")
    expect(link).to_contain_text(f"{laboratory.url}/welcome/")
    address = link.inner_text()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#people-link")).to_be_empty()
    expect(page.get_by_role("row", name="S. Park <b>")).to_contain_text("invited")

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    viewer = context.new_page()
    faults = watch(viewer)
    viewer.goto(address)
    for box in ("password", "repeat"):
        viewer.locator(f"input[name={box}]").fill(PASSWORD)
    viewer.locator("form button[type=submit]").click()
    expect(viewer.locator("#signed-in")).to_contain_text("S. Park <b>")
    expect(viewer.locator("#overview-grid .ag-center-cols-container .ag-row")).to_have_count(2)
    buttons: set[str] = set()
    for path, ready in (
        ("/", "#overview-grid a"),
        ("/cells", "#cells-grid a"),
        ("/cells/1", "#cell-state .empty"),
        ("/channels", "#channels-empty .empty"),
        ("/compare", "h1"),
        ("/import", ".empty"),
        ("/settings/people", ".empty"),
        ("/settings/account", "#account-sessions td"),
    ):
        viewer.evaluate("path => window.barograph.go(path)", path)
        expect(viewer.locator(ready).first).to_be_visible()
        buttons |= {one.strip() for one in viewer.locator("button:visible, a.button:visible").all_inner_texts()}
        assert viewer.locator("a[href^='/import'], a[href='/settings/people'], .ag-checkbox-input").count() == 0
    assert buttons & {"New cell", "Import list", "Import files", "Note", "Assign", "Invite", "New token"} == set()
    viewer.evaluate("path => window.barograph.go(path)", "/cells")
    viewer.locator("#cells-grid .ag-cell[col-id=group]").first.dblclick()
    expect(viewer.locator(".ag-cell-inline-editing")).to_have_count(0)
    viewer.get_by_role("button", name="Sign out").click()
    expect(viewer.locator("input[name=login]")).to_be_visible()
    context.close()
    assert faults == []


def test_an_operator_edits_in_place_and_has_no_door_to_people(page: Page, laboratory: Laboratory) -> None:
    """What was typed into the grid is stored, with its Undo."""
    enter(page, laboratory, "han", "/cells")
    cell = page.locator("#cells-grid .ag-row[row-index='0'] .ag-cell[col-id=group]")
    cell.dblclick()
    page.keyboard.type("west")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("In0-1: Group changed")
    page.locator(".toast-action").click()
    expect(cell).to_have_text("")
    assert page.locator(".settings-pages a").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_settings_are_sound(page: Page, laboratory: Laboratory, theme: str) -> None:
    """Axe finds no fault in any of them, nor in their dialogs, and no page scrolls sideways."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    enter(page, laboratory, "lim", "/settings/people")
    ready = {
        "people": ("#people-table td", "#people-invite"),
        "tokens": ("#tokens-table td", "#tokens-new"),
        "projects": ("#projects-table td", "#projects-new"),
        "account": ("#account-sessions td", None),
        "system": ("#system-content dd", None),
    }
    for name, (sign, opener) in ready.items():
        page.locator(".settings-pages a", has_text=name.capitalize()).click()
        expect(page.locator(sign).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440
        check(page, name)
        if opener and theme == "light":
            page.locator(opener).click()
            expect(page.locator("[role=dialog]:visible .button-primary").first).to_be_visible()
            check(page, f"dialog of {name}")
            page.keyboard.press("Escape")
            expect(page.locator("[role=dialog]:visible")).to_have_count(0)


def check(page: Page, where: str) -> None:
    """Run axe on what is shown."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    told = [(one["id"], one["nodes"][0]["html"][:160]) for one in found["violations"]]
    assert told == [], where


def test_a_removed_person_comes_back_by_undo_and_projects_become_visible_with_the_second(
    page: Page, laboratory: Laboratory
) -> None:
    """The message offers the way back; roles are given by project once there are two."""
    enter(page, laboratory, "lim", "/settings/people")
    row = page.get_by_role("row", name="M. Han")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.locator(".toast-action").click()
    expect(row).to_have_count(1)
    page.goto(f"{laboratory.url}/settings/projects")
    page.locator("#projects-new").click()
    page.locator("#projects-name").fill("Alloys")
    page.locator("#projects-name").press("Enter")
    expect(page.get_by_role("row", name="Alloys")).to_be_visible()
    page.locator(".settings-pages a", has_text="People").click()
    menu = page.get_by_role("textbox", name="Role of M. Han in Alloys")
    expect(menu).to_have_value("no access")
    menu.click()
    page.get_by_role("option", name="viewer").click()
    expect(page.locator(".toast", has_text="M. Han: viewer in Alloys")).to_be_visible()
    expect(menu).to_have_value("viewer")
    page.goto(f"{laboratory.url}/cells?new=1")
    expect(page.get_by_role("textbox", name="Project", exact=True)).to_have_value("default")
