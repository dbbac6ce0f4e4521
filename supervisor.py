"""`python -m supervisor`: web server, import worker and live worker, started together and ended together.

Nothing is left behind: Ctrl-C and TERM end them in order, and a kill -9 of this process takes them along
(PR_SET_PDEATHSIG).  One that dies is started again.  What cannot start says why in one sentence, exit code 1.
"""

import argparse
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from pressiometry.errors import SettingsError
from settings import Settings

STOP_SECONDS = 15.0
"""How long they may take to finish what they do; gunicorn itself gives its requests 10 s."""
SHORT_LIFE_SECONDS, SHORT_LIVES = 5.0, 5
"""A process that ends this soon this often in a row has a fault that no restart mends."""
PATIENCE_SECONDS = 2.0
"""How long a start waits for the port of a server that is just stopping."""
_PR_SET_PDEATHSIG = 1
_ROOT = Path(__file__).parent


def end_with_parent(with_signal: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel end this process when its parent dies, however it dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, with_signal)


@dataclass
class Child:
    """One process of the server, in a session of its own so that its whole group can be ended."""

    name: str
    command: list[str]
    inherited: tuple[int, ...] = ()
    started_at: float = field(default=0.0, init=False)
    short_lives: int = field(default=0, init=False)
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        """Start it, or start it again."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the commands below, no shell
            self.command,
            cwd=_ROOT,
            pass_fds=self.inherited,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one prctl call, and this process has one thread
        )

    def restart_if_dead(self) -> bool:
        """Start it again if it has ended; return whether it can still be helped."""
        code = self.process.poll()
        if code is None:
            return True
        self.end_group()
        lived = time.monotonic() - self.started_at
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
        if self.short_lives >= SHORT_LIVES:
            _say(f"The {self.name} ended {SHORT_LIVES} times within seconds; see the messages above.")
            return False
        _say(f"The {self.name} ended (code {code}) and is started again.")
        self.start()
        return True

    def end_group(self) -> None:
        """Kill what may be left of its process group."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


class Supervisor:
    """Watches the children until somebody asks it to stop."""

    def __init__(self, children: list[Child], listener: socket.socket | None = None) -> None:
        """Listen for Ctrl-C, TERM and a closed terminal; `listener` is the socket that the children share."""
        self.children, self.listener = children, listener
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def watch(self) -> int:
        """Run the children until asked to stop; return the exit code, 1 if one of them could not be kept alive."""
        for child in self.children:
            child.start()
        helped = True
        while helped and not self.stopping:
            time.sleep(0.2)
            helped = all(child.restart_if_dead() for child in self.children)
        self._end()
        return 0 if helped else 1

    def _end(self) -> None:
        for child in self.children:
            child.process.terminate()
        if self.listener is not None:
            self.listener.close()  # the port is free as soon as the web server lets go of it
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _say(f"The {child.name} did not stop in {STOP_SECONDS:.0f} s and is killed.")
            child.end_group()


def open_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; a browser may connect before the server is up.

    Raises SettingsError where the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, host.strip("[]"), port)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} of {host} cannot be opened: {error.strerror}", remedy="Give another one as BAROGRAPH_PORT."
        ) from error
    listener.listen(2048)
    return listener


def _bind(listener: socket.socket, host: str, port: int) -> None:
    """Take the address; one that a server still holds while it stops is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return listener.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def check_folder(data_dir: Path) -> None:
    """Make the data folder if it is absent; raise SettingsError where it cannot be written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        raise SettingsError(
            f"The folder {data_dir} cannot be written: {error.strerror}",
            remedy="Give another one as BAROGRAPH_DATA_DIR.",
        ) from error


def children(settings: Settings, listener: socket.socket) -> list[Child]:
    """Return the web server, the import worker and the live worker, not yet started."""
    web = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--bind", f"fd://{listener.fileno()}"]
    store = ["--database-url", settings.database_url, "--data-dir", str(settings.data_dir)]
    return [
        Child("web server", [*web, "app:server"], (listener.fileno(),)),
        Child("import worker", [sys.executable, "-m", "ingest.worker", *store]),
        Child("live worker", [sys.executable, "-m", "ingest.live_worker", *store]),
    ]


def stream_children(settings: Settings, server: str) -> list[Child]:
    """Return what writes the demo's live cells, and the agent that sends them to the server."""
    folder = settings.data_dir / "live"
    cyclers = [sys.executable, "-m", "demo.stream", "--folder", str(folder), "--server", server]
    agent = [sys.executable, "agent/barograph_agent.py", "run", "--config", str(folder / "agent.toml")]
    return [Child("demo cyclers", cyclers), Child("demo agent", agent)]


def run_prepare(command: list[str]) -> tuple[int, str]:
    """Return the exit code of the preparation, and the secret of the first administrator's link where it made one."""
    reads, writes = os.pipe()
    with os.fdopen(reads) as told:
        try:
            command = [*command, "--first-link-to", str(writes)]
            code = subprocess.run(command, cwd=_ROOT, pass_fds=(writes,), check=False).returncode  # noqa: S603 - ours
        finally:
            os.close(writes)
        return code, told.read()


def address_of_people(settings: Settings, port: int) -> str:
    """Return the address under which people on the network most likely reach the server.

    >>> address_of_people(Settings(trusted_proxy=True, trusted_hosts=("lab.example.org",)), 8050)
    'https://lab.example.org'
    >>> address_of_people(Settings(host="10.0.0.5", insecure_lan=True), 8050)
    'http://10.0.0.5:8050'
    """
    host = f"[{settings.host}]" if ":" in settings.host.strip("[]") and "[" not in settings.host else settings.host
    name = (*settings.trusted_hosts, host)[0]
    return f"https://{name}" if settings.trusted_proxy else f"http://{name}:{port}"


def main(arguments: list[str] | None = None) -> int:
    """Start everything and stay until stopped; return the exit code."""
    parser = argparse.ArgumentParser(prog="supervisor", description="Barograph's web server and its workers.")
    parser.add_argument("--demo", action="store_true", help="load the example experiment first, if it is absent")
    parser.add_argument("--stream", action="store_true", help="cycle two synthetic cells while one watches")
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the process that started it ends")
    options = parser.parse_args(arguments)
    if options.end_with_parent:
        end_with_parent(signal.SIGTERM)
    try:
        settings = Settings.from_environment()
        check_folder(settings.data_dir)
        listener = open_socket(settings.host, settings.port)
    except SettingsError as error:
        sys.stderr.write(" ".join(error.text.split()) + "\n")  # a driver's message may have several lines
        return 1
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    prepare = [sys.executable, "-m", "prepare", *(["--demo"] if options.demo else [])]
    prepare += ["--stream-to", address] if options.stream else []
    code, secret = run_prepare(prepare)
    if code:
        return code
    _say(f"Barograph is at {address}  (Ctrl-C stops it)")
    if secret:
        link = f"{address_of_people(settings, port)}/welcome/{secret}"
        _say(f"Nobody can sign in yet. This link makes the first administrator, once, within a day:\n{link}")
    streaming = stream_children(settings, address) if options.stream else []
    return Supervisor([*children(settings, listener), *streaming], listener).watch()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
