"""The Cell page in a real browser: its title, its keys, a cell without mechanical signal, narrow windows."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from data_access.database import open_engine
from data_access.series import create_series, store_records
from data_access.writes import create_cell, create_test
from demo.parameters import cell_parameters
from demo.simulator import simulate_cell
from ingest.close_cycles import close_cycles

if TYPE_CHECKING:
    from tests.conftest import RunningServer

NARROW = (390, 720, 900)


@pytest.fixture(scope="module")
def cells(server: "RunningServer") -> dict[str, int]:
    """Two simulated cells of five cycles: one with its pressure, one with voltage and current alone."""
    engine = open_engine(f"sqlite:///{server.data_dir / 'barograph.db'}")
    records = simulate_cell(cell_parameters(5), cycles=5).records
    made = {}
    for name, dropped in (("In5-1", []), ("without pressure", ["surface_pressure_mpa"])):
        cell = create_cell(
            engine, {"name": name, "active_mass_mg": 16.7, "plating_time_min": 5, "synthetic": "synthetic"}
        )
        test = create_test(engine, cell.id)
        series = create_series(engine, test.id, source="cycler", channel="1", clock="t", offset_second=0.0)
        table = records.drop(columns=dropped).assign(sequence=range(len(records)))
        store_records(engine, series.id, table, None)
        close_cycles(engine, cell.id)
        made[name] = cell.id
    engine.dispose()
    return made


def opened(page: Page, server: "RunningServer", address: str) -> None:
    """The page at an address, once its strips over cycles are drawn."""
    page.goto(server.url + address)
    expect(page.locator("#cell-stack .js-plotly-plot .trace").first).to_be_attached()
    page.wait_for_load_state("networkidle")


def test_the_tab_of_the_browser_is_called_as_the_cell(
    page: Page, server: "RunningServer", cells: dict[str, int]
) -> None:
    """Opened directly or by J: the cell's name, never that of the page that leads to it."""
    opened(page, server, f"/cells/{cells['In5-1']}")
    expect(page).to_have_title("In5-1 · Barograph")
    page.keyboard.press("j")
    expect(page).to_have_title("without pressure · Barograph")
    page.goto(f"{server.url}/compare")
    expect(page).to_have_title("Compare · Barograph")


def test_arrow_keys_go_on_from_a_clicked_cycle(page: Page, server: "RunningServer", cells: dict[str, int]) -> None:
    """A click in the strips over cycles gives them the keys."""
    opened(page, server, f"/cells/{cells['In5-1']}")
    page.wait_for_timeout(1000)  # figures take their final width
    place: Any = page.evaluate("""() => {
      const plot = document.querySelector("#cell-stack .js-plotly-plot"), layout = plot._fullLayout;
      const box = plot.getBoundingClientRect();
      const {xaxis, yaxis} = layout;
      return [box.left + xaxis._offset + xaxis.d2p(2), box.top + yaxis._offset + yaxis._length / 2];
    }""")
    page.mouse.move(place[0] - 20, place[1])
    page.mouse.move(*place, steps=4)
    page.mouse.click(*place)
    expect(page).to_have_url(re.compile("cycle=2"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("cycle=3"))


def test_n_opens_a_note(page: Page, server: "RunningServer", cells: dict[str, int]) -> None:
    """The key that the list of keys names."""
    opened(page, server, f"/cells/{cells['In5-1']}")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_label("Note")).to_be_visible()


def test_without_mechanical_signal_the_page_opens_with_what_there_is(
    page: Page, server: "RunningServer", cells: dict[str, int]
) -> None:
    """V-Q and dQ/dV instead of two empty figures; no control of an indicator that is not there; no word in the URL."""
    opened(page, server, f"/cells/{cells['without pressure']}")
    for plot in ("cell-loops", "cell-curves"):
        expect(page.locator(f"#{plot} .js-plotly-plot .trace").first).to_be_attached()
    expect(page.locator("#cell-tab input:checked")).to_have_value("vq")
    expect(page.locator("#cell-curves-subtitle")).to_contain_text("dQ/dV")
    expect(page.locator("#cell-beside")).to_be_hidden()
    expect(page.locator("#cell-unit")).to_be_hidden()
    assert "?" not in page.url
    opened(page, server, f"/cells/{cells['In5-1']}")
    expect(page.locator("#cell-tab input:checked")).to_have_value("pq")
    expect(page.locator("#cell-beside")).to_be_visible()


@pytest.mark.parametrize("width", NARROW)
def test_no_page_scrolls_sideways_on_a_phone_or_at_200_percent(
    page: Page, server: "RunningServer", cells: dict[str, int], width: int
) -> None:
    """One column; heads wrap; what is wider than its panel scrolls inside it."""
    page.set_viewport_size({"width": width, "height": 844})
    for address in (f"/cells/{cells['In5-1']}", "/cells", "/compare", "/", "/import"):
        page.goto(server.url + address)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        assert (address, page.evaluate("document.documentElement.scrollWidth")) == (address, width)
