"""Words of the Overview."""

TITLE = "Overview"
SEARCH = "Find a cell"
GROUP_BY = "Group by"
GROUP_CHOICES = (("none", "None"), ("plating", "Plating time"), ("group", "Group"))
PROPERTY = "Property"
PROPERTY_HINT = "A property"
NEW_CELL = "New cell"
IMPORT = "Import files"
LIST_TITLE = "All cells"
LIST_TITLES = {"running": "Running cells", "ended": "Ended cells", "stale": "Cells with a stale feed"}
LIST_HINT = "sparkline length = age; height = % of cycles 2–6, 74–112, the same for every cell"
NOTHING_FOUND = "No cell fits the search and the filter."
SHOW_ALL = "Show all cells"

COLUMN_TITLES = {
    "state": "Status",
    "name": "Cell",
    "plating": "Plating",
    "spark": "Indicator over {cycles} cycles",
    "now": "Now / %",
    "slope": "% / cycle",
    "cycle": "Cycle",
    "capacity": "mAh/g",
    "efficiency": "CE / %",
    "voltage": "V / V",
    "pressure": "P / MPa",
    "step": "Step",
    "last": "Last row",
}
COLUMN_HINTS = {
    "now": "Indicator of the last complete cycle that is not masked, relative to the median of cycles 2–6",
    "slope": "Theil–Sen slope of the relative indicator over the last 5 complete cycles",
    "cycle": "Last complete cycle",
    "capacity": "Discharge capacity of the last complete cycle that is not masked",
    "efficiency": "Coulombic efficiency of the last complete cycle that is not masked",
    "voltage": "Last measured voltage",
    "pressure": "Last measured stack pressure",
    "last": "Age of the last record, where its clock is known",
}
STATE_WORDS = {"running": "Running", "finished": "Ended", "failed": "Ended"}
COUNT_WORDS = {"stale": "Feed stale", "running": "Running", "ended": "Ended"}
COUNT_LEVELS = {"stale": "stale", "running": "running", "ended": "finished"}
STALE = "Feed stale"
STALE_TITLE = "No row from {channels} for {age}"
ONE_SILENT = ", 1 feed is silent"
MANY_SILENT = ", {count} feeds are silent"

NO_CELLS_YET = "No cells yet."
ONE_MORE_CYCLE = "one more cycle needed"
MORE_CYCLES = "{count} more cycles needed"
MORE_CYCLES_TITLE = "The indicator is shown relative to cycles 2–6; at least three of them are needed."
NO_CYCLES = "no cycles yet"
NO_SIGNAL = "no pressure recorded"
NO_SIGNAL_TITLE = "No pressure, thickness or strain was recorded, so there is no indicator."
NO_REFERENCE = "no reference cycles"
NO_REFERENCE_TITLE = (
    "Fewer than three of cycles 2–6 have a trusted indicator, or their median is not above zero: "
    "there is nothing to relate it to."
)
SPARK_WORDS = "Indicator from cycle {first} to {last}: {start:.1f} to {end:.1f} % of cycles 2–6"

SENTENCE_RUNNING = "{running} running"
SENTENCE = "{count}: {running} running, {ended} ended."
ALL_RUNNING = "{count}, all running."
ALL_ENDED = "{count}, all ended."
FALLING = "Falling fastest: {name}, {slope} % per cycle."
SYNTHETIC = "{count} of them are synthetic, not measured."
ALL_SYNTHETIC = "All of them are synthetic, not measured."
REMOVE_EXAMPLE = "Remove them"
REMOVED = "{count} synthetic cells removed"
REMOVED_TEXT = "Your own cells stayed."

EMPTY_TITLE = "Start with a file or with demo cells"
EMPTY_TEXT = (
    "Drop a cycler’s export, with or without the force logger’s, or look at 12 synthetic cells first. "
    "They can be removed with one click."
)
EMPTY_READER_TITLE = "No cells yet"
EMPTY_READER = "They appear here once somebody imports a file, in a project in which you have a role."
LOAD_EXAMPLE = "Load the example experiment"
LOADING_SENTENCE = "Making the example experiment."
LOADING_TEXT = "12 synthetic cells, {done} so far. It takes about a minute; you can look at the first ones already."
EXAMPLE_FAILED = "The example experiment could not be made; the log of the server says why. Cells made so far are kept."

CELLS_ONE = "1 cell"
CELLS_MANY = "{count} cells"
NO_GROUP = "Without"
NO_CELL_ENDED = "no cell has ended"
ENDED_AFTER = "{ended} of {count} ended, after a median of {cycles} cycles"
PLATING_TITLE = "{label} plating"
PLATING_TITLES = {"uncoated": "Uncoated", "unknown": "Plating time unknown"}
