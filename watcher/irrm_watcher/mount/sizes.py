"""The size that `stat` shows: that of the bytes which will be read, known before they are."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from irrm_core.archive.recall import delivery_of
from irrm_core.errors import IrrmError
from irrm_watcher.mount.padding import size_bound

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry

logger = logging.getLogger(__name__)


class Sizes:
    """Sizes of restored files; a record is read once.

    Parameters
    ----------
    store : Path
        The folder of the store.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._known: dict[bytes, int] = {}

    def padded(self, entry: Entry) -> bool:
        """Return whether a file is filled up to its size; an exact one has it by itself."""
        return entry.storage == "lr"

    def of(self, entry: Entry) -> int:
        """Return the size of what an entry restores to."""
        if not self.padded(entry):
            return entry.size
        stored = entry.stored_path or b""
        if stored not in self._known:
            self._known[stored] = self._read(entry, self._store / os.fsdecode(stored))
        return self._known[stored]

    def _read(self, entry: Entry, path: Path) -> int:
        from irrm_core.archive.lrfile import read_lr_file

        try:
            record = read_lr_file(path).record
        except (IrrmError, OSError) as error:
            # Opening it will fail, and say so again; a listing goes on.
            logger.error("%s", error)
            return entry.size
        return size_bound(record, entry.stored_size or 0, delivery_of(entry)[0])
