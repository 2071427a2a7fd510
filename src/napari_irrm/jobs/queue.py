"""One job at a time, the others wait in order."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from psygnal import Signal

from irrm_core.errors import Cancelled, IrrmError
from irrm_core.progress import Cancel
from napari_irrm.jobs.executor import Executor
from napari_irrm.jobs.pool import ModelPool
from napari_irrm.jobs.report import Report
from napari_irrm.jobs.ticket import State, Ticket
from napari_irrm.jobs.work import Work

_log = logging.getLogger(__name__)


class JobQueue:
    """Runs works one after the other.

    All methods are called in the viewer's thread, where the signals are emitted, too. When a
    job has ended nothing here refers to its work or to what it made.

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
        self._waiting: deque[tuple[Ticket, Work]] = deque()
        self._running: tuple[Ticket, Work] | None = None
        self._release_wanted = False
        self._not_shown = ""

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """The running job, then those that wait."""
        running = () if self._running is None else (self._running,)
        return tuple(ticket for ticket, _ in (*running, *self._waiting))

    def submit(self, work: Work) -> Ticket:
        """Queue a work, or start it if none runs."""
        ticket = Ticket(work.title, on_cancel=self._cancel_asked)
        self._waiting.append((ticket, work))
        self.changed.emit()
        self._start_next()
        return ticket

    def cancel_all(self) -> None:
        """Cancel the jobs that wait and the one that runs."""
        for ticket in reversed(self.tickets):
            ticket.cancel()

    def release_models(self) -> None:
        """Give the memory of the models back, at once or when the running job has ended."""
        if self._running is None:
            self._pool.release()
        else:
            self._release_wanted = True

    def _start_next(self) -> None:
        if self._running is not None or not self._waiting:
            return
        self._running = ticket, work = self._waiting.popleft()
        ticket.state = State.RUNNING
        self.changed.emit()
        # Taken out of the list by the thread: whoever keeps the callable keeps no work with it.
        self.executor.start(partial(self._run, ticket, [work], self.executor.call))

    def _run(
        self, ticket: Ticket, works: list[Work], call: Callable[[Callable[[], None]], None]
    ) -> None:
        """Run a work, in its thread; an error is told in words, since a traceback holds arrays."""
        work = works.pop()
        context = _Context(self, ticket, call)
        try:
            result = work.run(context)
        except Cancelled:
            end = partial(self._abandon, State.CANCELLED, "")
        except Exception as error:
            end = partial(self._abandon, State.FAILED, _sentence(ticket.title, error))
        else:
            end = partial(self._finish, result)
        call(end)

    def _finish(self, result: Any) -> None:
        """Complete the running job, in the viewer's thread."""
        assert self._running is not None
        ticket, work = self._running
        if ticket.cancelling.cancelled:
            self._abandon(State.CANCELLED, "")
            return
        try:
            work.finish(result)
        except Exception as error:
            self._abandon(State.FAILED, _sentence(ticket.title, error))
        else:
            self._end(ticket, State.DONE)

    def _abandon(self, state: State, error: str) -> None:
        """End the running job without a result, in the viewer's thread."""
        assert self._running is not None
        ticket, work = self._running
        if self._not_shown:
            state, error = State.FAILED, self._not_shown
        ticket.error = error
        try:
            work.abandon()
        except Exception:
            _log.exception("%s: what was shown could not be taken back", ticket.title)
        self._end(ticket, state)

    def _end(self, ticket: Ticket, state: State) -> None:
        self._running = None
        self._not_shown = ""
        ticket.state = state
        ticket.on_cancel = None
        if self._release_wanted:
            self._release_wanted = False
            self._pool.release()
        try:
            self.changed.emit()
            self.ended.emit(ticket)
        finally:  # whoever listens and fails, the other jobs go on
            self._start_next()

    def _cancel_asked(self, ticket: Ticket) -> None:
        """Take a waiting job out of the queue; one that runs looks at its switch."""
        entry = next((entry for entry in self._waiting if entry[0] is ticket), None)
        if entry is None:
            self.progressed.emit(ticket)
            return
        self._waiting.remove(entry)
        ticket.state = State.CANCELLED
        ticket.on_cancel = None
        self.changed.emit()
        self.ended.emit(ticket)

    def _show(self, ticket: Ticket, what: Callable[[], None]) -> None:
        """Call something for a running job; if that fails, so does the job."""
        if ticket.cancelling.cancelled:
            return
        try:
            what()
        except Exception as error:
            self._not_shown = _sentence(ticket.title, error)
            ticket.cancelling.cancel()

    def _told(self, ticket: Ticket) -> None:
        self.progressed.emit(ticket)


class _Context:
    """What a work is given."""

    def __init__(
        self, queue: JobQueue, ticket: Ticket, call: Callable[[Callable[[], None]], None]
    ) -> None:
        self._queue, self._ticket, self._call = queue, ticket, call
        self._report = Report(ticket, partial(queue._told, ticket), call)

    @property
    def progress(self) -> Report:
        return self._report

    @property
    def cancel(self) -> Cancel:
        return self._ticket.cancelling

    @property
    def pool(self) -> ModelPool:
        return self._queue._pool

    def planes(self, count: int) -> None:
        self._report.planes = count

    def show(self, what: Callable[[], None]) -> None:
        self._call(partial(self._queue._show, self._ticket, what))


def _sentence(title: str, error: Exception) -> str:
    """Return what to tell people of an error, and log what they are not told."""
    if isinstance(error, IrrmError):
        return f"{title}: {error}"
    _log.error("%s failed\n%s", title, "".join(traceback.format_exception(error)))
    if isinstance(error, MemoryError):
        return f"{title}: not enough memory; close other layers or programs, or use smaller tiles"
    kind = type(error).__name__
    if isinstance(error, OSError):
        return f"{title}: reading or writing failed ({kind}: {error}); check the files and the disk"
    return f"{title} failed unexpectedly ({kind}: {error}); please report it with the log"
