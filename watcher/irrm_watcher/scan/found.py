"""What is seen in a watched folder: files that may be taken, and what is passed over and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue.entry import Signature

if TYPE_CHECKING:
    import os

__all__ = ["Found", "Passed", "Signature", "below"]


@dataclass(frozen=True, slots=True)
class Found:
    """An ordinary file that the rules of its folder let be taken.

    Attributes
    ----------
    path : bytes
        Relative to the watched folder, parts separated by ``/``; need not be valid text.
    signature : Signature
        By which it is known again.
    ctime_ns : int
        When its content, name or attributes last changed, as the file system says: programs
        can set the time of modification, but not this one.
    mode : int
        Permissions.
    """

    path: bytes
    signature: Signature
    ctime_ns: int
    mode: int

    @classmethod
    def of(cls, path: bytes, status: os.stat_result) -> Found:
        """Return what `lstat` told of a path."""
        signature = Signature(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
        return cls(path, signature, status.st_ctime_ns, status.st_mode & 0o7777)


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that people may miss among what is taken, and why it is not.

    Attributes
    ----------
    path : bytes
        As in `Found`; of a folder it stands for all that is in it.
    reason : str
        For people.
    failed : bool
        It could not be looked at, so nothing is known of what is below; otherwise a rule says so.
    """

    path: bytes
    reason: str
    failed: bool = False


def below(folder: bytes, path: bytes) -> bytes:
    """Return the path of something in a folder; names that are no text need bytes throughout."""
    return folder + b"/" + path if folder and path else folder or path
