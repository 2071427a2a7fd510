"""Progress of a running job, carried to the viewer's thread at a pace that it can follow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from napari_irrm.jobs.ticket import Ticket

PERIOD = 0.05
"""Seconds between two updates of a ticket, at least."""


@dataclass(frozen=True)
class _Standing:
    """How far a piece of work is."""

    what: str = ""
    done: int = 0
    total: int = 0
    planes: int = 1
    seconds_left: float | None = None


class Report:
    """A `Progress` that a work calls in its thread, and that its ticket shows in the viewer's.

    Parameters
    ----------
    ticket : Ticket
        Is written in the viewer's thread only.
    told : callable
        Called there when it was written.
    call : callable
        Of the executor.
    """

    planes: int = 1

    def __init__(
        self,
        ticket: Ticket,
        told: Callable[[], None],
        call: Callable[[Callable[[], None]], None],
    ) -> None:
        self._ticket, self._told, self._call = ticket, told, call
        self._lock = threading.Lock()
        self._standing = _Standing()
        self._under_way = False
        self._began = self._last = 0.0

    def begin(self, what: str, total: int) -> None:
        """Start a piece of work."""
        self._began = time.monotonic()
        self._tell(_Standing(what, 0, total, self.planes), now=True)

    def advance(self, steps: int = 1) -> None:
        """Count steps."""
        was = self._standing
        done = was.done + steps
        spent = time.monotonic() - self._began
        left = spent / done * max(was.total - done, 0) if done else None
        standing = _Standing(was.what, done, was.total, was.planes, left)
        self._tell(standing, now=done >= was.total)

    def end(self) -> None:
        """Let the last standing be seen."""
        self._tell(self._standing, now=True)

    def _tell(self, standing: _Standing, *, now: bool) -> None:
        moment = time.monotonic()
        with self._lock:
            self._standing = standing
            if self._under_way or (not now and moment - self._last < PERIOD):
                return
            self._under_way, self._last = True, moment
        self._call(self._write)

    def _write(self) -> None:
        """Bring the ticket up to date, in the viewer's thread."""
        with self._lock:
            self._under_way = False
            standing = self._standing
        ticket = self._ticket
        if ticket.ended:
            return
        ticket.what, ticket.done, ticket.total = standing.what, standing.done, standing.total
        ticket.planes, ticket.seconds_left = standing.planes, standing.seconds_left
        self._told()
