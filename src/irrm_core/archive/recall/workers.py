"""Processes that restore: they share no lock with the caller, and die with it.

A worker loads a model once. One that is killed, or that a broken decoder takes down, costs
the file it was at, not the run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.archive.recall.content import write_content
from irrm_core.archive.recall.journal import Journal
from irrm_core.archive.recall.pools import StorePools
from irrm_core.archive.recall.restoring import restore_entry
from irrm_core.progress import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from multiprocessing.synchronize import Event

    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.recall.planned import Planned, Restored


class RecallWorkers:
    """Up to `jobs` processes that restore from a store, started when there is work.

    Parameters
    ----------
    store : Path
        The folder of the store.
    jobs : int
        Files restored at once; further ones wait.
    threads : int, optional
        Of each worker; by default the processors are shared out.
    **options
        As `Rescaler` takes them: device, tile.
    """

    def __init__(
        self, store: Path, jobs: int, *, threads: int | None = None, **options: Any
    ) -> None:
        self._store = store
        self._jobs = jobs
        threads = threads or max((os.cpu_count() or 1) // jobs, 1)
        self._options = {**options, "threads": threads}
        self._context = multiprocessing.get_context("spawn")
        self._stop = self._context.Event()
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None

    def restore(self, planned: Planned) -> Future[Restored]:
        """Have `restore_entry` called."""
        return self._submit(_restore, planned)

    def write(self, entry: Entry, target: Path, name: str) -> Future[None]:
        """Have `write_content` called."""
        return self._submit(_write, entry, target, name)

    def cancel(self) -> None:
        """Let what is being restored end in `Cancelled`, and what waits never begin."""
        self._stop.set()

    def retire(self) -> None:
        """End the processes after what they are at; the next work starts new ones."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=self._stop.is_set())

    def _submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        with self._lock:
            if self._executor is not None:
                try:
                    return self._executor.submit(work, *arguments)
                except BrokenProcessPool:
                    self._executor.shutdown(wait=False)
            self._executor = ProcessPoolExecutor(
                self._jobs,
                mp_context=self._context,
                initializer=_begin,
                initargs=(self._store, self._options, self._stop),
            )
            return self._executor.submit(work, *arguments)


class _SharedCancel(Cancel):
    """Looks at a switch in another process."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self._stop = stop

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    def check(self) -> None:
        if self._stop.is_set():
            self.cancel()
        super().check()


class _Worker:
    """What a worker process keeps from file to file."""

    def __init__(self, store: Path, options: dict[str, Any], stop: Event) -> None:
        from irrm_core.archive.store import Store

        self.store = Store.open(store)
        self.pools = StorePools(self.store, **options)
        self.journal = Journal(store)
        self.cancel = _SharedCancel(stop)


_worker: list[_Worker] = []


def _begin(store: Path, options: dict[str, Any], stop: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's to turn into a cancel
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _worker[:] = [_Worker(store, options, stop)]


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _restore(planned: Planned) -> Restored:
    (here,) = _worker
    here.cancel.check()
    pool = here.pools.of(planned.entry)
    return restore_entry(planned, here.store, pool, journal=here.journal, cancel=here.cancel)


def _write(entry: Entry, target: Path, name: str) -> None:
    (here,) = _worker
    here.cancel.check()
    pool = here.pools.of(entry)
    write_content(entry, here.store, target, pool, name=name, cancel=here.cancel)
