"""Reads one file in a child process with limits of memory and time, so that no file can hold up or fell the worker.

The parent sends a request as one line of JSON on standard input.  The child answers with lines of JSON (progress, then
"done", "refused" or "fault") and leaves what it read in a folder: reading.json, and one .npy file a column, which the
worker maps into memory.
"""

import contextlib
import ctypes
import json
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from ingest.preview import preview_of
from ingest.reading import Reading, read_export
from pressiometry.errors import BarographError, InvalidInputError, RefusedFileError

STOPPED = ("too_slow", "too_much_memory")
"""Codes of refusals that say nothing about the file's columns."""

PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2): the child ends when its worker does."""

TICK_SECOND = 0.1
"""How often the parent looks after the child, and whether the import was cancelled meanwhile."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may use."""

    memory_byte: int
    time_second: int

    @classmethod
    def for_size(cls, size: int) -> Self:
        """1 GiB and 120 s, and in proportion more for a file larger than 64 MB, as measured on clean CSV.

        >>> Limits.for_size(1000)
        Limits(memory_byte=1073741824, time_second=120)
        """
        excess = max(0, size - 64 * 2**20)
        return cls(2**30 + 6 * excess, 120 + int(excess / 2**20))


class ReadingFaultError(BarographError):
    """The reader failed in a way that is its own fault, not the file's; `details` belong into the log."""

    def __init__(self, details: str) -> None:
        """Keep the traceback for the log."""
        self.details = details
        super().__init__("The reader failed", remedy="Nothing was stored.")


def start_child() -> subprocess.Popen[bytes]:
    """A child that waits for its request."""
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
    command = [sys.executable, "-m", "ingest.child"]
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, env=environment)  # noqa: S603 - our own program, fixed arguments


class Standby:
    """One child that has started ahead, so that no file waits for its libraries to be loaded."""

    def __init__(self) -> None:
        """Nothing is started before `prepare`."""
        self._child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Start a child unless one waits already."""
        if self._child is None:
            self._child = start_child()

    def take(self) -> subprocess.Popen[bytes]:
        """The child that waits, or a new one where none does; the caller ends it."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            return child
        if child is not None:
            end_child(child)
        return start_child()

    def close(self) -> None:
        """End the child that waits."""
        if self._child is not None:
            end_child(self._child)
            self._child = None


