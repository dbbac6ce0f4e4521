"""Neware flat CSV (BTS, BTSDA): `Time` is the time in the step; capacities may start anew in every step."""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="neware_csv",
    title="Neware CSV",
    headers=(frozenset({"datapoint", "cycle index", "step index", "step type"}),),
    names={"time": "", "capacity": ""},
)
