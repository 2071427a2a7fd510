"""Which file comes next: small ones are not stuck behind huge ones, and no one waits for ever.

A file's turn is as if it had come as much later as its work takes (`PACE`): one of 100 MB lets
everything pass that comes within 100 seconds and is small; what comes after that waits behind it.
The catalogue is the queue; a few of its entries are held ready here.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from irrm_core.archive.catalogue import Catalogue, Entry

PACE = 1_000_000.0
"""Bytes a second: by how much its size puts a file back."""

HUGE = 64_000_000
"""Bytes; with several workers, one is kept free of files larger than this."""

READY = 64
"""Entries held in memory."""


class Queue:
    """The next files to archive.

    Parameters
    ----------
    catalogue : Catalogue
        Where they wait.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._ready: deque[int] = deque()

    def clear(self) -> None:
        """Ask the catalogue anew: other files may be more urgent by now."""
        self._ready.clear()

    def next(
        self, roots: Collection[str], now: float, fits: Callable[[Entry], bool]
    ) -> Entry | None:
        """Return the first entry that fits and is still stable; None if there is none.

        Parameters
        ----------
        roots : collection of str
            Watched folders that are there.
        now : float
            Wall time, for those that wait to be tried again.
        fits : callable
            Whether a worker and the disk can take it now; others keep their place.
        """
        if not self._ready:
            waiting = self._catalogue.waiting(roots, now=now, pace=PACE, limit=READY)
            self._ready.extend(entry.id for entry in waiting)
        for number in list(self._ready):
            entry = self._catalogue.entry(number)
            if entry is None or entry.state != "stable" or entry.root not in roots:
                self._ready.remove(number)
            elif fits(entry):
                self._ready.remove(number)
                return entry
        return None


def takes_last_lane(entry: Entry, free: int, workers: int) -> bool:
    """Return whether a huge file would occupy the one worker that is kept for others."""
    return workers > 1 and free == 1 and entry.size > HUGE
