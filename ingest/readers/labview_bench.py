"""A table without a header from a bench with a strain gauge: time, current, voltage, power, temperatures, strain.

Recognised by its seven columns of which the fourth is the product of the second and the third; a person confirms it.
"""

from ingest.readers.profile import Profile

COLUMNS = (
    "time / s",
    "current / A",
    "voltage / V",
    "power / W",
    "cell temperature / °C",
    "strain",
    "ambient temperature / °C",
)
PROFILE = Profile(name="labview_bench", title="Bench table without a header")
