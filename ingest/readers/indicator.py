"""Lines of a weighing indicator with time stamps: A&D style `ST,GS,+  4.876kg`, Bongshin style `0+ 7.487`.

The stamp is whatever stands before; the unit is that of the first line, and asked where lines have none.  ST and US say
whether the reading stood still; OL is overload, a reading without a number.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.readers.profile import Profile

_STAMP = r'^[\["]?(?P<stamp>\d[^\]"]*?\d)[\]"]?[,;\t ]+'
_A_AND_D = r"(?P<state>ST|US|QT|OL)[,;](?:\s*(?:GS|NT|TR)[,;])?\s*(?P<value>[+-]?\s*[\d.]*)\s*(?P<unit>[A-Za-z]*)\s*$"
_BONGSHIN = r"(?P<id>\d)(?P<sign>[+-])\s*(?P<plain>[\d.]+)\s*$"
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_LINE = re.compile(f"{_STAMP}(?:{_A_AND_D}|{_BONGSHIN})", re.IGNORECASE)


def _plain_table(lines: Iterable[str]) -> Iterator[str]:
    """Stamp, reading, unit and state of each line; a line of another unit, or none, keeps no form and is set aside."""
    first: str | None = None
    for line in lines:
        match = _LINE.match(line.strip())
        if match is None:
            yield line.replace("\t", " ") if line.strip() else ""
            continue
        value = (match["value"] or f"{match['sign'] or ''}{match['plain'] or ''}").replace(" ", "")
        overload = (match["state"] or "").upper() == "OL"
        unit = match["unit"] or ""
        first = unit if first is None and not overload else first
        other = "" if overload or unit == first else "\tanother unit"
        yield f"{match['stamp'].strip()}\t{'OL' if overload else value}\t{unit}\t{match['state'] or ''}{other}"


def _columns(lines: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns; the unit is the first that stands in a line."""
    rows = [line.split("\t") for line in lines if line.count("\t") > 2]  # noqa: PLR2004 - rows, not lines without form
    unit = next((row[2] for row in rows if row[1] != "OL"), "")
    stamp = "time" if rows and _CLOCK.match(rows[0][0]) else "date time"
    return stamp, f"force ({unit})" if unit else "force", "unit", "stability"


PROFILE = Profile(
    name="indicator",
    title="Weighing indicator",
    opening=re.compile(rf"\A{_LINE.pattern[1:]}", re.IGNORECASE | re.MULTILINE),
    columns=_columns,
    rewrite=_plain_table,
    is_logger=True,
)
