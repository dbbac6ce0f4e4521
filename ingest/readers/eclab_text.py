"""BioLogic EC-Lab and BT-Lab text (.mpt, .txt): the first lines name the number of header lines.

`mode` 3 is open circuit; `Q charge/discharge` is left aside, as `Q charge` and `Q discharge` stand beside it.
"""

import re

from ingest.readers.profile import Profile

NAMES = {"mode": "open_circuit_mode", "ox/red": "", "capacity": ""}
WITH_PREAMBLE = Profile(
    name="eclab_text",
    title="EC-Lab text",
    opening=re.compile(r"\A\s*(?:EC|BT)-Lab ASCII FILE"),
    header_line=re.compile(r"^Nb header lines\s*:\s*(\d+)", re.MULTILINE),
    names=NAMES,
)
BARE = Profile(
    name="eclab_text",
    title="EC-Lab text",
    header_names=frozenset({"time/s", "ns changes", "ns"}),
    names=NAMES,
)
