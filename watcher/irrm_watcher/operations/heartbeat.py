"""What the daemon last said of itself: a small file beside the catalogue, for `status`."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from irrm_core import __version__
from irrm_watcher.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from irrm_watcher.pipeline.observer import Scanned
    from irrm_watcher.scan import Watching

FORMAT = 1

SILENT = 900.0
"""Seconds without a beat after which a daemon counts as hung: a full scan may take minutes."""


def heartbeat_path(catalogue: Path) -> Path:
    """Return where the daemon that writes a catalogue leaves its heartbeat."""
    return catalogue.with_name(catalogue.name + ".heartbeat")


@dataclass(frozen=True)
class FolderBeat:
    """What is known of one watched folder.

    Attributes
    ----------
    present : bool or None
        Whether it was there at the last look; None before the first.
    away : str
        Why it was not.
    events : bool
        The system tells of new files; otherwise it is polled.
    watching : str
        How it is watched and why, for people.
    scanned_at : float or None
        When it was last looked at and there, in seconds since 1970.
    passed : int
        How many things in it were passed over when all was looked at last: links, pipes, other
        file systems, what cannot be read.
    passed_first : str
        The first of them, with the reason.
    """

    present: bool | None = None
    away: str = ""
    events: bool = False
    watching: str = ""
    scanned_at: float | None = None
    passed: int = 0
    passed_first: str = ""


@dataclass(frozen=True)
class Heartbeat:
    """What a daemon last said of itself; times are seconds since 1970.

    Attributes
    ----------
    pid, host
        Of its process.
    version : str
        Of the package.
    once : bool
        It works off what is there and ends.
    started_at, beat_at : float
        When it began, and when its loop last turned.
    ended_at : float or None
        When it ended by itself; None if it runs, or was killed.
    backlog, busy : int
        Files to do, and under way.
    resting : str
        Why nothing is taken up; empty if work goes on.
    trouble : str
        What stands in the way of all files; empty if nothing.
    folders : mapping of str to FolderBeat
        By name.
    """

    pid: int
    host: str
    version: str
    once: bool
    started_at: float
    beat_at: float
    ended_at: float | None = None
    backlog: int = 0
    busy: int = 0
    resting: str = ""
    trouble: str = ""
    folders: Mapping[str, FolderBeat] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return what stands in a file; None if nothing that can be read as one."""
        try:
            fields = json.loads(path.read_bytes())
            if fields.pop("format") != FORMAT:
                return None
            folders = {name: FolderBeat(**beat) for name, beat in fields.pop("folders").items()}
            return cls(**fields, folders=folders)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def running(self) -> bool:
        """Return whether the process is there, as far as can be told from here."""
        if self.ended_at is not None:
            return False
        if self.host != platform.node():
            return time.time() - self.beat_at < SILENT
        try:
            os.kill(self.pid, 0)
        except PermissionError:
            return True  # somebody else's, but there
        except (OSError, OverflowError):
            return False
        return True

    def write(self, path: Path) -> None:
        """Write it whole or not at all, without waiting for the disk: it is soon renewed."""
        text = json.dumps({"format": FORMAT, **asdict(self)})
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(text, encoding="ascii")
        temporary.replace(path)


class Beating(Observer):
    """Keeps the heartbeat of a daemon.

    Parameters
    ----------
    path : Path
        Of the file.
    once : bool
        The daemon works off what is there and ends.
    clock : callable
        Seconds since 1970.
    """

    def __init__(
        self, path: Path, *, once: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._clock = clock
        # What was known of folders before stays known until they are looked at again.
        before = Heartbeat.read(path)
        now = clock()
        self._folders = dict(before.folders) if before else {}
        self._now = Heartbeat(os.getpid(), platform.node(), __version__, once, now, now)
        self._begun = False  # until the lock is held, the file is another daemon's

    def started(self, recovered: Mapping[str, int], watching: Mapping[str, Watching]) -> None:
        """Say that it began."""
        known = self._folders
        self._folders = {
            name: replace(known.get(name, FolderBeat()), events=how.events, watching=how.reason)
            for name, how in watching.items()
        }
        self._begun = True
        self._set(ended_at=None)

    def watched(self, root: str, watching: Watching) -> None:
        """Note how a folder is watched from now on."""
        beat = self._folders.get(root, FolderBeat())
        self._folders[root] = replace(beat, events=watching.events, watching=watching.reason)

    def scanned(self, scanned: Scanned) -> None:
        """Note whether a folder is there."""
        beat = self._folders.get(scanned.root, FolderBeat())
        at = beat.scanned_at if scanned.away else self._clock()
        self._folders[scanned.root] = replace(
            beat, present=not scanned.away, away=scanned.away, scanned_at=at
        )
        if scanned.passed is not None:
            first = next((f"{os.fsdecode(p.path)!r} {p.reason}" for p in scanned.passed), "")
            self._folders[scanned.root] = replace(
                self._folders[scanned.root], passed=len(scanned.passed), passed_first=first
            )

    def trouble(self, what: str) -> None:
        """Say what stands in the way."""
        self._set(trouble=what)

    def committed(self, _entry: object) -> None:
        """Note that nothing stands in the way."""
        if self._now.trouble:
            self._set(trouble="")

    def resting(self, why: str) -> None:
        """Say why nothing is taken up."""
        self._set(resting=why, **({} if why else {"trouble": ""}))

    def beat(self, backlog: int, busy: int) -> None:
        """Say that all is well."""
        self._set(backlog=backlog, busy=busy)

    def idle(self) -> None:
        """Say that nothing is left to do."""
        self._set(trouble="", busy=0)

    def close(self) -> None:
        """Say that it ended by itself."""
        self._set(ended_at=self._clock(), busy=0)

    def _set(self, **changes: Any) -> None:
        self._now = replace(
            self._now, beat_at=self._clock(), folders=dict(self._folders), **changes
        )
        if self._begun:
            # A full disk must not end the daemon; `status` then tells of silence.
            with contextlib.suppress(OSError):
                self._now.write(self._path)
