"""Names of the pages, as the side bar and the tab of the browser show them."""

OVERVIEW = "Overview"
CELLS = "Cells"
CELL = "Cell"
COMPARE = "Compare"
IMPORT = "Import"
CHANNELS = "Instruments"
WALL = "Wall"
