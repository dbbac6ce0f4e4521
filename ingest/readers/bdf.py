"""Battery Data Format (BDF 1.3): labels such as "Voltage / V" or machine names such as voltage_volt."""

from ingest.readers.profile import Profile

LABELS = Profile(
    name="bdf",
    title="Battery Data Format",
    header_names=frozenset({"test time / s", "voltage / v", "current / a"}),
)
MACHINE_NAMES = Profile(
    name="bdf",
    title="Battery Data Format",
    header_names=frozenset({"test_time_second", "voltage_volt", "current_ampere"}),
)
