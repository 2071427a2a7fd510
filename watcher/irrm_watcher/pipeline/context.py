"""What the parts of the daemon's one thread share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.pipeline.clock import Clock, Observed
    from irrm_watcher.pipeline.observer import Observer
    from irrm_watcher.pipeline.watching import Watches


@dataclass(frozen=True)
class Context:
    """The store, its catalogue and the watched folders, while the writer lock is held.

    Attributes
    ----------
    writer : CatalogueWriter
        The only one.
    store : Store
        Where archive files go.
    watches : Watches
        The watched folders.
    observer : Observer
        Told of what happens.
    clock : Clock
        Of the machine, or of a test.
    observed : Observed
        Time that cannot jump.
    retries : int
        How often a file that failed is tried again.
    """

    writer: CatalogueWriter
    store: Store
    watches: Watches
    observer: Observer
    clock: Clock
    observed: Observed
    retries: int


@dataclass(frozen=True)
class Task:
    """What a worker is at.

    Attributes
    ----------
    kind : str
        ``"archive"`` a file; read an original before its ``"move"`` into quarantine; compare one
        before its ``"purge"``.
    entry : Entry
        Of the file.
    """

    kind: Literal["archive", "move", "purge"]
    entry: Entry
