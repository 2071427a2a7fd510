"""What a job is made of: a piece of work, and what it is given while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from irrm_core.progress import Cancel, Progress

if TYPE_CHECKING:
    from napari_irrm.jobs.pool import ModelPool


class Context(Protocol):
    """What a running work is given; used in the thread that it runs in."""

    @property
    def progress(self) -> Progress:
        """Told of each tile; the ticket shows it."""

    @property
    def cancel(self) -> Cancel:
        """Looked at before each tile."""

    @property
    def pool(self) -> ModelPool:
        """Where models come from."""

    def planes(self, count: int) -> None:
        """Say that each piece of work begun from now on goes over so many planes in order."""

    def show(self, what: Callable[[], None]) -> None:
        """Have `what` called soon in the viewer's thread."""


class Work(Protocol):
    """One job of the queue."""

    @property
    def title(self) -> str:
        """For people, such as ``"Downscale cells"``."""

    def run(self, context: Context) -> Any:
        """Do the work, in a thread of its own; touches neither layers nor the viewer.

        Raises
        ------
        Cancelled
            The context's switch was flipped.
        IrrmError
            In one sentence, what failed and what to do.
        """

    def finish(self, result: Any) -> None:
        """Take what `run` returned, in the viewer's thread."""

    def abandon(self) -> None:
        """Take back what was shown, in the viewer's thread, after cancel or error."""
