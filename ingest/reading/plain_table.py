"""Files whose lines are no plain table, made one in a temporary file: line for line, so that line numbers stay."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.readers.profile import Rewrite
from ingest.reading.text_lines import TextFile, ends_with_newline, read_lines


@contextmanager
def written_as_text(lines: Iterable[str], name: str, *, finished: bool = True) -> Iterator[TextFile]:
    """A text file of these lines, without the last line end where it is not `finished`; it leaves nothing behind."""
    with tempfile.TemporaryFile("w", encoding="utf-8", newline="") as stream:
        before = ""
        for line in lines:
            stream.write(before + line.replace("\r", " ").replace("\n", " "))
            before = "\n"
        stream.write("\n" * finished)
        stream.flush()
        yield TextFile(Path(f"/dev/fd/{stream.fileno()}"), name, "utf-8")


@contextmanager
def rewritten(file: TextFile, rewrite: Rewrite) -> Iterator[TextFile]:
    """The file as its format's profile makes a plain table of it."""
    lines = (line for _, line in read_lines(file))
    with written_as_text(rewrite(lines), file.name, finished=ends_with_newline(file)) as plain:
        yield plain
