"""Which file system a path lies on, and whether it is one over a network.

Over a network, other machines' changes arrive without events, and locks and shared memory
cannot be relied on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")

# `fuse.<name>` is what a FUSE file system calls itself; most of these go over a network.
_NETWORK = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "9p", "ceph",
        "lustre", "gfs", "gfs2", "ocfs2", "gpfs", "beegfs", "orangefs", "pvfs2", "glusterfs",
        "fuse.sshfs", "fuse.davfs", "fuse.davfs2", "fuse.rclone", "fuse.s3fs", "davfs",
        "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.smbnetfs", "fuse.curlftpfs",
        "fuse.gvfsd-fuse", "fuse.goofys", "fuse.gcsfuse", "fuse.mfs", "fuse.juicefs",
        "fuse.seaweedfs", "fuse.afp",
    }
)  # fmt: skip


@dataclass(frozen=True)
class FileSystem:
    """A mounted file system.

    Attributes
    ----------
    type : str
        As the system calls it, such as ``ext4`` or ``nfs4``; ``unknown`` where it does not say.
    network : bool
        Whether it is one over a network, as far as is known.
    mount : Path
        Where it is mounted.
    """

    type: str
    network: bool
    mount: Path


def filesystem_of(path: str | os.PathLike[str]) -> FileSystem:
    """Return the file system that a path lies on, or would if it were made.

    Only Linux tells; elsewhere the type is ``unknown`` and no network is assumed.
    """
    place = Path(path).resolve()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        text = os.fsdecode(_MOUNTS.read_bytes())
    except OSError:
        return FileSystem("unknown", False, Path(place.anchor))
    return filesystem_in(text, place)


def filesystem_in(mountinfo: str, place: Path) -> FileSystem:
    """Return the file system of an absolute path without links, by the text of `mountinfo`.

    Of several mounts at one place the last hides the others.
    """
    best = FileSystem("unknown", False, Path(place.anchor))
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 5:
            continue
        mount = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[4]))
        deeper = len(mount.parts) >= len(best.mount.parts)
        if deeper and (place == mount or mount in place.parents):
            kind = after.split(" ")[0]
            best = FileSystem(kind, kind in _NETWORK, mount)
    return best
