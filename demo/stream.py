"""`python -m demo.stream`: two synthetic cells as cyclers write them, so fast that a cycle takes about 20 s.

The agent follows what is written here, and sends it as it would send an instrument's export.  Each start of the demo
begins two new cells under the same names.  One breaks and dies within ten minutes; dead it stays.
"""

import argparse
import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Engine

from data_access.queries import load_cells
from data_access.writes import create_cell, delete_cell
from demo.disturbances import OVEN_CELSIUS, TYPICAL
from demo.parameters import CellParameters, cell_parameters
from demo.plan import LABELS
from demo.simulator import ASSEMBLY_PRESSURE_MPA, simulate_cell

ACCELERATION = 550.0
"""Simulated seconds in one second of a watch."""
RECORD_INTERVAL_SECOND = 90.0
"""Simulated seconds between two records: about seven rows in one second of a watch."""
WRITE_SECOND = 0.1
HEADER = (
    "Date_Time,Test_Time(s),Cycle_Index,Step_Index,Voltage(V),Current(A),Charge_Capacity(Ah),Discharge_Capacity(Ah),"
    "Pressure(MPa),Temperature(C)\n"
)
COLUMNS = (
    "instrument_cycle_count", "step_count", "voltage_volt", "current_ampere", "cycle_charging_capacity_ah",
    "cycle_discharging_capacity_ah", "surface_pressure_mpa", "surface_temperature_celsius",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LiveCell:
    """A synthetic cell that is cycled while one watches; its name is that of its channel too."""

    name: str
    parameters: CellParameters
    cycles: int
    seed: int

    @property
    def fails(self) -> bool:
        """Whether it ends with a short circuit."""
        return self.parameters.short_cycle is not None

    @property
    def ending(self) -> dict[str, str | None]:
        """What its owner enters when it has ended."""
        return {"state": "failed", "cause": "ISC"} if self.fails else {"state": "finished"}

    def values(self) -> dict[str, Any]:
        """What is known of the cell when it starts."""
        plating = int(self.parameters.plating_time_min)
        return asdict(self.parameters.facts) | {
            "name": self.name,
            "plating_time_min": plating,
            "group": "uncoated" if plating == 0 else "coated",
            "temperature_celsius": OVEN_CELSIUS,
            "applied_pressure_mpa": ASSEMBLY_PRESSURE_MPA,
            "state": "running",
            "notes": f"Simulated, not measured; streamed {ACCELERATION:.0f} times as fast as it would be cycled.",
            "tags": ["example", "live"],
            "synthetic": LABELS[plating],
        }

    def lines(self, started_unix_second: float) -> Iterator[tuple[float, str]]:
        """When each line is written, in Unix seconds, and the line."""
        records = simulate_cell(
            self.parameters,
            cycles=self.cycles,
            seed=self.seed,
            record_interval_second=RECORD_INTERVAL_SECOND,
            disturbances=TYPICAL,
        ).records
        for second, *values in zip(records["test_time_second"], *(records[name] for name in COLUMNS), strict=True):
            due = started_unix_second + second / ACCELERATION
            date = datetime.fromtimestamp(due, UTC).astimezone().isoformat(timespec="milliseconds")
            yield due, f"{date},{second:.3f},{','.join(f'{value:.9g}' for value in values)}\n"


LIVE_CELLS = (
    LiveCell("Live-0", cell_parameters(0), cycles=60, seed=52),
    LiveCell("Live-15", replace(cell_parameters(15), break_cycle=None, short_cycle=None), cycles=300, seed=147),
)


def prepare_stream(engine: Engine, folder: Path, server: str) -> None:
    """Make the two cells anew, and an empty folder with the settings of the agent; the cells of before are deleted.

    `server` is the address that the agent sends to.
    """
    names = {cell.name for cell in LIVE_CELLS}
    for old in load_cells(engine, archived=True):
        if old.name in names and old.synthetic:
            delete_cell(engine, old.id)
    folder.mkdir(parents=True, exist_ok=True)
    for path in [*folder.glob("spool/*"), *folder.glob("*.csv"), folder / "started"]:
        if path.is_file():
            path.unlink()
    cell_ids = {cell.name: create_cell(engine, cell.values()).id for cell in LIVE_CELLS}
    (folder / "cells.json").write_text(json.dumps(cell_ids), encoding="utf-8")
    sources = [f'[[source]]\nkind = "csv"\nchannel = "{name}"\npath = "{name}.csv"\n' for name in cell_ids]
    settings = f'server = "{server}"\nagent = "demo"\nspool = "spool"\n\n' + "\n".join(sources)
    (folder / "agent.toml").write_text(settings, encoding="utf-8")


class Export:
    """The file of one cell, which grows as its lines fall due."""

    def __init__(self, cell: LiveCell, folder: Path, started_unix_second: float) -> None:
        """Go on behind the lines that are there: a writer that was killed begins again where it was."""
        self.cell = cell
        path = folder / f"{cell.name}.csv"
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = written[: written.rfind("\n") + 1]
        path.write_text(whole or HEADER, encoding="utf-8")
        self.file = path.open("a", encoding="utf-8")
        self.waiting = cell.lines(started_unix_second)
        for _ in range(whole.count("\n") - 1):
            next(self.waiting)
        self.next = next(self.waiting, None)

    def write_due(self, unix_second: float) -> bool:
        """Write what is due; return whether more will come."""
        while self.next is not None and self.next[0] <= unix_second:
            self.file.write(self.next[1])
            self.next = next(self.waiting, None)
        self.file.flush()
        return self.next is not None


class Server:
    """The dashboard, as a program that keeps its cells and channels in order sees it."""

    def __init__(self, address: str) -> None:
        """`address` as in http://127.0.0.1:8050."""
        self.host = urlsplit(address).netloc

    def ask(self, method: str, path: str, body: Any = None, version: int | None = None) -> tuple[int, Any]:
        """Status and JSON of an answer; 0 where there is none yet."""
        connection = http.client.HTTPConnection(self.host, timeout=10)
        headers = {"Content-Type": "application/json"} | ({} if version is None else {"If-Match": f'"{version}"'})
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()

    def assign(self, channel: str, cell_id: int) -> bool | None:
        """Whether the rows of a channel now go to a cell; None where the channel is not known yet."""
        path = f"/api/v1/channels/{quote(channel)}"
        status, state = self.ask("GET", path)
        if status == http.HTTPStatus.NOT_FOUND:
            return None
        if status != http.HTTPStatus.OK:
            return False
        if state["cell_id"] == cell_id:
            return True
        return self.ask("PUT", path, {"cell_id": cell_id}, state["version"])[0] == http.HTTPStatus.OK

    def edit_cell(self, cell_id: int, values: dict[str, str | None]) -> bool:
        """Whether a cell now has these values, or cannot have them."""
        status, cell = self.ask("GET", f"/api/v1/cells/{cell_id}")
        if status == http.HTTPStatus.OK and cell["state"] == "running":
            status = self.ask("PATCH", f"/api/v1/cells/{cell_id}", values, cell["version"])[0]
        return status not in (0, http.HTTPStatus.CONFLICT, http.HTTPStatus.SERVICE_UNAVAILABLE)


def stream(folder: Path, server: Server, stop: threading.Event) -> None:
    """Write the cells' files until asked to stop, with their channels assigned and their ends entered."""
    cell_ids: dict[str, int] = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    for name, cell_id in cell_ids.items():  # a channel of an earlier demo must not send to the earlier cell
        while not stop.is_set() and server.assign(name, cell_id) is False:
            stop.wait(0.5)
    exports = [Export(cell, folder, _started(folder)) for cell in LIVE_CELLS]
    unassigned, running = dict(cell_ids), list(exports)
    while not stop.wait(WRITE_SECOND):
        for export in list(running):
            if not export.write_due(time.time()) and server.edit_cell(cell_ids[export.cell.name], export.cell.ending):
                running.remove(export)
        unassigned = {name: cell_id for name, cell_id in unassigned.items() if not server.assign(name, cell_id)}
    for export in exports:
        export.file.close()


def _started(folder: Path) -> float:
    """When the cells were started, in Unix seconds: now, unless a writer before this one started them."""
    path = folder / "started"
    if not path.exists():
        path.write_text(repr(time.time()), encoding="utf-8")
    return float(path.read_text(encoding="utf-8"))


def main(arguments: list[str] | None = None) -> int:
    """Stream until stopped; return the exit code."""
    parser = argparse.ArgumentParser(prog="demo.stream", description="Writes two synthetic cells as cyclers do.")
    parser.add_argument("--folder", type=Path, required=True, help="where prepare_stream put the settings")
    parser.add_argument("--server", required=True, help="address of the dashboard")
    options = parser.parse_args(arguments)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    stream(options.folder, Server(options.server), stop)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
