"""Progress and cancel, as values that are passed down.

The core reports through these and never prints; a progress bar, a napari activity dock
and a log are three views of the same calls.
"""

from __future__ import annotations

import threading
from typing import Protocol, runtime_checkable

from irrm_core.errors import Cancelled


@runtime_checkable
class Progress(Protocol):
    """What a long job tells about itself."""

    def begin(self, what: str, total: int) -> None:
        """Start a piece of work of `total` steps, named `what` for people."""

    def advance(self, steps: int = 1) -> None:
        """Say that `steps` more are done."""

    def end(self) -> None:
        """Say that the piece of work is over, done or not."""


class NoProgress:
    """Tells nobody."""

    def begin(self, what: str, total: int) -> None:
        """Ignore the start."""

    def advance(self, steps: int = 1) -> None:
        """Ignore the steps."""

    def end(self) -> None:
        """Ignore the end."""


class Cancel:
    """A switch that one thread flips and a job in another looks at between tiles."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if `cancel` was called."""
        if self._event.is_set():
            raise Cancelled("cancelled; nothing was written")
