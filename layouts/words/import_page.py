"""Words of the Import page."""

TITLE = "Import"
NOTHING_YET = "Nothing is stored yet."
SUBTITLE_EMPTY = "Exports of cyclers and logs of force or pressure"

DROP = "Drop exports here, or choose files"
DROP_DETAIL = "csv, tsv, txt, mpt · up to 2 GB each"
UPLOADS = "Files on their way to the server"

BELONGS = "Belongs to"
CELL = "Cell"
CHOOSE_CELL = "Choose a cell"
CELL_ALL = "For all {count} files without a cell"
NEW_CELL = "Or create a cell"
NAME = "Name"
PLATING = "Plating time / min"
MASS = "Active mass / mg"
DIAMETER = "Electrode ⌀ / mm"
PROJECT = "Project"
TEMPERATURE = "Temperature / °C"
CREATE = "Create the cell"
HINTS = "The file's name says: {hints}."
TAKE_HINTS = "Take these"
ACTIVE_MASS = "Active mass"
MASS_UNKNOWN = "not entered"
FORCE_AREA = "Force area"
OPEN_CELL = "Open the cell"

COLUMNS = "Columns of {name}"
COLUMNS_FOUND = "{found} found, {known} stored"
HEAD_SOURCE = "Column in the file"
HEAD_FIRST = "First value"
HEAD_STORED = "Stored as"
HEAD_UNIT = "Unit"
HEAD_READS = "Reads"
NOT_STORED = "Not stored"
MENU_COLUMN = "What {source} is stored as"
MENU_UNIT = "Unit of {source}"
UNIT_AMPLIFIER = "V, amplifier"
AMPLIFIER = {"factor": "N per V", "offset": "N at 0 V"}

PREVIEW = "Preview"
PREVIEW_SOME = "as it will be stored, first {shown} of {count} cycles"
PREVIEW_ALL = "as it will be stored"
CAPACITY = "Capacity per cycle"
CAPACITY_KEY = "ring: charge, disc: discharge"
ROWS = "First and last rows"

ONE_QUESTION = "One question"
QUESTION_OF = "Question 1 of {count}"
ANSWERED = "What was answered"
ASSUMED = "What we assumed"
ASSUMED_MEANWHILE = "Assumed until you answer"
NOTHING_ELSE_ASSUMED = "Nothing else had to be assumed."
UNSETTLED = "Not settled, the preview takes it so: {text}"
TIME_ZONE = "Time zone"
TIME_ZONE_TEXT = "{question} It may stay open."
CHOOSE_ZONE = "Choose a time zone"
NOTHING_TO_DRAW = "Nothing to draw"
NOTHING_TO_DRAW_TEXT = (
    "No column that is stored from this file has values of voltage, current, pressure, force, thickness or strain. "
    "Say above which column is which."
)
BLOCKED = "Cannot be read like this"
NOTHING_ASSUMED = "Nothing had to be assumed."
FOUND = "What we found"
NOTHING_FOUND = "No problem was found."
LINE = "Line {line}"
LEFT_OUT = "{count} lines were left out; they are kept with the import."

DISCARD = "Discard"
STORE = "Store"
STORE_ALL = "Store all {count}"
UNDO = "Undo this import"
RESTORE = "Restore"

WHY_READING = "Store is possible once the file has been read."
WHY_QUESTION = "Answer the question first."
WHY_COLUMNS = "Change the columns first: the file cannot be read like this."
WHY_CELL = "Choose the cell first."

CARD_ROWS = ("1 row", "{count} rows")
CARD_CYCLES = ("1 cycle", "{count} cycles")

STATES = {
    "queued": "Waiting",
    "reading": "Reading",
    "storing": "Storing",
    "asks": "Ready",
    "stored": "Stored",
    "refused": "Refused",
    "cancelled": "Discarded",
    "undone": "Undone",
}
ONE_OPEN = "1 question"
SEVERAL_OPEN = "{count} questions"
NOT_LIKE_THIS = "Change a column"
NO_CELL = "Which cell?"

STORED_BAR = "{rows} records are stored in {cell}."
REFUSED_BAR = "Nothing was stored."
CANCELLED_BAR = "Discarded. Nothing was stored."
UNDONE_BAR = "Undone. Its records are no longer in {cell}."

MISSING_TITLE = "There is no import {number}"
MISSING_TEXT = "It was purged, or the address is wrong. The list shows the imports that there are."
EMPTY_TITLE = "Start with a file"
EMPTY_TEXT = (
    "Drop one or more exports: a cycler's, a force logger's, or one that holds both. You see what was understood of "
    "them before anything is stored."
)

SUBTITLE_ONE = "1 file waits for you"
SUBTITLE_WAITING = "{count} files wait for you"
REFUSED_TITLE = "This file was not stored"
UPLOAD = {
    "waiting": "Waiting",
    "sending": "Sending",
    "lost": "Not received: the connection was lost. Drop the file again.",
    "refused": "Not received.",
    "already": "These bytes are here already; the list shows their import.",
    "cancel": "Cancel",
    "close": "Close",
}
"""Words that assets/import.js shows."""
