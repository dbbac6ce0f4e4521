"""Proposes the clock of a mechanical log beside the cycler's records of its cell; stores and changes nothing."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine

from data_access.queries import facts_of, load_cell
from data_access.series import load_cell_records, load_records
from pressiometry.clocks import (
    Alignment,
    CyclerTrace,
    Expected,
    LogTrace,
    StartRange,
    align_segments,
    net_charge,
    trace_cycler,
    trace_log,
)
from pressiometry.columns import MECHANICAL_SIGNALS
from pressiometry.errors import InvalidInputError, MissingDataError

Floats = NDArray[np.float64]

TIME, CURRENT = "test_time_second", "current_ampere"
COUNTERS = ("cycle_charging_capacity_ah", "cycle_discharging_capacity_ah")
COUNTED = 0.9
"""Counters that fewer of the records have than this share are not used."""


def propose_clock(
    engine: Engine, cell_id: int, series_id: int, told: Expected | None = None, *,
    starts: Mapping[int, StartRange] | None = None,
) -> list[tuple[LogTrace, Alignment]]:  # fmt: skip
    """The parts of a log, each with the clock proposed for it, from its own raw times to the cell's axis.

    `told.start` is what is known of the first part's start, `starts` of others.  The sign of a symmetric cell's
    pressure is taken as unknown.  Raises MissingDataError where the cell has no cycler's records with a current, or
    the log no mechanical signal.
    """
    records = load_cell_records(engine, cell_id, (CURRENT, *COUNTERS))
    log = load_records(engine, series_id)
    told = told or Expected()
    if facts_of(load_cell(engine, cell_id)).cell_type == "symmetric":
        told = replace(told, sign=None)
    parts = trace_mechanical(log)
    found = align_segments(trace_records(records), parts, told, starts=starts)
    return list(zip(parts, found, strict=True))


def trace_records(records: pd.DataFrame) -> CyclerTrace:
    """The cycler's trace from records on the cell's axis; the instrument's counters before the integrated current."""
    second, current = (_column(records, name) for name in (TIME, CURRENT))
    charge = net_charge(records)
    if charge is not None and np.isfinite(charge).mean() < COUNTED:
        charge = None
    try:
        return trace_cycler(second, current, charge)
    except InvalidInputError as error:
        raise MissingDataError(
            "There is no cycler's record with a current to align the log with", remedy="Import the cycler's file first."
        ) from error


def trace_mechanical(log: pd.DataFrame) -> list[LogTrace]:
    """The parts of a log from its records in their order: its first mechanical signal on its own clock."""
    for signal in MECHANICAL_SIGNALS:
        values = _column(log, signal.column)
        if np.isfinite(values).any():
            parts = trace_log(_column(log, TIME), values)
            if parts:
                return parts
    raise MissingDataError("The log has no pressure, thickness or strain to align")


def _column(table: pd.DataFrame, name: str) -> Floats:
    if name not in table.columns:
        return np.full(len(table), np.nan)
    return table[name].to_numpy(dtype=np.float64)
