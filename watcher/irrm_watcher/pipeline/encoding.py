"""In a worker: from an original to a verified archive file that has not taken its name yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import Catalogue
from irrm_core.archive.classes import Stored, neighbours, spool, store_file
from irrm_core.errors import SourceChangedError
from irrm_watcher.failpoints import reach
from irrm_watcher.pipeline.jobs import Archive, Archived, Result, Same
from irrm_watcher.pipeline.look import Look, look_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.classes import Spooled
    from irrm_core.archive.store import Store
    from irrm_core.progress import Cancel, Progress


def archived(
    job: Archive,
    store: Store,
    catalogue: Path,
    pool: RescalerPool,
    cancel: Cancel,
    progress: Progress,
    encoded: Callable[[], None],
) -> Result:
    """Copy, hash, decide, write and judge; everything but the archive file is removed again.

    `encoded` is called once, when the first archive file is written and is to be judged.

    Raises
    ------
    SourceChangedError
        The original is not the one that was copied, or is gone.
    StoreWriteError
        The store cannot be written.
    Cancelled
        Nothing is left behind.
    """
    reach("before-spool")
    spooled = spool(job.source, store, cancel=cancel)
    try:
        reach("after-spool")
        look = Look.of(spooled.status)
        with Catalogue.open(catalogue) as known:
            restored = known.was_restored(spooled.sha256)
        if restored or spooled.sha256 == job.known:
            return Same(spooled.sha256, look, restored)
        return _stored(job, spooled, look, store, pool, cancel, progress, _Steps(encoded))
    finally:
        spooled.remove()


def _stored(
    job: Archive,
    spooled: Spooled,
    look: Look,
    store: Store,
    pool: RescalerPool,
    cancel: Cancel,
    progress: Progress,
    at: Callable[[str], None],
) -> Archived:
    reach("before-candidate")
    outcome = store_file(
        spooled.path,
        spooled.facts(job.entry.root, job.entry.path, job.entry.version),
        job.rule,
        store,
        pool,
        beside=neighbours(job.source.parent),
        progress=progress,
        cancel=cancel,
        at=at,
    )
    reach("after-candidate")
    # It took a while: whoever wrote meanwhile has the file looked at again.
    if look_at(job.source) != look:
        if isinstance(outcome, Stored):
            outcome.temporary.unlink(missing_ok=True)
        raise SourceChangedError(f"{os.fsdecode(job.entry.path)}: changed while it was archived")
    return Archived(outcome, spooled.sha256, look)


class _Steps:
    """Hears of the steps of `store_file`: each is a failpoint, the first file written is told."""

    def __init__(self, encoded: Callable[[], None]) -> None:
        self._encoded: Callable[[], None] | None = encoded

    def __call__(self, step: str) -> None:
        reach(step)
        if self._encoded is not None and step in ("lr-written", "exact-written"):
            self._encoded()
            self._encoded = None
