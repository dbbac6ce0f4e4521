"""Maccor text (.txt, .csv, .001 ...): a header that begins with Rec; the current may have no sign, the state has.

Times are days and hours, minutes or seconds, as the header says; Amp-hr counts one half-cycle.
"""

import re

from ingest.readers.profile import Profile

_HEADER = re.compile(r'^"?Rec(?:ord)?#?"?\s*[\t,;]\s*"?Cyc', re.MULTILINE | re.IGNORECASE)
PROFILE = Profile(
    name="maccor",
    title="Maccor",
    opening=_HEADER,
    header_row=_HEADER,
    names={"rec": "record_index", "cyclep": "", "ahr": "capacity_ah", "md": "state"},
    states={"a": 0.0},  # a pause in an advance
)
