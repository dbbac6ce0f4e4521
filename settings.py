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
"""Names under which a browser on the same machine asks for the server; no other Host is answered."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set, as text checked by `from_environment`."""

    host: str = field(
        default="127.0.0.1",
        metadata={"meaning": "Address to listen on. Only loopback addresses are accepted: there are no accounts yet."},
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

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Return the settings that the BAROGRAPH_* variables name; an empty variable counts as absent.

        Raises SettingsError, with one sentence, for a port that is no port and an address that is not loopback.

        >>> Settings.from_environment({"BAROGRAPH_PORT": "8060"}).port
        8060
        """
        given = {name: environ[variable(name)] for name in (f.name for f in fields(cls)) if environ.get(variable(name))}
        host = given.get("host", "127.0.0.1")
        if not _is_address(host):
            raise SettingsError(f"BAROGRAPH_HOST={host} is not an address", remedy="Use 127.0.0.1.")
        if not is_loopback(host):
            raise SettingsError(
                f"BAROGRAPH_HOST={host} would open the data to the network, and there are no accounts yet",
                remedy="Use 127.0.0.1, and an SSH tunnel from other machines.",
            )
        data_dir = Path(given.get("data_dir", "instance")).absolute()
        return cls(
            host=host,
            port=_port(given.get("port", "8050")),
            data_dir=data_dir,
            database_url=given.get("database_url", f"sqlite:///{data_dir / 'barograph.db'}"),
        )


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
