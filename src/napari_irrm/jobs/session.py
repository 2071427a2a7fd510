"""What belongs to one viewer: its queue, its models, its threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from napari_irrm.jobs.executor import Executor, InlineExecutor
from napari_irrm.jobs.pool import ModelPool
from napari_irrm.jobs.queue import JobQueue
from napari_irrm.jobs.ticket import State, Ticket

if TYPE_CHECKING:
    from napari.components import ViewerModel

_T = TypeVar("_T")


class Session:
    """Queue, models and threads of a viewer.

    Parameters
    ----------
    executor : Executor
        Where works run; may be set to another while the queue is empty.
    notify : callable
        Shows people a sentence.
    alarm : callable
        Shows people why something failed.

    Attributes
    ----------
    queue : JobQueue
        Of the jobs that people asked for.
    asides : JobQueue
        Of small works that nobody waits for; not listed, and their errors are not told.
    pool : ModelPool
        Of the models of both.
    """

    def __init__(
        self,
        executor: Executor,
        notify: Callable[[str], None],
        alarm: Callable[[str], None],
    ) -> None:
        self.notify = notify
        self.alarm = alarm
        self.pool = ModelPool()
        self.queue = JobQueue(executor, self.pool)
        self.asides = JobQueue(executor, self.pool)
        self.queue.ended.connect(self._tell_failure)

    @property
    def executor(self) -> Executor:
        """Where works run."""
        return self.queue.executor

    @executor.setter
    def executor(self, executor: Executor) -> None:
        self.queue.executor = self.asides.executor = executor

    def _tell_failure(self, ticket: Ticket) -> None:
        if ticket.state is State.FAILED:
            self.alarm(ticket.error)


_sessions: WeakKeyDictionary[ViewerModel, Session] = WeakKeyDictionary()


def session_of(viewer: ViewerModel) -> Session:
    """Return the session of a viewer, made when it is first asked for.

    A viewer with a window works in threads (`napari_irrm.widgets.threads.QtExecutor`), one
    without does everything at once.
    """
    viewer = unwrapped(viewer)
    if viewer not in _sessions:
        _sessions[viewer] = _session(threaded=hasattr(viewer, "window"))
    return _sessions[viewer]


def _session(*, threaded: bool) -> Session:
    from napari.utils.notifications import show_error, show_info

    if not threaded:
        return Session(InlineExecutor(), show_info, show_error)
    from napari_irrm.widgets.threads import QtExecutor

    executor = QtExecutor()
    session = Session(executor, show_info, show_error)
    executor.attend(session.queue)
    return session


def unwrapped(thing: _T) -> _T:
    """Return a viewer or layer itself where napari gave a plugin a proxy of it.

    A proxy is another object each time, and does not equal what stands in a layer list.
    """
    return getattr(thing, "__wrapped__", thing)
