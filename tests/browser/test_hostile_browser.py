"""Texts of people and files in a real browser: none runs, calls out or leads away, and each is shown as it was typed.

The light pages are looked at without the content security policy, so that nothing but the pages' own care holds a text
back; the dark ones with it, where an attempt would be an error in the console.
"""

import csv
import io
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from data_access.database import open_engine
from figures.style import THEMES, Theme, display, template
from tests.browser.hostile_laboratory import FILE, WITH_CHANNEL, WITH_RECORDS, file_names, fill, send_file
from tests.conftest import PATIENCE_MS, RunningServer
from tests.hostile_texts import EVIL, TEXTS, as_channel, as_property
from tests.looking import FAULTS, HOVER, SHOWN, TOUCH, missing, plain
from tests.watching import watch

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

ROWS_AT_ONCE = 40
"""Rows of a grid that are drawn at the same time, at least."""


FOREIGN = re.compile(rf"^\w+://([^/?#]*\.)?{re.escape(EVIL)}")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\0")


def is_number(text: str) -> bool:
    """Whether a field is a number, which a formula's sign may begin."""
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) is not None


@pytest.fixture(scope="module")
def laboratory(server: RunningServer) -> dict[str, int]:
    """The running server's store full of hostile texts; the cells by the kind of their text."""
    send_file(server.url)
    engine = open_engine(f"sqlite:///{server.data_dir / 'barograph.db'}")
    cells = fill(engine)
    engine.dispose()
    return cells


