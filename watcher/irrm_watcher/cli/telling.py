"""What a person at a terminal sees of the daemon: a bar, and a line where something is wrong."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from irrm_core.cli import console
from irrm_watcher.pipeline.observer import Observer, Scanned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.archive.catalogue import Entry
    from irrm_core.progress import Progress
    from irrm_watcher.scan import Passed, Watching


class Telling(Observer):
    """Counts what happens, and tells of it.

    Parameters
    ----------
    progress : Progress
        Told of each file that is done.
    quiet : bool
        Say only what went wrong with the run.

    Attributes
    ----------
    counts : Counter
        Files by what became of them.
    """

    def __init__(self, progress: Progress, *, quiet: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self._progress = progress
        self._quiet = quiet
        self._total = self._done = 0
        self._bar = False
        self._passed: set[Passed] = set()

    def started(self, recovered: Mapping[str, int], watching: Mapping[str, Watching]) -> None:
        """Say what a crash had left."""
        if recovered and not self._quiet:
            told = ", ".join(f"{count} {what}" for what, count in recovered.items())
            console.say(f"recovered: {told}")

    def beat(self, backlog: int, busy: int) -> None:
        """Draw the bar anew when more files came."""
        total = self._done + backlog
        if total > self._total:
            self.end()
            self._total, self._bar = total, True
            self._progress.begin("files", total)
            self._progress.advance(self._done)

    def committed(self, entry: Entry) -> None:
        """Count a file that was archived."""
        self._count("archived")

    def kept(self, entry: Entry) -> None:
        """Count a file that is left alone."""
        self._count("kept")

    def failed(self, entry: Entry, reason: str) -> None:
        """Say which file failed."""
        self._count("failed")
        console.say(f"failed: {entry.root}/{os.fsdecode(entry.path)}: {reason}")

    def retrying(self, entry: Entry, reason: str) -> None:
        """Say which file is tried again."""
        if not self._quiet:
            console.say(f"tried again: {entry.root}/{os.fsdecode(entry.path)}: {reason}")

    def quarantined(self, entry: Entry) -> None:
        """Count an original that was moved away."""
        self.counts["moved into quarantine"] += 1

    def purged(self, entry: Entry) -> None:
        """Count an original that was deleted."""
        self.counts["purged"] += 1

    def scanned(self, scanned: Scanned) -> None:
        """Say that a folder is not there, and what is passed over in one that is."""
        if scanned.away:
            console.say(scanned.away)
        if self._quiet or scanned.passed is None:
            return
        for thing in scanned.passed:
            if thing not in self._passed:
                self._passed.add(thing)
                path = os.fsdecode(thing.path)
                console.say(f"passed over: {scanned.root}/{path}: {thing.reason}")

    def trouble(self, what: str) -> None:
        """Say what stands in the way of everything."""
        console.say(what)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar = False
            self._progress.end()

    def _count(self, what: str) -> None:
        self.counts[what] += 1
        self._done += 1
        if self._bar:
            self._progress.advance()
