"""Free space: asked before work begins, waited for when it ran out all the same."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Errors that pass when somebody makes room."""

COPIES = 2
"""Of a file that lie in the store at once at most, as a rule: the spooled one and a candidate."""


@dataclass(frozen=True)
class Room:
    """A reserve that is left free.

    Attributes
    ----------
    reserve : int
        Bytes that stay free on the store's file system.
    """

    reserve: int

    def lacking(self, folder: Path, size: int) -> int:
        """Return how many bytes are missing to work on a file of `size`; 0 if it fits."""
        status = os.statvfs(folder)
        free = status.f_bavail * status.f_frsize
        return max(0, self.reserve + COPIES * size - free)


class Backoff:
    """Waits longer from time to time, until something succeeds.

    Parameters
    ----------
    first, longest : float
        Seconds.
    """

    def __init__(self, first: float = 1.0, longest: float = 60.0) -> None:
        self._first = first
        self._longest = longest
        self._next = first
        self.until = 0.0

    def fail(self, now: float) -> None:
        """Wait from now on."""
        self.until = now + self._next
        self._next = min(self._next * 2, self._longest)

    def succeed(self) -> None:
        """Begin anew with the shortest wait."""
        self._next = self._first
        self.until = 0.0

    def waiting(self, now: float) -> bool:
        """Return whether it is too early to try again."""
        return now < self.until
