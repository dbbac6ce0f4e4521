"""NI LabVIEW measurement (.lvm): header blocks that end with ***End_of_Header***: recognised and refused by name."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="labview",
    title="LabVIEW measurement",
    opening=re.compile(r"\ALabVIEW Measurement", re.MULTILINE | re.IGNORECASE),
    refused="This is a LabVIEW measurement (.lvm); not read yet",
)
