"""Works in napari's threads, calls on Qt's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from napari.qt.threading import FunctionWorker, create_worker
from qtpy.QtCore import QObject, Qt, Signal

from napari_irrm.widgets.activity import ActivityDock

if TYPE_CHECKING:
    from napari_irrm.jobs import JobQueue

_TITLE = "IRRM rescaling"


class QtExecutor:
    """Runs works in threads that napari knows of, and calls on the viewer's thread.

    To be made on the viewer's thread.
    """

    def __init__(self) -> None:
        self._queue: JobQueue | None = None
        self._dock: ActivityDock | None = None
        self._calls = _Calls()

    def attend(self, queue: JobQueue) -> None:
        """Show the jobs of a queue in the activity dock; cancel them when the window closes."""
        self._queue = queue
        self._dock = ActivityDock(queue)

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread; an error that it lets through becomes a notification."""
        worker = create_worker(_Titled(work), _worker_class=_Worker, _start_thread=False)
        worker.stop = self._stop
        worker.start()

    def call(self, what: Callable[[], None]) -> None:
        """Have `what` called on the viewer's thread soon; any thread may ask for it."""
        self._calls.asked.emit(what)

    def _stop(self) -> None:
        """Cancel all jobs: napari calls this for each of its tasks when a window closes."""
        if self._queue is None:
            return
        for ticket in self._queue.tickets:
            ticket.cancelling.cancel()
        # Later: whoever is told handles events, and tasks that end meanwhile trip napari up.
        self.call(self._queue.cancel_all)


class _Calls(QObject):
    """Carries callables from any thread to the one that it was made on, in their order."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def _call(self, what: Callable[[], None]) -> None:
        what()


class _Titled:
    """A function that napari shows by a name when it asks whether to close the window."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def __call__(self) -> None:
        self._work()

    def __repr__(self) -> str:
        return _TITLE


class _Worker(FunctionWorker):
    """A worker of napari's that can be stopped: its own `quit` is ignored by functions."""

    stop: Callable[[], None]

    def quit(self) -> None:
        """Ask the work to stop."""
        super().quit()
        self.stop()
