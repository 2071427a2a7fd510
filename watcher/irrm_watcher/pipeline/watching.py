"""When the watched folders are looked at, and what is learned from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.filesystem import filesystem_of
from irrm_watcher.pipeline.finding import apply
from irrm_watcher.pipeline.observer import Scanned
from irrm_watcher.pipeline.quarantine import Quarantine
from irrm_watcher.pipeline.recovery import remove_interrupted
from irrm_watcher.scan import (
    EventSource,
    OwnFiles,
    RootMarkers,
    Scan,
    Scanner,
    Wake,
    held_for_writing,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Mapping

    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.pipeline.folders import Folder
    from irrm_watcher.pipeline.observer import Observer
    from irrm_watcher.scan import Watching

AWAY = 30.0
"""Seconds until a folder that is not there is looked for again."""

PAUSE = 0.5
"""Seconds at least until files that are not quiet yet are looked at again."""


class Watch:
    """One watched folder: its scanner, its quarantine, and whether it is there.

    Attributes
    ----------
    folder : Folder
        From the configuration.
    quarantine : Quarantine
        Of the folder.
    present : bool
        Whether it was there at the last look.
    away : str
        Why not.
    waiting : int
        Files that are not quiet yet.
    due : float or None
        When those are to be looked at again, on the scanner's clock.
    """

    def __init__(
        self,
        folder: Folder,
        writer: CatalogueWriter,
        store: Store,
        ours: OwnFiles,
        clock: Callable[[], float],
    ) -> None:
        self.folder = folder
        self.quarantine = Quarantine(folder.path, writer, self._held)
        self.scanner = Scanner(
            folder.name,
            folder.path,
            folder.taking,
            known=writer,
            markers=RootMarkers(store.path),
            ours=ours,
            delay=folder.delay,
            series=folder.series,
            held=self._held,
            clock=clock,
        )
        self._remote = True
        self.present = False
        self.away = ""
        self.waiting = 0
        self.due: float | None = None
        self.again: set[bytes] = set()

    def scan(self, paths: Collection[bytes] | None) -> Scan:
        """Look at these paths, or at everything."""
        if not self.present:  # another file system may have been mounted since
            self._remote = filesystem_of(self.folder.path).network
        return self.scanner.scan(paths)

    def _held(self, path: bytes) -> bool:
        # Leases are refused by remote file systems for reasons of their own.
        return not self._remote and held_for_writing(path)


class Watches:
    """All watched folders.

    Parameters
    ----------
    folders : collection of Folder
        From the configuration.
    writer, store
        What is learned goes to the catalogue.
    wake : threading.Event
        Set when an event came.
    period : float
        Seconds between two looks at everything.
    observer : Observer
        Told of each look.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self,
        folders: Collection[Folder],
        writer: CatalogueWriter,
        store: Store,
        *,
        wake: threading.Event,
        period: float,
        observer: Observer,
        clock: Callable[[], float],
    ) -> None:
        self._writer = writer
        self._period = period
        self._observer = observer
        self._clock = clock
        self._markers = RootMarkers(store.path)
        ours = OwnFiles(store.path)
        self._watches = {
            folder.name: Watch(folder, writer, store, ours, clock) for folder in folders
        }
        self._events = EventSource(
            {folder.name: folder.path for folder in folders}, wake=wake, clock=clock
        )
        self._next_full = clock()

    def start(self) -> dict[str, Watching]:
        """Listen; return how each folder is watched."""
        return self._events.start()

    def stop(self) -> None:
        """Listen no more."""
        self._events.stop()

    def __getitem__(self, name: str) -> Watch:
        return self._watches[name]

    def __contains__(self, name: str) -> bool:
        return name in self._watches

    @property
    def all(self) -> list[Watch]:
        """Every watched folder."""
        return list(self._watches.values())

    @property
    def present(self) -> dict[str, Watch]:
        """Those that were there at the last look."""
        return {name: watch for name, watch in self._watches.items() if watch.present}

    @property
    def waiting(self) -> int:
        """Files that are not quiet yet."""
        return sum(watch.waiting + len(watch.again) for watch in self._watches.values())

    @property
    def due(self) -> bool:
        """Whether some of these become quiet by time alone."""
        return any(watch.due is not None or watch.again for watch in self._watches.values())

    def standing(self) -> list[Watch]:
        """Return the watched folders that are there, by their markers; nothing is looked at."""
        return [
            watch
            for watch in self._watches.values()
            if self._markers.state(watch.folder.name, watch.folder.path, established=True).present
        ]

    def next_look(self) -> float:
        """Return when to `look` again if no event comes, on the clock."""
        times = [watch.due for watch in self._watches.values() if watch.due is not None]
        polled = self._events.due()
        return min([self._next_full, *times, *([] if polled is None else [polled])])

    def look(self, busy: Mapping[str, Collection[bytes]]) -> bool:
        """Look wherever there is reason to; return whether the catalogue learned something.

        Parameters
        ----------
        busy : mapping of str to collection of bytes
            Paths that a worker is at, by watched folder.
        """
        now = self._clock()
        if now >= self._next_full:
            self._next_full = now + self._period
            for name, how in self._events.check().items():
                self._observer.watched(name, how)
            self._events.want_all("period")
        try:
            return self._look(self._events.take(), busy, now)
        except BaseException:
            # What was heard of is known no more, and the catalogue may not have learned of it.
            self._events.want_all("was not looked at to the end")
            raise

    def _look(
        self, wakes: Mapping[str, Wake], busy: Mapping[str, Collection[bytes]], now: float
    ) -> bool:
        learned = False
        for name, watch in self._watches.items():
            wake = wakes.get(name)
            due = watch.due is not None and watch.due <= now
            paths = set(watch.again - set(busy.get(name, ())))
            if wake is not None and wake.full:
                learned |= self._scan(watch, None, wake.reason, busy.get(name, ()))
            elif wake is not None or due or paths:
                paths |= set() if wake is None else wake.paths
                reason = "quiet" if wake is None else "events"
                learned |= self._scan(watch, paths, reason, busy.get(name, ()))
        return learned

    def again(self, name: str, path: bytes) -> None:
        """Have a file looked at again that was taken and came to nothing."""
        if name in self._watches:
            self._watches[name].scanner.again(path)
            self._watches[name].again.add(path)

    def _scan(
        self, watch: Watch, paths: set[bytes] | None, reason: str, busy: Collection[bytes]
    ) -> bool:
        began = self._clock()
        scan = watch.scan(paths)
        was_there, watch.present = watch.present, scan.state.present
        watch.waiting = scan.waiting
        # Without a delay, a file that somebody holds open would be looked at without a pause.
        watch.due = None if scan.due is None else max(scan.due, self._clock() + PAUSE)
        name = watch.folder.name
        if not scan.state.present:
            # No event tells that a disk is mounted.
            watch.due = self._clock() + AWAY
            if paths is None or watch.away != scan.state.reason:
                self._observer.scanned(Scanned(name, reason, away=scan.state.reason))
            watch.away = scan.state.reason
            return False
        if watch.away:
            # Mounted again it may look the same to us, but the system has dropped our watches.
            watch.away = ""
            self._observer.watched(name, self._events.renew(name))
        watch.again -= watch.again if paths is None else paths
        try:
            counts, later = apply(scan.decisions, name, self._writer, watch.quarantine, busy)
        except BaseException:
            for decision in scan.decisions:  # a scanner says a thing only once
                watch.scanner.again(decision.path)
            raise
        for path in later:
            self.again(name, path)
        if scan.decisions or paths is None:
            found = dict(counts)
            seconds = self._clock() - began
            passed = None
            if paths is None:
                passed = tuple(remove_interrupted(watch.folder, self._writer, scan.passed))
            self._observer.scanned(
                Scanned(name, reason, scan.files, found, seconds=seconds, passed=passed)
            )
        return bool(counts) or not was_there
