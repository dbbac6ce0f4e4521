"""BaSyTec text: comment lines that begin with ~, the last of them the header: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="basytec",
    title="BaSyTec",
    opening=re.compile(r"\A~Resultfile from Basytec", re.MULTILINE | re.IGNORECASE),
    refused="This is a BaSyTec export; not read yet",
)
