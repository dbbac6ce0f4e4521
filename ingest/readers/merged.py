"""A cycler's records with the pressure already beside them: time / s, Ecell/V, I/mA, cycle number, Pressure (MPa)."""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="merged",
    title="Merged cycler and pressure table",
    headers=(frozenset({"time / s", "ecell/v", "i/ma", "cycle number", "pressure (mpa)"}),),
)
