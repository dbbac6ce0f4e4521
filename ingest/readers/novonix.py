"""Novonix UHPC CSV: [Summary] to [Data], times in hours: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="novonix",
    title="Novonix",
    opening=re.compile(r"\A\[Summary\]\s+Novonix", re.MULTILINE | re.IGNORECASE),
    refused="This is a Novonix export; not read yet",
)
