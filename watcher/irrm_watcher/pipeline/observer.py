"""What the daemon tells whoever watches it: a log, metrics, health, hooks, systemd."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.scan import Passed, Watching


@dataclass(frozen=True)
class Scanned:
    """One look at a watched folder.

    Attributes
    ----------
    root : str
        Name of the watched folder.
    reason : str
        Why it was looked at: ``"start"``, ``"events"``, ``"period"``, ``"overflow"``, ``"asked"``.
    files : int
        That were looked at.
    found : mapping of str to int
        How many were new, changed, touched, gone, ours, unchanged.
    away : str
        Why nothing was concluded, as from an unmounted folder; empty otherwise.
    seconds : float
        That it took.
    passed : tuple of Passed or None
        What was passed over and why; None if not everything was looked at.
    """

    root: str
    reason: str
    files: int = 0
    found: Mapping[str, int] = field(default_factory=dict)
    away: str = ""
    seconds: float = 0.0
    passed: tuple[Passed, ...] | None = None


class Observer:
    """Base of those who watch; its methods do nothing, and one overrides those that one wants.

    Called from the daemon's thread, always between durable steps; must return quickly. What an
    observer raises ends the daemon, so one that may fail catches its own errors.
    """

    def started(self, recovered: Mapping[str, int], watching: Mapping[str, Watching]) -> None:
        """Hear that watching begins.

        Parameters
        ----------
        recovered : mapping of str to int
            How much of what a crash had left was finished or rolled back.
        watching : mapping of str to Watching
            How each folder is watched.
        """

    def watched(self, root: str, watching: Watching) -> None:
        """Hear that a folder is watched in another way from now on."""

    def scanned(self, scanned: Scanned) -> None:
        """Hear that a watched folder was looked at."""

    def claimed(self, entry: Entry) -> None:
        """Hear that a worker has this file now."""

    def committed(self, entry: Entry) -> None:
        """Hear that the archive file has its name, and the catalogue the row."""

    def quarantined(self, entry: Entry) -> None:
        """Hear that the original lies in quarantine."""

    def purged(self, entry: Entry) -> None:
        """Hear that the original was deleted from quarantine."""

    def kept(self, entry: Entry) -> None:
        """Hear that the file is left alone; the entry has the reason."""

    def returned(self, entry: Entry, reason: str) -> None:
        """Hear that the file changed, vanished or was interrupted, and is looked at later."""

    def retrying(self, entry: Entry, reason: str) -> None:
        """Hear that the file failed and is tried again at ``entry.retry_at``."""

    def failed(self, entry: Entry, reason: str) -> None:
        """Hear that the file failed for good, until it changes."""

    def trouble(self, what: str) -> None:
        """Hear of what is no single file's fault: no space, a store that cannot be written."""

    def resting(self, why: str) -> None:
        """Hear why nothing is taken up, ``paused`` or another; empty when work goes on."""

    def beat(self, backlog: int, busy: int) -> None:
        """Hear that the loop turned; every few seconds while the daemon is well."""

    def idle(self) -> None:
        """Hear that nothing is left to do."""

    def stopping(self) -> None:
        """Hear that the daemon was asked to end, and finishes or rolls back what is under way."""
