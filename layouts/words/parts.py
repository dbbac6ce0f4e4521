"""Words of the parts that all pages share."""

LEVEL_ICONS = {
    "running": "running",
    "finished": "ended",
    "failed": "failed",
    "info": "info",
    "watch": "warning",
    "alarm": "alarm",
    "critical": "critical",
    "stale": "plug",
}
"""Icon of each level of status."""

UNDO = "Undo"
FIGURE_MENU = "Data, picture, link and method of this figure"
COPIED = "Copied"
METHOD = "How it is made."
FIGURE_ACTIONS = (
    ("csv", "table", "Data, CSV"),
    ("svg", "picture", "Picture, SVG"),
    ("png", "picture", "Picture, PNG"),
    ("link", "link", "Copy link to this view"),
)
"""What can be taken from a figure: (action in assets/figures.js, icon, words)."""
