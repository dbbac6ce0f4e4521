"""A database of SQLite is refused on a network file system, with one sentence, before anything is written."""

from pathlib import Path

import pytest

from data_access import database, local_disk
from data_access.database import check_url
from data_access.local_disk import check_local_disk, file_system_of
from pressiometry.errors import SettingsError

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /srv/lab rw - nfs4 nas:/lab rw,vers=4.2
41 40 254:1 / /srv/lab/local\040disk rw - xfs /dev/vdb rw
42 27 0:42 / /mnt/share rw - ext4 /dev/vdc rw
43 27 0:43 / /mnt/share rw - cifs //nas/share rw
44 27 0:44 / /home/lab/ssh rw - fuse.sshfs lab@host: rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """What is mounted on some machine."""
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/barograph/barograph.db", "ext4"),
        ("/srv/lab/barograph.db", "nfs4"),
        ("/srv/laboratory/barograph.db", "ext4"),
        ("/srv/lab/local disk/barograph.db", "xfs"),
        ("/mnt/share/barograph.db", "cifs"),
    ],
)
def test_the_innermost_and_last_mount_holds_a_file(path: str, kind: str, mounts: Path) -> None:
    """Mounts lie within and on top of each other; names of folders that only begin alike are others."""
    assert file_system_of(Path(path), mounts) == kind


@pytest.mark.parametrize("path", ["/srv/lab/a.db", "/mnt/share/new/folder/a.db", "/home/lab/ssh/a.db"])
def test_network_file_systems_are_refused(path: str, mounts: Path) -> None:
    """NFS, SMB and the like are named, with what to do instead."""
    with pytest.raises(SettingsError, match=r"network file system.*BAROGRAPH_DATA_DIR"):
        check_local_disk(Path(path), mounts)


def test_local_disks_and_unknown_machines_are_taken(mounts: Path, tmp_path: Path) -> None:
    """A disk of this machine is taken; where the system does not tell, nothing is refused."""
    check_local_disk(Path("/var/lib/a.db"), mounts)
    check_local_disk(tmp_path / "a.db")
    check_local_disk(Path("/srv/lab/a.db"), tmp_path / "absent")


def test_the_address_of_a_database_is_judged_by_where_it_lies(mounts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a start checks of BAROGRAPH_DATABASE_URL includes the disk; PostgreSQL needs none here."""
    monkeypatch.setattr(database, "check_local_disk", lambda path: local_disk.check_local_disk(path, mounts))
    check_url("sqlite:////var/lib/barograph.db")
    check_url("postgresql+psycopg://lab@nas/barograph")
    with pytest.raises(SettingsError, match="nfs4"):
        check_url("sqlite:////srv/lab/barograph.db")
