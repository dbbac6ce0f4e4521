"""What a profile of a format says: how to recognise it, where its table begins, and its own names."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """One file format, declared.

    A file is of this format when `opening` is found in its first lines, or when its header holds all the names of one
    of `headers` (in lower case).  `refused` is the sentence with which a format is refused by name.
    """

    name: str
    title: str
    opening: re.Pattern[str] | None = None
    headers: tuple[frozenset[str], ...] = ()
    header_line: re.Pattern[str] | None = None
    """Finds the number of the header's line in the opening lines (EC-Lab writes it)."""
    names: dict[str, str] = field(default_factory=dict)
    """The format's own aliases -> column; "" takes a general alias away."""
    refused: str = ""
    remedy: str = "Export it as a plain CSV table with time, voltage and current, and import that."
