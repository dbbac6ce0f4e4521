"""The supervisor: starts all processes, keeps them alive, leaves none behind, and says why where it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

import prepare
from data_access.database import migrate, open_engine, writing
from data_access.queries import first_broken_audit, load_audit, load_cells, load_link
from data_access.writes import accept_link
from prepare import prepare_database
from pressiometry.errors import SettingsError
from settings import Settings
from supervisor import Child, Supervisor, check_folder, open_socket, run_prepare
from tests.conftest import ROOT, RunningServer, start_server

pytestmark = pytest.mark.long


def descendants(process: int) -> set[int]:
    """Every process below this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for what must become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def alive(processes: set[int]) -> set[int]:
    """Those that still run; one that only waits to be collected does not."""
    running = set()
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.add(process)
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_and_leaves_no_process(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and TERM: exit code 0, nothing left."""
    running = start_server(tmp_path)
    below = descendants(running.process.pid)
    assert len(below) >= 5  # gunicorn, its two workers, the import worker, the live worker
    running.process.send_signal(number)
    assert running.ended() == 0
    assert alive(below) == set()


def test_a_kill_takes_everything_along(tmp_path: Path) -> None:
    """Kill -9 of the supervisor leaves no process."""
    running = start_server(tmp_path)
    below = descendants(running.process.pid)
    running.process.kill()
    running.ended()
    wait_until(lambda: not alive(below))


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    """The web server, the import worker and the live worker."""
    running = start_server(tmp_path)
    try:
        for command in ("gunicorn", "ingest.worker", "ingest.live_worker"):
            (first,) = _direct(running, command)
            os.kill(first, signal.SIGKILL)
            wait_until(partial(_another, running, command, first))
        with urllib.request.urlopen(f"{running.url}/healthz", timeout=30) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
    finally:
        assert running.stop() == 0


def _another(running: RunningServer, command: str, first: int) -> set[int]:
    """The children that run this command, but for the first one."""
    return _direct(running, command) - {first}


def _direct(running: RunningServer, command: str) -> set[int]:
    """The children of the supervisor that run this command."""
    found = set()
    for process in descendants(running.process.pid):
        stat = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        if int(stat[1]) == running.process.pid and command in Path(f"/proc/{process}/cmdline").read_text():
            found.add(process)
    return found


def _refusal(data_dir: Path, **environment: str) -> str:
    """What it says, in one line, when it cannot start."""
    values = {name: value for name, value in os.environ.items() if not name.startswith("BAROGRAPH_")}
    values |= {"BAROGRAPH_DATA_DIR": str(data_dir), "BAROGRAPH_PORT": "0"} | environment
    result = subprocess.run(
        [sys.executable, "-m", "supervisor"],
        cwd=ROOT,
        env=values,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (sentence,) = result.stderr.splitlines()
    return sentence


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    """It names the port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = _refusal(tmp_path, BAROGRAPH_PORT=port)
    assert port in sentence
    assert "BAROGRAPH_PORT" in sentence


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """Also for root: a file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    assert "BAROGRAPH_DATA_DIR" in _refusal(tmp_path / "file")


def test_an_address_that_others_can_reach_is_one_sentence(tmp_path: Path) -> None:
    """Without a word about TLS nothing is opened to the network."""
    assert "BAROGRAPH_INSECURE_LAN" in _refusal(tmp_path, BAROGRAPH_HOST="0.0.0.0")  # noqa: S104


def test_a_database_of_a_newer_version_is_one_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    """Nobody's data are touched by a program that does not know them."""
    engine = open_engine(f"sqlite:///{tmp_path / 'barograph.db'}")
    migrate(engine)
    with writing(engine) as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'from_the_future'")
    engine.dispose()
    assert "newer version" in _refusal(tmp_path)


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    """A PostgreSQL that is not there."""
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    assert "BAROGRAPH_DATABASE_URL" in _refusal(tmp_path, BAROGRAPH_DATABASE_URL=url)


@pytest.mark.parametrize(
    "url",
    ["garbage", "mysql://u:secret@h/d", "oracle://u:secret@h/d", "nosuch://u:secret@h", "postgresql+nosuch://u:secret@h/d",
     "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "postgresql://u:secret@h:port/d"],
)  # fmt: skip
def test_a_url_that_names_no_database_to_share_is_one_sentence(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, the variable is named, and no password is told."""
    monkeypatch.setenv("BAROGRAPH_DATABASE_URL", url)
    assert prepare.main([]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "BAROGRAPH_DATABASE_URL" in sentence
    assert "secret" not in sentence


def test_preparing_twice_changes_nothing(settings: Settings, engine: Engine) -> None:
    """The example experiment is loaded where it is absent only, and is labelled synthetic."""
    prepare_database(settings.database_url, with_example=True)
    first = load_cells(engine)
    prepare_database(settings.database_url, with_example=True)
    assert [cell.id for cell in load_cells(engine)] == [cell.id for cell in first]
    assert len(first) == 12
    assert all(cell.synthetic for cell in first)


def test_the_first_start_on_the_network_makes_a_link_for_the_first_administrator(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one at each start, which the older gives way to, until somebody can sign in; never for a single user."""
    command = [sys.executable, "-m", "prepare"]
    monkeypatch.setenv("BAROGRAPH_DATA_DIR", str(settings.data_dir))
    assert run_prepare(command) == (0, "")
    monkeypatch.setenv("BAROGRAPH_INSECURE_LAN", "1")
    first, second = run_prepare(command), run_prepare(command)
    assert (first[0], second[0]) == (0, 0)
    assert load_link(engine, first[1]) is None
    assert load_link(engine, second[1]) is not None
    accept_link(engine, second[1], "a hash", login="ada", name="Ada")
    assert run_prepare(command) == (0, "")
    assert load_audit(engine, 1)[0].action == "server started"
    assert load_audit(engine, 1)[0].details["insecure_lan"] is True
    assert first_broken_audit(engine)[1] is None


def test_the_checks_raise_settings_errors(tmp_path: Path) -> None:
    """The same in this process, where the sentence can be looked at."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError):
        open_socket("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(SettingsError):
        check_folder(Path("/proc/nothing"))
    check_folder(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()


def test_the_port_of_a_server_that_is_stopping_is_waited_for() -> None:
    """A restart right after TERM does not meet its own predecessor."""
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    threading.Timer(0.3, taken.close).start()
    with open_socket("127.0.0.1", port) as listener:
        assert listener.getsockname()[1] == port


def test_the_socket_is_given_up_before_the_children_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is free as soon as the web server lets go of it."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    listener = open_socket("127.0.0.1", 0)
    supervisor = Supervisor([Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])], listener)
    supervisor.stopping = True
    assert supervisor.watch() == 0
    assert listener.fileno() == -1


def test_a_process_that_cannot_be_kept_alive_ends_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault that no restart mends is told and not retried for ever."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        lasting = Child("lasting one", [sys.executable, "-c", "import time; time.sleep(60)"])
        failing = Child("failing one", [sys.executable, "-c", "raise SystemExit(3)"])
        assert Supervisor([lasting, failing]).watch() == 1
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert lasting.process.poll() is not None
    assert "failing one ended 5 times" in capsys.readouterr().out
