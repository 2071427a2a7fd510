"""One run of the daemon with one configuration, from the writer lock to its release."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Self, cast

from irrm_core.archive.catalogue import UNFINISHED
from irrm_core.archive.store import Store
from irrm_core.errors import CatalogueDamagedError, CatalogueError, ImageFileError, StoreError
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.catalogue.lock import WriterLock
from irrm_watcher.pipeline.assignments import Assignments
from irrm_watcher.pipeline.clock import Observed
from irrm_watcher.pipeline.conclusions import StoreTrouble, conclude
from irrm_watcher.pipeline.context import Context, Task
from irrm_watcher.pipeline.folders import folders_of, refuse_other_store
from irrm_watcher.pipeline.jobs import Failure, Settings
from irrm_watcher.pipeline.places import Places
from irrm_watcher.pipeline.recovery import forget_unwatched, recover, remove_temporaries
from irrm_watcher.pipeline.remaining import Remaining, remaining
from irrm_watcher.pipeline.room import Backoff, Room
from irrm_watcher.pipeline.rules import look_again
from irrm_watcher.pipeline.watching import Watches
from irrm_watcher.pipeline.workers import Hire, Workers
from irrm_watcher.scan import RootMarkers

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.config import Config
    from irrm_watcher.pipeline.clock import Clock
    from irrm_watcher.pipeline.observer import Observer
    from irrm_watcher.pipeline.waking import Wake

TURN = 5.0
"""Seconds that the loop sleeps at most: pause file, schedule and watchdog are looked at."""

GRACE = 20.0
"""Seconds that workers get to finish or give up what they are at when the daemon ends."""

HOPELESS = 30.0
"""Seconds without progress after which a run that should end gives up on a full disk."""

SAVE = 60.0
"""Seconds between two notes of the observed time."""


class Shift:
    """The daemon at work; a context manager that holds the writer lock.

    Parameters
    ----------
    config : Config
        What to watch, and how files are stored.
    observer : Observer
        Told of everything.
    clock : Clock
        Of the machine, or of a test.
    wake : Wake
        Set when there is reason to `turn` at once.
    once : bool
        Work off everything and end: no schedule, no pauses before a file is tried again.
    workers : callable
        Gives those who do the work.
    """

    def __init__(
        self,
        config: Config,
        observer: Observer,
        clock: Clock,
        wake: Wake,
        *,
        once: bool = False,
        workers: Hire = Workers,
    ) -> None:
        self._config = config
        self._observer = observer
        self._clock = clock
        self._wake = wake
        self._once = once
        self._hire = workers
        self._stack = ExitStack()
        self._room = Backoff()
        self._untidy = True  # something may be under way that no worker is at
        self._crashed: list[Entry] = []
        self._draining = False
        self._trouble = ""
        self._resting: str | None = None
        self._was_busy = True
        self._progress_at = self._told_at = self._saved_at = clock.steady()

    def __enter__(self) -> Self:
        with self._stack:
            self._open()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self._drain()

    def turn(self) -> None:
        """Do whatever can be done now, and return soon.

        Raises
        ------
        CatalogueMissingError, StoreError
            The catalogue or the store was removed, or another one stands in its place.
        """
        self._wake.clear()
        self._places.check()
        now = self._clock.steady()
        self._collect()
        try:
            if not self._room.waiting(now):
                if not self._workers.tasks:
                    self._tidy()
                if not self._untidy:
                    self._look()
                    self._dispatch()
        except StoreTrouble as why:
            self._in_trouble(str(why))
        except CatalogueDamagedError:
            raise
        except (CatalogueError, ImageFileError, OSError) as why:
            self._in_trouble(str(why))
        self._workers.retire(self._config.daemon.idle)
        self._tell(now)

    def sleep(self) -> None:
        """Wait until there is reason for another turn."""
        now = self._clock.steady()
        ends = [now + TURN]
        if self._room.waiting(now):
            ends.append(self._room.until)
        elif not self._untidy:  # else nothing is looked at until the workers are done
            ends.append(self._watches.next_look())
        if self._crashed and not self._workers.tasks:
            ends.append(now)
        timeout = max(0.0, min(ends) - now)
        wait([self._wake.fileno(), *self._workers.waitables], timeout)

    def remaining(self) -> Remaining | None:
        """Return what is left when nothing more can be done; None as long as something can.

        Raises
        ------
        StoreError
            There is no room, or the store cannot be written, and that does not pass.
        """
        now = self._clock.steady()
        if self._workers.tasks:
            return None
        stuck = self._untidy or self._room.waiting(now) or self._resting
        if stuck or self._crashed:
            if stuck and now - self._progress_at > HOPELESS:
                raise StoreError(self._trouble or "nothing can be archived; run again later")
            return None
        return remaining(self._watches, self._writer, now - self._progress_at)

    def _open(self) -> None:
        config = self._config
        self._store = Store.create(config.store)
        # Two catalogues of one store would have two writers.
        lock = WriterLock(self._store.spool)
        lock.acquire()
        self._stack.callback(lock.release)
        refuse_other_store(config, RootMarkers(self._store.path))
        self._writer = self._stack.enter_context(
            CatalogueWriter.open(config.catalogue, store=self._store.path, clock=self._clock.wall)
        )
        forget_unwatched(self._writer, {folder.name for folder in config.folders})
        self._places = Places(self._store.path, config.catalogue)
        observed = Observed(self._writer, self._clock)
        self._watches = Watches(
            folders_of(config, self._store),
            self._writer,
            self._store,
            wake=self._wake,
            period=config.daemon.rescan,
            observer=self._observer,
            clock=self._clock.steady,
        )
        self._context = Context(
            self._writer,
            self._store,
            self._watches,
            self._observer,
            self._clock,
            observed,
            config.daemon.retries,
        )
        self._assignments = Assignments(self._context, Room(config.daemon.reserve))
        workers = config.daemon.workers
        settings = Settings(
            self._store.path,
            config.catalogue,
            config.daemon.threads or max(1, _processors() // workers),
            config.daemon.device,
        )
        self._workers = self._hire(workers, settings, self._clock.steady)
        self._stack.callback(self._workers.end)
        self._stack.callback(self._watches.stop)
        recovered = self._recover()
        again = look_again(self._writer, self._config)
        if again:
            recovered["judged anew by changed rules"] = again
        watching = self._watches.start()
        self._observer.started(recovered, watching)

    def _recover(self) -> dict[str, int]:
        present = self._watches.standing()
        done = recover(
            self._writer, self._store, [(watch.folder, watch.quarantine) for watch in present]
        )
        self._untidy = False
        self._crashed.clear()
        return done

    def _tidy(self) -> None:
        if self._untidy:
            self._recover()
            self._assignments.renew()
        elif self._crashed:
            remove_temporaries(self._store, self._crashed)
            self._crashed.clear()

    def _collect(self) -> None:
        """Take what workers have come to, each to its next durable step."""
        for name, told in self._workers.results():
            task = cast("Task", name)
            result = told
            self._progress_at = self._clock.steady()
            if isinstance(result, Failure) and result.kind == "crash":
                self._crashed.append(task.entry)
                if self._draining:  # ended like the daemon, by whoever ends them all
                    result = replace(result, kind="cancelled")
            try:
                conclude(self._context, task, result)
            except StoreTrouble as why:
                self._in_trouble(str(why))
            else:
                self._room.succeed()
                self._trouble = ""

    def _look(self) -> None:
        busy: defaultdict[str, set[bytes]] = defaultdict(set)
        for task in self._tasks:
            busy[task.entry.root].add(task.entry.path)
        self._writer.read_journal(self._store.path)
        if self._watches.look(busy):
            self._progress_at = self._clock.steady()
            self._assignments.renew()

    def _dispatch(self) -> None:
        why = self._why_rest()
        while not why and self._workers.free and not self._crashed:
            chosen = self._assignments.next(self._tasks, self._workers.free, retry_now=self._once)
            if chosen is None:
                break
            self._workers.begin(*chosen)
        if not why and self._assignments.lacking and not self._workers.tasks:
            why = "space"
            self._trouble = (
                f"{self._store.path}: {self._assignments.lacking} bytes of free space are "
                "missing, the reserve counted; make room, or lower `reserve`"
            )
        if why != self._resting:
            self._resting = why
            self._observer.resting(why)
            if why == "space":
                self._observer.trouble(self._trouble)

    def _why_rest(self) -> str:
        daemon = self._config.daemon
        if self._config.pause_file.exists():
            self._trouble = f"paused; remove {self._config.pause_file} to go on"
            return "paused"
        if daemon.schedule is not None and not self._once:
            moment = datetime.fromtimestamp(self._clock.wall()).time()
            if not daemon.schedule.contains(moment):
                return "schedule"
        return ""

    def _in_trouble(self, why: str) -> None:
        """Wait, and then begin with whatever may be half done."""
        self._untidy = True
        self._room.fail(self._clock.steady())
        if why != self._trouble:
            self._trouble = why
            self._observer.trouble(why)

    def _tell(self, now: float) -> None:
        busy = len(self._workers.tasks)
        if now - self._saved_at >= SAVE:
            self._saved_at = now
            with suppress(CatalogueError):
                self._context.observed.save()
        if now - self._told_at >= TURN - 0.5 or self._told_at == self._saved_at:
            self._told_at = now
            with suppress(CatalogueError):
                self._observer.beat(self._writer.summary().backlog, busy)
        more = bool(busy or self._watches.waiting or self._untidy or self._resting)
        if self._was_busy and not more:
            self._observer.idle()
        self._was_busy = more

    def _drain(self) -> None:
        """Let workers finish or give up, and leave nothing half done."""
        self._draining = True
        self._workers.cancel()
        end = self._clock.steady() + GRACE
        while self._workers.tasks and self._clock.steady() < end:
            wait(self._workers.waitables, 0.5)
            self._collect()
        self._workers.end()
        # What fails here is done at the next start.
        with suppress(CatalogueError, OSError):
            if self._crashed or self._writer.entries(states=UNFINISHED, limit=1):
                self._recover()
            self._context.observed.save()

    @property
    def _tasks(self) -> list[Task]:
        return cast("list[Task]", self._workers.tasks)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
