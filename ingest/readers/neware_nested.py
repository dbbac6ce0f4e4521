"""Neware CSV with cycles, steps and records in one sheet: rows of three kinds, told apart by their empty first cells.

A cycle's row goes on with its first step.  Each record gets its cycle and its step's number in the two empty cells, and
the step's type at its end; the rows of cycles and steps become blank.
"""

import re
from collections.abc import Iterable, Iterator

from ingest.readers.profile import Profile

_RECORD_NAME = "DataPoint"


def _plain_table(lines: Iterable[str]) -> Iterator[str]:
    """Lines of records with cycle, step and type; blank for the lines of cycles and steps and for their headers."""
    cycle = step = state = ""
    cycle_names: list[str] = []
    step_names: list[str] = []
    for line in lines:
        cells = line.split(",")
        if line.startswith(",,"):
            is_header = cells[2:3] == [_RECORD_NAME]
            yield ",".join(
                ["Cycle Index" if is_header else cycle, "Step Number" if is_header else step, *cells[2:]]
            ) + (",Step Type" if is_header else f",{state}")
            continue
        if line.startswith("Cycle Index,"):
            cycle_names = cells
        elif line.startswith(",Step Index,"):
            step_names = cells[1:]
        else:
            if cells[0]:
                cycle, cells = cells[0], cells[len(cycle_names) :]
            else:
                cells = cells[1:]
            named = dict(zip(step_names, cells, strict=False))
            step, state = named.get("Step Number", step), named.get("Step Type", state)
        yield ""


PROFILE = Profile(
    name="neware_nested",
    title="Neware nested CSV",
    opening=re.compile(r"\ACycle Index,[^\n]*\n,Step Index,", re.IGNORECASE),
    header_row=re.compile(r",DataPoint,", re.IGNORECASE),
    rewrite=_plain_table,
    names={"time": ""},
)
