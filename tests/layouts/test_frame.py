"""The frame: one set of colours, everything local, pages found by their addresses, parts escaped by construction."""

import re
from pathlib import Path

import pytest
from dash import html

from figures.style import TOKENS, plating_style
from layouts import PAGES, find_page, parts, shell

ASSETS = Path(__file__).parents[2] / "assets"
SHEETS = sorted(ASSETS.glob("*.css"))
SCRIPTS = sorted(ASSETS.rglob("*.js"))


def declared(block: str) -> dict[str, str]:
    """Custom properties with a plain colour."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-F]{6});", block))


def test_the_style_sheet_has_the_colours_of_the_figures() -> None:
    """One token, one colour, on the page and in the plot."""
    light, dark = (
        (ASSETS / "tokens.css").read_text(encoding="utf-8").split(':root[data-mantine-color-scheme="dark"]', 1)
    )
    assert declared(light) == TOKENS["light"]
    assert declared(dark.split("}")[0]) == TOKENS["dark"]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_no_colour_outside_the_tokens(sheet: Path) -> None:
    """Only tokens.css names a colour; shadows and the veil behind dialogs are black with an opacity."""
    if sheet.name != "tokens.css":
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=\s*[;,)])", sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [*SHEETS, *SCRIPTS], ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere_or_read_as_mark_up(path: Path) -> None:
    """Laboratories are offline, and no text of a user becomes HTML or code."""
    text = path.read_text(encoding="utf-8")
    outside = r"(?:https?:)?//(?!www\.w3\.org)[a-z0-9-]+\.[a-z]+"
    assert re.findall(rf"{outside}|innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", text) == []


def test_every_icon_that_is_named_is_there() -> None:
    """A misspelt icon would be an empty square."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ASSETS.parent / "layouts").rglob("*.py"))
    named = set(re.findall(r'icon\("([\w-]+)"|picture="([\w-]+)"', text))
    there = {path.stem for path in (ASSETS / "icons").glob("*.svg")}
    assert {first or second for first, second in named} - there == set()


def test_the_page_names_its_language_and_runs_no_inline_script() -> None:
    """The policy of the server would refuse one."""
    assert '<html lang="en">' in shell.INDEX_STRING
    assert re.findall(r"<script(?![^>]*src=)", shell.INDEX_STRING) == []


def test_an_address_finds_its_page_and_its_numbers() -> None:
    """Letters, signs and endless numbers find nothing."""
    found = find_page("/cells/12")
    assert found is not None
    assert (found[0].name, found[1]) == ("cell", {"cell_id": 12})
    assert [find_page(path) for path in ("/cells/x", "/cells/-1", "/cells/12345678901", "//", "/cells/1/2")] == [
        None
    ] * 5
    assert find_page("/cells/") is not None


def test_every_page_can_be_made_without_an_argument() -> None:
    """Dash checks the callbacks against them at the start."""
    assert all(page.layout() is not None for page in PAGES.values())


def test_a_group_has_its_mark_and_its_word() -> None:
    """The colour is never text."""
    mark, word = parts.swatch(plating_style(0)).children
    assert mark.className == "swatch swatch-circle swatch-hollow"
    assert word.children == "uncoated"


def test_a_toast_names_the_changes_that_its_undo_takes_back() -> None:
    """The last first; an alarm stays until it is closed."""
    toast = parts.toast("3 cells deleted", undo=[9, 8, 7])
    assert toast["title"].children[1].to_plotly_json()["props"]["data-undo"] == "9,8,7"
    assert parts.toast("x", level="alarm")["autoClose"] is False
    assert parts.toast("x")["title"].children[1] is None


def test_a_figure_panel_keeps_its_height_before_and_after_its_data() -> None:
    """Nothing jumps, and no button of plotly's can send the data anywhere."""
    panel = parts.figure_panel("some-graph", "Indicator", height=436, method="E1.", readout_id="some-readout")
    graph = next(part for part in panel._traverse() if getattr(part, "id", None) == "some-graph")
    assert graph.figure["layout"]["height"] == 436
    assert graph.style == {"height": "436px"}
    assert graph.config["showSendToCloud"] is False
    assert graph.config["plotlyServerURL"] == ""


def test_a_menu_without_a_method_has_no_empty_sentence() -> None:
    """Only what is there is shown."""
    assert not any(isinstance(part, html.P) for part in parts.panel_menu()._traverse())
    assert any(isinstance(part, html.P) for part in parts.panel_menu(method="E1.")._traverse())
