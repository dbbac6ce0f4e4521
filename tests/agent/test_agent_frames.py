"""Frames of indicators, settings, numbers and dates: pure functions, whatever the wire or a person writes."""

import ast
import subprocess
import sys
import threading
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import barograph_agent
from agent.barograph_agent import (
    AgentError,
    Frame,
    Lines,
    Source,
    Spool,
    UnreadableError,
    find_encoding,
    load_settings,
    read_ad_frame,
    read_bongshin_frame,
    read_date,
    read_duration,
    read_number,
    read_toml_subset,
)
from tests.agent.conftest import PROFILE, rows_of

AGENT = Path(barograph_agent.__file__)
EXAMPLE = AGENT.with_name("agent.example.toml")


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        (b"ST,GS,+  4.876kg\r\n", Frame(4.876, "kg", stable=True)),
        (b"US,NT,-0012.34 kg\r\n", Frame(-12.34, "kg", stable=False)),
        (b"ST,+00123.45  g\r\n", Frame(123.45, "g", stable=True)),
        (b"ST,GS,+0012,34kg\r", Frame(12.34, "kg", stable=True)),
        (b"OL,GS,        kg\r\n", Frame(None, "kg", stable=False)),
        (b"OL,+9999999E+19\r\n", None),
        (b"LO,NT,     . kg\r\n", Frame(None, "kg", stable=False)),
        (b"ST,TR,+0001.20kg\r\n", None),
        (b",GS,+  4.876kg\r\n", None),
        (b"ST,GS,+  4.8\r\n", None),
        (b"ST,GS,+  4.8.7kg\r\n", None),
        (b"4.876kg\r\n", None),
        (b"", None),
        (b"\xff\x00ST", None),
    ],
)
def test_frames_of_a_d_indicators(line: bytes, frame: Frame | None) -> None:
    """Good, unstable and overloaded ones are read; cut, tare and foreign ones are nothing."""
    assert read_ad_frame(line) == frame


@pytest.mark.parametrize(
    ("reply", "frame"),
    [
        (b"\x020+ 7.487\x03", Frame(7.487, "", stable=True)),
        (b"\x020-0712.5\x03", Frame(-712.5, "", stable=True)),
        (b"noise\x020+ 7.487\x03", Frame(7.487, "", stable=True)),
        (b"\x020+      \x03", Frame(None, "", stable=True)),
        (b"\x021+ 7.487\x03", None),
        (b"\x020+ 7.48", None),
        (b"+ 7.487\x03", None),
        (b"\x020+ 7.4.7\x03", None),
        (b"", None),
    ],
)
def test_frames_of_bongshin_indicators(reply: bytes, frame: Frame | None) -> None:
    """STX, ID, sign, six figures, ETX; another ID, a cut reply or silence is nothing."""
    assert read_bongshin_frame(reply, "0") == frame


class _Port:
    """A serial port that says some things and then asks to stop."""

    def __init__(self, said: list[bytes], stop: threading.Event) -> None:
        self.said, self.stop, self.asked = said, stop, b""

    def write(self, data: bytes) -> None:
        """What it was asked."""
        self.asked += data

    def read(self, _length: int) -> bytes:
        """The next reply."""
        if len(self.said) == 1:
            self.stop.set()
        return self.said.pop(0)

    def read_until(self, _end: bytes) -> bytes:
        """The next line."""
        return self.read(0)


@pytest.mark.parametrize(
    ("protocol", "said", "asked"),
    [
        ("ad", [b"ST,GS,+  4.876kg\r\n", b"ST,GS", b"OL,GS,        kg\r\n"], b""),
        ("bongshin", [b"\x020+ 4.876\x03", b"\x020", b"\x020+      \x03"], b"0R0R0R"),
    ],
)
def test_an_indicator_gives_timed_rows(spool: Spool, protocol: str, said: list[bytes], asked: bytes) -> None:
    """With the agent's clock, its monotonic clock and the unit; an overload is a missing value and an alarm."""
    stop = threading.Event()
    source = Source("serial", "A01", port="COM3", protocol=protocol, unit="kg", every_second=0.0)
    port, lines = _Port(said, stop), Lines(source, spool, PROFILE, stop)
    lines.read_port(port)
    lines.poll()
    rows = rows_of(spool)
    assert [row["force_newton"] for row in rows] == [4.876, None]
    assert all(row["units"] == {"force_newton": "kg"} and row["monotonic_second"] > 0 for row in rows)
    assert port.asked == asked
    assert [alarm["code"] for alarm in spool.alarms()] == ["overload"]


