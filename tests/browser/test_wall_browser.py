"""The wall in a real browser: what comes first, silence, pages in turn, restarts of the server, keys, axe."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from data_access.writes import create_cell, replace_cycles
from tests.browser.live_feeds import Instruments, connect, store_of
from tests.conftest import PATIENCE_MS, RunningServer, start_server

if TYPE_CHECKING:
    from sqlalchemy import Engine

AXE = next(Path(axe_playwright_python.__path__[0]).rglob("axe.min.js")).read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
LIVE = ("cycler-failed", "cycler-healthy", "cycler-quiet", "force-quiet", "cycler-second")
AN_HOUR = """() => {
  const said = new Set();
  for (let at = 0; at < 3600; at += 1) {
    const feed = {cell_id: at % 29 + 1, status: at % 2 ? "stale" : "live", age_second: at, last: {voltage_volt: at}};
    window.dispatchEvent(new CustomEvent("barograph:feeds", {detail: {at, cells: [feed]}}));
    said.add(document.getElementById("wall-spoken").textContent);
  }
  return [document.querySelectorAll(".tile-stale").length, ...said];
}"""
"""The events of an hour, one a second, at once: how many cells are silent after them, and all that was spoken."""


def cell(engine: "Engine", name: str, percent: list[float], **values: Any) -> int:
    """A synthetic cell with complete cycles of this relative indicator."""
    made = create_cell(engine, {"name": name, "synthetic": "synthetic", **values})
    count = len(percent)
    table = pd.DataFrame(
        {
            "cycle_count": range(1, count + 1),
            "state": "complete",
            "masked": 0,
            "start_second": [3600.0 * cycle for cycle in range(count)],
            "end_second": [3600.0 * cycle + 3500 for cycle in range(count)],
            "mechanical_signal": "surface_pressure_mpa",
            "delta_delta_p_q_percent": percent,
            "discharging_capacity_mah_per_g": 160.0,
        }
    )
    replace_cycles(engine, made.id, None, table)
    return made.id


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Instruments]]:
    """The real server with six cells on instruments: one failed, one silent, one falling, one ended, two healthy."""
    running = start_server(tmp_path_factory.mktemp("instance"))
    healthy, falling = [100.0] * 8, [100.0, 100, 100, 97, 94, 91, 88, 85]
    with store_of(running.data_dir) as engine:
        connect(engine, "cycler-healthy", cell(engine, "a healthy", healthy, plating_time_min=5))
        connect(engine, "cycler-second", cell(engine, "a second healthy", healthy, plating_time_min=5))
        cell(engine, "m falling", falling, plating_time_min=0)  # the worker leaves results without live rows alone
        connect(engine, "cycler-failed", cell(engine, "z failed", healthy, state="failed", cause="ISC"))
        silent = cell(engine, "y silent", healthy)
        connect(engine, "cycler-quiet", silent)
        connect(engine, "force-quiet", silent, behind=26 * 60)
        connect(engine, "cycler-ended", cell(engine, "b ended", healthy, state="finished"), behind=3600)
        instruments = Instruments(engine, *LIVE)
        instruments.silence("force-quiet")
        yield running, instruments
        instruments.end()
    running.stop()


def words(page: Page) -> list[tuple[str, str]]:
    """Name and state of every tile, in their order."""
    tiles = page.locator(".tile")
    return [
        (tiles.nth(at).locator(".tile-name").inner_text(), tiles.nth(at).locator(".tile-word").inner_text())
        for at in range(tiles.count())
    ]


def tile(page: Page, name: str) -> Any:
    """The tile of one cell."""
    return page.locator(".tile", has=page.get_by_role("link", name=name, exact=True))


def test_those_that_need_a_look_come_first_and_the_bar_says_how_many(page: Page, laboratory: Any) -> None:
    """Failed, silent, falling, running, ended; each by a word and a mark, not by its colour alone."""
    page.goto(f"{laboratory[0].url}/wall")
    expect(page.locator("h1")).to_have_text("1 cell failed, 1 is falling, 1 feed is silent")
    expect(tile(page, "a healthy").locator(".tile-word")).to_have_text("Running")
    expect(tile(page, "y silent").locator(".tile-word")).to_have_text("Feed stale · P 26 min")
    assert words(page) == [
        ("z failed", "Failed · ISC"),
        ("y silent", "Feed stale · P 26 min"),
        ("m falling", "−3.0 %/cycle"),
        ("a healthy", "Running"),
        ("a second healthy", "Running"),
        ("b ended", "Ended"),
    ]
    icons = {name: tile(page, name).locator(".tile-state .ic").get_attribute("style") for name, _ in words(page)}
    assert len(set(icons.values())) == 5
    healthy = tile(page, "a healthy")
    for fact in ("synthetic", "5 min", "3.500 V"):
        expect(healthy).to_contain_text(fact)
    for fact in ("uncoated", "85.0 %", "cycle 8", "160 mAh/g"):
        expect(tile(page, "m falling")).to_contain_text(fact)
    expect(page.locator(".wall-legend")).to_contain_text("all synthetic")
    narrow = """tile => { const word = tile.querySelector('.tile-word'), value = tile.querySelector('.tile-value');
        tile.style.width = '200px'; tile.style.setProperty('--k', 1);
        word.textContent = 'Discharge'; value.textContent = '15.15 MPa g/(A h)';
        const end = (node) => node.getBoundingClientRect().right;
        return [word.scrollWidth <= word.clientWidth, end(value) < end(tile)]; }"""
    page.set_viewport_size({"width": 1280, "height": 720})
    assert healthy.evaluate(narrow) == [True, True], "a long unit gives way to the word of the state"


def test_an_instrument_that_falls_silent_is_seen_within_seconds(page: Page, laboratory: Any) -> None:
    """Three of its usual intervals; its tile moves up, grey and dashed, and says since when."""
    running, instruments = laboratory
    page.goto(f"{running.url}/wall")
    second = tile(page, "a second healthy")
    expect(second.locator(".tile-word")).to_have_text("Running")
    instruments.silence("cycler-second")
    expect(second).to_have_class("tile tile-stale")
    expect(second.locator(".tile-word")).to_contain_text("Feed stale")
    expect(page.locator("h1")).to_contain_text("2 feeds are silent")
    assert [name for name, _ in words(page)][:3] == ["z failed", "a second healthy", "y silent"]
    assert second.evaluate("node => getComputedStyle(node).borderStyle") == "dashed"


@pytest.mark.provokes(r"net::ERR_(CONNECTION|INCOMPLETE|EMPTY)", reason="the server is away for a while")
def test_the_wall_outlives_a_restart_of_the_server(page: Page, tmp_path: Path) -> None:
    """The bar says since when, values go grey and stay; when the server is back, it goes on by itself."""
    running = start_server(tmp_path)
    port = int(running.url.rsplit(":", 1)[1])
    with store_of(tmp_path) as engine:
        connect(engine, "cycler-1", cell(engine, "In0-1", [100.0] * 8))
        instruments = Instruments(engine, "cycler-1")
        try:
            page.goto(f"{running.url}/wall")
            expect(tile(page, "In0-1")).to_have_class("tile tile-running")
            expect(page.locator(".wall-live")).to_contain_text("Live")
            running.stop()
            expect(page.locator(".wall-lost")).to_contain_text("No connection since", timeout=30_000)
            expect(tile(page, "In0-1")).to_contain_text("3.500 V")
            expect(page.locator(".wall-live")).to_have_text("")
            running = start_server(tmp_path, port=port)
            expect(page.locator(".wall-lost")).to_be_hidden(timeout=60_000)
            expect(page.locator(".wall-live")).to_contain_text("Live")
            expect(tile(page, "In0-1")).to_have_class("tile tile-running", timeout=30_000)
        finally:
            instruments.end()
            running.stop()


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The real server with thirty running cells, one of which falls; none has a channel."""
    running = start_server(tmp_path_factory.mktemp("thirty"))
    with store_of(running.data_dir) as engine:
        for number in range(1, 30):
            cell(engine, f"In5-{number}", [100.0] * 8, plating_time_min=5)
        cell(engine, "In0-30", [100.0, 100, 100, 97, 94, 91, 88, 85])
    yield running
    running.stop()


