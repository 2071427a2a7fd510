"""How things stand: the catalogue and the daemon's heartbeat as one document.

`Status.document` is what ``irrm-watch status --json`` prints; its keys are described in
``docs/watcher.md`` and stay.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue import Catalogue, State, StorageClass, Summary
from irrm_core.archive.catalogue.states import PENDING
from irrm_core.errors import CatalogueMissingError
from irrm_watcher.catalogue.store import refuse_fresh_start
from irrm_watcher.operations.health import ill
from irrm_watcher.operations.heartbeat import FolderBeat, Heartbeat, heartbeat_path
from irrm_watcher.operations.reasons import counted

if TYPE_CHECKING:
    from irrm_watcher.config import Config, FolderConfig

MOST_REASONS = 10
"""Kinds of reasons that are listed, the commonest first."""

_ALL = 100_000


@dataclass(frozen=True)
class Status:
    """How things stand.

    Attributes
    ----------
    config : Config
        Whose store and folders they are.
    now : float
        When, in seconds since 1970.
    summary : Summary
        Of the catalogue; empty before the first start.
    failed, kept, exact : tuple
        Kinds of reasons and how many files each, the commonest first: of those that are exact,
        why they are not LR files.
    quarantined : dict
        Since when the oldest original of a folder is in quarantine.
    heartbeat : Heartbeat or None
        Of the daemon that last ran.
    running : bool
        Whether that one runs now.
    """

    config: Config
    now: float
    summary: Summary
    failed: tuple[tuple[str, int], ...]
    kept: tuple[tuple[str, int], ...]
    exact: tuple[tuple[str, int], ...]
    quarantined: dict[str, float]
    heartbeat: Heartbeat | None
    running: bool

    @property
    def reasons(self) -> list[str]:
        """Why things are not well; empty if they are."""
        return ill(
            self.heartbeat,
            self.summary,
            [folder.name for folder in self.config.folders],
            running=self.running,
            now=self.now,
            stale=self.config.daemon.stale,
        )

    def next_purge(self, folder: FolderConfig) -> float | None:
        """Return when the oldest original of a folder is to be deleted; None if none is."""
        since = self.quarantined.get(folder.name)
        return None if since is None else since + folder.quarantine

    def document(self) -> dict[str, Any]:
        """Return it as JSON values; times are seconds since 1970, sizes bytes."""
        summary, reasons = self.summary, self.reasons
        folders = [self._folder(folder) for folder in self.config.folders]
        purges = [f["next_purge"] for f in folders if f["next_purge"] is not None]
        return {
            "healthy": not reasons,
            "reasons": reasons,
            "now": self.now,
            "store": str(self.config.store),
            "catalogue": str(self.config.catalogue),
            "daemon": self._daemon(),
            "files": summary.files,
            "states": {str(state): summary.states.get(state, 0) for state in State},
            "classes": {str(each): summary.classes.get(each, 0) for each in StorageClass},
            "backlog": summary.backlog,
            "oldest_pending": summary.oldest_pending,
            "last_success": summary.last_success,
            "bytes": {
                "original": summary.original_bytes,
                "stored": summary.stored_bytes,
                "saved": summary.saved_bytes,
                "freed": summary.freed_bytes,
            },
            "failures": summary.failures,
            "failed": [{"reason": reason, "files": count} for reason, count in self.failed],
            "kept": [{"reason": reason, "files": count} for reason, count in self.kept],
            "exact": [{"reason": reason, "files": count} for reason, count in self.exact if reason],
            "folders": folders,
            "next_purge": min(purges, default=None),
        }

    def _daemon(self) -> dict[str, Any]:
        beat = self.heartbeat
        return {
            "running": self.running,
            "once": beat.once if beat else False,
            "pid": beat.pid if beat else None,
            "host": beat.host if beat else None,
            "version": beat.version if beat else None,
            "started_at": beat.started_at if beat else None,
            "beat_at": beat.beat_at if beat else None,
            "ended_at": beat.ended_at if beat else None,
            "busy": beat.busy if beat and self.running else 0,
            "resting": beat.resting if beat and self.running else "",
            "trouble": beat.trouble if beat else "",
        }

    def _folder(self, folder: FolderConfig) -> dict[str, Any]:
        beat = FolderBeat()
        if self.heartbeat is not None:
            beat = self.heartbeat.folders.get(folder.name, beat)
        tallies = [tally for tally in self.summary.tallies if tally.root == folder.name]
        return {
            "name": folder.name,
            "path": str(folder.path),
            "mode": folder.mode,
            "present": beat.present,
            "away": beat.away,
            "events": beat.events,
            "watching": beat.watching,
            "scanned_at": beat.scanned_at,
            "passed": beat.passed,
            "passed_first": beat.passed_first,
            "files": sum(tally.files for tally in tallies),
            "backlog": sum(tally.files for tally in tallies if tally.state in PENDING),
            "next_purge": self.next_purge(folder),
        }


def read_status(config: Config, *, now: float | None = None) -> Status:
    """Return how things stand, without disturbing a daemon that runs.

    Raises
    ------
    CatalogueError
        The catalogue is damaged or newer, or missing although the store holds files.
    """
    now = time.time() if now is None else now
    heartbeat = Heartbeat.read(heartbeat_path(config.catalogue))
    running = heartbeat is not None and heartbeat.running()
    try:
        with Catalogue.open(config.catalogue) as catalogue:
            return Status(
                config,
                now,
                catalogue.summary(),
                counted(catalogue.reasons(State.failed, limit=_ALL), MOST_REASONS),
                counted(catalogue.reasons(State.kept, limit=_ALL), MOST_REASONS),
                counted(catalogue.reasons(StorageClass.exact, limit=_ALL), MOST_REASONS),
                catalogue.oldest_in_quarantine(),
                heartbeat,
                running,
            )
    except CatalogueMissingError:
        refuse_fresh_start(config.catalogue, config.store)
        return Status(config, now, Summary(()), (), (), (), {}, heartbeat, running)
