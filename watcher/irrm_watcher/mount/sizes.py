"""The size that `stat` shows: that of the bytes which will be read, known before they are."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from irrm_core.archive.exact.forms import PIXELS, ExactForm, read_exact_envelope
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
        """Return whether a file is filled up to its size, as all but the same bytes are."""
        return entry.storage == "lr" or entry.measured.get("form") == ExactForm.jxl_pixels

    def of(self, entry: Entry) -> int:
        """Return the size of what an entry restores to."""
        if not self.padded(entry):
            return entry.size
        stored = entry.stored_path or b""
        if stored not in self._known:
            self._known[stored] = self._read(entry, self._store / os.fsdecode(stored))
        return self._known[stored]

    def _read(self, entry: Entry, path: Path) -> int:
        try:
            return _bound(entry, path)
        except (IrrmError, OSError, LookupError, TypeError, ValueError) as error:
            # Opening it will fail, and say so again; a listing goes on.
            logger.error("%s", error)
            return entry.size


def _bound(entry: Entry, path: Path) -> int:
    import numpy as np

    from irrm_core.archive.lrfile import read_lr_file

    stored_size = entry.stored_size or 0
    if entry.storage == "lr":
        record = read_lr_file(path).record
        return size_bound(
            record.hr_shape,
            record.axes,
            np.dtype(record.dtype).itemsize,
            stored_size=stored_size,
            deliver=delivery_of(entry)[0],
        )
    envelope = read_exact_envelope(path)
    shape = envelope.fields[PIXELS]["shape"] if envelope else ()
    return size_bound(shape, "YXS"[: len(shape)], 2, stored_size=stored_size)
