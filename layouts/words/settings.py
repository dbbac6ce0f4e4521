"""Words of the Settings pages: what they share, then those of the System page."""

TITLE = "Settings"
NAVIGATION = "Parts of the settings"
PAGES = {
    "account": "Account",
    "people": "People",
    "tokens": "Tokens",
    "projects": "Projects",
    "system": "System",
}
CLOSE = "Close"
CANCEL = "Cancel"
DONE = "Done"
UNDO = "Undo"
COPY = "Copy"
COPIED = "Copied"
COPY_BY_HAND = "Marked: copy it with Ctrl+C"
JUST_NOW = "now"
AGO = "{age} ago"
YOU = "you"
STALE = "Somebody else changed this"
STALE_TEXT = "It is shown as it is now, and nothing of yours was stored. Do it again if it is still needed."

NO_ACCOUNTS_TITLE = "This Barograph has no accounts"
NO_ACCOUNTS_TEXT = (
    "It answers only to the computer that it runs on, and whoever sits there may do everything. "
    "How it is opened to a laboratory’s network, with accounts, is told in docs/how-to/deploy.md."
)

# System
SYSTEM_FINE = "Nothing needs a look."
SYSTEM_CONCERNS = "{concerns}."
CONCERN_DISK = "the disk is nearly full"
CONCERN_FEEDS_ONE = "1 feed is silent"
CONCERN_FEEDS_MANY = "{count} feeds are silent"
CONCERN_WAITING = "{count} files have waited for the worker for more than {minutes} min: is it running"
CONCERN_ERRORS_ONE = "1 error in the last 24 h"
CONCERN_ERRORS_MANY = "{count} errors in the last 24 h"

STORAGE = "Storage"
STORAGE_SUBTITLE = "{folder}"
FACT_DATABASE = "Database"
FACT_FILES = "Uploaded files"
FACT_FREE = "Free on the disk"
FACT_OF = "of {total}"
FREE_LOW = "Less than 10 % or 2 GB: uploads and rows are refused when it is full. Nothing that is stored is lost."

NOW = "Now"
FACT_FEEDS = "Feeds"
FACT_JOBS = "Files at work"
FACT_QUESTIONS = "Wait for an answer"
FACT_SESSIONS = "Signed in"
FACT_PEOPLE = "People"
FACT_TOKENS = "Tokens"
FEEDS = {"live": "live", "late": "late", "stale": "silent", "ended": "ended", "unknown": "new"}
JOBS = {"queued": "queued", "reading": "reading"}
NOTHING = "none"

VERSIONS = "Versions"
VERSION_NAMES = {
    "python": "Python",
    "dash": "Dash",
    "plotly": "plotly.py",
    "flask": "Flask",
    "sqlalchemy": "SQLAlchemy",
    "numpy": "NumPy",
    "pandas": "pandas",
}
SCHEMA = "Database schema"
BACKENDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

ERRORS = "Last errors"
ERRORS_SUBTITLE = "the number is what the reader saw; the server’s log has all of it under the same number"
ERRORS_NONE = "None. An error that nobody foresaw appears here, with the number that the reader was told."
ERROR_HEADS = ("Number", "When", "Where", "What")
ERROR_OF_IMPORT = "import of {name}"
