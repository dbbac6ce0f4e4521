"""WonATech Smart Interface and ZIVE exports: CELL STATUS is 1 at rest, 3 on charge and 4 on discharge.

CHARGE Q and DISCHARGE Q count one cycle; AUX. VOLTAGE is where a load cell's amplifier lands; a TEMPERATURE that is
always 0 has no sensor.  Known from public descriptions, not from a real file.
"""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="wonatech",
    title="WonATech",
    headers=(frozenset({"cell status", "cycle index", "total step"}),),
    names={"stepindex": ""},  # TOTAL STEP counts on, STEP INDEX begins anew
    states={"1": 0.0, "3": 1.0, "4": -1.0},
)
