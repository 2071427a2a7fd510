"""The jobs of a viewer in napari's activity dock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from napari.utils.progress import cancelable_progress

if TYPE_CHECKING:
    from napari_irrm.jobs import JobQueue, Ticket

# Each change of a bar lets napari handle events; more of them would slow the job down.
_SECONDS_BETWEEN = 0.2


class ActivityDock:
    """Shows the running job of a queue in napari's activity dock, with its cancel.

    Parameters
    ----------
    queue : JobQueue
        Of a viewer with a window.
    """

    def __init__(self, queue: JobQueue) -> None:
        self._bar: _Bar | None = None
        self._changed = 0.0
        self._changing = False
        queue.progressed.connect(self._progress)
        queue.ended.connect(self._end)

    def _progress(self, ticket: Ticket) -> None:
        # napari handles events while a bar changes: what comes meanwhile is told next time.
        if self._changing or time.monotonic() < self._changed + _SECONDS_BETWEEN:
            return
        self._changing = True
        try:
            if self._bar is None or self._bar.ticket is not ticket:
                self._close()
                self._bar = _Bar(ticket)
            self._bar.tell()
        finally:
            self._changing = False
            self._changed = time.monotonic()
        if ticket.ended:
            self._close()

    def _end(self, ticket: Ticket) -> None:
        if self._bar is not None and self._bar.ticket is ticket and not self._changing:
            self._close()

    def _close(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()


class _Bar(cancelable_progress):
    """The bar of one job."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self._told_total = ticket.total
        super().__init__(total=ticket.total, desc=ticket.title)

    def cancel(self) -> None:
        """Cancel the job: what napari's button calls."""
        super().cancel()
        self.ticket.cancel()

    def tell(self) -> None:
        """Show how the job stands."""
        if self._told_total != self.ticket.total:
            self.total = self._told_total = self.ticket.total
        self.update(self.ticket.done - self.n)
