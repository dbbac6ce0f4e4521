"""What the agent does with each answer of the server."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.barograph_agent import (
    FIRST_WAIT_SECONDS,
    LANES,
    LONGEST_WAIT_SECONDS,
    Agent,
    Client,
    Lines,
    Sender,
    Settings,
    Source,
    Spool,
    resend,
)
from tests.agent.conftest import CYCLER, PROFILE, Store, rows_of


@pytest.fixture
def sender(spool: Spool, settings: Settings) -> Iterator[Sender]:
    """What sends the batches of channel A01."""
    spool.append("A01", [{"time": "2026-11-22T10:00:00Z", "voltage_volt": 3.0 + n / 100} for n in range(6)])
    lane = next(lane for lane in range(LANES) if spool.next_batch(lane))
    client = Client(settings)
    yield Sender(spool, client, lane)
    client.close()


def test_stored_batches_leave_the_spool(sender: Sender, spool: Spool, store: Store) -> None:
    """200: the batch is let go of; sequences begin at 1."""
    assert sender.step() == 0.0
    assert spool.backlog()["waiting_batches"] == 0
    assert sorted(store.rows) == [("A01", n) for n in range(1, 7)]
    assert sender.step() > 0


@pytest.mark.parametrize("status", [400, 409, 415, 422])
def test_refused_batches_are_kept_and_not_sent_again(
    sender: Sender, spool: Spool, store: Store, settings: Settings, status: int
) -> None:
    """400, 409, 422: the batch and the answer lie in `rejected`, an alarm stands, and the next batch goes on."""
    spool.append("A01", [{"time": "2026-11-22T10:00:07Z", "voltage_volt": 3.9}])
    store.next.append((status, {}, {"error": "row 3, voltage_volt"}))
    assert sender.step() == 0.0
    assert sender.step() == 0.0
    assert sorted(number for _, number in store.rows) == [7]
    (kept,) = (spool.folder / "rejected").glob("*.ndjson.gz")
    assert "row 3, voltage_volt" in kept.with_name(kept.name.replace(".ndjson.gz", ".answer.json")).read_text()
    assert [(alarm["code"], alarm["channel"]) for alarm in spool.alarms()] == [("rejected", "A01")]
    assert set(store.received.values()) == {1}
    _resend(settings, spool)
    assert sender.step() == 0.0
    assert sorted(number for _, number in store.rows) == list(range(1, 8))
    assert set(store.received.values()) == {1}, "a rejected batch came again under its old key"
    assert spool.alarms() == []
    assert list((spool.folder / "rejected").iterdir()) == []


def _resend(settings: Settings, spool: Spool) -> None:
    assert resend(replace(settings, spool=spool.folder)) == 0


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_agent_stops_sending_and_keeps_everything(
    sender: Sender, spool: Spool, store: Store, status: int
) -> None:
    """401, 403: an alarm, a long wait, nothing dropped; it ends with the next success."""
    store.next.append((status, {}, {"error": "This token has expired."}))
    assert sender.step() == LONGEST_WAIT_SECONDS
    (alarm,) = spool.alarms()
    assert alarm["code"] == "unauthorised"
    assert alarm["text"].endswith("renew its token. This token has expired.")
    assert spool.backlog()["waiting_rows"] == 6
    sender.step()
    assert (spool.alarms(), len(store.rows)) == ([], 6)


def test_a_batch_that_is_too_large_is_halved(sender: Sender, spool: Spool, store: Store) -> None:
    """413: two batches under new keys in its place, until they fit; one row that does not fit is rejected."""
    store.refuse = lambda rows: (413, {}) if len(rows) > 2 or any(row["sequence"] == 3 for row in rows) else None
    while spool.backlog()["waiting_batches"]:
        assert sender.step() == 0.0
    assert sorted(number for _, number in store.rows) == [1, 2, 4, 5, 6]
    assert store.problems == []
    assert len(list((spool.folder / "rejected").glob("*.ndjson.gz"))) == 1


@pytest.mark.parametrize("status", [429, 503, 507])
def test_the_server_may_ask_to_wait(sender: Sender, spool: Spool, store: Store, status: int) -> None:
    """Retry-After is obeyed, with jitter upwards only."""
    store.next.append((status, {"Retry-After": "7"}, {}))
    assert 7.0 <= sender.step() <= 8.5
    assert spool.backlog()["waiting_rows"] == 6


def test_errors_of_the_server_are_retried_ever_more_slowly(sender: Sender, spool: Spool, store: Store) -> None:
    """From 0.05 to 60 s with jitter, for ever; a success begins anew."""
    store.next.extend([(500, {}, {})] * 14)
    waits = [sender.step() for _ in range(14)]
    assert FIRST_WAIT_SECONDS / 2 <= waits[0] <= FIRST_WAIT_SECONDS
    assert LONGEST_WAIT_SECONDS / 2 <= waits[-1] <= LONGEST_WAIT_SECONDS
    assert len(set(waits)) == 14
    assert spool.backlog()["waiting_rows"] == 6
    assert (sender.step(), sender.failures) == (0.0, 0)


def test_a_batch_that_breaks_the_server_lets_others_pass(sender: Sender, spool: Spool, store: Store) -> None:
    """It is tried on for ever, behind the others."""
    store.refuse = lambda rows: (500, {}) if rows[0]["sequence"] == 1 else None
    spool.append("A01", [{"time": "2026-11-22T10:00:07Z", "voltage_volt": 3.9}])
    for _ in range(8):
        sender.step()
    assert sorted(store.rows) == [("A01", 7)]
    assert spool.backlog()["waiting_rows"] == 6


@pytest.mark.parametrize("status", [200, 302, 404])
def test_a_server_that_is_not_barograph_gets_no_row_off_the_spool(
    sender: Sender, spool: Spool, store: Store, status: int
) -> None:
    """A login page that answers 200 has stored nothing; a redirect is not followed."""
    store.next.append((status, {"Location": "/elsewhere"}, {"login": "please"}))
    assert sender.step() > 0
    assert spool.backlog()["waiting_rows"] == 6
    assert [alarm["code"] for alarm in spool.alarms()] == ["not_barograph"]


def test_an_answer_that_counts_fewer_rows_is_no_acknowledgement(sender: Sender, spool: Spool, store: Store) -> None:
    """The batch is kept where a person sees it."""
    store.next.append((200, {}, {"stored": 5, "duplicate": 0}))
    sender.step()
    assert [alarm["code"] for alarm in spool.alarms()] == ["rejected"]


def test_a_server_that_is_away_is_waited_for(sender: Sender, spool: Spool, settings: Settings) -> None:
    """No connection: nothing is lost, the wait grows."""
    sender.client = Client(replace(settings, server="http://127.0.0.1:9"))
    assert sender.step() < sender.step() * 8
    assert spool.backlog()["waiting_rows"] == 6


def test_the_oldest_rows_are_given_up_only_past_the_limit_and_with_an_alarm(spool: Spool) -> None:
    """Seven days of rows are kept; what is older goes, and is said."""
    row = {"channel": "A01", "time": "2026-11-22T10:00:00Z"}
    for days, number in ((8, 1), (6, 2)):
        spool.seal("A01", [{**row, "sequence": number}], time.time() - days * 86400)
        spool.live(4 * 86400.0)
    assert spool.drop_older_than(7) == 1
    assert spool.backlog()["waiting_rows"] == 1
    assert ["1 rows (1 to 1)" in alarm["text"] for alarm in spool.alarms()] == [True]
    assert spool.drop_older_than(7) == 0


def test_a_clock_that_is_set_wrong_drops_nothing(spool: Spool) -> None:
    """Rows sealed while the computer believed in 2015 are as young as the agent's own time says."""
    spool.seal("A01", [{"channel": "A01", "time": "2015-01-01T00:00:00Z", "sequence": 1}], 1.42e9)
    assert spool.drop_older_than(7) == 0


