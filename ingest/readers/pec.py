"""PEC CSV: lines of names and values, then a table that begins with Test; capacities in mAh, one column a direction."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="pec",
    title="PEC",
    opening=re.compile(r"\ARequest Year:", re.IGNORECASE),
    header_row=re.compile(r"^Test,Cell,", re.IGNORECASE),
    names={
        "test": "",
        "totaltime(hoursinhh:mm:ss.xxx)": "test_time_second",
        "realtime": "date_time",
        "instructionname": "state",
    },
)
