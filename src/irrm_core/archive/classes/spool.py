"""A private copy: the bytes that are hashed are the bytes that are decoded."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.classes.facts import SourceFacts, printable
from irrm_core.archive.classes.refusal import StoreWriteError
from irrm_core.errors import ImageFileError, SourceChangedError
from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from irrm_core.archive.store import Store

_PART = 1 << 20


@dataclass(frozen=True)
class Spooled:
    """A copy of an original in the spool of a store.

    Attributes
    ----------
    path : Path
        The copy.
    sha256 : str
        Of its bytes, hexadecimal.
    status : os.stat_result
        Of the original, the same before and after it was read.
    xattrs : mapping of str to bytes
        Of the original.
    """

    path: Path
    sha256: str
    status: os.stat_result
    xattrs: Mapping[str, bytes] = field(default_factory=dict)

    def facts(self, root: str, path: bytes, version: int = 1) -> SourceFacts:
        """Return what is known of the original that lies at `path` in the folder `root`."""
        return SourceFacts(
            root=root,
            path=path,
            version=version,
            size=self.status.st_size,
            mtime_ns=self.status.st_mtime_ns,
            mode=stat.S_IMODE(self.status.st_mode),
            sha256=self.sha256,
            xattrs=self.xattrs,
        )

    def remove(self) -> None:
        """Remove the copy, if it is still there."""
        self.path.unlink(missing_ok=True)


def spool(source: Path, store: Store, *, cancel: Cancel | None = None) -> Spooled:
    """Copy an original into the spool of a store, hashing it on the way.

    Parameters
    ----------
    source : Path
        A regular file; a symbolic link is not followed.
    store : Store
        Whose spool takes the copy.
    cancel
        Asked before each megabyte.

    Raises
    ------
    SourceChangedError
        It was written, replaced or removed meanwhile; try again when it is quiet.
    ImageFileError
        It cannot be read: no permission, no regular file, a failing disk.
    StoreWriteError
        The spool cannot be written; `errno` says why.
    Cancelled
        No copy is left behind.
    """
    cancel = cancel or Cancel()
    copy = store.spool / f"{secrets.token_hex(8)}.spool"
    handle = _open(source)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise ImageFileError(f"{_named(source)}: is no regular file; only those are stored")
        digest = _copy(source, handle, copy, before.st_size, cancel)
        xattrs = _xattrs(handle)
        if _signature(os.fstat(handle)) != _signature(before) or _moved(source, before):
            raise SourceChangedError(_changed(source))
        return Spooled(copy, digest, before, xattrs)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _open(source: Path) -> int:
    # Without O_NONBLOCK a pipe that took the file's name would hold us for ever.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        return os.open(source, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as why:
        raise SourceChangedError(_changed(source)) from why
    except OSError as why:
        reason = "is a symbolic link" if why.errno == errno.ELOOP else why.strerror or str(why)
        raise ImageFileError(
            f"{_named(source)}: cannot be read ({reason}); check its permissions and its disk"
        ) from why


def _copy(source: Path, handle: int, copy: Path, size: int, cancel: Cancel) -> str:
    digest, done = hashlib.sha256(), 0
    with StoreWriteError.on(copy):
        written = copy.open("xb", buffering=0)
    with written as stream:
        while True:
            cancel.check()
            try:
                part = os.read(handle, _PART)
            except OSError as why:
                raise ImageFileError(
                    f"{_named(source)}: cannot be read ({why.strerror}); check its disk"
                ) from why
            if not part:
                break
            digest.update(part)
            done += len(part)
            if done > size:
                raise SourceChangedError(_changed(source))
            left = memoryview(part)
            with StoreWriteError.on(copy):
                while left:
                    left = left[stream.write(left) or 0 :]
    if done != size:
        raise SourceChangedError(_changed(source))
    return digest.hexdigest()


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev


def _moved(source: Path, before: os.stat_result) -> bool:
    try:
        return _signature(os.lstat(source)) != _signature(before)
    except OSError:
        return True


def _xattrs(handle: int) -> dict[str, bytes]:
    """Return the attributes that a user may set; those of the system are not a file's to keep."""
    found = {}
    if hasattr(os, "listxattr"):
        try:
            for name in os.listxattr(handle):
                if name.startswith("user."):
                    found[name] = os.getxattr(handle, name)
        except OSError as why:
            if why.errno not in (errno.ENOTSUP, errno.ENODATA, errno.EACCES, errno.EPERM):
                raise
    return found


def _changed(source: Path) -> str:
    return f"{_named(source)}: changed while it was read; it is tried again when it is quiet"


def _named(source: Path) -> str:
    return printable(str(source))