def test_an_indicator_is_read_no_faster_than_it_is_asked_to(spool: Spool) -> None:
    """Most indicators speak ten times a second; a row a second is enough."""
    stop = threading.Event()
    source = Source("serial", "A01", port="COM3", every_second=60.0)
    lines = Lines(source, spool, PROFILE, stop)
    lines.read_port(_Port([b"ST,GS,+  4.876kg\r\n"] * 20, stop))
    lines.poll()
    assert len(rows_of(spool)) == 1


def test_a_missing_driver_is_an_alarm_and_stops_nothing(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyserial only this source is silent, and it says why."""
    monkeypatch.setitem(sys.modules, "serial", None)
    stop = threading.Event()
    lines = Lines(Source("serial", "A01", port="COM3"), spool, PROFILE, stop)
    lines.start()
    while not spool.alarms():
        stop.wait(0.01)
    stop.set()
    assert "serial" in spool.alarms()[0]["text"]


def test_the_example_of_settings_reads_the_same_in_every_python() -> None:
    """Our own reader of settings, for Python before 3.11, agrees with Python's."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert read_toml_subset(text) == tomllib.loads(text)
    everything = text.replace("\n# ", "\n").replace("\n#", "\n")  # what stands in comments is an example too
    assert "[[source]]" in everything


@pytest.mark.parametrize(
    "text",
    [
        'a = "x # y"  # comment\nb = \'C:\\new\'\nc = "tab\\t\\u00b5"\nd = -1_000\ne = 2.5e-3\nf = true\n',
        '[t]\na = [1, 2, "three"]\nb = []\n[t.u]\nc = false\n[[v]]\nn = 1\n[[v]]\nn = 2\n[v.w]\n"Load (kgf)" = "x"\n',
        '"quoted key" = 1\n[a."b.c".d]\ne = 1\n\n   # nothing\n',
    ],
)
def test_the_subset_of_toml_is_toml(text: str) -> None:
    """Strings, numbers, booleans, lists, tables, arrays of tables, quoted keys, comments."""
    assert read_toml_subset(text) == tomllib.loads(text)


@pytest.mark.parametrize("text", ["a", "a = ", "a = 1 2", "[a", "[[a]", 'a = "x', "a = [1", "a = yes"])
def test_what_is_no_toml_is_refused_with_its_line(text: str) -> None:
    """Never half of it."""
    with pytest.raises(AgentError, match="line 2"):
        read_toml_subset(f"# settings\n{text}")


def test_all_problems_of_the_settings_are_told_at_once(tmp_path: Path) -> None:
    """Unknown names, missing ones, and wrong kinds."""
    path = tmp_path / "agent.toml"
    path.write_text('colour = 1\nagent = "a:b"\n[[source]]\nkind = "usb"\nchannel = "a/b"\nprotocol = "x"\nfoo = 1\n')
    with pytest.raises(AgentError) as error:
        load_settings(path)
    for word in ("colour", "server", "usb", "channel", "protocol", "foo", "colon"):
        assert word in str(error.value)


def test_two_sources_are_not_one_channel(tmp_path: Path) -> None:
    """Their rows would be numbered through each other."""
    path = tmp_path / "agent.toml"
    source = '[[source]]\nkind = "csv"\nchannel = "A"\npath = "a.csv"\n'
    path.write_text(f'server = "https://lab"\n{source}{source}')
    with pytest.raises(AgentError, match="one channel"):
        load_settings(path)


def test_a_token_does_not_cross_a_network_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With http to another computer it is refused, unless a person says so."""
    monkeypatch.setenv("BAROGRAPH_TOKEN", "secret")
    path = tmp_path / "agent.toml"
    body = 'server = "http://192.168.0.9"\n{}[[source]]\nkind = "csv"\nchannel = "A"\npath = "a.csv"\n'
    path.write_text(body.format(""))
    with pytest.raises(AgentError, match="in the clear"):
        load_settings(path)
    path.write_text(body.format("insecure_lan = true\n"))
    assert load_settings(path).token == "secret"  # noqa: S105 - not a secret


def test_a_token_comes_from_its_file_again_and_again(tmp_path: Path) -> None:
    """So that it can be renewed while the agent runs."""
    path, token = tmp_path / "agent.toml", tmp_path / "token"
    token.write_text("one\n")
    path.write_text(
        'server = "https://lab"\ntoken_file = "token"\n[[source]]\nkind = "csv"\nchannel = "A"\npath = "a"\n'
    )
    settings = load_settings(path)
    token.write_text("two\n")
    assert settings.token == "two"  # noqa: S105 - not a secret
    token.unlink()
    with pytest.raises(AgentError, match="token_file"):
        assert settings.token


NEAR = datetime(2026, 4, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-04-03T10:00:00.5+09:00", "", "2026-04-03T01:00:00.500+00:00"),
        ("2026/04/03 10:00:00Z", "", "2026-04-03T10:00:00.000+00:00"),
        ("03/04/2026 10:00", "", "2026-04-03T10:00:00.000+00:00"),
        ("04/03/2026 10:00", "", "2026-04-03T10:00:00.000+00:00"),
        ("04/03/2026 10:00", "dmy", "2026-03-04T10:00:00.000+00:00"),
        ("25.04.26 10:00:01,25", "", "2026-04-25T10:00:01.250+00:00"),
        ("04/25/2026 01:00:00 PM", "", "2026-04-25T13:00:00.000+00:00"),
        ("04/25/2026 12:00:00 AM", "", "2026-04-25T00:00:00.000+00:00"),
        ("1775210400", "", "2026-04-03T10:00:00.000+00:00"),
    ],
)
def test_dates(text: str, order: str, expected: str) -> None:
    """The order of day and month is the settings', else that which is nearer to when the file was written."""
    zone = barograph_agent.zone_of("+00:00")
    assert barograph_agent.iso(read_date(text, order, zone, NEAR).astimezone(UTC)) == expected


@pytest.mark.parametrize("text", ["13/13/2026 10:00", "2026-02-30", "yesterday", "3.7", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    """Never guessed."""
    with pytest.raises(UnreadableError):
        read_date(text, "", None, NEAR)


def test_a_date_without_zone_is_the_computers() -> None:
    """As the instrument's program wrote it."""
    assert read_date("2026-04-03 10:00", "", None, NEAR).utcoffset() == datetime(2026, 4, 3).astimezone().utcoffset()


def test_time_zones_have_names_or_offsets() -> None:
    """Unknown ones are said."""
    assert barograph_agent.zone_of("Asia/Seoul") is not None
    with pytest.raises(AgentError, match="Moon"):
        barograph_agent.zone_of("Moon/Base")


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [("3.7", "", 3.7), ("3,7", "", 3.7), ("-1e-3", ".", -0.001), ("NaN", ".", None), ("1e999", ".", None)],
)
def test_numbers(cell: str, decimal: str, value: float | None) -> None:
    """With the file's decimal mark; words for nothing are nothing."""
    assert read_number(cell, decimal) == value


@pytest.mark.parametrize(
    ("cell", "decimal"), [("3,7", "."), ("3.7", ","), ("1,234.5", ""), ("3.7V", "."), ("Total", "")]
)
def test_what_is_no_number_for_certain_is_refused(cell: str, decimal: str) -> None:
    """Another mark than the file's may be thousands."""
    with pytest.raises(UnreadableError):
        read_number(cell, decimal)


def test_durations() -> None:
    """Hours beyond a day, and days."""
    assert (read_duration("144:01:18.5"), read_duration("2d 00:10:00"), read_duration("12.5")) == (
        518478.5,
        173400.0,
        None,
    )


def test_the_settings_may_name_the_encoding() -> None:
    """Where nothing in the file tells it."""
    assert find_encoding(b"Ger\xe4t", "cp437") == "cp437"
    assert find_encoding(b"Ger\xe4t", "") == "cp1252"


def test_the_agent_is_python_3_9() -> None:
    """One file that runs on what instruments' computers have."""
    ast.parse(AGENT.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_only_the_standard_library_is_imported() -> None:
    """What it imports at its top comes with Python."""
    tree = ast.parse(AGENT.read_text(encoding="utf-8"))
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_it_runs_alone() -> None:
    """A copy of the one file, without the project, prints its help."""
    said = subprocess.run([sys.executable, "-I", str(AGENT), "--help"], capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert "resend" in said.stdout
