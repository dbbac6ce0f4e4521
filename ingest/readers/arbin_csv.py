"""Arbin CSV (MITS Pro, Data Watcher): Test_Time(s), Cycle_Index, Voltage(V); capacities run on over the whole file."""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="arbin_csv",
    title="Arbin CSV",
    headers=(
        frozenset({"test_time(s)", "step_index", "cycle_index", "data_point"}),
        frozenset({"test time (s)", "step index", "cycle index", "data point"}),
    ),
    names={"capacity": ""},  # Capacity (Ah) repeats the charge or discharge capacity
)
