"""PNE SaveData: 46 columns and no header; voltage in µV, current in µA, times in days and hundredths of a second.

Known from public descriptions, not from a real file: a person confirms it, and the capacities are compared with the
current as in every file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.readers.profile import Profile

_KNOWN = {
    0: "record index",
    2: "condition",
    7: "step",
    8: "voltage (µV)",
    9: "current (µA)",
    10: "charge capacity (µAh)",
    11: "discharge capacity (µAh)",
    27: "cycle",
}
_DAYS, _HUNDREDTHS = 18, 19
_WIDTH = 46


def _plain_table(lines: Iterable[str]) -> Iterator[str]:
    """Each line with the running time, made of its days and hundredths of a second, before it."""
    for line in lines:
        cells = line.split("\t")
        try:
            second = f"{float(cells[_DAYS]) * 86400 + float(cells[_HUNDREDTHS]) / 100:.2f}"
        except (ValueError, IndexError):
            second = ""
        yield f"{second}\t{line}" if line.strip() else ""


def _columns(lines: Sequence[str]) -> tuple[str, ...]:
    width = max((line.count("\t") for line in lines), default=0)
    return ("total time (s)", *(_KNOWN.get(place, f"column {place + 1}") for place in range(width)))


PROFILE = Profile(
    name="pne",
    title="PNE",
    opening=re.compile(rf"\A(?:[-+.\dEe]*\t){{{_WIDTH - 1},}}"),
    columns=_columns,
    confirm="The file has no header; its columns are as many as PNE writes. Are the 9th and 10th of them voltage in µV "
    "and current in µA, the 11th and 12th capacities in µAh, the 19th and 20th days and hundredths of a second?",
    rewrite=_plain_table,
    names={"condition": "state"},
    states={"1": 1.0, "2": -1.0, "3": 0.0},
)
