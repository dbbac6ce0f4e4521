"""How every figure looks: colours, marks, template and the escape for text (the look, section 2 and 3).

Colours are tokens with a light and a dark form; a figure uses no other colour, so that a change of theme
can replace each by its counterpart.  The style sheet of the pages carries the same values.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, Theme] = ("light", "dark")

TOKENS: dict[Theme, dict[str, str]] = {
    "light": {
        "bg": "#F6F7F8",
        "surface": "#FFFFFF",
        "raised": "#F1F3F5",
        "line": "#E3E6EA",
        "line2": "#C9CFD6",
        "control": "#868F9A",
        "grid": "#EEF0F2",
        "ink": "#16191D",
        "ink2": "#4A525C",
        "ink3": "#69727D",
        "volt": "#7A8594",
        "alarm": "#B42318",
        "watch": "#C77700",
        "watch-text": "#8F5600",
        "focus": "#1D5FD1",
        "live": "#1E9E5A",
        "plating-0": "#1F2328",
        "plating-5": "#0072B2",
        "plating-15": "#009E73",
        "plating-40": "#CC79A7",
        "plating-other-1": "#4B3F9E",
        "plating-other-2": "#4C7A34",
    },
    "dark": {
        "bg": "#0F1215",
        "surface": "#171B20",
        "raised": "#1F242B",
        "line": "#2A3038",
        "line2": "#414A54",
        "control": "#66707C",
        "grid": "#22282F",
        "ink": "#E9ECEF",
        "ink2": "#B3BBC5",
        "ink3": "#8C96A2",
        "volt": "#7D8896",
        "alarm": "#FF7A5C",
        "watch": "#F0B23E",
        "watch-text": "#F0B23E",
        "focus": "#7FB2FF",
        "live": "#1E9E5A",
        "plating-0": "#E6E8EB",
        "plating-5": "#4AA8E8",
        "plating-15": "#2BBF92",
        "plating-40": "#DD7FBE",
        "plating-other-1": "#8F7FF0",
        "plating-other-2": "#8FBF6A",
    },
}

BAND_OPACITY: dict[Theme, float] = {"light": 0.14, "dark": 0.18}
"""Share of ink3 in a band (healthy, one sd)."""

_RAMP_STOPS: dict[Theme, tuple[tuple[float, str], ...]] = {
    "light": ((0.0, "#B9D3E6"), (0.35, "#6FA3CF"), (0.7, "#2F6BA8"), (1.0, "#0B2A57")),
    "dark": ((0.0, "#274463"), (0.35, "#3E76AD"), (0.7, "#7DB2E3"), (1.0, "#DCEBFA")),
}
RAMP_STEPS = 24

FONT_FAMILY = 'Inter, "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", Helvetica, Arial, sans-serif'
MARGIN = {"l": 58, "r": 14, "t": 8, "b": 38}
MARGIN_TWO_AXES = {**MARGIN, "r": 58}

PRESSURE_WIDTH = 1.7
VOLTAGE_WIDTH = 1.1
MEAN_WIDTH = 2.2
REPLICATE_WIDTH = 0.9
REPLICATE_OPACITY = 0.32
MARKER_SIZE = 6
STRIP_MARKER_SIZE = 4
RING_EDGE = 1.6


@dataclass(frozen=True, slots=True)
class PlatingStyle:
    """Mark of one group: colour token, plotly symbol, dash where lines cross, word; ring: filled with surface."""

    token: str
    symbol: str
    dash: str
    label: str
    hollow: bool = False

    def colour(self, theme: Theme) -> str:
        """Colour of the group in a theme, as hex.

        >>> plating_style(5).colour("light")
        '#0072B2'
        """
        return TOKENS[theme][self.token]

    def marker(self, theme: Theme, size: float = MARKER_SIZE) -> dict[str, Any]:
        """Return the plotly marker of the group; a hollow one shows the surface inside (never an -open symbol)."""
        colour = self.colour(theme)
        fill = TOKENS[theme]["surface"] if self.hollow else colour
        edge = {"color": colour, "width": RING_EDGE if self.hollow else 0}
        return {"symbol": self.symbol, "size": size, "color": fill, "line": edge, "opacity": 1}


_SEQUENCE: tuple[tuple[str, str, str], ...] = (
    ("plating-0", "circle", "solid"),
    ("plating-5", "circle", "solid"),
    ("plating-15", "square", "6px,3px"),
    ("plating-40", "diamond", "2px,2px"),
    ("plating-other-1", "pentagon", "8px,2px,2px,2px"),
    ("plating-other-2", "cross", "4px,2px"),
)
_GROUP_SEQUENCE: tuple[tuple[str, str, str], ...] = (
    ("plating-other-1", "pentagon", "solid"),
    ("plating-other-2", "cross", "6px,3px"),
    ("ink", "triangle-up", "2px,2px"),
    ("plating-other-1", "star", "8px,2px,2px,2px"),
    ("plating-other-2", "hexagon", "4px,2px"),
    ("ink", "triangle-down", "12px,3px"),
)
"""Marks of groups that are no plating times: no hue that means a plating time."""
_NAMED_TIMES: dict[float, int] = {0.0: 0, 5.0: 1, 15.0: 2, 40.0: 3}


def _style_at(index: int, label: str) -> PlatingStyle:
    """Style of the index-th group; a seventh repeats from the start with a hollow marker."""
    token, symbol, dash = _SEQUENCE[index % len(_SEQUENCE)]
    return PlatingStyle(token, symbol, dash, label, hollow=index == 0 or index >= len(_SEQUENCE))


def _group_style(index: int, label: str) -> PlatingStyle:
    """Mark of the index-th group that is no plating time; a seventh has a hollow marker."""
    token, symbol, dash = _GROUP_SEQUENCE[index % len(_GROUP_SEQUENCE)]
    return PlatingStyle(token, symbol, dash, label, hollow=index >= len(_GROUP_SEQUENCE))


def plating_label(plating_time_min: float | None) -> str:
    """Word for a plating time: "uncoated", "15 min", or "unknown".

    >>> plating_label(0), plating_label(7.5), plating_label(None)
    ('uncoated', '7.5 min', 'unknown')
    """
    if plating_time_min is None or plating_time_min != plating_time_min:  # noqa: PLR0124 - NaN of a table
        return "unknown"
    return "uncoated" if plating_time_min == 0 else f"{plating_time_min:g} min"


def plating_style(plating_time_min: float | None, known: Iterable[float] = ()) -> PlatingStyle:
    """Mark of a plating time, the same on every page (the look, section 2).

    `known` are the plating times of the laboratory: times other than 0, 5, 15 and 40 min take the further
    colours in their order, so that two of them do not share one.

    >>> plating_style(0).label, plating_style(0).symbol, plating_style(0).hollow
    ('uncoated', 'circle', True)
    >>> plating_style(30, known=[10, 30]).token
    'plating-other-2'
    """
    label = plating_label(plating_time_min)
    if plating_time_min is None or label == "unknown":
        return PlatingStyle("ink2", "square", "2px,3px", label, hollow=True)
    if plating_time_min in _NAMED_TIMES:
        return _style_at(_NAMED_TIMES[plating_time_min], label)
    others = sorted({float(plating_time_min), *map(float, known)} - set(_NAMED_TIMES))
    return _style_at(len(_NAMED_TIMES) + others.index(float(plating_time_min)), label)


def group_styles(labels: Sequence[str]) -> dict[str, PlatingStyle]:
    """Return the marks of groups that are no plating times, in the order given.

    The colours of plating times stay theirs: the two further hues and ink come first, told apart by their shapes.

    >>> [style.token for style in group_styles(["rack A", "rack B"]).values()]
    ['plating-other-1', 'plating-other-2']
    """
    return {label: _group_style(index, label) for index, label in enumerate(labels)}


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def fade(colour: str, opacity: float) -> str:
    """Return a token at some opacity, as rgba.

    >>> fade("#B42318", 0.07)
    'rgba(180,35,24,0.07)'
    """
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def band(theme: Theme) -> str:
    """Fill of a healthy or confidence band, as rgba."""
    return fade(TOKENS[theme]["ink3"], BAND_OPACITY[theme])


def _interpolated(theme: Theme, share: float) -> str:
    stops = _RAMP_STOPS[theme]
    upper = next(index for index in range(1, len(stops)) if share <= stops[index][0])
    (low, first), (high, second) = stops[upper - 1], stops[upper]
    weight = (share - low) / (high - low)
    mixed = [round(a + (b - a) * weight) for a, b in zip(_channels(first), _channels(second), strict=True)]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


RAMP: dict[Theme, tuple[str, ...]] = {
    theme: tuple(_interpolated(theme, step / (RAMP_STEPS - 1)) for step in range(RAMP_STEPS)) for theme in THEMES
}
"""Colours of cycle numbers, early to late; both themes have the same number of steps, so each has a counterpart."""


def ramp_colour(theme: Theme, share: float) -> str:
    """Colour of a cycle at `share` (0 first, 1 last) of the cycles shown, as hex from RAMP.

    >>> ramp_colour("light", 0.0), ramp_colour("light", 1.0)
    ('#B9D3E6', '#0B2A57')
    """
    return RAMP[theme][round(min(max(share, 0.0), 1.0) * (RAMP_STEPS - 1))]


def theme_pairs() -> list[tuple[str, str]]:
    """Every colour a figure may use as (light, dark), for the change of theme in the browser."""
    tokens = [(colour, TOKENS["dark"][name]) for name, colour in TOKENS["light"].items()]
    return [*tokens, *zip(RAMP["light"], RAMP["dark"], strict=True)]


UNSEEN_MARK = "\N{REPLACEMENT CHARACTER}"
"""Stands for a sign that controls text or turns its direction: it is shown, not obeyed."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def display(text: object) -> str:
    """Text as a figure may show it: no mark-up, link, style or template placeholder survives.

    >>> display('<a href="//x">In0-3</a> %{x}')
    '&lt;a href="//x"&gt;In0-3&lt;/a&gt; %&#123;x}'
    """
    words = " ".join(str(text).split())
    seen = "".join(UNSEEN_MARK if unicodedata.category(sign) in _UNSEEN else sign for sign in words)
    plain = escape(seen, quote=False)
    return plain.replace("%{", "%&#123;").replace("$", "&#36;")


