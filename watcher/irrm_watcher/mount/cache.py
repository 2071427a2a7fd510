"""Restored files on the disk, the latest used of them, within a limit."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TEMPORARY = ".part"


class RestoredCache:
    """Files by key in a folder; the least recently opened go first when space is short.

    A file that is open is never in the way: what was opened stays readable after it is
    removed. Files of a former mount are used again.

    Parameters
    ----------
    folder : Path
        Made if it is not there; holds nothing else.
    limit : int
        Bytes on the disk. A single file that is larger is kept until another one comes.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._coming: dict[str, threading.Lock] = {}
        self._sizes: OrderedDict[str, int] = OrderedDict()
        for path in sorted(folder.iterdir(), key=_used):
            if path.name.endswith(_TEMPORARY):
                path.unlink(missing_ok=True)  # a killed mount left it
            else:
                self._sizes[path.name] = _space(path)
        self._evict(keep=None)

    @property
    def space(self) -> int:
        """Bytes that the files take on the disk."""
        return sum(self._sizes.values())

    def open(self, key: str, make: Callable[[Path], None]) -> int:
        """Return a descriptor of the file `key`, which `make` writes if it is not there.

        Whoever opens the same file meanwhile waits for it. `make` gets the path of a file that
        is not there yet; what it raises is raised here.
        """
        with self._lock:
            coming = self._coming.setdefault(key, threading.Lock())
        path = self._folder / key
        with coming:
            try:
                with contextlib.suppress(FileNotFoundError):
                    return self._opened(key, path)
                temporary = self._folder / f"{key}.{secrets.token_hex(4)}{_TEMPORARY}"
                try:
                    make(temporary)
                    temporary.replace(path)
                finally:
                    temporary.unlink(missing_ok=True)
                return self._opened(key, path)
            finally:
                with self._lock:
                    self._coming.pop(key, None)

    def _opened(self, key: str, path: Path) -> int:
        handle = os.open(path, os.O_RDONLY)
        with self._lock:
            self._sizes[key] = _space(path)
            self._sizes.move_to_end(key)
            with contextlib.suppress(OSError):
                os.utime(path)
            self._evict(keep=key)
        return handle

    def _evict(self, keep: str | None) -> None:
        for key in list(self._sizes):
            if self.space <= self._limit or key == keep:
                return
            with contextlib.suppress(OSError):
                (self._folder / key).unlink()
            del self._sizes[key]


def _used(path: Path) -> int:
    return path.stat().st_mtime_ns


def _space(path: Path) -> int:
    status = path.stat()
    # Files end in zeros that take no space.
    return getattr(status, "st_blocks", -(-status.st_size // 512)) * 512
