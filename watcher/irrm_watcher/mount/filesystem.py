"""What the system asks of the mounted store, answered from the catalogue and the cache."""

from __future__ import annotations

import errno
import logging
import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import mfusepy

from irrm_core import __version__
from irrm_core.archive.recall import name_of
from irrm_core.errors import Cancelled, IrrmError
from irrm_watcher.mount.padding import pad
from irrm_watcher.mount.tree import Folder, find

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.mount.cache import RestoredCache
    from irrm_watcher.mount.contents import Contents
    from irrm_watcher.mount.restorer import Restorer
    from irrm_watcher.mount.sizes import Sizes

logger = logging.getLogger(__name__)

_BLOCK = 512


class StoreFileSystem(mfusepy.Operations):  # type: ignore[misc]
    """A read-only file system of what a store holds.

    Parameters
    ----------
    contents : Contents
        The tree, which follows the catalogue.
    sizes : Sizes
        What `stat` says of each file.
    cache : RestoredCache
        Where files are restored to.
    restorer : Restorer
        Restores them.
    """

    use_ns = True

    def __init__(
        self,
        contents: Contents,
        sizes: Sizes,
        cache: RestoredCache,
        restorer: Restorer,
    ) -> None:
        self._contents = contents
        self._sizes = sizes
        self._cache = cache
        self._restorer = restorer
        self._owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}

    def init(self, path: str) -> None:
        """Begin, in the process that stays when another went to the background."""
        self._restorer.begin()

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """Return what `stat` shows."""
        found = self._find(path)
        if isinstance(found, Folder):
            mode, size, mtime = stat.S_IFDIR | 0o555, 0, found.mtime_ns
        else:
            mode = stat.S_IFREG | (found.mode & 0o555)
            size, mtime = self._sizes.of(found), found.mtime_ns
        times = dict.fromkeys(("st_mtime", "st_ctime", "st_atime"), mtime)
        return {
            **self._owner,
            **times,
            "st_mode": mode,
            "st_nlink": 2 if isinstance(found, Folder) else 1,
            "st_size": size,
            "st_blocks": -(-size // _BLOCK),
        }

    def readdir(self, path: str, fh: int) -> list[Any]:
        """Return the names in a folder."""
        found = self._find(path)
        if not isinstance(found, Folder):
            raise mfusepy.FuseOSError(errno.ENOTDIR)
        return [".", "..", *found.children]

    def open(self, path: str, flags: int) -> int:
        """Restore a file and return a handle to it; wait if many are being restored."""
        found = self._find(path)
        if isinstance(found, Folder):
            raise mfusepy.FuseOSError(errno.EISDIR)
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise mfusepy.FuseOSError(errno.EROFS)
        name = name_of(found, PurePosixPath(os.fsdecode(found.path)).name)
        size = self._sizes.of(found)
        padded = self._sizes.padded(found)

        def make(temporary: Path) -> None:
            self._restorer.write(found, temporary, name)
            if padded:
                with temporary.open("r+b") as stream:
                    pad(stream, size)

        suffix = PurePosixPath(name).suffix.lower() if padded else ""
        key = f"{found.stored_sha256}-{size}-{__version__}{suffix}"
        try:
            return self._cache.open(key, make)
        except Cancelled:
            raise mfusepy.FuseOSError(errno.EINTR) from None
        except (IrrmError, OSError) as error:
            logger.error("%s: %s", path, error)
            code = errno.ENOSPC if getattr(error, "errno", None) == errno.ENOSPC else errno.EIO
            raise mfusepy.FuseOSError(code) from error

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Return bytes of an open file."""
        return os.pread(fh, size, offset)

    def release(self, path: str, fh: int) -> int:
        """Close a file."""
        os.close(fh)
        return 0

    def destroy(self, path: str) -> None:
        """Stop what is being restored."""
        self._restorer.end()

    def _find(self, path: str) -> Folder | Entry:
        found = find(self._contents.tree(), path)
        if found is None:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return found
