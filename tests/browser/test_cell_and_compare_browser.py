"""The Cell and Compare pages in a real browser, over the example experiment."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from data_access.database import open_engine
from demo.example import load_example

if TYPE_CHECKING:
    from tests.conftest import RunningServer

POINT = """([id, x, share]) => {
  const plot = document.querySelector(`#${id} .js-plotly-plot`), layout = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  return [box.left + layout.xaxis._offset + layout.xaxis.d2p(x),
          box.top + layout.yaxis._offset + layout.yaxis._length * share];
}"""


@pytest.fixture(scope="module", autouse=True)
def _example(server: "RunningServer") -> None:
    """The example experiment in the running server's store."""
    engine = open_engine(f"sqlite:///{server.data_dir / 'barograph.db'}")
    load_example(engine)
    engine.dispose()


def _at(page: Page, plot: str, x: float, share: float = 0.5) -> tuple[float, float]:
    where: Any = page.evaluate(POINT, [plot, x, share])
    return float(where[0]), float(where[1])


def _range(page: Page) -> list[float]:
    found: Any = page.evaluate("document.querySelector('#cell-time .js-plotly-plot')?.layout?.xaxis.range")
    return [float(value) for value in found]


def _drag(page: Page, plot: str, start: float, end: float) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # a figure that is drawn anew in the middle of a drag forgets it
    x0, y0 = _at(page, plot, start)
    x1, _ = _at(page, plot, end)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y0 + 2, steps=6)
    page.mouse.up()


def _until(page: Page, condition: str) -> None:
    """Wait until a JavaScript condition holds; by evaluate, as the page's policy forbids playwright's own waiting."""
    for _ in range(150):
        if page.evaluate(f"() => !!({condition})"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


def _expect_search(page: Page, pattern: str) -> None:
    _until(page, f"/{pattern}/.test(decodeURIComponent(location.search))")


def _open(page: Page, server: "RunningServer", path: str, plot: str) -> None:
    page.goto(server.url + path)
    _until(page, f"(document.querySelector('#{plot} .js-plotly-plot')?.data || []).length > 0")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)  # figures take their final width


def test_a_click_on_a_cycle_opens_it_everywhere_and_stays_in_the_address(page: Page, server: "RunningServer") -> None:
    """Hover reads a cycle, a click chooses it in every panel, arrow keys step, the address holds all of it."""
    page.set_viewport_size({"width": 1440, "height": 1300})
    _open(page, server, "/cells/4", "cell-time")
    x, y = _at(page, "cell-stack", 12)
    page.mouse.move(x - 25, y)
    page.mouse.move(x, y, steps=4)
    expect(page.locator("#cell-stack-readout")).to_contain_text(re.compile(r"cycle 12 .* ± .* CE "))
    page.mouse.click(x, y)
    _expect_search(page, r"cycle=12\b")
    loops = "document.querySelector('#cell-loops .js-plotly-plot')?.data?.at(-1)?.meta?.cycle"
    _until(page, f"{loops} === 12")
    page.locator(".figure", has=page.locator("#cell-stack")).focus()
    page.keyboard.press("ArrowRight")
    _expect_search(page, r"cycle=13\b")
    page.locator("#cell-unit label", has_text="relative").click()
    _expect_search(page, r"unit=relative")
    page.reload()
    _until(page, "document.querySelector('#cell-unit input:checked')?.value === 'relative'")
    _until(page, f"{loops} === 13")
    page.mouse.move(5, 5)
    expect(page.locator("#cell-stack-readout")).to_be_empty()


def test_zoom_and_brush_ask_the_server_for_the_range(page: Page, server: "RunningServer") -> None:
    """A drag in the plot or in the strip below shows that range, in full detail, and a double click goes back."""
    page.set_viewport_size({"width": 1440, "height": 1300})
    _open(page, server, "/cells/4?range=all", "cell-time")
    whole = _range(page)
    _drag(page, "cell-time", 50, 60)
    _expect_search(page, r"from=1[78]\d{4}")
    _until(page, "document.querySelector('#cell-time .js-plotly-plot')?.layout?.xaxis.range[1] < 61")
    assert whole[1] > 150
    _drag(page, "cell-strip", 100, 140)
    _until(page, "document.querySelector('#cell-time .js-plotly-plot')?.layout?.xaxis.range[0] > 98")
    page.locator("#cell-range label", has_text="All").click()
    _until(page, "document.querySelector('#cell-time .js-plotly-plot')?.layout?.xaxis.range[0] < 1")
    page.locator("#cell-arrangement label", has_text="Stacked").click()
    _expect_search(page, r"arrange=stacked")
    page.locator("#cell-axis label", has_text="Capacity").click()
    _expect_search(page, r"x=capacity")


def test_a_double_click_goes_back_to_the_range_before_and_chooses_no_cycle(page: Page, server: "RunningServer") -> None:
    """The zoom is undone in the plot and in the strip; a single click still chooses its cycle."""
    page.set_viewport_size({"width": 1440, "height": 1300})
    _open(page, server, "/cells/4?range=all", "cell-time")
    for plot in ("cell-time", "cell-strip"):
        _drag(page, "cell-time", 50, 60)
        _expect_search(page, r"from=1[78]\d{4}")
        _until(page, "document.querySelector('#cell-time .js-plotly-plot')?.layout?.xaxis.range[1] < 61")
        page.mouse.dblclick(*_at(page, plot, 55))
        _until(page, "location.search === '?range=all'")
        _until(page, "document.querySelector('#cell-time .js-plotly-plot')?.layout?.xaxis.range[1] > 150")
    page.wait_for_timeout(800)  # longer than a click waits for its second
    assert page.evaluate("location.search") == "?range=all"
    page.mouse.click(*_at(page, "cell-time", 100))
    _expect_search(page, r"cycle=\d+")


