"""A job in the queue, as people see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable


class State(StrEnum):
    """Where a job is on its way."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Ticket:
    """One job. Read it in the viewer's thread, and let the queue write it.

    Attributes
    ----------
    title : str
        Of the work.
    state : State
        Where it is.
    what : str
        The piece of work under way, such as ``"restore"``; empty before the first.
    done, total : int
        Steps of that piece; no total is known while it is 0.
    planes : int
        Over how many planes the piece goes; 1 where that means nothing.
    seconds_left : float or None
        Of that piece, once a step is done.
    error : str
        Why it failed, in one sentence.
    """

    title: str
    state: State = State.WAITING
    what: str = ""
    done: int = 0
    total: int = 0
    planes: int = 1
    seconds_left: float | None = None
    error: str = ""
    cancelling: Cancel = field(default_factory=Cancel, repr=False)
    on_cancel: Callable[[Ticket], None] | None = field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        """Whether nothing more comes: done, failed or cancelled."""
        return self.state not in (State.WAITING, State.RUNNING)

    @property
    def plane(self) -> int:
        """The plane under way, counted from 1."""
        if not self.total:
            return 1
        return min(self.done * self.planes // self.total + 1, self.planes)

    def cancel(self) -> None:
        """Stop the job: at once while it waits, within one tile while it runs."""
        self.cancelling.cancel()
        if self.on_cancel is not None:
            self.on_cancel(self)
