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
def test_an_address_that_others_can_reach_says_how_passwords_get_there(host: str) -> None:
    """Without a proxy that speaks TLS, and without a person who says that there is none, nothing starts."""
    with pytest.raises(SettingsError, match="would send passwords over the network"):
        Settings.from_environment({"BAROGRAPH_HOST": host, "BAROGRAPH_TRUSTED_HOSTS": "lab.example.org"})
    for way in ("BAROGRAPH_TRUSTED_PROXY", "BAROGRAPH_INSECURE_LAN"):
        environ = {"BAROGRAPH_HOST": host, "BAROGRAPH_TRUSTED_HOSTS": "lab.example.org", way: "1"}
        assert Settings.from_environment(environ).accounts


def test_on_this_machine_nobody_signs_in_unless_the_network_is_declared() -> None:
    """Loopback is a single user; a proxy in front of loopback is a network."""
    assert not Settings.from_environment({}).accounts
    assert not Settings.from_environment({"BAROGRAPH_HOST": "::1", "BAROGRAPH_INSECURE_LAN": "0"}).accounts
    assert Settings.from_environment({"BAROGRAPH_TRUSTED_PROXY": "1"}).accounts
    assert Settings.from_environment({"BAROGRAPH_INSECURE_LAN": "yes"}).accounts


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"BAROGRAPH_TRUSTED_PROXY": "1", "BAROGRAPH_INSECURE_LAN": "1"}, "both set"),
        ({"BAROGRAPH_HOST": "0.0.0.0", "BAROGRAPH_INSECURE_LAN": "1"}, "BAROGRAPH_TRUSTED_HOSTS"),  # noqa: S104
        ({"BAROGRAPH_PUBLIC_WALL": "1"}, "this machine only"),
        ({"BAROGRAPH_INSECURE_LAN": "perhaps"}, "neither on nor off"),
        ({"BAROGRAPH_TRUSTED_HOSTS": "https://lab.example.org"}, "not the name of a host"),
        ({"BAROGRAPH_TRUSTED_HOSTS": "lab.example.org:8050"}, "not the name of a host"),
    ],
)
def test_settings_that_contradict_each_other_or_would_not_work_are_refused(
    environ: dict[str, str], sentence: str
) -> None:
    """With the sentence that says what to set."""
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_environment(environ)


def test_the_server_answers_to_its_own_names_and_those_that_are_given() -> None:
    """Loopback names, the address that it listens on, and what BAROGRAPH_TRUSTED_HOSTS names."""
    assert Settings.from_environment({}).answered_hosts == ("localhost", "127.0.0.1", "[::1]")
    environ = {"BAROGRAPH_HOST": "fd00::5", "BAROGRAPH_INSECURE_LAN": "1", "BAROGRAPH_TRUSTED_HOSTS": "Lab, 10.0.0.5"}
    names = ("localhost", "127.0.0.1", "[::1]", "[fd00::5]", "lab", "10.0.0.5")
    assert Settings.from_environment(environ).answered_hosts == names


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
