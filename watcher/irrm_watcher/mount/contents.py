"""The tree as the catalogue has it now."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from irrm_core.errors import IrrmError
from irrm_watcher.mount.tree import Folder, build_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from irrm_core.archive.catalogue import Entry

logger = logging.getLogger(__name__)

_AGAIN = 1.0


class Contents:
    """The tree of a mount, built anew when the catalogue has changed.

    Parameters
    ----------
    read : callable
        Returns the entries to show.
    version : callable
        Returns something that differs when the catalogue may have changed.
    clock : callable
        Seconds that never jump.
    """

    def __init__(
        self,
        read: Callable[[], Iterable[Entry]],
        version: Callable[[], Hashable],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._version = version
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: Hashable = version()
        self._tree = build_tree(read())
        self._looked = clock()

    def tree(self) -> Folder:
        """Return the tree, at most a second old; the last one if the catalogue is gone."""
        if self._clock() - self._looked >= _AGAIN and self._lock.acquire(blocking=False):
            try:
                self._renew()
            except (IrrmError, OSError) as error:
                logger.error("the catalogue cannot be read, its last state is shown: %s", error)
            finally:
                self._looked = self._clock()
                self._lock.release()
        return self._tree

    def _renew(self) -> None:
        version = self._version()
        if version != self._seen:
            self._tree = build_tree(self._read())
            self._seen = version
