"""One job at a time, the others wait in order."""

from __future__ import annotations

from psygnal import Signal

from napari_irrm.jobs.executor import Executor
from napari_irrm.jobs.pool import ModelPool
from napari_irrm.jobs.ticket import Ticket
from napari_irrm.jobs.work import Work


class JobQueue:
    """Runs works one after the other.

    All methods are called in the viewer's thread, where the signals are emitted, too.

    Parameters
    ----------
    executor : Executor
        Where works run.
    pool : ModelPool
        Of the models that they use.
    """

    changed = Signal()
    progressed = Signal(Ticket)
    ended = Signal(Ticket)

    def __init__(self, executor: Executor, pool: ModelPool) -> None:
        self.executor = executor
        self._pool = pool

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """The running job, then those that wait."""
        raise NotImplementedError

    def submit(self, work: Work) -> Ticket:
        """Queue a work, or start it if none runs."""
        raise NotImplementedError

    def cancel_all(self) -> None:
        """Cancel the jobs that wait and the one that runs."""
        raise NotImplementedError

    def release_models(self) -> None:
        """Give the memory of the models back, at once or when the running job has ended."""
        raise NotImplementedError
