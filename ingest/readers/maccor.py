"""Maccor text: times in days, unsigned amperes with a state letter: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="maccor",
    title="Maccor",
    opening=re.compile(r"^Rec#?\t\s*Cyc#|^Rec#?,\s*Cyc#", re.MULTILINE | re.IGNORECASE),
    refused="This is a Maccor export; not read yet",
)
