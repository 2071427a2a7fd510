"""What a file looks like from outside, to tell whether it is still the one that was read."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from irrm_core.archive.catalogue import Signature


class Look(NamedTuple):
    """A file as the file system describes it.

    Attributes
    ----------
    size, mtime_ns, ctime_ns, inode, device, mode : int
        As `os.lstat` gives them. The time of change is the one that programs cannot set.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Look:
        """Return the look that a status tells of."""
        return cls(
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_ino,
            status.st_dev,
            status.st_mode,
        )

    @property
    def signature(self) -> Signature:
        """What the catalogue remembers of it."""
        return Signature(self.size, self.mtime_ns, self.inode, self.device)

    @property
    def regular(self) -> bool:
        """Whether it is an ordinary file."""
        return stat.S_ISREG(self.mode)


def look_at(path: str | bytes | os.PathLike[str]) -> Look | None:
    """Return what stands at a path, links not followed; None if nothing does.

    Raises
    ------
    OSError
        It cannot be told: no permission, a failing disk.
    """
    try:
        return Look.of(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
