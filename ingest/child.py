"""Reads one file in a child process with limits of memory and time, so that no file can hold up or fell the worker.

A process that has loaded its libraries and read a small file waits for requests, each one line of JSON on standard
input, and forks a child for each.  The child answers with lines of JSON (progress, then "done", "refused" or "fault")
and leaves what it read in a folder (ingest/left_reading.py).  Of a child that fell the waiting process says so.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from ingest.left_reading import leave_reading
from ingest.preview import preview_of
from ingest.reading import read_export
from pressiometry.errors import BarographError, InvalidInputError, RefusedFileError

STOPPED = ("too_slow", "too_much_memory")
"""Codes of refusals that say nothing about the file's columns."""

PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2): a process ends when the one that started it does."""

THREADS = 2
"""How many of them share the work of a reading: more would take the processors from the server."""

THREAD_START_SECOND = 10.0

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
    """A process that forks a child for each request."""
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",  # an arena a thread would use up the address space that a child may have
    }
    command = [sys.executable, "-m", "ingest.child"]
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, env=environment)  # noqa: S603 - our own program, fixed arguments


class Standby:
    """The process that waits, started ahead, so that no file waits for its libraries to be loaded."""

    def __init__(self) -> None:
        """Nothing is started before `prepare`."""
        self._child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Start the process unless it waits already."""
        if self._child is None:
            self._child = start_child()

    def take(self) -> subprocess.Popen[bytes]:
        """The process that waits, or a new one where none does; the caller gives it back or ends it."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            return child
        if child is not None:
            end_child(child)
        return start_child()

    def give_back(self, child: subprocess.Popen[bytes]) -> None:
        """Let it wait for the next file."""
        self._child = child

    def close(self) -> None:
        """End the process that waits."""
        if self._child is not None:
            end_child(self._child)
            self._child = None


def end_child(child: subprocess.Popen[bytes]) -> None:
    """Kill the process if it still runs, which kills the child that it forked, and free what it held."""
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
    """Leave in `folder` what the reader made of the file, as ingest/left_reading.py loads it.

    `watch` is called several times a second with the progress (0..1) and may raise: the child is killed then.  Raises
    RefusedFileError (the reader's own, "too_slow", "too_much_memory") and ReadingFaultError.  The child is forked by
    the process of `standby`, which waits again afterwards; without one by a process that ends with the reading.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    request = {"path": str(path), "name": name, "answers": dict(answers), "folder": str(folder), **asdict(limits)}
    process = start_child() if standby is None else standby.take()
    answered = False
    try:
        for message in _messages(process, request, watch):
            if "refused" in message or "fault" in message or "done" in message:
                answered = True
                _raise_refusal(message)
                return
            if "ended" in message:
                answered = True
                _explain_end(message["ended"], name, limits)
    finally:
        if answered and standby is not None:
            standby.give_back(process)
        else:
            end_child(process)
            if standby is not None:
                standby.prepare()
    _explain_end(process.returncode, name, limits)


def _raise_refusal(message: Mapping[str, Any]) -> None:
    """Raise what a child's last word means, unless it is done."""
    if "refused" in message:
        raise RefusedFileError(**message["refused"])
    if "fault" in message:
        raise ReadingFaultError(message["fault"])


def serve(request: Mapping[str, Any], say: Callable[[dict[str, Any]], None], threads: Executor) -> None:
    """Read the file of the request and say how it went; nothing is raised."""
    try:
        reading = read_export(
            Path(request["path"]),
            request["name"],
            request["answers"],
            progress=lambda share: say({"progress": share}),
            threads=threads,
        )
        leave_reading(reading, request["answers"], Path(request["folder"]), threads)
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
    """Fork a child for every request that comes on standard input."""
    end_with_parent(os.getppid())
    rehearse()
    channel = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not garble the answers

    def say(message: dict[str, Any]) -> None:
        os.write(channel, json.dumps(message).encode() + b"\n")

    waiting = os.getpid()
    while line := sys.stdin.readline():
        number = os.fork()
        if number == 0:
            try:
                end_with_parent(waiting)
                serve_within_limits(json.loads(line), say)
                os._exit(0)
            finally:  # a child never goes on with what its parent does
                traceback.print_exc()
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        if code:
            say({"ended": code})


def rehearse() -> None:
    """Read a small file, synthetic, so that no code is run for the first time while somebody waits."""
    rows = "".join(f"{n * 10},{(-1) ** (n // 30) * 0.001},{3.5 + n % 30 / 100}\n" for n in range(600))
    with contextlib.suppress(AttributeError, OSError), os.fdopen(os.memfd_create("rehearsal"), "wb") as file:
        file.write(f"Time (s),Current (A),Voltage (V)\n{rows}".encode())
        file.flush()
        preview_of(read_export(Path(f"/proc/self/fd/{file.fileno()}"), "rehearsal.csv"))
    gc.collect()
    gc.freeze()  # a child that collected what it shares with this process would copy it


def serve_within_limits(request: Mapping[str, Any], say: Callable[[dict[str, Any]], None]) -> None:
    """Serve a request in a child; the kernel ends it at its limits."""
    threads = start_threads()  # before the limit of memory: one that cannot be started would be waited for
    resource.setrlimit(resource.RLIMIT_AS, (request["memory_byte"], request["memory_byte"]))
    resource.setrlimit(resource.RLIMIT_CPU, (request["time_second"], request["time_second"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(request, say, threads)


def start_threads() -> ThreadPoolExecutor:
    """The threads that share the work of a reading, all of them running."""
    threads, met = ThreadPoolExecutor(THREADS), threading.Barrier(THREADS, timeout=THREAD_START_SECOND)
    list(threads.map(lambda _: met.wait(), range(THREADS)))
    return threads


def end_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere the pipe's end does it, later."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be asked for
        os._exit(1)


def _messages(
    process: subprocess.Popen[bytes], request: Mapping[str, Any], watch: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
    """What is said to the request, until the process ends; the wall clock and `watch` are looked at between."""
    deadline = time.monotonic() + request["time_second"]
    progress, rest = 0.0, b""
    with selectors.DefaultSelector() as selector:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - started with pipes
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise _too_slow(request["name"], request["time_second"])
            watch(progress)
            if not selector.select(TICK_SECOND):
                continue
            block = os.read(process.stdout.fileno(), 65536)
            if not block:
                process.wait()
                return
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                message = json.loads(line)
                progress = message.get("progress", progress)
                yield message


def _explain_end(returncode: int, name: str, limits: Limits) -> None:
    """Raise what a child that ended without an answer means."""
    if returncode == -signal.SIGXCPU:
        raise _too_slow(name, limits.time_second)
    if returncode in {-signal.SIGKILL, -signal.SIGABRT}:  # the kernel, or a library that got no memory
        raise RefusedFileError(**_out_of_memory(name, limits.memory_byte))
    raise ReadingFaultError(f"the child ended with code {returncode} and no answer")


def _too_slow(name: str, seconds: int) -> RefusedFileError:
    return RefusedFileError(
        "too_slow",
        f"Reading was stopped after {seconds} s",
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
