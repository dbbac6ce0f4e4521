"""BaSyTec text: comment lines that begin with ~, the last of them the header; Ah-Cyc-... count from the cycle's start.

`State` is a number of the instrument's own; `Command` says what the step does.
"""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="basytec",
    title="BaSyTec",
    opening=re.compile(r"\A~Resultfile from Basytec", re.IGNORECASE),
    header_row=re.compile(r"^~(?:Time|DataSet)\b", re.IGNORECASE),
    names={
        "~time": "test_time_second",
        "~dataset": "record_index",
        "line": "step_count",
        "cyccount": "instrument_cycle_count",
        "command": "state",
        "state": "",
    },
)
