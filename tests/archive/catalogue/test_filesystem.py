"""Which file system a path lies on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from irrm_core.filesystem import FileSystem, filesystem_in, filesystem_of

MOUNTS = r"""
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:25 / /mnt/share rw,relatime - nfs4 server:/share rw
31 30 0:26 / /mnt/share/local rw - xfs /dev/sdb1 rw
32 21 0:27 / /mnt/with\040space rw - cifs //server/x rw
33 21 0:28 / /home/me/far rw master:7 propagate_from:2 - fuse.sshfs me@far: rw
34 21 0:29 / /mnt/twice rw - nfs server:/a rw
35 21 0:30 / /mnt/twice rw - tmpfs tmpfs rw
a line of nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/etc/passwd", "ext4", False),
        ("/mnt/share", "nfs4", True),
        ("/mnt/share/a/b", "nfs4", True),
        ("/mnt/shared/a", "ext4", False),
        ("/mnt/share/local/a", "xfs", False),
        ("/mnt/with space/a", "cifs", True),
        ("/home/me/far/a", "fuse.sshfs", True),
        ("/mnt/twice/a", "tmpfs", False),
    ],
)
def test_the_deepest_and_last_mount_counts(path: str, kind: str, network: bool) -> None:
    found = filesystem_in(MOUNTS, Path(path))
    assert (found.type, found.network) == (kind, network)


def test_a_system_that_does_not_tell_is_taken_for_local() -> None:
    assert filesystem_in("", Path("/a")) == FileSystem("unknown", False, Path("/"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_path_that_is_not_there_yet_lies_where_it_would_be_made(tmp_path: Path) -> None:
    assert filesystem_of(tmp_path / "not" / "yet") == filesystem_of(tmp_path)
    assert filesystem_of(tmp_path).type != "unknown"
    assert filesystem_of("/proc/self").type == "proc"