@pytest.fixture(scope="module", params=THEMES)
def hostile_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Theme]]:
    """A large page, so that grids draw every row; light without the policy, dark with it."""
    theme: Theme = request.param
    context = browser.new_context(
        viewport={"width": 3900, "height": 2000},
        color_scheme=theme,
        bypass_csp=theme == "light",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.set_default_timeout(2 * PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page = context.new_page()
    faults = watch(page)

    def refuse(route: Route) -> None:
        faults.append(f"asked {route.request.url}")
        route.abort()

    def dismiss(dialog: "Dialog") -> None:
        faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    context.route(FOREIGN, refuse)
    page.on("dialog", dismiss)
    page.on("popup", lambda popup: faults.append(f"popup {popup.url}"))
    page.on("framenavigated", lambda frame: faults.append(f"frame {frame.url}") if frame.parent_frame else None)
    page.faults, page.bypassed = faults, theme == "light"  # type: ignore[attr-defined]
    yield page, theme
    context.close()


def look(page: Page, wanted: Iterable[str], *, grid: str = "", touch: bool = True) -> tuple[str, str]:
    """Point at everything, press it, and fail unless all is text and shown as it was typed.

    Returns what is shown, and what figures say where the pointer is.

    A grid draws only rows in view: it is looked at from its top to its end.
    """
    rows = page.evaluate("id => window.dash_ag_grid.getApi(id).getDisplayedRowCount()", grid) if grid else 1
    said: list[str] = []
    for at in range(0, rows, ROWS_AT_ONCE):
        if grid:
            page.evaluate("([id, at]) => window.dash_ag_grid.getApi(id).ensureIndexVisible(at, 'top')", [grid, at])
            expect(page.locator(f'#{grid} .ag-row[row-index="{at}"]').first).to_be_attached()
        said.append(page.evaluate(SHOWN))
        if touch and at == 0 and page.bypassed:  # type: ignore[attr-defined]  # with the policy less could happen
            assert page.evaluate(TOUCH) > 5
    shown = "\n".join(said)
    assert missing(shown, wanted) == []
    hovered: str = page.evaluate(HOVER)
    check(page)
    return plain(shown), plain(hovered)


def check(page: Page) -> None:
    """Fail where anything ran, was asked for, leads away or went wrong."""
    assert page.evaluate(FAULTS) == []
    assert page.faults == []  # type: ignore[attr-defined]


def go_to(page: Page, server: RunningServer, path: str, there: str) -> None:
    """Open an address and wait for what its data bring."""
    page.goto(server.url + path)
    expect(page.locator(there).first).to_be_attached()
    page.wait_for_load_state("networkidle")


def test_lists_show_every_text(
    hostile_page: tuple[Page, Theme], server: RunningServer, laboratory: dict[str, int]
) -> None:
    """Overview by group and by a property, and Cells: names, groups, causes, notes as they were typed."""
    page, theme = hostile_page
    texts = TEXTS.values()
    go_to(page, server, "/?by=group", "#overview-grid .ag-row")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    shown, _ = look(page, texts, grid="overview-grid")
    assert [text for text in texts if shown.count(plain(text)) < 2] == []  # the name and the group
    go_to(page, server, "/?by=property:rack", "#overview-grid .ag-row")
    look(page, texts, grid="overview-grid", touch=False)
    go_to(page, server, "/cells", "#cells-grid .ag-row")
    look(page, texts, grid="cells-grid")
    assert len(laboratory) == len(texts)


def test_figures_show_every_text(
    hostile_page: tuple[Page, Theme], server: RunningServer, laboratory: dict[str, int]
) -> None:
    """Compare by group and by a property: chips, legend, hover, ends of lines, table; and the CSV of the figure."""
    page, _ = hostile_page
    go_to(page, server, "/compare?by=group", "#compare-graph .trace")
    _, hovered = look(page, TEXTS.values())
    drawn = [text for kind, text in TEXTS.items() if kind not in WITH_CHANNEL]
    assert missing(hovered, drawn) == []
    with page.expect_download() as download:
        page.evaluate("document.querySelector('.figure-panel [data-figure=csv]').click()")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"), newline="")))
    fields = {field for row in rows for field in row}
    told = {plain(field) for field in fields} | {plain(field.removeprefix("'")) for field in fields}
    assert [text for text in drawn if plain(text) not in told] == []
    assert [field for field in fields if field.startswith(FORMULA_SIGNS) and not is_number(field)] == []
    named = urllib.parse.quote("property:" + as_property(TEXTS["script"]))
    go_to(page, server, f"/compare?by={named}", "#compare-graph .trace")
    look(page, [TEXTS["script"]], touch=False)
    assert len(laboratory) == len(TEXTS)


@pytest.mark.parametrize("kind", WITH_RECORDS)
def test_a_cell_shows_its_texts(
    hostile_page: tuple[Page, Theme], server: RunningServer, laboratory: dict[str, int], kind: str
) -> None:
    """Title, tab of the browser, facts, notes, every figure with its readout, and the form."""
    page, _ = hostile_page
    go_to(page, server, f"/cells/{laboratory[kind]}", "#cell-stack .trace")
    expect(page.locator("#cell-time .trace").first).to_be_attached()
    look(page, TEXTS.values())
    assert plain(page.title()).startswith(plain(TEXTS[kind]))


def test_instruments_and_the_wall_show_every_text(
    hostile_page: tuple[Page, Theme], server: RunningServer, laboratory: dict[str, int]
) -> None:
    """Channels, agents, their alarms, what was kept aside; the tiles of the wall."""
    page, _ = hostile_page
    channels = [as_channel(text) for text in TEXTS.values()]
    go_to(page, server, "/channels", "#channels-grid .ag-row")
    look(page, [*channels, *list(TEXTS.values())[-3:]], grid="channels-grid")
    go_to(page, server, "/wall", ".tile")
    tiles, turns = "", int(page.locator(".wall-page").inner_text().split()[-1])
    for turn in range(turns):  # tiles take turns
        tiles += look(page, [])[0]
        place = page.locator(".wall-page").inner_text()
        page.evaluate("document.querySelector('[data-wall=next]').click()")
        if turn < turns - 1:
            expect(page.locator(".wall-page")).not_to_have_text(place)
    assert missing(tiles, list(TEXTS.values())[::2]) == []  # the others have ended
    assert laboratory


def test_files_show_every_text(
    hostile_page: tuple[Page, Theme], server: RunningServer, laboratory: dict[str, int]
) -> None:
    """The list of files, and the file whose preamble, headers, units and values are hostile, with its preview."""
    page, _ = hostile_page
    jobs = page.request.get(f"{server.url}/api/v1/imports?limit=200").json()["imports"]
    number = next(job["id"] for job in jobs if job["name"] == FILE)
    go_to(page, server, f"/import?import={number}", ".import-mapping tbody tr")
    look(page, [*file_names(), *TEXTS.values()])
    refused = next(job["id"] for job in jobs if job["name"] == file_names()[0])
    go_to(page, server, f"/import?import={refused}", "#import-list .import-card")
    expect(page.get_by_text(f"The column {file_names()[0]} is odd.").first).to_be_attached()
    look(page, [f"The column {file_names()[0]} is odd."])
    assert laboratory


def test_every_place_of_a_figure_shows_every_text(page: Page, server: RunningServer) -> None:
    """Through display(): title, axis, legend, ticks, labels, hover, annotation; typed text comes out as typed."""
    page.set_viewport_size({"width": 2400, "height": 2400})
    go_to(page, server, "/compare", "h1")
    page.context.route(FOREIGN, lambda route: route.abort())  # the page's watch tells of it
    texts = [display(text) for text in TEXTS.values()]
    at = list(range(len(texts)))
    figure = go.Figure(layout={"template": template("light"), "height": 2300, "width": 2300, "showlegend": True})
    for place, text in enumerate(texts):
        line = {"x": [0, 1], "y": [place, place], "name": text, "text": [text, text], "mode": "lines+text"}
        figure.add_trace(
            go.Scatter({**line, "hovertemplate": f"{text}<extra>{text}</extra>", "customdata": [text] * 2})
        )
        figure.add_annotation(x=1, y=place, text=text, hovertext=text)
    figure.update_layout(title=texts[0], yaxis={"tickvals": at, "ticktext": texts}, xaxis={"title": {"text": texts[1]}})
    page.evaluate(
        """figure => {
          const place = document.createElement("div");
          document.body.append(place);
          return window.Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false }).then(() => null);
        }""",
        json.loads(figure.to_json()),
    )
    hovered = plain(page.evaluate(HOVER))
    for where in (".legendtext", ".textpoint text", ".annotation-text", ".ytick text"):
        shown = [plain(text) for text in page.locator(where).all_text_contents()]
        assert missing("\n".join(shown), TEXTS.values()) == [], where
    assert missing(hovered, TEXTS.values()) == []
    assert page.evaluate(FAULTS) == []
    page.context.unroute(FOREIGN)


def test_the_form_shows_what_was_typed(page: Page, server: RunningServer, laboratory: dict[str, int]) -> None:
    """Every field of a hostile cell, and a value that is refused is told."""
    text = TEXTS["attribute in double quotes"]
    go_to(page, server, f"/cells?edit={laboratory['attribute in double quotes']}", "[role=dialog]")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Name")).to_have_value(text)
    expect(form.get_by_label("Group")).to_have_value(text)
    expect(form.get_by_label("Notes")).to_have_value(f"{text}\n{text}")
    form.get_by_label("Name").fill("In0\u202e3")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("direction characters are not possible").first).to_be_visible()
    assert page.evaluate(FAULTS) == []


def test_the_address_is_text(page: Page, server: RunningServer, laboratory: dict[str, int]) -> None:
    """What a link says of a view is a choice or nothing; it is shown as text where it is shown."""
    texts = [urllib.parse.quote(text, safe="") for text in TEXTS.values()]
    go_to(page, server, f"/{texts[0]}{texts[9]}", "h1")
    assert missing(page.evaluate(SHOWN), [f"{texts[0]}{texts[9]}"]) == []  # as the browser writes it
    names = (
        "by", "state", "q", "unit", "cycle", "metric", "show", "at", "edit", "import", "cell", "tab", "curve", "from",
        "to", "range", "cells", "start", "hide",
    )  # fmt: skip
    for turn, path in enumerate(("/", f"/cells/{laboratory['link']}", "/compare", "/import")):
        said = texts[turn * 12 :] + texts
        page.goto(f"{server.url}{path}?{'&'.join(f'{name}={text}' for name, text in zip(names, said, strict=False))}")
        expect(page.locator("h1").first).to_be_attached()
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FAULTS) == []
        assert page.locator(".toast").all_inner_texts() == []  # a value that is none is no fault
    made = [re.sub("[:;,|]", " ", text) for text in list(TEXTS.values())[:25]]
    hand = ";".join(f"{text}:{laboratory['script']}" for text in made)
    go_to(page, server, f"/compare?by=hand&hand={urllib.parse.quote(hand)}", "#compare-graph .trace")
    assert missing(page.evaluate(SHOWN), made) == []
    page.evaluate(HOVER)
    assert page.evaluate(FAULTS) == []
