"""PicoLog CSV: the first column, without a name, is Unix time: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="picolog",
    title="PicoLog",
    opening=re.compile(r'\A"?"?,"[^"\n]* (?:Last|Ave\.|Min\.|Max\.)', re.MULTILINE | re.IGNORECASE),
    refused="This is a PicoLog export; not read yet",
)
