"""The live dot: whether what is seen is of now.  assets/live_dot.js fills it from the stream."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.words import live as words


def live_dot() -> Component:
    """Return the last thing of the top bar: nothing where no instrument sends, else "Live · 0.6 s" or how long not."""
    texts = {
        "live": words.LIVE,
        "late": words.LATE,
        "stale": words.STALE,
        "lost": words.LOST,
        "liveTitle": words.LIVE_TITLE,
        "staleTitle": words.STALE_TITLE,
    }
    attributes: dict[str, Any] = {"data-live-dot": json.dumps(texts)}
    return html.Span(className="live-dot", hidden=True, **attributes)


def announcer() -> Component:
    """Return what tells a screen reader of a feed that fell silent, at most once a minute."""
    texts = {"stale": words.ANNOUNCE_STALE, "live": words.ANNOUNCE_LIVE}
    attributes: dict[str, Any] = {"data-live-words": json.dumps(texts)}
    return html.Div(id="live-announcer", className="hidden-words", role="status", **attributes)
