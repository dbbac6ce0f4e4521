"""Neware CSV with cycles, steps and records nested in one sheet: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="neware_nested",
    title="Neware nested CSV",
    opening=re.compile(r"\ACycle Index,[^\n]*\r?\n,Step Index", re.MULTILINE | re.IGNORECASE),
    refused="This is a nested Neware export; not read yet",
)
