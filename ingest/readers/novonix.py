"""Novonix UHPC CSV: [Summary] and [Protocol], then [Data]; the running time is in hours, the capacity has a sign.

`Step Type` is a number of the instrument's own; the current has its sign.
"""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="novonix",
    title="Novonix",
    opening=re.compile(r"\A\[Summary\]\s+Novonix", re.IGNORECASE),
    header_row=re.compile(r"^Date and Time,", re.IGNORECASE),
    names={"steptype": ""},
)
