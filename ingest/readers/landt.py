"""Landt (LANHE) CSV: metadata lines, then a table with names such as test_time_s and current_A."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="landt",
    title="Landt",
    opening=re.compile(r"\Acell model:", re.IGNORECASE),
    header_row=re.compile(r"^channel_index,", re.IGNORECASE),
    headers=(frozenset({"channel_index", "cycle_index", "step_index", "date_time_iso_string", "test_time_s"}),),
)
