"""Words of the wall: what a screen in the laboratory says from 4 m away."""

TITLE = "Wall"
LEGEND = "Plating times"
CELLS = "Cells, those that need a look first"
CONTROLS = "Wall"
PAUSE = "Pause the pages"
GO_ON = "Go on with the pages"
PREVIOUS = "Page before"
NEXT = "Next page"
FULL_SCREEN = "Full screen"
LEAVE = "Leave the wall"

EMPTY_TITLE = "No cell is on the wall"
EMPTY_TEXT = "A cell comes here when a channel of an instrument is assigned to it, or while its state is running."
EMPTY_ACTION = "Assign a channel"

SCRIPT = {
    "failed": ["1 cell failed", "{n} cells failed"],
    "stale": ["1 feed is silent", "{n} feeds are silent"],
    "falling": ["1 is falling", "{n} are falling"],
    "running": ["1 running", "{n} running"],
    "ended": ["1 ended", "{n} ended"],
    "calm": "Nothing needs a look: {counts}",
    "nothing": "No cell is on the wall",
    "page": "{page} of {pages}",
    "live": "Live · {age}",
    "no_connection": "No connection since {time}.",
    "no_values": "The server answers, but no live values have come since {time}.",
    "old": "What you see is {age} old.",
    "tile_failed": "Failed",
    "tile_ended": "Ended",
    "tile_because": "{word} · {cause}",
    "tile_falling": "{slope} %/cycle",
    "tile_no_row": "Feed stale · {age}",
    "tile_no_source": {"cycler": "Feed stale · V {age}", "mechanical": "Feed stale · P {age}"},
    "tile_waiting": "Waiting for a row",
    "tile_not_live": "Not live",
    "steps": {"charge": "Charge", "discharge": "Discharge", "rest": "Rest"},
    "tile_running": "Running",
    "cycle": "cycle",
    "synthetic": "synthetic",
    "all_synthetic": "all synthetic",
    "some_synthetic": "{n} synthetic",
    "pause": PAUSE,
    "go_on": GO_ON,
}
"""What assets/wall.js says; where there are two, the first is of one."""
