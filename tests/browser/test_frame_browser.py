"""The frame and the Overview in a real browser: three clicks to a chart, theme, keys, rail, lost connection, axe."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

AXE = next(Path(axe_playwright_python.__path__[0]).rglob("axe.min.js")).read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
PATIENCE_MS = 20_000


def create(url: str, **values: Any) -> int:
    """Create a cell through the API; return its number."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/cells", json.dumps(values).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
        number: int = json.load(answer)["id"]
        return number


@pytest.fixture(scope="module")
def laboratory(server: Any) -> Any:
    """The server with three cells, one of them ended, two of them in a rack."""
    create(server.url, name="In0-1", plating_time_min=0, properties={"rack": "A"})
    create(server.url, name="In5-1", plating_time_min=5, state="finished", properties={"rack": "A"})
    create(server.url, name="In30-1", plating_time_min=30)
    return server


def test_an_empty_laboratory_says_what_to_do_and_the_example_leads_to_a_chart(page: Page, server: Any) -> None:
    """From the empty database to the first chart in at most three clicks."""
    page.goto(server.url)
    expect(page.get_by_text("Start with a file or with demo cells")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Load the example experiment").click()
    first = page.locator("#overview-grid a[href^='/cells/']").first
    expect(first).to_be_visible(timeout=60_000)
    first.click()
    expect(page.locator(".js-plotly-plot .trace").first).to_be_attached(timeout=60_000)
    page.goto(server.url)
    expect(page.get_by_text("12 cells")).to_be_visible(timeout=180_000)
    page.get_by_role("button", name="Remove them").click(timeout=180_000)
    expect(page.get_by_text("Start with a file or with demo cells")).to_be_visible(timeout=PATIENCE_MS)


def test_the_sentence_counts_and_the_counts_filter(page: Page, laboratory: Any) -> None:
    """A count is a link to the cells it counts."""
    page.goto(laboratory.url)
    expect(page.locator("#overview-sentence")).to_have_text("3 cells: 2 running, 1 ended.", timeout=PATIENCE_MS)
    page.get_by_role("link", name="1 Ended").click()
    expect(page.locator("#overview-grid .ag-center-cols-container .ag-row")).to_have_count(1)
    assert "state=ended" in page.url


def test_cells_are_grouped_by_plating_time_and_by_a_property(page: Page, laboratory: Any) -> None:
    """Uncoated comes first; the grouping stands in the address."""
    page.goto(laboratory.url)
    page.locator("#overview-group").get_by_text("Plating time").click(timeout=PATIENCE_MS)
    heads = page.locator(".group-row")
    expect(heads.first).to_contain_text("Uncoated")
    expect(heads).to_have_count(3)
    page.goto(f"{laboratory.url}/?by=property%3Arack")
    expect(page.locator(".group-row").first).to_contain_text("A", timeout=PATIENCE_MS)
    expect(page.locator(".group-row")).to_have_count(2)


def test_the_theme_is_chosen_remembered_and_there_before_the_first_paint(page: Page, server: Any) -> None:
    """System, light, dark; the next visit starts in the chosen one."""
    page.goto(server.url)
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    button = page.locator("[data-frame=theme]")
    button.click(timeout=PATIENCE_MS)
    button.click()
    expect(button).to_have_text("Dark theme")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload(wait_until="commit")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")


def test_keys_find_a_cell_and_step_through_the_list(page: Page, laboratory: Any) -> None:
    """`/` goes to the search, J and K walk the order of the list the reader came from, ? lists the keys."""
    page.goto(laboratory.url)
    expect(page.locator("#overview-grid a").first).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("/")
    expect(page.locator("#overview-search")).to_be_focused()
    page.keyboard.type("In30")
    expect(page.locator("#overview-grid .ag-center-cols-container .ag-row")).to_have_count(1)
    page.locator("#overview-search").fill("")
    expect(page.locator("#overview-grid .ag-center-cols-container .ag-row")).to_have_count(3)
    order = [page.locator(f'#overview-grid .ag-row[row-index="{at}"] a').get_attribute("href") for at in range(3)]
    page.locator('#overview-grid .ag-row[row-index="0"] a').click()
    page.wait_for_url(f"**{order[0]}")
    page.keyboard.press("j")
    page.wait_for_url(f"**{order[1]}*")
    page.keyboard.press("k")
    page.wait_for_url(f"**{order[0]}*")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Find a cell")


def test_below_1360_px_the_side_bar_is_a_rail_and_the_page_never_scrolls_sideways(page: Page, laboratory: Any) -> None:
    """A 1280 laptop keeps the width for the data."""
    page.set_viewport_size({"width": 1280, "height": 720})
    for path in ("/", "/cells"):
        page.goto(f"{laboratory.url}{path}")
        expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)
        assert page.evaluate("document.getElementById('sidebar').offsetWidth") == 56
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.provokes("ERR_FAILED", reason="the test itself refuses these requests")
def test_a_lost_connection_is_said_and_nothing_disappears(page: Page, laboratory: Any) -> None:
    """The strip comes while the server does not answer, its button asks at once, and it goes when that is answered."""
    page.route(re.compile(r"/api/v1/stream"), lambda route: route.abort())  # would bring news by itself
    page.goto(laboratory.url)
    expect(page.locator("#overview-grid a").first).to_be_visible(timeout=PATIENCE_MS)
    page.route("**/healthz", lambda route: route.abort())
    page.evaluate("window.barograph.ping()")
    expect(page.locator("#connection")).to_contain_text("No connection to the server since")
    covered = """() => { const strip = document.getElementById('connection').getBoundingClientRect();
        return ['.sidebar', '.top-bar', '#main'].filter((one) => {
            const box = document.querySelector(one).getBoundingClientRect();
            return box.top < strip.bottom && strip.top < box.bottom; }); }"""
    assert page.evaluate(covered) == [], "the page makes way"
    icon = "getComputedStyle(document.querySelector('#connection .ic')).maskImage"
    assert page.evaluate(icon).startswith('url("data:'), "nobody could be asked for the icon now"
    expect(page.locator("#overview-grid a").first).to_be_visible()
    page.evaluate("""() => { const ping = window.barograph.ping;
      window.barograph.ping = () => { window.asked ||= window.event?.type === "click"; return ping(); }; }""")
    page.get_by_role("button", name="Try now").click()
    page.wait_for_function("window.asked === true")
    page.unroute("**/healthz")
    expect(page.locator("#connection")).to_be_hidden()


def test_an_address_that_leads_nowhere_says_so(page: Page, server: Any) -> None:
    """Not a blank page, and a way back."""
    page.goto(f"{server.url}/nowhere")
    expect(page.locator("h1")).to_have_text("There is no page here", timeout=PATIENCE_MS)
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.locator("h1")).to_have_text("Overview")


@pytest.mark.parametrize("path", ["/?by=plating", "/cells", "/cells?new=1", "/nowhere"])
def test_axe_finds_no_fault(page: Page, laboratory: Any, path: str) -> None:
    """WCAG 2.1 A and AA and best practice, light and dark."""
    page.goto(f"{laboratory.url}{path}")
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)
    if "new" in path:
        expect(page.get_by_role("dialog")).to_be_visible(timeout=PATIENCE_MS)
    elif path != "/nowhere":
        expect(page.locator(".ag-row").first).to_be_visible(timeout=PATIENCE_MS)
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half-way to another
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        found = page.evaluate("rules => axe.run(document, rules)", RULES)
        assert [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found["violations"]] == []
