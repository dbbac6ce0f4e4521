"""Toyo CSV (one file a cycle): Date and Time are the clock, PassTime is the time in the step, the current has no sign.

Condition is 1 on charge and 2 on discharge; known from public descriptions, not from a real file.
"""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="toyo",
    title="Toyo",
    headers=(
        frozenset({"passtime[sec]", "voltage[v]", "current[ma]", "condition"}),
        frozenset({"passed time[sec]", "voltage[v]", "current[ma]", "condition"}),
    ),
    names={"passtime": "", "condition": "state", "mode": "step_count"},
    states={"0": 0.0, "1": 1.0, "2": -1.0, "3": 0.0},
)
