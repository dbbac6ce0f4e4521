"""Neware flat CSV and the record sheet of its workbooks (BTS, BTSDA): `Time` is the time in the step.

Capacities may start anew in every step.
"""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="neware_csv",
    title="Neware",
    headers=(frozenset({"datapoint", "cycle index", "step index", "step type"}),),
    names={"time": "", "capacity": ""},
)
