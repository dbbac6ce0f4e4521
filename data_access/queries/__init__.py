"""Every read of the store, by name: detached rows or tables, each from one snapshot."""

from data_access.queries.cells import (
    facts_of,
    load_cell,
    load_cells,
    load_changes,
    load_events,
    load_profile,
    load_setting,
    load_tests,
)
from data_access.queries.cycles import load_curves, load_cycle_values, load_cycles
from data_access.queries.imports import (
    find_imports_of_file,
    find_leaning,
    load_import,
    load_imports,
    load_quarantine,
    load_source_file,
)
from data_access.queries.live import (
    load_agents,
    load_channel,
    load_channel_cells,
    load_channel_states,
    load_channels,
    load_faults,
    load_feeds,
    load_imports_of_channels,
    load_live_quarantine,
    load_new_records,
    load_unclosed,
)
from data_access.queries.states import load_cell_states
from data_access.series.records import load_series

__all__ = [
    "facts_of",
    "find_imports_of_file",
    "find_leaning",
    "load_agents",
    "load_cell",
    "load_cell_states",
    "load_cells",
    "load_changes",
    "load_channel",
    "load_channel_cells",
    "load_channel_states",
    "load_channels",
    "load_curves",
    "load_cycle_values",
    "load_cycles",
    "load_events",
    "load_faults",
    "load_feeds",
    "load_import",
    "load_imports",
    "load_imports_of_channels",
    "load_live_quarantine",
    "load_new_records",
    "load_profile",
    "load_quarantine",
    "load_series",
    "load_setting",
    "load_source_file",
    "load_tests",
    "load_unclosed",
]
