"""64 instruments come back at once, each with what it kept while the server was away.

The promise is 10 minutes at 5 rows/s, drained within 60 s.  `BACKLOG_SECONDS` says how much each has kept: a tenth of
it in `make test`, all of it in `make soak`.  The bars are those of the bench; here they only must not be far off, as
the machine may have other things to do.
"""

import os
import time
from pathlib import Path

import pytest

from data_access.database import open_engine
from tests.conftest import start_server
from tests.live.senders import Sender, end, tally

BACKLOG_SECONDS = int(os.environ.get("BACKLOG_SECONDS", "60"))
ROWS_A_SECOND = 5
SENDERS = 64
DRAINED_SECOND = 60.0


@pytest.mark.long
def test_sixty_four_come_back_at_once_with_what_they_kept(tmp_path: Path) -> None:
    """All backlogs are taken within the minute, no sender is starved, nothing is lost or doubled."""
    running = start_server(tmp_path / "instance")
    rows = BACKLOG_SECONDS * ROWS_A_SECOND
    senders = [Sender(running.url, f"B{number:02d}", backlog=rows, rows=0) for number in range(SENDERS)]
    try:
        began = time.monotonic()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(max(0.1, began + DRAINED_SECOND - time.monotonic()))
        drained = time.monotonic() - began
        end(senders)
        engine = open_engine(f"sqlite:///{running.data_dir / 'barograph.db'}")
        found = tally(engine, {sender.channel: sender.acknowledged for sender in senders})
        engine.dispose()
    finally:
        running.stop()
    answers = sum((sender.answers for sender in senders), start=type(senders[0].answers)())
    print(  # noqa: T201 - the figure that the promise is about
        f"{SENDERS} x {BACKLOG_SECONDS} s at {ROWS_A_SECOND} rows/s: {found.stored} rows drained in {drained:.1f} s "
        f"({found.stored / drained:.0f} rows/s); answers {dict(answers)}"
    )
    assert found.faults == (0, 0, 0)
    assert found.acknowledged == found.stored == SENDERS * rows
    assert drained < DRAINED_SECOND
    assert [text for sender in senders for text in sender.refused] == []
