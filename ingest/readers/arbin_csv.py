"""Arbin CSV (MITS Pro, Data Watcher): Test_Time(s), Cycle_Index, Voltage(V); capacities run on over the whole file."""

from ingest.readers.profile import Profile

NAMES = {"capacity": ""}  # Capacity (Ah) repeats the charge or discharge capacity
UNDERSCORES = Profile(
    name="arbin_csv",
    title="Arbin CSV",
    header_names=frozenset({"test_time(s)", "step_index", "cycle_index", "data_point"}),
    names=NAMES,
)
BLANKS = Profile(
    name="arbin_csv",
    title="Arbin CSV",
    header_names=frozenset({"test time (s)", "step index", "cycle index", "data point"}),
    names=NAMES,
)
