"""Barograph on a network of this machine's own: the real server, and nginx with the sample file in front of it."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from data_access.database import open_engine
from data_access.writes import invite
from tests.conftest import ROOT

NGINX = (Path("/usr/sbin/nginx"), ROOT / ".venv" / "nginx" / "usr" / "sbin" / "nginx")
"""Installed, or unpacked by `make test`."""
NAME = "localhost"
SAMPLE_NAME = "barograph.lab.example"
_MAIN = """daemon off;
master_process on;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


@dataclass
class Site:
    """Where the parts are, and the link that makes the first administrator."""

    url: str
    plain_url: str
    data_dir: Path
    ca: Path
    first_link: str

    def invite(self, login: str, role: str) -> str:
        """Invite somebody with a role in the first project; return the address that lets them choose a password."""
        engine = open_engine(f"sqlite:///{self.data_dir / 'barograph.db'}")
        _, secret = invite(engine, login, login.title(), roles={1: role})
        engine.dispose()
        return f"{self.url}/welcome/{secret}"

    def opener(self) -> urllib.request.OpenerDirector:
        """A program that trusts the laboratory's authority and nobody else."""
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=self.tls()))

    def tls(self) -> ssl.SSLContext:
        """What such a program checks a certificate by."""
        return ssl.create_default_context(cafile=str(self.ca))


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def nginx_site(*, inner: int, plain: int, tls: int, certificates: Path) -> str:
    """The sample file with this machine's name, ports and certificates in place of those of a laboratory."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    changed = {
        SAMPLE_NAME: NAME,
        "127.0.0.1:8050": f"127.0.0.1:{inner}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{tls} ssl",
        "/etc/nginx/barograph": str(certificates),
    }
    for before, after in changed.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """Start the server and nginx in front of it; skips where nginx is not installed."""
    nginx = next((path for path in NGINX if path.exists()), None)
    if nginx is None:
        pytest.skip("nginx is not there: `make browser` fetches it")
    inner, plain, tls = free_ports(3)
    certificates, data_dir = folder / "certificates", folder / "data"
    make = ["sh", str(ROOT / "deploy" / "make-certificate.sh"), NAME, str(certificates)]
    subprocess.run(make, check=True, timeout=30)  # noqa: S603 - our own script
    (folder / "site.conf").write_text(nginx_site(inner=inner, plain=plain, tls=tls, certificates=certificates))
    (folder / "main.conf").write_text(_MAIN.format(folder=folder))
    with _server(data_dir, inner) as link, _nginx(nginx, folder, plain):
        yield Site(
            url=f"https://{NAME}:{tls}",
            plain_url=f"http://127.0.0.1:{plain}",
            data_dir=data_dir,
            ca=certificates / "ca.crt",
            first_link=f"https://{NAME}:{tls}/welcome/{link}",
        )


@contextmanager
def _server(data_dir: Path, port: int) -> Iterator[str]:
    """The server as the sample unit starts it; gives the secret of the first administrator's link."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BAROGRAPH_")}
    environment |= {"BAROGRAPH_DATA_DIR": str(data_dir), "BAROGRAPH_PORT": str(port), "BAROGRAPH_TRUSTED_PROXY": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor", "--end-with-parent"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        link = next(found[1] for line in process.stdout if (found := re.search(r"/welcome/(\S+)", line)))
        _wait_for(port)
        yield link
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


@contextmanager
def _nginx(program: Path, folder: Path, port: int) -> Iterator[None]:
    command = [str(program), "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "main.conf")]
    if os.geteuid() == 0:
        shutil.chown(folder, "root")
        command += ["-g", "user root;"]  # else its worker may not write into the test's folder
    process = subprocess.Popen(command)  # noqa: S603 - Debian's nginx
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait until somebody listens on the port."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process is None or process.poll() is None, "nginx ended: see its message above"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"Nobody listens on port {port}.")
