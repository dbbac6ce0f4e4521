"""What a profile of a format says: how to recognise it, where its table begins, and its own names."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Rewrite = Callable[[Iterable[str]], Iterator[str]]
"""Makes a plain table of a file's lines: one line for each, blank where it is no record, so that numbers stay."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One file format, declared.

    A file is of this format when `opening` is found in its first lines, or when its header holds all the names of one
    of `headers` (in lower case).
    """

    name: str
    title: str
    opening: re.Pattern[str] | None = None
    headers: tuple[frozenset[str], ...] = ()
    header_line: re.Pattern[str] | None = None
    """Finds the number of the header's line in the opening lines (EC-Lab writes it)."""
    header_row: re.Pattern[str] | None = None
    """Found in the header's line and in none above it, where the format has lines that could pass for one."""
    columns: Callable[[Sequence[str]], tuple[str, ...]] | None = None
    """Makes the header of the first lines, for a format that writes none."""
    confirm: str = ""
    """What a person is asked to confirm, where nothing in the file says what its columns are."""
    rewrite: Rewrite | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """The format's own aliases -> column; "" takes a general alias away."""
    states: Mapping[str, float] = field(default_factory=dict)
    """The format's own words or codes of a state -> 1 charge, -1 discharge, 0 rest."""
    is_logger: bool = False
    """Written by a logger: a voltage without a current is a sensor's."""
