"""Watched folders: what stands in them, when it is quiet, and what the catalogue says of it."""

from __future__ import annotations

from irrm_watcher.scan.decision import TO_TAKE, Decision, What, compare
from irrm_watcher.scan.events import EventSource, Wake, Watching
from irrm_watcher.scan.found import Found, Passed
from irrm_watcher.scan.ours import OwnFiles
from irrm_watcher.scan.root import MARKER, RootMarkers, RootState
from irrm_watcher.scan.scanner import Known, Ours, Scan, Scanner
from irrm_watcher.scan.series import Series
from irrm_watcher.scan.stability import Stability
from irrm_watcher.scan.taking import QUARANTINE, Taking
from irrm_watcher.scan.walk import LEFTOVER, look_at, walk
from irrm_watcher.scan.writers import held_for_writing

__all__ = [
    "LEFTOVER",
    "MARKER",
    "QUARANTINE",
    "TO_TAKE",
    "Decision",
    "EventSource",
    "Found",
    "Known",
    "Ours",
    "OwnFiles",
    "Passed",
    "RootMarkers",
    "RootState",
    "Scan",
    "Scanner",
    "Series",
    "Stability",
    "Taking",
    "Wake",
    "Watching",
    "What",
    "compare",
    "held_for_writing",
    "look_at",
    "walk",
]
