"""Arbin CSV and Excel (MITS Pro, Data Watcher): Test_Time(s), Cycle_Index, Voltage(V).

Capacities run on over the whole file.  Of a workbook the Channel sheets are read.
"""

from ingest.readers.profile import Profile

PROFILE = Profile(
    name="arbin_csv",
    title="Arbin",
    headers=(
        frozenset({"test_time(s)", "step_index", "cycle_index", "data_point"}),
        frozenset({"test time (s)", "step index", "cycle index", "data point"}),
        frozenset({"test_time(s)", "step_time(s)", "step_index", "cycle_index", "charge_capacity(ah)"}),
        frozenset({"test time (s)", "step time (s)", "step index", "cycle index", "charge capacity (ah)"}),
    ),
    names={"capacity": ""},  # Capacity (Ah) repeats the charge or discharge capacity
)
