"""The progress of many files as one bar that moves within each file, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irrm_core.progress import Progress

_STEPS = 1000  # of a file


class FilesProgress:
    """A `Progress` whose outer piece of work is files and whose inner ones are parts of a file.

    Parameters
    ----------
    progress : Progress
        Told of one piece of work: all files.
    parts : int
        How many pieces of work a file usually takes; more of them end with the file's share.
    """

    def __init__(self, progress: Progress, parts: int = 1) -> None:
        self._progress = progress
        self._parts = parts
        self._depth = 0
        self._total = 1
        self._within = 0.0
        self._told = 0

    def begin(self, what: str, total: int) -> None:
        """Start with the files, or with a part of one."""
        self._depth += 1
        if self._depth == 1:
            counted = f"{total:,} {what}" if total != 1 else "1 file"
            self._progress.begin(counted, total * _STEPS)
        elif self._depth == 2:
            self._total = max(total, 1)

    def advance(self, steps: int = 1) -> None:
        """Say that files, or steps of a part of one, are done."""
        if self._depth == 1:
            self._progress.advance(steps * _STEPS - self._told)
            self._within, self._told = 0.0, 0
        elif self._depth == 2:
            self._within += steps / self._total / self._parts * _STEPS
            more = min(int(self._within), _STEPS - 1) - self._told
            if more > 0:
                self._progress.advance(more)
                self._told += more

    def end(self) -> None:
        """Say that the files, or a part of one, are over."""
        self._depth -= 1
        if self._depth == 0:
            self._progress.end()
