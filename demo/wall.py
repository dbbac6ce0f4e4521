"""Twenty-four synthetic cells on instruments, three of them in trouble: what the picture of the wall is taken of.

Their cycles are the truth of the example generator, stored as results; their feeds are batches of rows like an agent's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel
from data_access.writes import assign_channel, create_cell, replace_cycles, store_batches
from demo.parameters import cell_parameters, scatter_parameters
from demo.plan import CYCLES, LABELS
from demo.simulator import simulate_cell

REPLICATES = 6
SILENT_SECOND = 26 * 60.0
"""The pressure of the silent cell has not come for so long."""
TROUBLE = {"In40-1": "failed", "In0-2": "falling", "In5-3": "silent"}
"""What is wrong with three of the cells; all others are as expected."""
ENDED = ("In0-4", "In0-6", "In5-5", "In15-2")
AGENT = "synthetic"
EVERY_SECOND, FIRST_ROWS = 5.0, 5


@dataclass(frozen=True, slots=True)
class WallCell:
    """One cell of the picture and the two channels that feed it."""

    cell_id: int
    name: str
    number: int

    @property
    def channels(self) -> tuple[str, str]:
        """Its cycler's channel and its force logger's."""
        return f"cycler-{self.number:02}", f"force-{self.number:02}"


def load_wall_example(engine: Engine, now: float) -> list[WallCell]:
    """Store the cells with their results and their first rows, and return them; `now` is in s since 1970."""
    cells = [
        _store_cell(engine, plating, replicate, number=6 * place + replicate)
        for place, plating in enumerate(LABELS)
        for replicate in range(1, REPLICATES + 1)
    ]
    for cell in cells:
        quiet = SILENT_SECOND if TROUBLE.get(cell.name) == "silent" else 0.0
        behind = {cell.channels[0]: 0.0, cell.channels[1]: quiet}
        if cell.name in ENDED or TROUBLE.get(cell.name) == "failed":
            behind = dict.fromkeys(behind, 23 * 3600.0)
        for channel, second in behind.items():
            rows = [
                _row(cell, channel, at, now - second - EVERY_SECOND * (FIRST_ROWS - at)) for at in range(FIRST_ROWS)
            ]
            store_batches(engine, [_batch(channel, rows)])
            assign_channel(engine, channel, cell.cell_id, version=load_channel(engine, channel).version)
    return cells


def send_rows(engine: Engine, cells: Sequence[WallCell], sequence: int, now: float) -> None:
    """Store the next row of every channel that is alive, EVERY_SECOND after the last one."""
    alive = [cell for cell in cells if cell.name not in ENDED and TROUBLE.get(cell.name) != "failed"]
    rows = [
        _row(cell, channel, sequence, now)
        for cell in alive
        for channel in cell.channels
        if TROUBLE.get(cell.name) != "silent" or channel == cell.channels[0]
    ]
    store_batches(engine, [_batch(f"all:{sequence}", rows)])


def _store_cell(engine: Engine, plating: int, replicate: int, *, number: int) -> WallCell:
    name = f"In{plating}-{replicate}"
    trouble, ended = TROUBLE.get(name), name in ENDED
    values = {
        "name": name,
        "plating_time_min": plating,
        "synthetic": LABELS[plating],
        "state": "failed" if trouble == "failed" else "finished" if ended else "running",
        "cause": "ISC" if trouble == "failed" else None,
    }
    cell = create_cell(engine, values)
    table = _results(plating, number)
    until = len(table) if ended or trouble in {"failed", "falling"} else max(8, len(table) * (2 + number % 3) // 8)
    replace_cycles(engine, cell.id, None, table.iloc[:until])
    return WallCell(cell.id, name, number)


def _results(plating: int, seed: int) -> pd.DataFrame:
    """The results of every cycle of a simulated cell, from its truth."""
    parameters = scatter_parameters(cell_parameters(plating), np.random.default_rng([seed, plating]))
    truth = simulate_cell(parameters, cycles=CYCLES, seed=seed, record_interval_second=600.0).truth
    kept = truth[truth["delta_delta_p_q_mpa_g_per_ah"].notna()]
    indicator = kept["delta_delta_p_q_mpa_g_per_ah"]
    names = ["cycle_count", "start_second", "end_second", "cycle_discharging_capacity_ah"]
    return kept[[*names, "discharging_capacity_mah_per_g", "delta_delta_p_q_mpa_g_per_ah"]].assign(
        state="complete",
        masked=0,
        mechanical_signal="surface_pressure_mpa",
        delta_delta_p_q_percent=100.0 * indicator / indicator.iloc[1:6].median(),
    )


def _batch(name: str, rows: Sequence[LiveRow]) -> LiveBatch:
    key = f"{AGENT}:{name}"
    return LiveBatch(key, AGENT, sha256(key.encode()).hexdigest(), b"", rows[-1].unix_second, rows)


def _row(cell: WallCell, channel: str, sequence: int, moment: float) -> LiveRow:
    """A row of a charge, a discharge or a rest, by the cell's number."""
    share = (cell.number * 0.37 + moment / 7200.0) % 1.0
    if channel == cell.channels[1]:
        return LiveRow(channel, sequence, moment, 0.0, {"surface_pressure_mpa": 69.2 + 2.0 * share})
    sign = (0.0, 1.0, -1.0, 1.0, -1.0)[cell.number % 5]
    return LiveRow(channel, sequence, moment, 0.0, {"voltage_volt": 3.2 + share, "current_ampere": sign * 1e-3})
