"""What the agent's commands say, and their exit codes."""

import json
import sys
from pathlib import Path

import pytest

from agent import barograph_agent
from agent.barograph_agent import Spool, load_settings, main
from tests.agent.conftest import CYCLER, Store, StoreServer


@pytest.fixture
def config(server: StoreServer, tmp_path: Path) -> Path:
    """Settings with a table, a folder and a command."""
    path = tmp_path / "agent.toml"
    path.write_text(
        f'server = "{server.url}"\nagent = "pc"\nspool = "spool"\n'
        '[[source]]\nkind = "csv"\nchannel = "A01"\npath = "export*.csv"\n'
        '[[source]]\nkind = "folder"\nchannel = "A02"\npath = "done/*.csv"\n'
    )
    return path


def _main(command: str, config: Path) -> int:
    return main([command, "--config", str(config)])


def test_check_tells_what_would_be_sent(
    config: Path, tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """The layout, each column with its unit, the first row; and it sends and keeps nothing."""
    (tmp_path / "export.csv").write_text(CYCLER + "1,3.7,1.5,70.1,1,x\n2,3.")
    assert _main("check", config) == 0
    said = capsys.readouterr().out
    assert "'Current(mA)' is sent as current_ampere mA" in said
    assert "'Note' is NOT sent: not known" in said
    assert '"sequence"' not in said
    assert '"voltage_volt":3.7' in said
    assert "the server has rows up to number 0" in said
    assert "Nothing to mend." in said
    assert store.rows == {}
    spool = Spool(tmp_path / "spool", "pc")
    assert (spool.lineages("A01"), spool.last_sequence("A01")) == ({}, None)
    spool.close()


def test_check_tells_what_is_to_be_mended(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column without unit, with the line that mends it; rows that cannot be read; exit code 1."""
    (tmp_path / "export.csv").write_text("Test_Time(s),Voltage(V),Load\n1,3.7,712\nEnd of test,,\n")
    assert _main("check", config) == 1
    said = capsys.readouterr().out
    assert (
        """TO MEND: A01: 'Load': it states no unit; write "Load" = "force_newton / UNIT" under [source.columns]"""
        in said
    )
    assert "TO MEND: A01: 'End of test,,'" in said
    text = config.read_text().replace(
        'export*.csv"\n', 'export*.csv"\n[source.columns]\n"Load" = "force_newton / kgf"\n'
    )
    config.write_text(text)
    (tmp_path / "export.csv").write_text("Test_Time(s),Voltage(V),Load\n1,3.7,712\n")
    assert _main("check", config) == 0
    assert "'Load' is sent as force_newton kgf" in capsys.readouterr().out


@pytest.mark.parametrize("text", [None, "a,b\n1,2\n", "Step_Count,Cycle_Index,Test_Time(s)\n1,1,1\n"])
def test_check_tells_of_files_without_anything_to_send(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    """No file, no known header, neither voltage nor pressure."""
    if text is not None:
        (tmp_path / "export.csv").write_text(text)
    assert _main("check", config) == 1
    assert "TO MEND: A01" in capsys.readouterr().out


def test_check_listens_to_commands_and_indicators(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of each; or why none came."""
    monkeypatch.setitem(sys.modules, "serial", None)
    monkeypatch.setattr(barograph_agent, "CHECK_SECONDS", 2.0)
    command = ["-c", "print('{\"Force(kgf)\": 712.5}')"]
    config.write_text(
        f'server = "{load_settings(config).server}"\n'
        f'[[source]]\nkind = "command"\nchannel = "T01"\ncommand = {json.dumps([sys.executable, *command])}\n'
        '[[source]]\nkind = "serial"\nchannel = "F01"\nport = "COM3"\n'
    )
    assert _main("check", config) == 1
    said = capsys.readouterr().out
    assert '"force_newton":712.5' in said
    assert "TO MEND: F01: no row came in 2 s. COM3:" in said
    assert "T01: no row" not in said


def test_check_works_without_the_server_once_it_knew_the_names(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The names of columns are in the spool; that the server is away is said."""
    (tmp_path / "export.csv").write_text(CYCLER + "1,3.7,1.5,70.1,1,x\n")
    assert _main("check", config) == 0
    server = load_settings(config).server
    config.write_text(config.read_text().replace(server, "http://127.0.0.1:9"))
    assert _main("check", config) == 1
    said = capsys.readouterr().out
    assert "TO MEND: A01: the server does not answer" in said
    assert said.count("'Voltage(V)' is sent as voltage_volt V") == 2


def test_status_tells_what_waits_and_which_alarms_stand(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last sent, unsent rows, age of the oldest, alarms; exit code 1 where there is one."""
    spool = Spool(tmp_path / "spool", "pc")
    assert _main("status", config) == 0
    assert "Last sent: never" in capsys.readouterr().out
    spool.begin("A01", {})
    spool.append("A01", [{"time": "2026-11-22T10:00:00Z", "voltage_volt": 3.7}] * 3)
    spool.alarm("overload", "The indicator is out of its range.", "A01")
    spool.set_meta("last_sent_at", "1.0")
    spool.close()
    assert _main("status", config) == 1
    said = capsys.readouterr().out
    assert "Unsent: 3 rows in 1 batches" in said
    assert "ALARM overload A01: The indicator is out of its range." in said
    assert "h ago" in said


def test_wrong_settings_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and no traceback."""
    assert _main("run", tmp_path / "nothing.toml") == 2
    assert "The settings cannot be read" in capsys.readouterr().err
    (tmp_path / "agent.toml").write_text("a = [")
    assert _main("run", tmp_path / "agent.toml") == 2
