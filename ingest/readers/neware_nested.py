"""Neware CSV with cycles, steps and records in one sheet: rows of three kinds, told apart by their empty first cells.

A cycle's row goes on with its first step.  Each record gets its cycle and its step's number in the two empty cells, and
the step's type at its end; the rows of cycles and steps become blank.
"""

import re
from collections.abc import Iterable, Iterator

from ingest.readers.profile import Profile

_HEADERS = re.compile(r"\ACycle (?:Index|ID)(?P<mark>[,\t])[^\n]*\n(?P=mark)Step (?:Index|ID)(?P=mark)", re.IGNORECASE)
_STEPS = ("Step Number", "Step Index", "Step ID")
"""Names of a step's number; where there are two, the first counts on through the test."""
_TYPES = ("Step Type", "Step Name")


def _plain_table(lines: Iterable[str]) -> Iterator[str]:
    """Lines of records with cycle, step and type; blank for the lines of cycles and steps and for their headers."""
    mark, cycle, step, state = "", "", "", ""
    names: dict[str, list[str]] = {}
    for line in lines:
        mark = mark or ("\t" if "\t" in line else ",")
        cells = line.split(mark)
        if line.startswith(mark * 2):
            is_header = "record" not in names
            names.setdefault("record", cells)
            own = ("Cycle Index", "Step Number", "Step Type") if is_header else (cycle, step, state)
            yield mark.join([*own[:2], *cells[2:], own[2]])
            continue
        yield ""
        if "cycle" not in names:
            names["cycle"] = cells
        elif "step" not in names:
            names["step"] = cells[1:]
        else:
            if cells[0]:
                cycle, cells = cells[0], ["", *cells[len(names["cycle"]) :]]  # its first step may follow on the line
            named = dict(zip(names["step"], cells[1:], strict=False))
            step = next((named[name] for name in _STEPS if name in named), step)
            state = next((named[name] for name in _TYPES if name in named), state)


PROFILE = Profile(
    name="neware_nested",
    title="Neware nested CSV",
    opening=_HEADERS,
    header_row=re.compile(r"^Cycle Index[,\t]Step Number[,\t]"),
    rewrite=_plain_table,
    names={"time": ""},
)
