"""Gamry .DTA: tables inside lines of keys, types and values: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="gamry",
    title="Gamry",
    opening=re.compile(r"\AEXPLAIN\s+TAG\t", re.MULTILINE | re.IGNORECASE),
    refused="This is a Gamry export; not read yet",
)
