"""No row is lost and none is doubled: killed agents, cut connections, answers that do not come."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent import barograph_agent
from tests.agent.conftest import CYCLER, Store, StoreServer

AGENT = Path(barograph_agent.__file__)
SECONDS = 12.0


def _write_table(path: Path, stop: threading.Event) -> list[int]:
    """An instrument: lines in pieces, so that some are cut where the agent looks; which rows it wrote."""
    dice = random.Random(3)  # noqa: S311 - the same pieces each time
    written: list[int] = []
    with path.open("w") as file:
        file.write(CYCLER)
        while not stop.is_set():
            line = f"{len(written)}.0,3.{len(written) % 1000:03d},1.5,70.1,1,x\n"
            cut = dice.randrange(len(line))
            for part in (line[:cut], line[cut:]):
                file.write(part)
                file.flush()
            written.append(len(written))
            time.sleep(0.004)
    return written


@pytest.mark.long
def test_killed_agents_and_cut_connections_lose_and_double_nothing(server: StoreServer, tmp_path: Path) -> None:
    """Killed every 0.2 to 0.8 s, 15 % of the connections cut before and 15 % after the work: every row once."""
    store, stop, written = server.store, threading.Event(), []
    store.cut_share = 0.15
    settings = tmp_path / "agent.toml"
    settings.write_text(
        f'server = "{server.url}"\nagent = "pc"\n[[source]]\nkind = "csv"\nchannel = "A01"\npath = "export.csv"\n'
    )
    instrument = threading.Thread(target=lambda: written.extend(_write_table(tmp_path / "export.csv", stop)))
    instrument.start()
    dice, kills, deadline = random.Random(4), 0, time.monotonic() + SECONDS  # noqa: S311 - no secret
    while time.monotonic() < deadline:
        agent = subprocess.Popen([sys.executable, str(AGENT), "--config", str(settings)], stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
        time.sleep(dice.uniform(0.2, 0.8))
        agent.kill()
        agent.wait()
        kills += 1
    stop.set()
    instrument.join()
    store.cut_share = 0.0
    agent = subprocess.Popen([sys.executable, str(AGENT), "--config", str(settings)], stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
    beats = len(store.beats)
    while (len(store.rows) < len(written) or len(store.beats) == beats) and time.monotonic() < deadline + 30:
        time.sleep(0.1)
    agent.terminate()
    assert agent.wait(10) == 0
    assert kills >= 10
    assert len(written) > 500
    assert store.of("A01", "test_time_second") == [float(n) for n in written]
    assert store.problems == []
    assert max(store.received.values()) > 1, "no batch came twice: the test has no teeth"


def test_a_batch_that_grew_would_be_found(store: Store) -> None:
    """The test's server notices what the sealing prevents: the same key with other content."""
    import base64  # noqa: PLC0415 - for this mutant alone
    import gzip  # noqa: PLC0415 - for this mutant alone
    import hashlib  # noqa: PLC0415 - for this mutant alone

    for rows in ('{"channel":"A","sequence":1}\n', '{"channel":"A","sequence":1}\n{"channel":"A","sequence":2}\n'):
        body = gzip.compress(rows.encode())
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        status = store.ingest({"Idempotency-Key": "pc:1", "Content-Digest": f"sha-256=:{digest}:"}, body)[0]
    assert status == 409
    assert store.problems == ["pc:1 came with other content"]
