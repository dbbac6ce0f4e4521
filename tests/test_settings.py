"""Settings: what the environment says is taken or refused in one sentence."""

from pathlib import Path

import pytest

from pressiometry.errors import SettingsError
from settings import Settings, is_loopback


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    """Nothing needs to be set."""
    settings = Settings.from_environment({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8050)
    assert settings.data_dir == Path.cwd() / "instance"
    assert settings.database_url == f"sqlite:///{Path.cwd()}/instance/barograph.db"


def test_the_database_lies_in_the_data_folder_unless_it_is_named() -> None:
    """One variable moves everything."""
    moved = Settings.from_environment({"BAROGRAPH_DATA_DIR": "/srv/lab"})
    assert moved.database_url == "sqlite:////srv/lab/barograph.db"
    named = Settings.from_environment({"BAROGRAPH_DATA_DIR": "/srv/lab", "BAROGRAPH_DATABASE_URL": "postgresql://db"})
    assert named.database_url == "postgresql://db"


def test_an_empty_variable_counts_as_absent() -> None:
    """`BAROGRAPH_PORT= make run` is not an error."""
    assert Settings.from_environment({"BAROGRAPH_PORT": ""}).port == 8050


@pytest.mark.parametrize("port", ["http", "-1", "65536", "0x50", "80.5", "٨٠"])
def test_what_is_no_port_is_refused(port: str) -> None:
    """The sentence names the variable and its value."""
    with pytest.raises(SettingsError, match=f"BAROGRAPH_PORT={port}"):
        Settings.from_environment({"BAROGRAPH_PORT": port})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "lab.example.org"])  # noqa: S104
def test_an_address_that_others_can_reach_is_refused(host: str) -> None:
    """There are no accounts yet."""
    with pytest.raises(SettingsError, match="no accounts"):
        Settings.from_environment({"BAROGRAPH_HOST": host})


@pytest.mark.parametrize("host", ["127.0.0.999", "1.2.3", "a b", "::g", "http://127.0.0.1"])
def test_what_is_no_address_is_called_so(host: str) -> None:
    """Nothing is said of the network, which it could not reach."""
    with pytest.raises(SettingsError, match="is not an address") as refused:
        Settings.from_environment({"BAROGRAPH_HOST": host})
    assert "network" not in refused.value.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"])
def test_loopback_addresses_are_taken(host: str) -> None:
    """All of 127/8 and ::1."""
    assert is_loopback(host)
    assert Settings.from_environment({"BAROGRAPH_HOST": host}).host == host
