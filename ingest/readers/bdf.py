"""Battery Data Format (BDF 1.3): labels such as "Voltage / V" or machine names such as voltage_volt."""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="bdf",
    title="Battery Data Format",
    headers=(
        frozenset({"test time / s", "voltage / v", "current / a"}),
        frozenset({"test_time_second", "voltage_volt", "current_ampere"}),
    ),
)
