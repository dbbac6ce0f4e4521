"""The sample files of deploy/: each names what is there, and does what the guide says."""

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from api.imports import SPARE_BYTES, UPLOAD_BYTES
from api.routes import ROUTES
from app import MAX_REQUEST_BYTES
from data_access.database import open_engine
from data_access.writes import create_cell
from settings import Settings, variable
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")


def test_the_unit_sets_settings_that_there_are_and_that_hold_together() -> None:
    """Every variable is a setting; together they are a server with accounts that listens to its own machine only."""
    lines = (DEPLOY / "barograph.service").read_text(encoding="utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines if re.match(r"[A-Za-z]+=", line))
    given = [line.removeprefix("Environment=") for line in lines if line.startswith("Environment=")]
    set_by_it = dict(one.split("=", 1) for one in given)
    assert set(set_by_it) <= {variable(one.name) for one in fields(Settings)}
    settings = Settings.from_environment(set_by_it)
    assert settings.accounts
    assert settings.trusted_proxy
    assert settings.host == "127.0.0.1"
    assert said["ExecStart"].endswith("python -m supervisor")
    assert said["StateDirectory"] == settings.data_dir.name
    assert said["User"] in GUIDE


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_lets_files_through_and_nothing_else_as_large(name: str) -> None:
    """Each address that takes a file has the server's own limit, every other one that of a request."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    pattern = re.search(r"(\^/api/v1/\(\S+\$)", text)
    assert pattern is not None
    takes_files = {route.address for route in ROUTES if route.form}
    assert takes_files
    for route in ROUTES:
        path = re.sub("{name}", "rack A", re.sub("{[a-z]+_id}", "3", route.address))
        assert (re.fullmatch(pattern[1], path) is not None) == (route.address in takes_files), path
    limits = [int(number) for number in re.findall(r"(?:client_max_body_size|max_size) (\d+)", text)]
    assert sorted(limits) == [MAX_REQUEST_BYTES // 2**20, (UPLOAD_BYTES + SPARE_BYTES) // 2**20]


def test_a_backup_is_whole_while_the_server_writes(tmp_path: Path, empty_database: Path) -> None:
    """Rows that only the write-ahead log holds are in the copy; files are copied once; parts of uploads are not."""
    data, kept = tmp_path / "data", tmp_path / "backup"
    (data / "files").mkdir(parents=True)
    shutil.copy(empty_database, data / "barograph.db")
    (data / "files" / "abc").write_text("one")
    (data / "files" / "upload-1.part").write_text("half")
    engine = open_engine(f"sqlite:///{data / 'barograph.db'}")
    create_cell(engine, {"name": "In0-1"})
    for _ in range(2):  # a second run of the day replaces the first
        subprocess.run(["sh", str(DEPLOY / "backup.sh"), str(data), str(kept)], check=True, timeout=60)  # noqa: S603, S607
    engine.dispose()
    (copy,) = kept.glob("barograph-*.db")
    with closing(sqlite3.connect(copy)) as found:
        assert found.execute("SELECT name FROM cell").fetchall() == [("In0-1",)]
    assert [path.name for path in (kept / "files").iterdir()] == ["abc"]


def test_the_guide_names_every_sample_file() -> None:
    """And every file that it names is there."""
    for path in DEPLOY.iterdir():
        assert f"deploy/{path.name}" in GUIDE, path.name
    for name in re.findall(r"/opt/barograph/(deploy/[\w.-]+)", GUIDE):
        assert (ROOT / name).is_file(), name
