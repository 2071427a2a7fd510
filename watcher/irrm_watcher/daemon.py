"""The daemon: one thread that owns the catalogue, and workers that do the heavy part."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from irrm_core.errors import IrrmError, UsageError
from irrm_watcher.pipeline.clock import Clock, SystemClock
from irrm_watcher.pipeline.observer import Observer
from irrm_watcher.pipeline.remaining import Remaining
from irrm_watcher.pipeline.shift import Shift
from irrm_watcher.pipeline.waking import Wake
from irrm_watcher.pipeline.workers import Hire, Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_watcher.config import Config


class Daemon:
    """Watches folders and archives what comes to rest in them.

    Parameters
    ----------
    config : Config
        What to watch, and how files are stored.
    observer : Observer, optional
        Told of everything that happens.
    clock : Clock, optional
        By default the machine's.
    reload : callable, optional
        Gives the configuration anew when `ask_reload` was called. What it raises as an
        `IrrmError` is told to the observer, and the configuration stays; so it does if it cannot
        be worked with, or names another store or catalogue.
    workers : callable, optional
        Gives those who do the work: by default processes; see `pipeline.workers.Crew`.
    """

    def __init__(
        self,
        config: Config,
        *,
        observer: Observer | None = None,
        clock: Clock | None = None,
        reload: Callable[[], Config] | None = None,
        workers: Hire = Workers,
    ) -> None:
        self.config = config
        self._observer = observer or Observer()
        self._clock = clock or SystemClock()
        self._read_config = reload
        self._hire = workers
        self._wake = Wake()
        self._stopping = False
        self._reloading = False

    def stop(self) -> None:
        """Ask the daemon to end; may be called from a signal handler or another thread."""
        self._stopping = True
        self._wake.set()

    def ask_reload(self) -> None:
        """Ask for the configuration to be read again; from a signal handler or another thread."""
        self._reloading = True
        self._wake.set()

    def run(self) -> None:
        """Work until `stop` is called.

        Raises
        ------
        CatalogueError
            Another process is the writer, or the catalogue is damaged.
        StoreError
            The store is damaged or not there.
        """
        before: Config | None = None
        while True:
            with ExitStack() as stack:
                shift = self._shift()
                try:
                    stack.enter_context(shift)
                except IrrmError as why:
                    if before is None:
                        raise
                    self._observer.trouble(f"{why}; the configuration before is in force again")
                    self.config, before = before, None
                    continue
                while not self._stopping and not self._reloading:
                    shift.turn()
                    shift.sleep()
                if self._stopping:
                    self._observer.stopping()
                    return
            before = self.config
            self._reload()

    def once(self) -> Remaining:
        """Work until nothing is left to do.

        Waits until files are quiet, and tries again what failed, without the pauses of the
        daemon. The schedule is not asked.

        Returns
        -------
        Remaining
            What could not be done in the end; empty unless something stood in the way.

        Raises
        ------
        CatalogueError, StoreError
            As `run`; or the store cannot be written, or there is no room, and that does not pass.
        """
        with self._shift(once=True) as shift:
            while not self._stopping:
                shift.turn()
                remaining = shift.remaining()
                if remaining is not None:
                    return remaining
                shift.sleep()
            self._observer.stopping()
            return Remaining(stopped=True)

    def _shift(self, *, once: bool = False) -> Shift:
        return Shift(
            self.config,
            self._observer,
            self._clock,
            self._wake,
            once=once,
            workers=self._hire,
        )

    def _reload(self) -> None:
        self._reloading = False
        if self._read_config is None:
            return
        try:
            config = self._read_config()
            if (config.store, config.catalogue) != (self.config.store, self.config.catalogue):
                raise UsageError("another store or catalogue is taken up only at a start")
            self.config = config
        except IrrmError as why:
            self._observer.trouble(f"{why}; the configuration in force stays")
