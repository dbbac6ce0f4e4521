"""What the server says of itself: that it works, and what it can read."""

from flask import Response

from access.roles import requires
from api.models import Profile
from api.responses import as_json
from data_access.database import db, reading
from ingest.readers import PROFILES
from ingest.reading.names_for_agents import names_for_agents


@requires("anyone")
def health() -> Response:
    """That the server and its database answer."""
    with reading(db.engine) as session:
        session.connection()
    return as_json({"status": "ok"})


@requires("viewer", agent=True)
def list_profiles() -> Response:
    """The file formats that are recognised, and the names and units of columns by which agents read tables."""
    profiles = [Profile.model_validate(profile).model_dump() for profile in PROFILES]
    return as_json({"profiles": profiles, **names_for_agents()})
