"""Acknowledged is durable: whatever of the server is killed, and when, every acknowledged row is stored, once.

`KILL_SECONDS` says for how long (30 in `make test`, 600 in `make soak`).
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_access.database import open_engine
from data_access.queries import load_channel
from data_access.writes import assign_channel, create_cell
from tests.live.killing import Victim, break_on_purpose, rest
from tests.live.senders import Sender, Tally, end, tally

SECONDS = float(os.environ.get("KILL_SECONDS", "30"))
SENDERS = 64
DEAF_SHARE = 0.08
LONGEST_REST_SECOND = 0.8
LEAST_STORED = 100
"""Rows that a server stores which breaks a promise now and then, and not whatever it does."""
MUTANT_SECONDS = 8.0
LONG_SECONDS = 300.0
KILLS = 5 if SECONDS < LONG_SECONDS else round(SECONDS / 3)
"""So many at least, 200 in ten minutes: a busy machine, where servers start slowly, takes longer for them."""
LONGEST = 3
"""But at most so many times as long."""


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """A server that is to be killed."""
    started = Victim(tmp_path / "instance")
    yield started
    started.stop()


def send_under_fire(
    victim: Victim, seconds: float, kills: int, *, only: str | None = None
) -> tuple[list[Sender], Tally]:
    """Kill processes at random moments while instruments send; the senders and what the store holds at the end.

    Some channels are given to cells, so that the live worker closes cycles and packs rows meanwhile.
    """
    senders = [Sender(victim.url, f"C{number:02d}", deaf_share=DEAF_SHARE) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    engine = open_engine(f"sqlite:///{victim.data_dir / 'barograph.db'}")
    dice, until, assigned = random.Random(7), time.monotonic() + seconds, only is not None  # noqa: S311 - no secret
    longest = time.monotonic() + LONGEST * seconds
    while time.monotonic() < until or (victim.kills.total() < kills and time.monotonic() < longest):
        before = acknowledged(senders)
        while acknowledged(senders) == before and time.monotonic() < until + 60:
            time.sleep(0.02)
        if not assigned and all(sender.acknowledged for sender in senders[:3]):
            for sender in senders[:3]:
                version = load_channel(engine, sender.channel).version
                cell = create_cell(engine, {"name": f"cell of {sender.channel}"})
                assign_channel(engine, sender.channel, cell.id, version=version)
            assigned = True
        rest(dice, LONGEST_REST_SECOND)
        victim.kill(only)
    end(senders)
    found = tally(engine, {sender.channel: sender.acknowledged for sender in senders})
    engine.dispose()
    return senders, found


def acknowledged(senders: list[Sender]) -> int:
    """Batches that were acknowledged."""
    return sum(len(sender.acknowledged) for sender in senders)


def told(victim: Victim, senders: list[Sender], found: Tally) -> str:
    """The figures in one line."""
    answers = sum((sender.answers for sender in senders), start=type(senders[0].answers)())
    again = sum(sender.repeated for sender in senders)
    kills = ", ".join(f"{n} {what}" for what, n in victim.kills.items())
    return (
        f"{victim.kills.total()} kills ({kills}); {found.acknowledged} rows acknowledged, {found.lost} lost, "
        f"{found.doubled} doubled, {found.altered} altered; {again} batches acknowledged again; answers {dict(answers)}"
    )


@pytest.mark.long
def test_killed_servers_lose_and_double_no_acknowledged_row(victim: Victim) -> None:
    """Workers, the web server, the live worker, all of it are killed under 64 instruments: 0 lost, 0 doubled."""
    senders, found = send_under_fire(victim, SECONDS, KILLS)
    print(told(victim, senders, found))  # noqa: T201 - the figure that the promise is about
    assert [text for sender in senders for text in sender.refused] == []
    assert found.faults == (0, 0, 0)
    assert found.acknowledged >= 20 * SECONDS
    assert victim.kills.total() >= KILLS
    assert sum(sender.repeated for sender in senders) > 0, "no acknowledged batch came again: the test has no teeth"


@pytest.mark.long
@pytest.mark.parametrize("mutant", ["acknowledge_before_commit", "no_idempotency"])
def test_a_server_that_breaks_the_promise_is_found(
    mutant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same instruments and kills find a server that acknowledges too early, and one that stores repetitions."""
    break_on_purpose(monkeypatch, tmp_path / "mutant", mutant)
    victim = Victim(tmp_path / "instance")
    try:
        senders, found = send_under_fire(victim, MUTANT_SECONDS, 3, only="worker")
    finally:
        victim.stop()
    print(f"{mutant}: {told(victim, senders, found)}")  # noqa: T201 - the figure that the test is about
    assert found.stored >= LEAST_STORED, "it hardly stores anything: nothing would be shown"
    if mutant == "no_idempotency":
        assert (found.lost, found.doubled > 0) == (0, True)
    else:
        assert (found.lost > 0, found.doubled) == (True, 0)
