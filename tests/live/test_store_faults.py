"""A disk that is full, a database that is held or may not be written: refused, said when to come again, nothing lost.

Reads go on meanwhile, and what instruments send is taken again within seconds, without a restart.
"""

import contextlib
import http.client
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from data_access.database import open_engine, writing
from tests.live.killing import Victim, break_on_purpose
from tests.live.mutants import SWITCH
from tests.live.senders import Sender, end, tally

RECOVERY_SECOND = 10.0
PATIENCE_SECOND = 40.0
HELD_SECOND = 9.0
"""Longer than the 5 s that a writer waits."""
SENDERS = 8
SMALL_MB, LARGE_MB = 10, 64


def read(victim: Victim, path: str = "/api/v1/channels") -> float:
    """Seconds that a read takes."""
    began = time.monotonic()
    with urllib.request.urlopen(f"{victim.url}{path}", timeout=10) as answer:  # noqa: S310 - our own server
        assert orjson.loads(answer.read())
    return time.monotonic() - began


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE_SECOND) -> float:
    """Seconds until a condition holds; a failure where it does not."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not come to that"
        time.sleep(0.05)
    return time.monotonic() - began


def go_through(
    victim: Victim, breaks: Callable[[], object], mends: Callable[[], object], status: int, rows: int
) -> str:
    """Let instruments send while the store breaks and is mended; check what they see; the figures in one line."""
    senders = [Sender(victim.url, f"F{number}", rows=rows, every_second=0.25) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    wait_for(lambda: all(sender.acknowledged for sender in senders))
    breaks()
    wait_for(lambda: all(sender.answers[status] for sender in senders))
    reads = [read(victim) for _ in range(3)]
    done = {sender.channel: len(sender.acknowledged) for sender in senders}
    mends()
    recovered = wait_for(lambda: all(len(sender.acknowledged) > done[sender.channel] for sender in senders))
    end(senders)
    engine = open_engine(f"sqlite:///{victim.data_dir / 'barograph.db'}")
    found = tally(engine, {sender.channel: sender.acknowledged for sender in senders})
    engine.dispose()
    answers = sum((sender.answers for sender in senders), start=type(senders[0].answers)())
    assert found.faults == (0, 0, 0)
    assert set(answers) == {http.client.OK, status}
    assert sum(sender.without_retry_after for sender in senders) == 0
    assert recovered < RECOVERY_SECOND
    return (
        f"{found.acknowledged} rows acknowledged, 0 lost, 0 doubled; answers {dict(answers)}; reads meanwhile at most "
        f"{max(reads):.2f} s; taken again after {recovered:.1f} s"
    )


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """A server over a data folder of its own."""
    started = Victim(tmp_path / "instance")
    yield started
    started.stop()


@pytest.fixture
def switched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Victim, Path]]:
    """A server whose store fails as a file says."""
    monkeypatch.setenv(SWITCH, str(tmp_path / "switch"))
    break_on_purpose(monkeypatch, tmp_path / "mutant", "broken_store")
    started = Victim(tmp_path / "instance")
    yield started, tmp_path / "switch"
    started.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of a few MB; None where this user may not mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        mount("-t", "tmpfs", "-o", f"size={SMALL_MB}m", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    yield folder
    subprocess.run(["/usr/bin/umount", "--lazy", str(folder)], check=True)  # noqa: S603


def mount(*arguments: str) -> None:
    """Mount something."""
    subprocess.run(["/usr/bin/mount", *arguments], check=True, capture_output=True)  # noqa: S603


@pytest.mark.long
def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(
    small_disk: Path | None, request: pytest.FixtureRequest
) -> None:
    """507 while there is no room; with room again rows are taken without a restart."""
    if small_disk is None:
        victim, switch = request.getfixturevalue("switched")
        told = go_through(victim, lambda: switch.write_text("full"), switch.unlink, 507, 20)
        print(f"full, by a limit of pages: {told}")  # noqa: T201 - the figure that the promise is about
        return
    victim, stone = Victim(small_disk / "instance"), small_disk / "stone"
    try:
        told = go_through(victim, lambda: fill(stone), lambda: grow(small_disk), 507, 200)
    finally:
        victim.stop()
    print(f"full, a disk of {SMALL_MB} MB: {told}")  # noqa: T201 - the figure that the promise is about


def fill(path: Path) -> None:
    """Take what room is left on the disk."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:  # a buffer would be written at the end
        while True:
            file.write(bytes(65536))


def grow(folder: Path) -> None:
    """Make the disk larger under the running server."""
    mount("-o", f"remount,size={LARGE_MB}m", str(folder))


@pytest.mark.long
def test_a_database_that_another_program_holds_is_waited_for(victim: Victim) -> None:
    """503 where the wait gets too long; taken as soon as the other lets go."""
    engine = open_engine(f"sqlite:///{victim.data_dir / 'barograph.db'}")
    held = contextlib.ExitStack()
    told = go_through(victim, lambda: hold(held, engine), held.close, http.client.SERVICE_UNAVAILABLE, 5)
    engine.dispose()
    print(f"held: {told}")  # noqa: T201 - the figure that the promise is about


def hold(held: contextlib.ExitStack, engine: object) -> None:
    """Begin to write and do not end."""
    held.enter_context(writing(engine))  # type: ignore[arg-type]
    time.sleep(HELD_SECOND)


@pytest.mark.long
def test_a_store_that_may_not_be_written_is_said(switched: tuple[Victim, Path]) -> None:
    """503 while the database may only be read; taken again as soon as it may be written."""
    victim, switch = switched
    told = go_through(
        victim, lambda: switch.write_text("read-only"), switch.unlink, http.client.SERVICE_UNAVAILABLE, 20
    )
    print(f"read-only: {told}")  # noqa: T201 - the figure that the promise is about
