"""PicoLog CSV: the first column, without a name, is Unix time; a channel has last, mean, least and largest values."""

import re

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="picolog",
    title="PicoLog",
    opening=re.compile(r'\A"?"?,"?[^"\n]* (?:Last|Ave\.|Min\.|Max\.)', re.IGNORECASE),
    names={"": "unix_time_second"},
    is_logger=True,
)
