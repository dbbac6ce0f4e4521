"""The real server, whose processes are killed at random moments, and the same with a fault put into it on purpose."""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT, RunningServer, start_server

KILLED = ("worker", "worker", "worker", "worker", "web server", "live worker", "reload", "all")
"""What is killed, chosen at random; a reload gives the server new workers and lets the old ones finish."""


def children(pid: int) -> dict[int, str]:
    """The child processes of a process and their command lines."""
    found: dict[int, str] = {}
    with suppress(OSError):
        for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split():
            with suppress(OSError):
                found[int(one)] = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


class Victim:
    """A running server of three kinds of processes, started again where nothing else would start it."""

    def __init__(self, data_dir: Path, seed: int = 1) -> None:
        """Start it."""
        self.running: RunningServer = start_server(data_dir)
        self.data_dir = data_dir
        self.kills: Counter[str] = Counter()
        self._dice = random.Random(seed)  # noqa: S311 - no secret

    @property
    def url(self) -> str:
        """Where it listens, always at the same port."""
        return self.running.url

    def kill(self, what: str | None = None) -> str:
        """Kill -9 one of its processes, or all; return which."""
        what = what or self._dice.choice(KILLED)
        supervisor = self.running.process
        under = children(supervisor.pid)
        masters = [pid for pid, command in under.items() if "gunicorn" in command]
        if what == "worker":
            pids = self._dice.sample(sorted(pid for master in masters for pid in children(master)) or masters, 1)
        elif what == "web server":
            pids = masters
        elif what == "live worker":
            pids = [pid for pid, command in under.items() if "live_worker" in command]
        elif what == "reload":
            pids = masters
        else:
            pids = [supervisor.pid]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP if what == "reload" else signal.SIGKILL)
        self.kills[what] += 1
        if what == "all" or supervisor.poll() is not None:
            self.start_again()
        return what

    def start_again(self) -> None:
        """Start the server at the same port, once all of the one before has ended."""
        self.running.ended()
        self.running = start_server(self.data_dir, port=urlsplit(self.url).port or 0)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self.running.stop()


def break_on_purpose(patch: pytest.MonkeyPatch, folder: Path, mutant: str) -> None:
    """Have servers that are started from now on run `tests.live.mutants.<mutant>` before anything else."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "if any('gunicorn' in one for one in sys.orig_argv):\n"
        "    from tests.live import mutants\n"
        f"    mutants.{mutant}()\n",
        encoding="utf-8",
    )
    patch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")


def rest(dice: random.Random, longest: float) -> None:
    """Wait for a random time."""
    time.sleep(dice.uniform(0.0, longest))