def end_child(child: subprocess.Popen[bytes]) -> None:
    """Kill the child if it still runs, and free what it held."""
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def read_in_child(  # noqa: PLR0913 - a reading has that many sides
    path: Path,
    name: str,
    answers: Mapping[str, Any],
    folder: Path,
    *,
    limits: Limits,
    watch: Callable[[float], None] = lambda _: None,
    standby: Standby | None = None,
) -> None:
    """Leave in `folder` what the reader made of the file, as `load_summary` and `load_table` take it.

    `watch` is called several times a second with the progress (0..1) and may raise: the child is killed then.  Raises
    RefusedFileError (the reader's own, "too_slow", "too_much_memory") and ReadingFaultError.  The child is taken from
    `standby`, which gets the next one ready.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    request = {"path": str(path), "name": name, "answers": dict(answers), "folder": str(folder), **asdict(limits)}
    child = start_child() if standby is None else standby.take()
    try:
        if child.stdin is None or child.stdout is None:
            raise ReadingFaultError("the child was started without pipes")
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
        for message in _messages(child, limits, watch, name):
            if "refused" in message:
                raise RefusedFileError(**message["refused"])
            if "fault" in message:
                raise ReadingFaultError(message["fault"])
            if "done" in message:
                return
    finally:
        end_child(child)
        if standby is not None:
            standby.prepare()
    _explain_end(child.returncode, name, limits)


def load_summary(folder: Path) -> dict[str, Any]:
    """The Reading without its table, as JSON values, and its preview."""
    summary: dict[str, Any] = json.loads((folder / "reading.json").read_text(encoding="utf-8"))
    return summary


def load_kept_summary(folder: Path, answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """The summary that was left with exactly these answers; None where the file has to be read (again)."""
    if not (folder / "reading.json").exists():
        return None
    summary = load_summary(folder)
    return summary if summary["answers"] == dict(answers) else None


def load_table(folder: Path) -> pd.DataFrame:
    """The table that was read; its columns are mapped into memory, not loaded."""
    columns = {path.stem: np.load(path, mmap_mode="r") for path in sorted((folder / "columns").glob("*.npy"))}
    return pd.DataFrame(columns, copy=False)


def load_quarantine(folder: Path) -> pd.DataFrame:
    """The lines that were not stored: line, text, reason."""
    rows = json.loads((folder / "quarantine.json").read_text(encoding="utf-8"))
    return pd.DataFrame(rows, columns=["line", "text", "reason"])


def leave_reading(reading: Reading, answers: Mapping[str, Any], folder: Path) -> None:
    """Write the reading to the folder; reading.json comes last, so a folder that has it is whole."""
    columns = folder / "columns"
    columns.mkdir(parents=True, exist_ok=True)
    for name in reading.table.columns:
        np.save(columns / f"{name}.npy", np.ascontiguousarray(reading.table[name].to_numpy()))
    quarantine = reading.quarantine.astype({"line": int}).to_dict("records") if len(reading.quarantine) else []
    (folder / "quarantine.json").write_text(json.dumps(quarantine), encoding="utf-8")
    summary = {**reading.as_json(), "answers": dict(answers), "preview": preview_of(reading)}
    (folder / "reading.json").write_text(json.dumps(summary, allow_nan=False), encoding="utf-8")


def serve(request: Mapping[str, Any], say: Callable[[dict[str, Any]], None]) -> None:
    """Read the file of the request and say how it went; nothing is raised."""
    try:
        reading = read_export(
            Path(request["path"]), request["name"], request["answers"], progress=lambda share: say({"progress": share})
        )
        leave_reading(reading, request["answers"], Path(request["folder"]))
    except RefusedFileError as error:
        say({"refused": {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy}})
    except InvalidInputError as error:
        what = "; ".join((error.what, *error.problems))
        say({"refused": {"code": "answers", "what": what, "where": error.where, "remedy": error.remedy}})
    except MemoryError:
        say({"refused": _out_of_memory(request["name"], request["memory_byte"])})
    except Exception:  # noqa: BLE001 - whatever a hostile file provokes is reported, with a number, never a hang
        say({"fault": traceback.format_exc()})
    else:
        say({"done": True})


def main() -> None:
    """Serve one request from standard input within its limits."""
    _end_with_parent()
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not garble the answers

    def say(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    line = sys.stdin.readline()
    if line:
        request = json.loads(line)
        resource.setrlimit(resource.RLIMIT_AS, (request["memory_byte"], request["memory_byte"]))
        resource.setrlimit(resource.RLIMIT_CPU, (request["time_second"], request["time_second"]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        serve(request, say)


def _end_with_parent() -> None:
    """Ask Linux to kill this process when the worker dies; elsewhere the pipe's end does it, later."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _messages(
    child: subprocess.Popen[bytes], limits: Limits, watch: Callable[[float], None], name: str
) -> Iterator[dict[str, Any]]:
    """What the child says, until it ends; the wall clock and `watch` are looked at between."""
    deadline = time.monotonic() + limits.time_second
    progress, rest = 0.0, b""
    with selectors.DefaultSelector() as selector:
        assert child.stdout is not None  # noqa: S101 - started with a pipe
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise _too_slow(name, limits)
            watch(progress)
            if not selector.select(TICK_SECOND):
                continue
            block = os.read(child.stdout.fileno(), 65536)
            if not block:
                child.wait()
                return
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                message = json.loads(line)
                progress = message.get("progress", progress)
                yield message


def _explain_end(returncode: int, name: str, limits: Limits) -> None:
    """Raise what a child that ended without an answer means."""
    if returncode == -signal.SIGXCPU:
        raise _too_slow(name, limits)
    if returncode == -signal.SIGKILL:
        raise RefusedFileError(**_out_of_memory(name, limits.memory_byte))
    raise ReadingFaultError(f"the child ended with code {returncode} and no answer")


def _too_slow(name: str, limits: Limits) -> RefusedFileError:
    return RefusedFileError(
        "too_slow",
        f"Reading was stopped after {limits.time_second} s",
        where=name,
        remedy="Nothing was stored. Export it in parts.",
    )


def _out_of_memory(name: str, memory_byte: int) -> dict[str, str]:
    return {
        "code": "too_much_memory",
        "what": f"Reading needed more than {memory_byte / 2**30:.2g} GiB of memory and was stopped",
        "where": name,
        "remedy": "Nothing was stored. Export it in parts.",
    }


if __name__ == "__main__":
    main()
