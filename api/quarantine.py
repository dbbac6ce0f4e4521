"""What live rows were not stored, and why: nothing is ever overwritten."""

from flask import Response

from access.roles import requires
from api.responses import as_csv
from data_access.database import db
from data_access.queries import load_live_quarantine

MOST_ROWS = 100_000


@requires("viewer")
def list_quarantine() -> Response:
    """Live rows and payloads that were kept aside, newest first: received_at, channel, sequence, text, reason."""
    return as_csv([load_live_quarantine(db.engine, MOST_ROWS)], "kept-aside.csv")
