"""Workers that are no processes: each job is done at once, where it is given."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from irrm_core.progress import Cancel
from irrm_watcher.pipeline.jobs import Encoded
from irrm_watcher.pipeline.serving import Beats, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from irrm_watcher.pipeline.jobs import Job, Result, Settings


class InlineWorkers:
    """Stands for `pipeline.workers.Workers`; see there.

    Parameters
    ----------
    count : int
        Is one, whatever is asked for.
    settings : Settings
        Of the work.
    clock : callable
        Not looked at.
    """

    def __init__(
        self, count: int, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._work: Work | None = None
        self._task: object | None = None
        self._results: list[Result | Encoded] = []
        # What has a byte in it is ready at all times.
        self._ready, writing = os.pipe()
        os.write(writing, b"!")
        os.close(writing)
        self.alive = 0

    @property
    def free(self) -> int:
        """1 if there is nothing at hand."""
        return int(self._task is None)

    @property
    def tasks(self) -> list[object]:
        """What was given and not been asked about."""
        return [] if self._task is None else [self._task]

    @property
    def waitables(self) -> list[int]:
        """What is ready when there is a result."""
        return [self._ready] if self._results else []

    def begin(self, task: object, job: Job, size: int) -> None:
        """Do a job."""
        self._work = self._work or Work(self._settings)
        self._task = task
        self._results.append(self._work.result(job, Cancel(), _Noted(self._results)))

    def results(self) -> Iterator[tuple[object, Result | Encoded]]:
        """Yield what has come of it."""
        task, self._task = self._task, None
        results, self._results[:] = list(self._results), []
        for result in results:
            yield task, result

    def cancel(self) -> None:
        """Do nothing: it is done already."""

    def retire(self, idle: float) -> None:
        """Do nothing: there is no process."""

    def end(self) -> None:
        """Forget everything."""
        self._task = None
        self._results.clear()


class _Noted(Beats):
    def __init__(self, results: list[Result | Encoded]) -> None:
        self._results = results

    def encoded(self) -> None:
        self._results.append(Encoded())
