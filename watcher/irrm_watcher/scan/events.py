"""Events of the file systems: they only say where to look."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from irrm_core.filesystem import filesystem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from watchdog.observers.api import BaseObserver, ObservedWatch

# Names that appear and files that were closed after writing, nothing of each single write: the
# kernel queues no more for these than for closed and moved files alone.
_EVENTS: list[type[FileSystemEvent]] = [
    FileClosedEvent,
    FileMovedEvent,
    FileCreatedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]

_LOGGERS = "watchdog.observers"

MOST_PATHS = 4096
"""Paths of one folder that are remembered; more than that and all of it is looked at."""


@dataclass(frozen=True)
class Watching:
    """How it is learned that something happens in a watched folder.

    Attributes
    ----------
    events : bool
        The system tells; otherwise the folder is looked at again and again.
    reason : str
        Which and why, for people.
    """

    events: bool
    reason: str


@dataclass(frozen=True)
class Wake:
    """Where to look in one watched folder.

    Attributes
    ----------
    full : bool
        Everywhere: events were lost, or none come.
    paths : frozenset of bytes
        At these files and folders, relative to the watched folder.
    reason : str
        Why everywhere, for people.
    """

    full: bool = False
    paths: frozenset[bytes] = frozenset()
    reason: str = ""


class EventSource:
    """Gathers where something happened, until somebody asks.

    Parameters
    ----------
    roots : mapping of str to Path
        The watched folders by their names.
    wake : threading.Event, optional
        Set whenever there is something to `take`.
    poll : float
        Seconds between looks at folders of which no events come.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self,
        roots: Mapping[str, Path],
        *,
        wake: threading.Event | None = None,
        poll: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._roots = dict(roots)
        self._wake = wake or threading.Event()
        self._poll = poll
        self._clock = clock
        self._lock = threading.Lock()
        self._paths: dict[str, set[bytes]] = {name: set() for name in roots}
        self._full: dict[str, str] = {}
        self._polled: dict[str, float] = {}
        self._watching: dict[str, Watching] = {}
        self._watches: dict[str, ObservedWatch] = {}
        self._listened: dict[str, tuple[int, int] | None] = {}
        self._observer: BaseObserver | None = None
        self._overflow = _Overflow(self)

    def start(self) -> dict[str, Watching]:
        """Begin to listen; return how each folder is watched. Every folder wants a first look."""
        logging.getLogger(_LOGGERS).addHandler(self._overflow)
        for name in self._roots:
            self.renew(name, "is looked at for the first time")
        return dict(self._watching)

    def stop(self) -> None:
        """Listen no more."""
        logging.getLogger(_LOGGERS).removeHandler(self._overflow)
        observer, self._observer = self._observer, None
        self._watches.clear()
        if observer is not None:
            observer.stop()
            observer.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def watching(self, name: str) -> Watching:
        """Return how a folder is watched."""
        return self._watching[name]

    def renew(self, name: str, reason: str = "is there again") -> Watching:
        """Listen anew to a folder: one that was away is another one to the system.

        Returns
        -------
        Watching
            How it is watched from now on.
        """
        self._unwatch(name)
        self._watching[name] = watching = self._listen(name)
        self.want_all(reason, name)
        return watching

    def check(self) -> dict[str, Watching]:
        """Listen anew to folders that are others by now, poll where no more watches are taken.

        To be called now and then: new folders want watches of their own, and that one was
        refused is told to nobody.

        Returns
        -------
        dict
            How folders are watched of which that is new.
        """
        changed = {
            name: self.renew(name)
            for name, root in self._roots.items()
            if _identity(root) not in (None, self._listened.get(name))
        }
        listened = [name for name in self._watches if self._watching[name].events]
        why = self._limit_reached() if listened else None
        if why is None:
            return changed
        for name in listened:
            # The watches that there are stay: they are quicker than polling.
            self._watching[name] = Watching(False, f"{self._roots[name]}: is polled, since {why}")
            self._polled[name] = self._clock()
        return changed | {name: self._watching[name] for name in listened}

    def want(self, name: str, path: bytes) -> None:
        """Remember that a path wants a look."""
        with self._lock:
            paths = self._paths[name]
            if name in self._full:
                return
            paths.add(path)
            if len(paths) > MOST_PATHS:
                self._full[name] = "more happened at once than is remembered"
                paths.clear()
        self._wake.set()

    def want_all(self, reason: str, name: str | None = None) -> None:
        """Remember that a folder, or each one, wants a look at everything."""
        with self._lock:
            for each in self._roots if name is None else (name,):
                self._full.setdefault(each, reason)
                self._paths[each].clear()
        self._wake.set()

    def take(self) -> dict[str, Wake]:
        """Return where to look by now, and forget it."""
        now = self._clock()
        with self._lock:
            for name, since in self._polled.items():
                if now - since >= self._poll:
                    self._full.setdefault(name, "is polled")
                    self._polled[name] = now
            wakes = {name: Wake(True, reason=reason) for name, reason in self._full.items()}
            for name, paths in self._paths.items():
                if paths and name not in wakes:
                    wakes[name] = Wake(paths=frozenset(paths))
                paths.clear()
            self._full.clear()
        return wakes

    def due(self) -> float | None:
        """Return when a folder is to be polled next, on the source's clock; None if none is."""
        with self._lock:
            first = min(self._polled.values(), default=None)
        return None if first is None else first + self._poll

    def _listen(self, name: str) -> Watching:
        root = self._roots[name]
        self._polled.pop(name, None)
        self._listened[name] = _identity(root)
        try:
            system = filesystem_of(root)
            why = (
                f"{system.type} tells nothing of what other computers do"
                if system.network
                else None
            )
            if why is None:
                handler = _Handler(self, name, os.fsencode(root))
                if self._observer is None:
                    self._observer = Observer()
                    self._observer.start()
                self._watches[name] = self._observer.schedule(
                    handler, str(root), recursive=True, event_filter=_EVENTS
                )
                why = self._limit_reached()
        except OSError as error:
            why = f"it cannot be watched ({_said(error)})"
        if why is None:
            return Watching(True, f"{root}: the system tells of new files")
        self._polled[name] = self._clock()
        return Watching(False, f"{root}: is looked at every {self._poll:g} seconds, since {why}")

    def _unwatch(self, name: str) -> None:
        watch = self._watches.pop(name, None)
        if watch is not None and self._observer is not None:
            with contextlib.suppress(KeyError):
                self._observer.unschedule(watch)

    def _limit_reached(self) -> str | None:
        """Return why no further folder could be watched, by trying; None if one could.

        A watch that is refused below a watched folder is passed over in silence; the next one,
        of a folder of its own, is refused aloud.
        """
        if self._observer is None:
            return None
        try:
            probe = tempfile.TemporaryDirectory()
        except OSError:  # no room for a folder: that says nothing about watches
            return None
        with probe as folder:
            try:
                watch = self._observer.schedule(
                    FileSystemEventHandler(), folder, recursive=False, event_filter=_EVENTS
                )
            except OSError as error:
                return f"the {_said(error)}: raise fs.inotify.max_user_watches"
            self._observer.unschedule(watch)
        return None


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _said(error: OSError) -> str:
    return error.strerror or str(error)


class _Handler(FileSystemEventHandler):
    """Only notes where something happened; looking there is the scanner's."""

    def __init__(self, source: EventSource, name: str, root: bytes) -> None:
        self._source = source
        self._name = name
        self._root = root

    def on_any_event(self, event: FileSystemEvent) -> None:
        for place in (event.src_path, event.dest_path):
            if place:
                path = os.path.relpath(os.fsencode(place), self._root)
                self._source.want(self._name, b"" if path == b"." else path)


class _Overflow(logging.Handler):
    """Hears watchdog say that the kernel dropped events, which it says nowhere else."""

    def __init__(self, source: EventSource) -> None:
        super().__init__(logging.WARNING)
        self._source = source

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self._source.want_all("the system lost events")
