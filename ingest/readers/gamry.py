"""Gamry .DTA: lines of keys and values, and tables inside them; CURVE tables hold records, ZCURVE impedances.

A table's names and units stand on two lines, its rows begin with a tab.  Tables follow each other as segments.
"""

import re
from collections.abc import Iterable, Iterator

from ingest.readers.profile import Profile

_TABLE = re.compile(r"^(Z?CURVE\d*)\tTABLE\b", re.IGNORECASE)


def _plain_table(lines: Iterable[str]) -> Iterator[str]:
    """Rows of the tables of records, their header where the units stand; everything else blank."""
    below = -1
    names: list[str] = []
    for line in lines:
        if not line.startswith("\t"):
            below = 0 if _TABLE.match(line) else -1
            yield ""
            continue
        cells = line.split("\t")[1:]
        below += below >= 0
        if below == 1:
            names = cells
        if below < 2:  # noqa: PLR2004 - the units' line is the second of a table
            yield ""
        elif below == 2:  # noqa: PLR2004
            yield "\t".join(f"{name} ({unit})" for name, unit in zip(names, cells, strict=False))
        else:
            yield "\t".join(cells)


PROFILE = Profile(
    name="gamry",
    title="Gamry",
    opening=re.compile(r"\AEXPLAIN\s+TAG\t", re.IGNORECASE),
    header_row=re.compile(r"^Pt\b.*\t", re.IGNORECASE),
    rewrite=_plain_table,
    names={
        "pt(#)": "record_index",
        "vf(vvs.ref.)": "voltage_volt",
        "vf": "voltage_volt",
        "im": "current_ampere",
        "temp(degc)": "surface_temperature_celsius",
    },
)
