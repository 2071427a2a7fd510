"""What a run that works until nothing is left has left all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.pipeline.watching import Watches

RESTLESS = 60.0
"""Seconds beyond the delay for which such a run waits for files that keep changing."""


@dataclass(frozen=True)
class Remaining:
    """What a run that worked until nothing was left could not do.

    Attributes
    ----------
    restless : int
        Files that kept changing, or whose series is not complete.
    unmoved : int
        Archived originals that should be in quarantine and could not be moved there.
    away : tuple of str
        Watched folders that are not there, and why.
    stopped : bool
        It was asked to end before it was done.
    """

    restless: int = 0
    unmoved: int = 0
    away: tuple[str, ...] = ()
    stopped: bool = False


def remaining(watches: Watches, writer: CatalogueWriter, rested: float) -> Remaining | None:
    """Return what is left of the watched folders; None as long as files may come to rest.

    Parameters
    ----------
    watches : Watches
        All watched folders.
    writer : CatalogueWriter
        Nothing in it waits for a worker.
    rested : float
        Seconds since anything was last learned or done.
    """
    delay = max(watch.folder.delay for watch in watches.all)
    if watches.waiting and watches.due and rested <= delay + RESTLESS:
        return None
    unmoved = sum(
        watch.folder.taking.takes(entry.path)
        for name, watch in watches.present.items()
        if watch.folder.replace
        for entry in writer.to_quarantine(name, now=float("inf"), limit=1000)
    )
    away = tuple(watch.away for watch in watches.all if not watch.present)
    return Remaining(watches.waiting, unmoved, away)
