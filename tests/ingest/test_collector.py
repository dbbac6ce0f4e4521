"""Group commit: batches that wait are stored together, each is answered after, and one that fails fails alone."""

import time
from collections.abc import Sequence
from threading import Barrier, Event, Thread

import pytest

from data_access.live.batches import BatchAnswer, LiveBatch
from ingest import collector as module
from ingest.collector import Collector, TooManyWaitingError
from pressiometry.errors import StoreBusyError


def batch(key: str, agent: str = "lab") -> LiveBatch:
    """A batch without rows."""
    return LiveBatch(f"{agent}:{key}", agent, key, b"", 0.0, [])


class Store:
    """A store that takes as long as it is told and remembers what it was given."""

    def __init__(self) -> None:
        """Free to go."""
        self.free = Event()
        self.free.set()
        self.began = Event()
        self.groups: list[list[str]] = []

    def __call__(self, batches: Sequence[LiveBatch]) -> list[BatchAnswer]:
        """Store them at once, or none where one of them is bad."""
        self.began.set()
        assert self.free.wait(10)
        keys = [one.digest for one in batches]
        self.groups.append(keys)
        if "bad" in keys:
            raise ValueError("bad")
        if "busy" in keys:
            raise StoreBusyError("busy")
        return [BatchAnswer(stored=1, text=one.digest) for one in batches]


def submit_all(collector: Collector, batches: Sequence[LiveBatch]) -> dict[str, object]:
    """Submit them from a thread each; what became of each."""
    results: dict[str, object] = {}

    def run(one: LiveBatch) -> None:
        try:
            results[one.digest] = collector.submit(one).text
        except Exception as error:  # noqa: BLE001
            results[one.digest] = error

    threads = [Thread(target=run, args=(one,)) for one in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def submit_while_busy(store: Store, keys: Sequence[str]) -> dict[str, object]:
    """Submit them while the store is at another batch, so that they gather."""
    collector = Collector(store)
    store.free.clear()
    first = Thread(target=collector.submit, args=(batch("first"),))
    first.start()
    assert store.began.wait(10)
    results: dict[str, object] = {}
    others = Thread(target=lambda: results.update(submit_all(collector, [batch(key, key) for key in keys])))
    others.start()
    while len(collector._waiting) < len(keys):
        time.sleep(0.001)
    store.free.set()
    others.join(20)
    first.join(20)
    return results


def test_what_gathers_is_stored_together() -> None:
    """One transaction for the first, one for all that waited; each gets its own answer."""
    store = Store()
    keys = [str(i) for i in range(10)]
    assert submit_while_busy(store, keys) == {key: key for key in keys}
    assert [len(group) for group in store.groups] == [1, 10]


def test_a_bad_batch_fails_alone() -> None:
    """The others are stored one by one."""
    results = submit_while_busy(Store(), ["a", "bad", "b"])
    assert (results["a"], results["b"]) == ("a", "b")
    assert isinstance(results["bad"], ValueError)


def test_a_bad_batch_by_itself_fails() -> None:
    """And the next one is stored."""
    collector = Collector(Store())
    with pytest.raises(ValueError, match="bad"):
        collector.submit(batch("bad"))
    assert collector.submit(batch("a")).text == "a"


def test_a_busy_store_is_told_to_all_that_waited() -> None:
    """Nothing is tried again here: the agents do."""
    store = Store()
    results = submit_while_busy(store, ["a", "busy"])
    assert {type(one) for one in results.values()} == {StoreBusyError}
    assert len(store.groups) == 2


def test_the_queue_is_bounded_and_fair(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many batches wait and no more, and so many of one agent: others still get in."""
    monkeypatch.setattr(module, "MOST_WAITING_OF_AN_AGENT", 2)
    store = Store()
    collector = Collector(store)
    store.free.clear()
    barrier = Barrier(2)
    first = Thread(target=lambda: (barrier.wait(), collector.submit(batch("first"))))
    first.start()
    barrier.wait()
    assert store.began.wait(10)
    waiting = [Thread(target=collector.submit, args=(batch(key, "greedy"),)) for key in ("a", "b")]
    for thread in waiting:
        thread.start()
    while len(collector._waiting) < 2:
        time.sleep(0.001)
    with pytest.raises(TooManyWaitingError):
        collector.submit(batch("c", "greedy"))
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    with pytest.raises(TooManyWaitingError):
        collector.submit(batch("d", "modest"))
    store.free.set()
    for thread in (first, *waiting):
        thread.join(20)
    assert collector.submit(batch("d", "modest")).text == "d"


def test_who_waits_too_long_is_told_to_send_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch leaves the queue, so that it does not fill it."""
    monkeypatch.setattr(module, "PATIENCE_SECOND", 0.05)
    store = Store()
    collector = Collector(store)
    store.free.clear()
    first = Thread(target=collector.submit, args=(batch("first"),))
    first.start()
    assert store.began.wait(10)
    with pytest.raises(StoreBusyError):
        collector.submit(batch("late"))
    assert collector._waiting == []
    store.free.set()
    first.join(20)
