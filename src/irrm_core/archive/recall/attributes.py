"""Mode, times and extended attributes of an original, given to its restoration."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from irrm_core.archive.recall.content import stored_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.store import Store

# What a file system says of attributes that it, or this user, cannot have.
_REFUSED = {errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSPC, errno.E2BIG}


def give_attributes(path: Path, entry: Entry, store: Store) -> None:
    """Give a file what its original had beside its content.

    A file system that has no modes or no extended attributes gets the file without. When root
    restores, the file belongs to the owner of its folder. An image needs no set-user bits, so
    a catalogue cannot hand them out.
    """
    from irrm_core.archive.store import read_provenance

    for name, value in read_provenance(stored_file(entry, store)).xattrs.items():
        if hasattr(os, "setxattr"):
            with _tolerated():
                os.setxattr(path, name, value)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        folder = path.parent.stat()
        with _tolerated():
            os.chown(path, folder.st_uid, folder.st_gid)
    with _tolerated():
        path.chmod(entry.mode & 0o777)
    os.utime(path, ns=(entry.mtime_ns, entry.mtime_ns))


@contextmanager
def _tolerated() -> Iterator[None]:
    try:
        yield
    except OSError as why:
        if why.errno not in _REFUSED:
            raise
