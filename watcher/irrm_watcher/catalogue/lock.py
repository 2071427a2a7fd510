"""One writer at a time, and whoever comes second is told who the first is.

The lock is the system's (`flock`): it goes with its process, however that ends. Who holds it is
a note beside it, because a lock file is emptied by everyone who tries.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from pathlib import Path

from filelock import FileLock, Timeout

from irrm_core.errors import CatalogueError


class WriterLock:
    """The right to write a catalogue.

    Parameters
    ----------
    catalogue : Path
        The catalogue's file, which need not exist. Beside it lie ``<name>.lock`` and
        ``<name>.writer``.
    """

    def __init__(self, catalogue: Path) -> None:
        self._catalogue = catalogue
        lock = catalogue.with_name(catalogue.name + ".lock")
        # Whichever thread closes the writer gives the lock back.
        self._lock = FileLock(lock, timeout=0, thread_local=False)
        self._holder = catalogue.with_name(catalogue.name + ".writer")

    def acquire(self) -> None:
        """Take the right, or raise.

        Raises
        ------
        CatalogueError
            Another process has it, or nothing can be written there.
        """
        # The lock would make the folder: on the wrong disk, if the right one is not mounted.
        if not self._catalogue.parent.is_dir():
            raise CatalogueError(
                f"{self._catalogue}: its folder is not there; is its disk mounted? Else make the "
                "folder"
            )
        try:
            self._lock.acquire()
        except Timeout:
            raise CatalogueError(
                f"{self._catalogue}: is being written by {holder_in_words(self._holder)}; stop "
                "that first, or wait until it is done"
            ) from None
        except OSError as why:
            raise CatalogueError(
                f"{self._catalogue}: cannot be locked for writing ({why.strerror or why}); make "
                "its folder writable"
            ) from why
        who = {"pid": os.getpid(), "host": platform.node(), "since": round(time.time())}
        # Only a help for people: a full disk must not keep the writer from starting.
        with contextlib.suppress(OSError):
            self._holder.write_text(json.dumps(who), encoding="utf-8")

    def release(self) -> None:
        """Give the right back."""
        with contextlib.suppress(OSError):
            self._holder.unlink()
        self._lock.release()


def holder_in_words(note: Path) -> str:
    """Return who holds a lock, by the note that the holder left."""
    try:
        who = json.loads(note.read_text(encoding="utf-8"))
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(who["since"])))
        return f"process {int(who['pid'])} on {who['host']} since {since}"
    except (OSError, ValueError, LookupError, TypeError):
        return "another process"
