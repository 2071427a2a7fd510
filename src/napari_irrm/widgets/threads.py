"""Works in napari's threads, calls on Qt's thread."""

from __future__ import annotations

from collections.abc import Callable

from napari.qt.threading import FunctionWorker, create_worker
from qtpy.QtCore import QObject, Qt, Signal

_TITLE = "IRRM rescaling"


class QtExecutor:
    """Runs works in threads that napari knows of, and calls on the viewer's thread.

    To be made on the viewer's thread.

    Attributes
    ----------
    stop : callable or None
        Called when napari asks a work to stop, as it does when its window is closed.
    """

    def __init__(self) -> None:
        self.stop: Callable[[], None] | None = None
        self._calls = _Calls()

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread; an error that it lets through becomes a notification."""
        worker = create_worker(_Titled(work), _worker_class=_Worker, _start_thread=False)
        worker.stop = self._stop
        worker.start()

    def call(self, what: Callable[[], None]) -> None:
        """Have `what` called on the viewer's thread soon; any thread may ask for it."""
        self._calls.asked.emit(what)

    def _stop(self) -> None:
        if self.stop is not None:
            self.stop()


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
