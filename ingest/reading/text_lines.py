"""Lines of a text file, numbered from 1, read in a stream: no file is held in memory as text."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pressiometry.errors import RefusedFileError


@dataclass(frozen=True, slots=True)
class TextFile:
    """One uploaded text file: where its bytes are, the name it came with, its encoding."""

    path: Path
    name: str
    encoding: str


MAX_LINE = 262_144
"""Characters; a longer line is no row of a table."""
_BLOCK = 1 << 20
_NULS = re.compile("\x00+")


def refuse_long_line(number: int) -> RefusedFileError:
    """The error for a line that no table has."""
    return RefusedFileError(
        "line_too_long",
        f"Line {number} is longer than {MAX_LINE:,} characters: this is no table of records",
        where=f"line {number}",
        remedy="Export the data again as text with one record a line.",
    )


def split_lines(text: str) -> list[str]:
    r"""Lines of a text whose lines end with LF, CR LF or CR alone.

    >>> split_lines("a\r\nb\rc\nd")
    ['a', 'b', 'c', 'd']
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read_lines(file: TextFile) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; runs of NUL become one, a byte-order mark at a line's start is taken off.

    A last line without a line end is yielded as any other (see `ends_with_newline`).
    Raises RefusedFileError for a line longer than MAX_LINE.
    """
    decoder = codecs.getincrementaldecoder(file.encoding)(errors="replace")
    rest, number = "", 0
    with file.path.open("rb") as stream:
        while True:
            block = stream.read(_BLOCK)
            text = rest + decoder.decode(block, final=not block)
            if "\x00" in text:
                text = _NULS.sub("\x00", text)
            held = block and text.endswith("\r")  # the LF of this CR may stand in the next block
            lines = split_lines(text[:-1] if held else text)
            rest = lines.pop() + ("\r" if held else "")
            for line in lines:
                number += 1
                if len(line) > MAX_LINE:
                    raise refuse_long_line(number)
                yield number, line.lstrip("\ufeff")
            if len(rest) > MAX_LINE + 1:
                raise refuse_long_line(number + 1)
            if not block:
                break
    if rest:
        yield number + 1, rest.lstrip("\ufeff")


def ends_with_newline(file: TextFile) -> bool:
    """Whether the last line of a file is finished by a line end."""
    with file.path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(stream.tell() - 4, 0))
        tail = stream.read()
    if file.encoding.startswith("utf-16"):
        tail = tail.rstrip(b"\x00")
        return tail.endswith((b"\n", b"\r"))
    return tail.endswith((b"\n", b"\r"))


def lines_at(file: TextFile, numbers: set[int]) -> dict[int, str]:
    """The text of certain lines, at most 500 characters each."""
    last = max(numbers, default=0)
    found: dict[int, str] = {}
    for number, line in read_lines(file):
        if number > last:
            break
        if number in numbers:
            found[number] = line[:500]
    return found
