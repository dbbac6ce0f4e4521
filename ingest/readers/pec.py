"""PEC CSV: lines of names and values, then a table that begins with Test: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="pec",
    title="PEC",
    opening=re.compile(r"\ARequest Year:", re.MULTILINE | re.IGNORECASE),
    refused="This is a PEC export; not read yet",
)
