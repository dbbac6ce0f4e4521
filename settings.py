"""Every setting of the server: one frozen dataclass, filled once from BAROGRAPH_* variables.

Only app.py and supervisor.py read it; packages are handed plain values.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pressiometry.errors import SettingsError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""Names under which a browser on the same machine asks for the server."""
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - they are recognised, not bound
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set, as text checked by `from_environment`."""

    host: str = field(
        default="127.0.0.1",
        metadata={
            "meaning": "Address to listen on. One that others can reach needs BAROGRAPH_TRUSTED_PROXY or "
            "BAROGRAPH_INSECURE_LAN, and people then sign in."
        },
    )
    port: int = field(
        default=8050,
        metadata={"meaning": "Port to listen on; 0 takes any that is free."},
    )
    data_dir: Path = field(
        default=Path("instance"),
        metadata={"meaning": "Folder of the database and of the uploaded files; made when it is absent."},
    )
    database_url: str = field(
        default="",
        metadata={
            "meaning": "Where the records are kept: `sqlite:///file` or `postgresql+psycopg://...`; "
            "when empty, `barograph.db` in BAROGRAPH_DATA_DIR."
        },
    )

    trusted_proxy: bool = field(
        default=False,
        metadata={
            "meaning": "1 where a proxy in front speaks TLS and sets X-Forwarded-For, -Proto and -Host: they are "
            "believed, and people sign in. Let nobody but the proxy reach BAROGRAPH_HOST."
        },
    )
    insecure_lan: bool = field(
        default=False,
        metadata={
            "meaning": "1 to serve people on a network without TLS: whoever listens there reads passwords. "
            "Every page says so."
        },
    )
    trusted_hosts: tuple[str, ...] = field(
        default=(),
        metadata={
            "meaning": "Names by which browsers ask for the server, separated by commas, beside those of this machine "
            "and BAROGRAPH_HOST; a request for any other is refused."
        },
    )
    public_wall: bool = field(
        default=False,
        metadata={
            "meaning": "1 to show the wall to whoever asks, without signing in: names, states and last results of the "
            "cells of every project, and nothing else."
        },
    )

    @property
    def accounts(self) -> bool:
        """Whether people sign in; else the one person at this machine may do everything."""
        return self.trusted_proxy or self.insecure_lan or not is_loopback(self.host)

    @property
    def answered_hosts(self) -> tuple[str, ...]:
        """Every name by which the server may be asked for."""
        bare = self.host.strip("[]")
        bound = () if bare in EVERY_ADDRESS else (f"[{bare}]" if ":" in bare else bare.lower(),)
        return tuple(dict.fromkeys([*LOOPBACK_NAMES, *bound, *self.trusted_hosts]))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Return the settings that the BAROGRAPH_* variables name; an empty variable counts as absent.

        Raises SettingsError, with one sentence, for what cannot be taken, and for an address that others can reach
        where it is not said how people's passwords are to reach it.

        >>> Settings.from_environment({"BAROGRAPH_PORT": "8060"}).port
        8060
        """
        given = {name: environ[variable(name)] for name in (f.name for f in fields(cls)) if environ.get(variable(name))}
        data_dir = Path(given.get("data_dir", "instance")).absolute()
        settings = cls(
            host=given.get("host", "127.0.0.1"),
            port=_port(given.get("port", "8050")),
            data_dir=data_dir,
            database_url=given.get("database_url", f"sqlite:///{data_dir / 'barograph.db'}"),
            trusted_proxy=_switch("trusted_proxy", given),
            insecure_lan=_switch("insecure_lan", given),
            trusted_hosts=_hosts(given.get("trusted_hosts", "")),
            public_wall=_switch("public_wall", given),
        )
        _check_network(settings)
        return settings


def _check_network(settings: Settings) -> None:
    """Refuse what would open the data to a network, or would not work there."""
    host = settings.host
    if not _is_address(host):
        raise SettingsError(f"BAROGRAPH_HOST={host} is not an address", remedy="Use 127.0.0.1.")
    if settings.trusted_proxy and settings.insecure_lan:
        raise SettingsError(
            "BAROGRAPH_TRUSTED_PROXY and BAROGRAPH_INSECURE_LAN are both set",
            remedy="Set the first where a proxy speaks TLS, the second where nothing does.",
        )
    if not is_loopback(host) and not settings.trusted_proxy and not settings.insecure_lan:
        raise SettingsError(
            f"BAROGRAPH_HOST={host} would send passwords over the network as they are typed",
            remedy="Put a proxy with TLS in front and set BAROGRAPH_TRUSTED_PROXY=1, or set BAROGRAPH_INSECURE_LAN=1.",
        )
    if host.strip("[]") in EVERY_ADDRESS and not settings.trusted_hosts:
        raise SettingsError(
            f"BAROGRAPH_HOST={host} does not say by which name browsers will ask for the server",
            remedy="Name it in BAROGRAPH_TRUSTED_HOSTS.",
        )
    if settings.public_wall and not settings.accounts:
        raise SettingsError(
            "BAROGRAPH_PUBLIC_WALL is for a server on the network, and this one answers this machine only",
            remedy="Set BAROGRAPH_TRUSTED_PROXY or BAROGRAPH_INSECURE_LAN, or leave it out.",
        )


def _switch(name: str, given: Mapping[str, str]) -> bool:
    """Return whether a setting is on.

    >>> _switch("public_wall", {"public_wall": "1"}), _switch("public_wall", {})
    (True, False)
    """
    text = given.get(name, "0").strip().lower()
    if text not in _YES | _NO:
        raise SettingsError(f"{variable(name)}={given[name]} is neither on nor off", remedy="Set it to 1 or 0.")
    return text in _YES


def _hosts(text: str) -> tuple[str, ...]:
    """Return the names in a list; a port does not belong to them.

    >>> _hosts("lab.example.org, 192.168.1.5")
    ('lab.example.org', '192.168.1.5')
    """
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        if _HOST_NAME.fullmatch(name) is None:
            raise SettingsError(
                f"BAROGRAPH_TRUSTED_HOSTS names {name}, which is not the name of a host",
                remedy="Give names without https:// and without a port, separated by commas.",
            )
    return names


def variable(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable("data_dir")
    'BAROGRAPH_DATA_DIR'
    """
    return f"BAROGRAPH_{name.upper()}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    """Return whether this is an address, or a name that could be one's: that begins with a letter."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return re.fullmatch(r"[A-Za-z][\w.-]*", host) is not None
    return True


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:  # noqa: PLR2004 - the range of TCP
        raise SettingsError(
            f"BAROGRAPH_PORT={text} is not a port", remedy="Give a number from 1 to 65535, or 0 for any that is free."
        )
    return int(text)
