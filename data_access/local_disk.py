"""Whether a file lies on a disk of this machine: SQLite's write-ahead log is not safe on a network file system."""

import contextlib
import re
from pathlib import Path

from pressiometry.errors import SettingsError

MOUNTS = Path("/proc/self/mountinfo")
"""Every mounted file system, on Linux (proc(5)); elsewhere nothing is known, and nothing refused."""

NETWORK = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "davfs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "sshfs"}
)
"""File systems whose files lie on another machine; those in user space stand behind "fuse."."""

_ESCAPED = re.compile(r"\\([0-7]{3})")


def check_local_disk(path: Path, mounts: Path = MOUNTS) -> None:
    """Raise SettingsError for a database file on a network file system; the file need not exist yet."""
    kind = file_system_of(path.absolute(), mounts)
    if kind is not None and kind.removeprefix("fuse.") in NETWORK:
        raise SettingsError(
            f"The database {path} would lie on a network file system ({kind}), where SQLite can lose records",
            remedy="Name a folder on a local disk in BAROGRAPH_DATA_DIR, or a PostgreSQL in BAROGRAPH_DATABASE_URL.",
        )


def file_system_of(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The kind of file system that holds an absolute path, as ext4; None where that is not known."""
    with contextlib.suppress(OSError):
        path = path.resolve()
    found: tuple[int, str] | None = None
    with contextlib.suppress(OSError):
        for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            mount, _, source = line.partition(" - ")
            point = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), mount.split(" ")[4]))
            depth = len(point.parts)
            if path.is_relative_to(point) and (found is None or depth >= found[0]):  # what is mounted later is on top
                found = depth, source.split(" ")[0]
    return None if found is None else found[1]
