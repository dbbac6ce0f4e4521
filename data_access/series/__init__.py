"""Measured records: stored once, never altered, read exactly or as an overview.

A table of records has `sequence` (whole numbers, the order), `test_time_second` (the raw clock) and any of
RECORD_COLUMNS; NaN means not measured.
"""

from data_access.series.admission import Stored
from data_access.series.cell_axis import (
    iterate_cell_records,
    load_cell_mechanical,
    load_cell_overview,
    load_cell_records,
)
from data_access.series.mechanical_source import KEEP_FILE, MECHANICAL_TWICE, USE_LOG
from data_access.series.overview import load_overview
from data_access.series.records import load_measured, load_records, load_series
from data_access.series.replacing import derive_column
from data_access.series.store import append_rows, create_series, seal, store_records

__all__ = [
    "KEEP_FILE",
    "MECHANICAL_TWICE",
    "USE_LOG",
    "Stored",
    "append_rows",
    "create_series",
    "derive_column",
    "iterate_cell_records",
    "load_cell_mechanical",
    "load_cell_overview",
    "load_cell_records",
    "load_measured",
    "load_overview",
    "load_records",
    "load_series",
    "seal",
    "store_records",
]