def test_the_cycle_under_the_pointer_is_shown_in_every_panel(page: Page, server: "RunningServer") -> None:
    """A band in the time plot and in the strip; its curves on top of all, those too that were not drawn."""
    page.set_viewport_size({"width": 1440, "height": 1300})
    _open(page, server, "/cells/4?range=all", "cell-time")
    x, y = _at(page, "cell-stack", 31)
    page.mouse.move(x - 25, y)
    page.mouse.move(x, y, steps=4)
    for plot in ("cell-time", "cell-strip"):
        _until(page, f"document.querySelector('#{plot} .hover-band')")
    for plot in ("cell-loops", "cell-curves"):
        last = f"document.querySelector('#{plot} .js-plotly-plot').data.at(-1)"
        _until(page, f"{last}.meta.hover && {last}.x.length > 100")
    page.mouse.move(5, 5)
    _until(page, "!document.querySelector('.hover-band')")


def test_a_note_is_kept_and_shown(page: Page, server: "RunningServer") -> None:
    """N opens the dialog; the note stands in the list without a reload."""
    _open(page, server, "/cells/5", "cell-stack")
    page.keyboard.press("n")
    page.fill("#cell-note-text", "Oven door opened for 3 min")
    page.click("#cell-note-save")
    expect(page.locator("#cell-notes")).to_contain_text("Oven door opened for 3 min")


def test_the_data_of_a_figure_can_be_taken(page: Page, server: "RunningServer") -> None:
    """Every figure gives its data as CSV; the strips over cycles give the API's table."""
    _open(page, server, "/cells/4", "cell-stack")
    panel = page.locator(".figure-panel", has=page.locator("#cell-stack"))
    panel.locator("summary").click()
    with page.expect_download() as download:
        panel.locator("[data-figure=csv]").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "delta_delta_p_q_mpa_g_per_ah" in text.splitlines()[0]
    assert page.locator(".figure", has=page.locator("#cell-stack")).get_attribute("aria-label")
    assert download.value.suggested_filename == "In5-1-cycles.csv"
    panel = page.locator(".figure-panel", has=page.locator("#cell-time"))
    panel.locator("summary").click()
    with page.expect_download() as download:
        panel.locator("[data-figure=csv]").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "name,trace,Test time / h,Voltage / V,Pressure / MPa"
    assert lines[1].startswith("In5-1,Voltage / V,")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_no_sideways_scroll_and_no_script_error(page: Page, server: "RunningServer", theme: Any) -> None:
    """At 1280 px nothing sticks out, in both themes."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 1280, "height": 720})
    for path, plot in (("/cells/1", "cell-time"), ("/compare", "compare-multiples")):
        _open(page, server, path, plot)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_groups_metric_and_what_is_shown_live_in_the_address(page: Page, server: "RunningServer") -> None:
    """A chip hides its group; metric and mean/cells/both are in the address and come back with it."""
    _open(page, server, "/compare", "compare-graph")
    expect(page.locator("#compare-sentence")).to_contain_text("the means lie between")
    page.locator("#compare-chips button").nth(1).click()
    _expect_search(page, r"hide=5[ +]min")
    expect(page.locator("#compare-table tbody tr")).to_have_count(3)
    page.locator("#compare-show label", has_text="Cells").click()
    _expect_search(page, r"show=cells")
    page.reload()
    expect(page.locator("#compare-table tbody tr")).to_have_count(3)
    _until(page, "document.querySelector('#compare-show input:checked')?.value === 'cells'")


def test_a_group_can_be_made_by_hand(page: Page, server: "RunningServer") -> None:
    """Choose cells, give a name: the group is in the address; its name cannot carry mark-up."""
    _open(page, server, "/compare", "compare-graph")
    page.click("#compare-hand-open")
    page.fill("#compare-hand-name", "mine <b>x</b>")
    page.click("#compare-hand-cells")
    for index in (0, 4):
        page.locator("[role=option]:visible").nth(index).click()
    page.keyboard.press("Escape")  # the list of cells lies over the button
    page.click("#compare-hand-add")
    _expect_search(page, r"hand=mine.<b>x<.b>:")
    expect(page.locator("#compare-chips")).to_contain_text("mine <b>x</b>")
    assert "one group only" in page.locator("#compare-sentence").inner_text()


def test_a_cycle_that_closes_while_compare_is_loading_breaks_nothing(page: Page, server: "RunningServer") -> None:
    """Before the page is there its figures cannot be asked for anew; once it is there they are."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script("setInterval(() => window.dispatchEvent(new CustomEvent('barograph:cycles')), 10);")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or "") if "_dash-update" in request.url else None)
    page.goto(f"{server.url}/compare", wait_until="commit")
    _until(page, "document.querySelector('#compare-graph .trace')")
    for _ in range(50):
        if any('"changedPropIds":["compare-revision.data"]' in body for body in asked):
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError(asked)
    assert not errors