def test_a_server_that_stays_away_is_an_alarm(sender: Sender, spool: Spool, settings: Settings) -> None:
    """Not at the first failure; a success takes it back."""
    here, sender.client = sender.client, Client(replace(settings, server="http://127.0.0.1:9"))
    for _ in range(12):
        sender.step()
    assert [alarm["code"] for alarm in spool.alarms()] == ["unreachable"]
    sender.client = here
    sender.step()
    assert spool.alarms() == []


def test_rows_of_an_indicator_stay_until_they_are_in_the_spool(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk loses none of them."""
    lines = Lines(Source("serial", "A01", port="COM3"), spool, PROFILE, threading.Event())
    lines._put({"force_newton": 1.0})
    monkeypatch.setattr(spool, "seal", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lines.poll()
    monkeypatch.undo()
    lines._put({"force_newton": 2.0})
    lines.poll()
    assert [row["force_newton"] for row in rows_of(spool)] == [1.0, 2.0]


@contextmanager
def _running(settings: Settings, spool: Spool) -> Iterator[Agent]:
    agent = Agent(settings, spool)
    thread = threading.Thread(target=agent.run)
    thread.start()
    try:
        yield agent
    finally:
        agent.stop.set()
        thread.join(10)
    assert not thread.is_alive()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def test_the_whole_agent_sends_within_a_second_and_beats(
    settings: Settings, spool: Spool, store: Store, tmp_path: Path
) -> None:
    """Rows that are written now are stored within a second; the server hears of backlog and alarms."""
    path = tmp_path / "export.csv"
    path.write_text(CYCLER + "1,3.7,1,70,1,x\n")
    with _running(settings, spool):
        _wait_for(lambda: len(store.rows) == 1)
        began = time.monotonic()
        with path.open("a") as file:
            file.write("2,3.7,1,70,1,x\n")
        _wait_for(lambda: len(store.rows) == 2)
        assert time.monotonic() - began < 1.0
        _wait_for(lambda: bool(store.beats))
    beat = store.beats[0]
    assert (beat["agent"], beat["channels"], beat["alarms"]) == ("pc", ["A01"], [])
    assert {"waiting_rows", "oldest_unsent_second"} <= set(beat)


def test_rows_are_numbered_on_from_what_the_server_has(settings: Settings, store: Store, tmp_path: Path) -> None:
    """A new spool asks the server, and waits while it cannot."""
    (tmp_path / "export.csv").write_text(CYCLER + "1,3.7,1,70,1,x\n2,3.7,1,70,1,x\n")
    store.states["A01"] = {"last_sequence": 41, "last_time": None, "last_test_time_second": 1.0}
    spool = Spool(settings.spool, "pc")
    away = Agent(replace(settings, server="http://127.0.0.1:9"), spool)
    assert not away._is_numbered("A01")
    with _running(settings, spool):
        _wait_for(lambda: len(store.rows) == 1)
    spool.close()
    assert store.rows["A01", 42]["test_time_second"] == 2.0


def test_a_first_start_waits_for_the_server(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Without the names of columns nothing can be read; rows that were written meanwhile are all sent."""
    (tmp_path / "export.csv").write_text(CYCLER + "1,3.7,1,70,1,x\n")
    store.profile = None
    spool = Spool(settings.spool, "pc")
    with _running(settings, spool):
        time.sleep(0.3)
        assert store.rows == {}
        store.profile = PROFILE
        _wait_for(lambda: len(store.rows) == 1)
    spool.close()


def test_two_agents_do_not_share_a_spool(spool: Spool) -> None:
    """The second one says so and ends."""
    spool.take()
    other = Spool(spool.folder, "pc")
    with pytest.raises(Exception, match="Another agent"):
        other.take()
    other.close()


def test_lines_of_a_command_are_rows(settings: Settings, spool: Spool, store: Store, tmp_path: Path) -> None:
    """JSON under any of the known names, or cells below a header; a line that is neither is kept aside."""
    script = tmp_path / "say.py"
    said = [
        '{"Force(kgf)": 712.5, "time": "2026-11-22T10:00:00+09:00"}',
        '{"Force(kgf)": NaN, "strain": 1e999, "sequence": 7, "colour": 1}',
        '{"sequence": "x"}',
        "what?",
    ]
    script.write_text(f"import time\nfor line in {said!r}:\n    print(line, flush=True)\ntime.sleep(60)\n")
    source = Source("command", "A01", command=(sys.executable, str(script)))
    with _running(replace(settings, source=(source,)), spool):
        _wait_for(lambda: len(store.rows) == 2)
    row, missing = store.rows["A01", 1], store.rows["A01", 7]
    assert (missing["force_newton"], missing["strain"]) == (None, None)
    assert missing["monotonic_second"] > 0
    assert {alarm["code"] for alarm in spool.alarms()} == {"unknown", "unreadable"}
    assert (row["force_newton"], row["units"]) == (712.5, {"force_newton": "kgf"})
    assert row["time"] == "2026-11-22T10:00:00+09:00"
    assert "what?" in (spool.folder / "rejected" / "A01-unreadable.txt").read_text()


def test_a_channel_of_another_agent_is_waited_for(sender: Sender, spool: Spool, store: Store) -> None:
    """409 second_agent: nothing is rejected, the channel is left alone until the server says, others go on."""
    store.next.append((409, {"Retry-After": "0.2"}, {"code": "second_agent", "stored": 0}))
    assert sender.step() == 0.0
    assert sender.step() > 0
    assert [alarm["code"] for alarm in spool.alarms()] == ["second_agent"]
    assert store.rows == {}
    time.sleep(0.25)
    sender.step()
    assert (len(store.rows), spool.alarms()) == (6, [])


def test_whole_exports_are_uploaded_once(settings: Settings, spool: Spool, store: Store, tmp_path: Path) -> None:
    """When their size has been still, once for each content, with their name; refused ones raise an alarm."""
    source = Source("folder", "cell 7", str(tmp_path / "done" / "*.csv"), stable_second=0.3)
    (tmp_path / "done").mkdir()
    first = tmp_path / "done" / "run 1.csv"
    first.write_text("half")
    with _running(replace(settings, source=(source,)), spool):
        for text in ("half of", "half of it", "all of it"):
            time.sleep(0.2)
            first.write_text(text)
        _wait_for(lambda: bool(store.files))
        (tmp_path / "done" / "copy.csv").write_text("all of it")
        _wait_for(lambda: spool.is_uploaded(*_told(tmp_path / "done" / "copy.csv")))
        store.next.append((422, {}, {}))
        (tmp_path / "done" / "bad.csv").write_text("bad")
        _wait_for(lambda: bool(spool.alarms()))
        store.next.append((503, {"Retry-After": "0"}, {}))
        (tmp_path / "done" / "later.csv").write_text("later")
        _wait_for(lambda: len(store.files) == 4)
    assert store.files[0] == ("/api/v1/channels/cell%207/files?name=run%201.csv", b"all of it")
    assert [body for _, body in store.files] == [b"all of it", b"bad", b"later", b"later"]
    assert [alarm["code"] for alarm in spool.alarms()] == ["upload"]


def _told(path: Path) -> tuple[str, int, float, str]:
    return str(path), path.stat().st_size, path.stat().st_mtime, "cell 7"
