"""Tokens, marks and the escape for text."""

import re
from pathlib import Path

import plotly.graph_objects as go
import pytest

from figures.style import (
    RAMP,
    THEMES,
    TOKENS,
    Theme,
    display,
    empty_figure,
    group_styles,
    minus,
    plating_label,
    plating_style,
    ramp_colour,
    template,
    theme_pairs,
)

CSS = Path(__file__).parents[2] / "assets" / "tokens.css"


def _css_tokens(theme: Theme) -> dict[str, str]:
    text = CSS.read_text(encoding="utf-8")
    start = text.index(':root[data-mantine-color-scheme="dark"]') if theme == "dark" else text.index(":root {")
    block = text[start : text.index("}", start)]
    return {name: colour.upper() for name, colour in re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", block)}


@pytest.mark.parametrize("theme", THEMES)
def test_style_sheet_and_figures_have_the_same_tokens(theme: Theme) -> None:
    """A colour that differs between page and figure would split one meaning into two."""
    assert _css_tokens(theme) == TOKENS[theme]


def test_every_light_colour_has_one_dark_counterpart() -> None:
    """The change of theme replaces colours one by one: two light tokens of one value would become one."""
    light = [pair[0] for pair in theme_pairs()]
    assert len(light) == len(set(light))
    assert set(TOKENS["light"]) == set(TOKENS["dark"])


def test_plating_times_keep_their_colour_whatever_the_others_are() -> None:
    """0, 5, 15 and 40 min have fixed marks; 10 and 30 min take indigo and moss, in their order."""
    assert [plating_style(time).token for time in (0, 5, 15, 40)] == [
        "plating-0",
        "plating-5",
        "plating-15",
        "plating-40",
    ]
    assert plating_style(10, known=[0, 10, 30]).token == "plating-other-1"  # noqa: S105 - a colour
    assert plating_style(30, known=[0, 10, 30]).token == "plating-other-2"  # noqa: S105 - a colour
    assert plating_style(30).token == "plating-other-1"  # noqa: S105 - a colour


def test_a_seventh_group_repeats_with_a_hollow_marker() -> None:
    """Seven groups: the seventh has the first's colour and is hollow; the second is filled."""
    styles = list(group_styles([f"g{number}" for number in range(8)]).values())
    assert styles[7].token == styles[1].token
    assert styles[7].hollow
    assert not styles[1].hollow


def test_a_group_never_wears_the_colour_of_a_plating_time() -> None:
    """A hue means a plating time and nothing else: groups by rack or by hand have the further marks."""
    times = {plating_style(time).token for time in (0, 5, 15, 40)}
    styles = list(group_styles([f"g{number}" for number in range(6)]).values())
    assert times.isdisjoint(style.token for style in styles)
    assert len({(style.token, style.symbol) for style in styles}) == 6


def test_a_ring_is_filled_with_surface() -> None:
    """Uncoated is a ring: the plain symbol filled with the surface, as -open symbols cannot be."""
    marker = plating_style(0).marker("dark")
    assert marker["color"] == TOKENS["dark"]["surface"]
    assert marker["line"]["color"] == TOKENS["dark"]["plating-0"]
    assert plating_style(5).marker("light")["line"]["width"] == 0


def test_an_unknown_plating_time_looks_like_no_group() -> None:
    """Neither the ring nor the ink of uncoated: a hollow square in grey."""
    unknown, uncoated = plating_style(None), plating_style(0)
    assert (unknown.symbol, unknown.hollow) == ("square", True)
    assert unknown.token != uncoated.token


@pytest.mark.parametrize(
    ("time", "word"), [(None, "unknown"), (float("nan"), "unknown"), (0, "uncoated"), (7.5, "7.5 min")]
)
def test_plating_times_are_words(time: float | None, word: str) -> None:
    """A plating time is named as people name it; no time is not "uncoated"."""
    assert plating_label(time) == word
    assert plating_style(time).label == word


@pytest.mark.parametrize(
    "evil",
    ['<span style="background:url(//x)">', '<a href="//x">x</a>', "<b>", "a\nb<br>c", "%{customdata}", "$\\alpha$"],
)
def test_display_leaves_no_mark_up(evil: str) -> None:
    """A cell's name cannot become a link, a style, a line break, a placeholder or mathematics."""
    shown = display(evil)
    assert "<" not in shown
    assert "\n" not in shown
    assert "%{" not in shown
    assert "$" not in shown


def test_display_shows_that_there_is_a_sign_that_cannot_be_seen() -> None:
    """A text of a file or an address may hold what a name may not: it is marked, and turns nothing."""
    assert display("In0\u202e3-\x00\u200b") == "In0\ufffd3-\ufffd\ufffd"


def test_minus_is_a_true_minus() -> None:
    """Ticks of plotly have U+2212; numbers of ours too."""
    assert minus("-1.5") == "\N{MINUS SIGN}1.5"


def test_ramp_runs_from_its_first_to_its_last_colour() -> None:
    """Early cycles are light on white and dark on black; shares outside 0..1 are held."""
    assert ramp_colour("light", -1) == RAMP["light"][0] == "#B9D3E6"
    assert ramp_colour("dark", 2) == RAMP["dark"][-1] == "#DCEBFA"


@pytest.mark.parametrize("theme", THEMES)
def test_templates_are_transparent_and_fixed(theme: Theme) -> None:
    """The panel gives the surface, and margins never move: plots under each other line up."""
    layout = template(theme).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.xaxis.automargin is False
    assert layout.xaxis.showgrid is False


def test_an_empty_figure_says_why() -> None:
    """No data: a sentence instead of an empty pair of axes."""
    figure = empty_figure("light", "No <records>.")
    assert isinstance(figure, go.Figure)
    assert figure.layout.annotations[0].text == "No &lt;records&gt;."
    assert not empty_figure("light").layout.annotations