def test_more_cells_than_fit_come_in_turn_and_those_in_trouble_stay(page: Page, thirty: RunningServer) -> None:
    """Every cell is seen, numbers in names by their size, and the bar says which page it is."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{thirty.url}/wall?turn=2")
    seen: set[str] = set()
    for number in (1, 2):
        expect(page.locator(".wall-page")).to_have_text(f"{number} of 2", timeout=PATIENCE_MS)
        page.keyboard.press("p")
        names = [name for name, _ in words(page)]
        assert names[0] == "In0-30"
        assert len(names) <= 24
        seen |= set(names)
        if number == 1:
            assert names[1:4] == ["In5-1", "In5-2", "In5-3"]
        page.keyboard.press("p")
    assert len(seen) == 30


def test_the_pages_can_be_held_and_turned_by_hand(page: Page, thirty: RunningServer) -> None:
    """What moves by itself can be stopped."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{thirty.url}/wall?turn=2")
    expect(page.locator(".wall-page")).to_have_text("1 of 2", timeout=PATIENCE_MS)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Go on with the pages")).to_have_attribute("aria-pressed", "true")
    for _ in range(5):
        page.wait_for_timeout(900)
        assert page.locator(".wall-page").inner_text() == "1 of 2"
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wall-page")).to_have_text("2 of 2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".wall-page")).to_have_text("1 of 2")


