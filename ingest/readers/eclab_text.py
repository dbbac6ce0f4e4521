"""BioLogic EC-Lab and BT-Lab text (.mpt, .txt): the first lines name the number of header lines.

`mode` 3 is open circuit; `Q charge/discharge` is left aside, as `Q charge` and `Q discharge` stand beside it.
"""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="eclab_text",
    title="EC-Lab text",
    opening=re.compile(r"\A\s*(?:EC|BT)-Lab ASCII FILE"),
    headers=(frozenset({"time/s", "ns changes", "ns"}),),
    header_line=re.compile(r"^Nb header lines\s*:\s*(\d+)", re.MULTILINE),
    names={"mode": "open_circuit_mode", "ox/red": "", "capacity": ""},
)