def minus(text: str) -> str:
    r"""Return number text with a true minus sign, as plotly writes it on ticks.

    >>> minus("-0.14") == "\N{MINUS SIGN}0.14"
    True
    """
    return text.replace("-", "\N{MINUS SIGN}")


def free_range(low: float, high: float) -> dict[str, Any]:
    """Return the settings of an axis that shows a range until the reader zooms, and then stays as he left it.

    plotly gives up a reader's zoom where a figure that is drawn anew names another `range` than before.
    """
    return {"range": None, "autorange": True, "autorangeoptions": {"minallowed": low, "maxallowed": high}}


def axis_style(theme: Theme) -> dict[str, Any]:
    """Return settings that every axis has; second axes and strips add theirs."""
    token = TOKENS[theme]
    return {
        "showline": True,
        "linewidth": 1,
        "linecolor": token["ink3"],
        "ticks": "outside",
        "ticklen": 4,
        "tickwidth": 1,
        "tickcolor": token["ink3"],
        "tickfont": {"size": 11, "color": token["ink2"]},
        "zeroline": False,
        "mirror": False,
        "automargin": False,
        "title": {"font": {"size": 12, "color": token["ink2"]}},
    }


def template(theme: Theme) -> go.layout.Template:
    """Return the plotly template of a theme (the look, section 3)."""
    token = TOKENS[theme]
    axis = axis_style(theme)
    label = {
        "bgcolor": token["surface"],
        "bordercolor": token["line2"],
        "align": "left",
        "font": {"family": FONT_FAMILY, "size": 12, "color": token["ink"]},
    }
    layout = {
        "font": {"family": FONT_FAMILY, "size": 12, "color": token["ink"]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": MARGIN,
        "showlegend": False,
        "hoverlabel": label,
        "colorway": [token[name] for name, *_ in _SEQUENCE],
        "dragmode": "zoom",
        "xaxis": {**axis, "showgrid": False, "title": {**axis["title"], "standoff": 4}},
        "yaxis": {
            **axis,
            "showgrid": True,
            "gridcolor": token["grid"],
            "gridwidth": 1,
            "title": {**axis["title"], "standoff": 8},
        },
    }
    return go.layout.Template(layout=layout)


def empty_figure(theme: Theme, sentence: str = "", *, height: int = 200) -> go.Figure:
    """Figure without data that says why, in the middle of the panel."""
    figure = go.Figure()
    figure.update_layout(template=template(theme), height=height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    if sentence:
        font = {"size": 12.5, "color": TOKENS[theme]["ink3"]}
        figure.add_annotation(
            text=display(sentence), font=font, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
        )
    return figure
