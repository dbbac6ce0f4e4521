"""From the instrument's file to the store: the agent, the server, or both are killed, and every row arrives once."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from agent import barograph_agent
from data_access.database import open_engine
from tests.live.killing import Victim, rest
from tests.live.senders import Tally, tally, values_of

SECONDS = float(os.environ.get("KILL_SECONDS", "30")) * 2 / 3
CHANNELS = ("A01", "A02", "A03")
KILLED = ("agent", "agent", "server", "both")
EVERY_SECOND = 0.02
DRAIN_SECOND = 90.0
LONGEST_REST_SECOND = 1.2


class Instrument(threading.Thread):
    """Writes an export line by line, in pieces, so that some are cut where the agent looks."""

    def __init__(self, path: Path, stop: threading.Event) -> None:
        """Begin when told to."""
        super().__init__(daemon=True)
        self.path, self.ended, self.written = path, stop, 0

    def run(self) -> None:
        """Write until told to stop."""
        dice = random.Random(self.path.name)  # noqa: S311 - the same pieces each time
        with self.path.open("w") as file:
            file.write("Test_Time(s),Voltage(V),Current(A)\n")
            while not self.ended.is_set():
                voltage, current = values_of(self.written + 1)
                line = f"{self.written + 1}.0,{voltage!r},{current!r}\n"
                cut = dice.randrange(len(line))
                for part in (line[:cut], line[cut:]):
                    file.write(part)
                    file.flush()
                self.written += 1
                time.sleep(EVERY_SECOND)


class RunningAgent:
    """The real agent, started again whenever it was killed."""

    def __init__(self, folder: Path, url: str) -> None:
        """Start it."""
        sources = "".join(
            f'[[source]]\nkind = "csv"\nchannel = "{channel}"\npath = "{channel}.csv"\n' for channel in CHANNELS
        )
        (folder / "agent.toml").write_text(f'server = "{url}"\nagent = "pc"\n{sources}')
        self.command = [sys.executable, barograph_agent.__file__, "run", "--config", str(folder / "agent.toml")]
        self.start()

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program

    def kill(self) -> None:
        """Kill it, and start it again."""
        self.process.kill()
        self.process.wait()
        self.start()


def stored(victim: Victim, instruments: list[Instrument]) -> Tally:
    """What the store holds of all that was written."""
    engine = open_engine(f"sqlite:///{victim.data_dir / 'barograph.db'}")
    found = tally(engine, {one.path.stem: [range(1, one.written + 1)] for one in instruments})
    engine.dispose()
    return found


@pytest.mark.long
def test_whatever_is_killed_every_row_of_the_files_arrives_once(tmp_path: Path) -> None:
    """Agent, server, or both at once, at random moments: all that was written is stored, and nothing twice."""
    victim, stop, kills = Victim(tmp_path / "instance"), threading.Event(), Counter[str]()
    instruments = [Instrument(tmp_path / f"{channel}.csv", stop) for channel in CHANNELS]
    for instrument in instruments:
        instrument.start()
    agent = RunningAgent(tmp_path, victim.url)
    dice, until = random.Random(5), time.monotonic() + SECONDS  # noqa: S311 - no secret
    coming: list[str] = []
    try:
        while time.monotonic() < until:
            rest(dice, LONGEST_REST_SECOND)
            if not coming:
                coming = dice.sample(KILLED, len(KILLED))
            what = coming.pop()
            if what != "server":
                agent.kill()
            if what != "agent":
                victim.kill()
            kills[what] += 1
        stop.set()
        for instrument in instruments:
            instrument.join()
        deadline = time.monotonic() + DRAIN_SECOND
        while (found := stored(victim, instruments)).lost and time.monotonic() < deadline:
            time.sleep(0.5)
        agent.process.terminate()
        assert agent.process.wait(20) == 0
    finally:
        stop.set()
        agent.process.kill()
        victim.stop()
    alarms = sorted((tmp_path / "barograph-spool").glob("rejected/*"))
    print(f"{kills.total()} kills {dict(kills)}; {found.acknowledged} rows written, {found}")  # noqa: T201 - the figure
    assert found.faults == (0, 0, 0)
    assert found.acknowledged == found.stored > 20 * SECONDS
    assert kills.total() >= SECONDS / 10
    assert alarms == []