def test_every_tile_fits_its_words_at_full_hd(page: Page, thirty: RunningServer) -> None:
    """Nothing is cut off, nothing scrolls."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{thirty.url}/wall")
    expect(page.locator(".tile")).to_have_count(24)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.tile, .tile-name, .tile-word, .tile-facts')]
                 .filter(node => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 2)
                 .map(node => node.className + ' ' + node.textContent)"""
    )
    assert cut == []
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080


def test_the_wall_is_dark_unless_its_address_says_otherwise(page: Page, thirty: RunningServer) -> None:
    """And the page that one goes to next has the reader's own theme again."""
    page.emulate_media(color_scheme="light")
    root = page.locator("html")
    page.goto(f"{thirty.url}/cells")
    expect(page.locator("h1")).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator(".tile").first).to_be_visible()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(page.locator("#sidebar")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).to_be_visible()
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    page.goto(f"{thirty.url}/wall?theme=light")
    expect(page.locator(".tile").first).to_be_visible()
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")


def test_f_fills_the_screen(page: Page, thirty: RunningServer) -> None:
    """By the key and by its button; the controls are out of sight while nobody moves a pointer."""
    page.goto(f"{thirty.url}/wall")
    expect(page.locator(".tile").first).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")
    expect(page.locator("#wall")).to_have_attribute("data-idle", "")
    page.mouse.move(400, 400)
    page.mouse.move(420, 400)
    expect(page.locator("#wall")).not_to_have_attribute("data-idle", "")
    page.get_by_role("button", name="Leave the wall").click()
    expect(page.locator("h1")).to_have_text("Overview")


def test_an_empty_wall_says_what_to_do(page: Page, thirty: RunningServer) -> None:
    """And leads there."""
    page.route("**/api/v1/wall", lambda route: route.fulfill(json={"cells": [], "cycles": 60}))
    page.goto(f"{thirty.url}/wall")
    expect(page.get_by_text("No cell is on the wall").last).to_be_visible()
    page.get_by_role("link", name="Assign a channel").click()
    expect(page.locator("h1")).to_have_text("Instruments")


def test_an_hour_of_updates_leaves_no_nodes_behind_and_speaks_once(page: Page, thirty: RunningServer) -> None:
    """Tiles are made once; a screen reader hears at most one sentence a minute."""
    page.goto(f"{thirty.url}/wall")
    expect(page.locator(".tile")).to_have_count(24)
    page.keyboard.press("p")  # another page has other tiles
    page.wait_for_timeout(1500)
    nodes = "document.getElementsByTagName('*').length"
    before = page.evaluate(nodes)
    assert page.evaluate(AN_HOUR) == [1, "1 is falling"]
    assert page.evaluate(nodes) == before


@pytest.mark.parametrize("query", ["", "?theme=light"])
def test_axe_finds_no_fault(page: Page, laboratory: Any, query: str) -> None:
    """WCAG 2.1 A and AA and best practice, with every state in view."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{laboratory[0].url}/wall{query}")
    expect(page.locator(".tile")).to_have_count(6)
    expect(page.locator(".tile-stale").first).to_be_visible()
    page.add_style_tag(content=".tile-name::after { content: none !important; }")  # axe sees no contrast below it
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in found["violations"]] == []
    checked = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    assert checked["color-contrast"] > 40  # axe passes over what it takes for hidden
