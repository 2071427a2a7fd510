"""What belongs to one viewer: its queue, its models, its threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from napari_irrm.jobs.executor import Executor
from napari_irrm.jobs.pool import ModelPool
from napari_irrm.jobs.queue import JobQueue

if TYPE_CHECKING:
    from napari.components import ViewerModel


class Session:
    """Queue, models and threads of a viewer.

    Parameters
    ----------
    executor : Executor
        Where works run; may be set to another while the queue is empty.
    notify : callable
        Shows people a sentence.
    """

    def __init__(self, executor: Executor, notify: Callable[[str], None]) -> None:
        self.notify = notify
        self.pool = ModelPool()
        self.queue = JobQueue(executor, self.pool)

    @property
    def executor(self) -> Executor:
        """Where works run."""
        return self.queue.executor

    @executor.setter
    def executor(self, executor: Executor) -> None:
        self.queue.executor = executor


def session_of(viewer: ViewerModel) -> Session:
    """Return the session of a viewer, made when it is first asked for.

    A viewer with a window works in threads (`napari_irrm.widgets.threads.QtExecutor`, made
    without arguments), one without does everything at once.
    """
    raise NotImplementedError
