"""The Instruments page in a real browser: choosing, assigning, undo, ages that move by themselves, axe."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from data_access.queries import load_channel
from data_access.writes import create_cell
from tests.browser.live_feeds import Instruments, connect, send, store_of
from tests.conftest import RunningServer, start_server

AXE = next(Path(axe_playwright_python.__path__[0]).rglob("axe.min.js")).read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The real server with two cells, one of them fed, and two channels that wait, one with a nasty name."""
    running = start_server(tmp_path_factory.mktemp("instance"))
    with store_of(running.data_dir) as engine:
        connect(engine, "cycler-1", create_cell(engine, {"name": "In0-1"}).id)
        create_cell(engine, {"name": "In5-1"})
        send(engine, "cycler-2", 0, rows=5)
        send(engine, NASTY, 0, rows=5, behind=600)
        instruments = Instruments(engine, "cycler-1", "cycler-2")
        yield running
        instruments.end()
    running.stop()


def row(page: Page, name: str) -> Any:
    """The row of one channel."""
    return page.locator("#channels-grid .ag-row", has_text=name)


def test_a_channel_is_chosen_assigned_and_taken_back(page: Page, laboratory: RunningServer) -> None:
    """The choice stands in the address, and Undo in the panel."""
    page.goto(f"{laboratory.url}/channels")
    expect(page.locator("#channels-sentence")).to_contain_text("3 channels, 1 is silent, 2 wait for a cell.")
    row(page, "cycler-2").click()
    page.wait_for_url("**/channels?channel=cycler-2")
    expect(page.locator("#channels-name")).to_have_text("cycler-2")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Choose the cell that this channel measures.")).to_be_visible()
    page.locator("#channels-cell").click()
    page.locator("#channels-cell").fill("In5")
    page.get_by_role("option", name="In5-1").click()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("cycler-2 measures In5-1")).to_be_visible()
    expect(row(page, "cycler-2")).to_contain_text("In5-1")
    with store_of(laboratory.data_dir) as engine:
        assert load_channel(engine, "cycler-2").cell_id is not None
    page.locator("#channels-change").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("cycler-2 is as before")).to_be_visible()
    with store_of(laboratory.data_dir) as engine:
        assert load_channel(engine, "cycler-2").cell_id is None


def test_ages_move_without_a_callback(page: Page, laboratory: RunningServer) -> None:
    """A silent channel grows older by the second; the server is asked every ten seconds, not every second."""
    page.goto(f"{laboratory.url}/channels?channel=cycler-1")
    age = page.locator("#channels-facts .feed-age")
    expect(age).to_contain_text(" s")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "_dash-update" in request.url else None)
    seen = set()
    for _ in range(16):
        seen.add(float(age.inner_text().split()[0]))
        page.wait_for_timeout(500)
    assert len(seen) > 2
    assert max(seen) < 7  # its rows come every two seconds
    assert len(asked) <= 4


def test_names_are_text_and_nothing_else(page: Page, laboratory: RunningServer) -> None:
    """What an agent calls its channel is shown, never run."""
    page.goto(f"{laboratory.url}/channels")
    row(page, NASTY).click()
    expect(page.locator("#channels-name")).to_have_text(NASTY)
    expect(page.locator("#channels-status")).to_have_text("Feed stale")
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_the_page_never_scrolls_sideways(page: Page, laboratory: RunningServer, size: tuple[int, int]) -> None:
    """List and panel stand side by side."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{laboratory.url}/channels?channel=cycler-1")
    expect(page.locator("#channels-name")).to_have_text("cycler-1")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    panel, table = page.locator(".channels-detail").bounding_box(), page.locator("#channels-grid").bounding_box()
    assert panel is not None
    assert table is not None
    assert panel["x"] >= table["x"] + table["width"]


def test_axe_finds_no_fault(page: Page, laboratory: RunningServer) -> None:
    """WCAG 2.1 A and AA and best practice, light and dark, with a channel chosen."""
    page.goto(f"{laboratory.url}/channels?channel=cycler-1")
    expect(page.locator("#channels-name")).to_have_text("cycler-1")
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half-way to another
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        found = page.evaluate("rules => axe.run(document, rules)", RULES)
        assert [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in found["violations"]] == []
