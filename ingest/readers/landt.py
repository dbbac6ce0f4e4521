"""Landt (LANHE) CSV: metadata lines, then a table: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="landt",
    title="Landt",
    opening=re.compile(r"\Acell model:", re.MULTILINE | re.IGNORECASE),
    refused="This is a Landt export; not read yet",
)
