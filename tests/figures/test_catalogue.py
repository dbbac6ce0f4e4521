"""Every figure of the catalogue: drawn in both themes from every shape of table, in the colours of the look only."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from figures import CATALOGUE
from figures.style import THEMES, TOKENS, Theme, band, theme_pairs


def _load_example_tables() -> ModuleType:
    path = Path(__file__).with_name("example_tables.py")
    spec = importlib.util.spec_from_file_location("example_tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


examples = _load_example_tables()


def _tables(name: str, kind: str) -> list[object]:
    return [examples.TABLES[table](kind) for table in CATALOGUE[name].tables]


def _colours(text: str) -> set[str]:
    hexes = {f"#{digits.upper()}" for digits in re.findall(r"#([0-9A-Fa-f]{6})\b", text)}
    channels = re.findall(r"rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)", text)
    clear = {"#{:02X}{:02X}{:02X}".format(*map(int, found[:3])) for found in channels if float(found[3] or 1) > 0}
    return hexes | clear


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", examples.KINDS)
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_figure_is_drawn_from_every_shape_of_table(name: str, kind: str, theme: Theme) -> None:
    """A figure draws whatever the store returns: NaN, one cycle, nothing, thickness and strain."""
    figure = CATALOGUE[name].draw(*_tables(name, kind), theme=theme)
    json.loads(figure.to_json())
    assert figure.layout.height


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_colour_is_a_token(name: str, theme: Theme) -> None:
    """A colour outside the tokens would stay behind at a change of theme."""
    side = THEMES.index(theme)
    allowed = {pair[side] for pair in theme_pairs()}
    used = _colours(CATALOGUE[name].draw(*_tables(name, "full"), theme=theme).to_json())
    assert used <= allowed, used - allowed
    assert used


@pytest.mark.parametrize("name", CATALOGUE)
def test_figures_carry_lists_not_arrays(name: str) -> None:
    """Binary arrays cannot be extended in the browser: a live figure made of them freezes silently."""
    text = CATALOGUE[name].draw(*_tables(name, "full")).to_json()
    assert "bdata" not in text


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_figure_uses_webgl(name: str) -> None:
    """WebGL traces need eval, which the content policy forbids."""
    kinds = {trace["type"] for trace in CATALOGUE[name].draw(*_tables(name, "full")).to_dict()["data"]}
    assert kinds <= {"scatter"}


def test_bands_are_ink3() -> None:
    """The healthy and confidence band is ink3 in the theme's opacity."""
    assert _colours(band("light")) == {TOKENS["light"]["ink3"]}
