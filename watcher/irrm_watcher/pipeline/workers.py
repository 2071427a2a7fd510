"""The daemon's side of its workers: one process each, one job at a time each.

A pool of the standard library ends altogether when one of its processes does; here a worker
that crashes, is killed or runs out of memory costs the file that it was at, and no other.
"""

from __future__ import annotations

import multiprocessing
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from irrm_watcher.pipeline.jobs import Encoded, Failure
from irrm_watcher.pipeline.serving import BEAT, STOP, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from irrm_watcher.pipeline.jobs import Job, Result, Settings

STALLED = 1800.0
"""Seconds without a sign of life after which a worker is taken to hang."""

SLOWEST = 100_000.0
"""Bytes a second; a huge file may be silent for longer."""


class Crew(Protocol):
    """Who does the work: `Workers`, or whatever a test puts in their place."""

    @property
    def free(self) -> int:
        """How many could take a job."""

    @property
    def tasks(self) -> list[object]:
        """What is being worked on."""

    @property
    def waitables(self) -> Sequence[Connection | int]:
        """What becomes ready when somebody has something to say."""

    def begin(self, task: object, job: Job, size: int) -> None:
        """Give a job to a free one."""

    def results(self) -> Iterator[tuple[object, Result | Encoded]]:
        """Yield each task that came on or is over, with what came of it."""

    def cancel(self) -> None:
        """Ask for everything at hand to be given up."""

    def retire(self, idle: float) -> None:
        """Let those go that had nothing to do for `idle` seconds."""

    def end(self) -> None:
        """Let all go."""


class Worker:
    """One process, started at its first job.

    Attributes
    ----------
    task : object or None
        What the caller named the job at hand; None when there is none.
    idle_since : float
        When it was last done, on the clock.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._limit = 0.0
        self._silent = STALLED
        self.task: object | None = None
        self.idle_since = clock()

    @property
    def alive(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    @property
    def died_idle(self) -> bool:
        """Whether the process ended while it had nothing to do: its pipe is ready for ever."""
        return self.task is None and self._pipe is not None and self._pipe.poll()

    @property
    def waitables(self) -> list[Connection]:
        """What becomes ready when the worker has something to say, or has died."""
        # A pipe whose other end died is ready, too.
        return [] if self._pipe is None else [self._pipe]

    def begin(self, task: object, job: Job, size: int) -> None:
        """Start on a job; `size` in bytes tells how much patience it deserves."""
        if self._process is not None and not self._process.is_alive():
            self.end()
        if self._process is None:
            self._start()
        self.task = task
        self._silent = STALLED + size / SLOWEST
        self._limit = self._clock() + self._silent
        assert self._pipe is not None
        with suppress(OSError):  # it died this very moment, which `results` will find
            self._pipe.send(job)

    def result(self) -> Result | Encoded | None:
        """Return what came of the job, if it is over, or that it has come as far as the gate."""
        if self.task is None or self._pipe is None:
            return None
        try:
            while self._pipe.poll():
                message = self._pipe.recv()
                self._limit = self._clock() + self._silent
                if message == BEAT:
                    continue
                if isinstance(message, Encoded):
                    return message
                self._done()
                result: Result = message
                return result
        except Exception as error:  # a torn message of a process that died, as of a closed pipe
            return self._died(f"the worker process died ({self._how_it_ended(error)})")
        if self._clock() > self._limit:
            return self._died(f"the worker process was silent for {self._silent / 60:.0f} minutes")
        return None

    def cancel(self) -> None:
        """Ask for the job at hand to be given up."""
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.send_bytes(STOP)

    def end(self, patience: float = 5.0) -> None:
        """End the process: idle, it goes when its pipe does; otherwise it is killed."""
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        self.task = None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.join(patience)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=serve, args=(other, self._settings), name="irrm-watch worker", daemon=True
        )
        self._process.start()
        other.close()

    def _done(self) -> None:
        self.task = None
        self.idle_since = self._clock()

    def _died(self, reason: str) -> Failure:
        self.end(patience=0.0)
        self.idle_since = self._clock()
        return Failure("crash", reason)

    def _how_it_ended(self, error: Exception) -> str:
        process = self._process
        if process is not None:
            process.join(1.0)
            if process.exitcode is not None and process.exitcode < 0:
                return f"signal {-process.exitcode}; 9 may mean that memory ran out"
            if process.exitcode is not None:
                return f"exit code {process.exitcode}"
        return f"{type(error).__name__}"


class Hire(Protocol):
    """Gives a crew of so many."""

    def __call__(self, count: int, settings: Settings, clock: Callable[[], float], /) -> Crew:
        """Return it; nobody need have begun."""


class Workers:
    """A fixed number of workers.

    Parameters
    ----------
    count : int
        How many files are worked on at once.
    settings : Settings
        For each.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self, count: int, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._workers = [Worker(settings, clock) for _ in range(count)]

    @property
    def free(self) -> int:
        """How many could take a job."""
        return sum(worker.task is None for worker in self._workers)

    @property
    def tasks(self) -> list[object]:
        """What is being worked on."""
        return [worker.task for worker in self._workers if worker.task is not None]

    @property
    def waitables(self) -> list[Connection]:
        """What becomes ready when a worker has something to say."""
        return [pipe for worker in self._workers for pipe in worker.waitables]

    def begin(self, task: object, job: Job, size: int) -> None:
        """Give a job to a free worker, one that runs already if there is one."""
        free = [worker for worker in self._workers if worker.task is None]
        max(free, key=lambda worker: worker.alive).begin(task, job, size)

    def results(self) -> Iterator[tuple[object, Result | Encoded]]:
        """Yield each task that came on or is over, with what came of it."""
        for worker in self._workers:
            task = worker.task
            result = worker.result()
            if result is not None and task is not None:
                yield task, result

    def cancel(self) -> None:
        """Ask for everything at hand to be given up."""
        for worker in self._workers:
            if worker.task is not None:
                worker.cancel()

    def retire(self, idle: float) -> None:
        """End those that had nothing to do for `idle` seconds, and give their memory back."""
        for worker in self._workers:
            rests = worker.alive and worker.task is None
            if rests and (worker.died_idle or self._clock() - worker.idle_since >= idle):
                worker.end()

    @property
    def alive(self) -> int:
        """How many processes there are."""
        return sum(worker.alive for worker in self._workers)

    def end(self) -> None:
        """End all."""
        for worker in self._workers:
            worker.end(patience=0.0 if worker.task is not None else 5.0)
