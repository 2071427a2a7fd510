"""A whole plan, one file after another or several at once; a failure stops no other file."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from irrm_core.archive.recall.journal import Journal
from irrm_core.archive.recall.pools import StorePools
from irrm_core.archive.recall.restoring import restore_entry
from irrm_core.archive.recall.workers import RecallWorkers
from irrm_core.errors import Cancelled, IrrmError
from irrm_core.imagefile import remove_leftovers
from irrm_core.progress import Cancel, NoProgress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from irrm_core.archive.recall.planned import Planned, Restored
    from irrm_core.archive.store import Store
    from irrm_core.progress import Progress

_LOOK_AGAIN = 0.2  # seconds until a cancel is noticed while workers work


@dataclass(frozen=True)
class Failed:
    """A planned file that could not be restored; nothing was written.

    Attributes
    ----------
    planned : Planned
        What was asked for.
    error : Exception
        Why: an `IrrmError`, or an `OSError` of the file system.
    """

    planned: Planned
    error: Exception


def restore_all(
    plan: Sequence[Planned],
    store: Store,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    **options: Any,
) -> Iterator[Restored | Failed]:
    """Restore what was planned; running it again does what is missing.

    Parameters
    ----------
    plan : sequence of Planned
        From `plan_restore`.
    store : Store
        That holds the files.
    jobs : int
        Files restored at once, each in a process of its own; one is restored in this process.
    progress, cancel
        Told of each file, and with one job of each tile; asked before each tile.
    **options
        As `Rescaler` takes them: device, tile, threads.

    Yields
    ------
    Restored or Failed
        One for each planned file, as they are done.

    Raises
    ------
    Cancelled
        What was being restored left nothing behind; what was done stays.
    """
    progress, cancel = progress or NoProgress(), cancel or Cancel()
    for folder in {planned.target.parent for planned in plan}:
        remove_leftovers(folder, {planned.target.name for planned in plan})
    progress.begin("files", len(plan))
    try:
        jobs = min(jobs, len(plan))
        each = (
            _in_processes(plan, store, jobs, cancel, options)
            if jobs > 1
            else _here(plan, store, progress, cancel, options)
        )
        for result in each:
            progress.advance()
            yield result
    finally:
        progress.end()


def _here(
    plan: Sequence[Planned],
    store: Store,
    progress: Progress,
    cancel: Cancel,
    options: dict[str, Any],
) -> Iterator[Restored | Failed]:
    pools, journal = StorePools(store, **options), Journal(store.path)
    for planned in plan:
        cancel.check()
        try:
            yield restore_entry(
                planned,
                store,
                pools.of(planned.entry),
                journal=journal,
                progress=progress,
                cancel=cancel,
            )
        except Cancelled:
            raise
        except (IrrmError, OSError) as error:
            yield Failed(planned, error)


def _in_processes(
    plan: Sequence[Planned], store: Store, jobs: int, cancel: Cancel, options: dict[str, Any]
) -> Iterator[Restored | Failed]:
    workers = RecallWorkers(store.path, jobs, **options)
    waiting = iter(plan)
    running: dict[Future[Restored], Planned] = {}
    broken: set[Path] = set()
    try:
        while True:
            cancel.check()
            for planned in islice(waiting, 2 * jobs - len(running)):
                running[workers.restore(planned)] = planned
            if not running:
                return
            done, _ = wait(running, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
            for future in done:
                planned = running.pop(future)
                ended = isinstance(future.exception(), BrokenProcessPool)
                if ended and planned.target not in broken:
                    # A process that dies takes the files of the others along: once more.
                    broken.add(planned.target)
                    running[workers.restore(planned)] = planned
                    continue
                yield _result(planned, future)
    finally:
        if running:
            workers.cancel()
        workers.retire()


def _result(planned: Planned, future: Future[Restored]) -> Restored | Failed:
    try:
        return future.result()
    except Cancelled:
        raise
    except BrokenProcessPool:
        return Failed(
            planned,
            IrrmError(
                f"{planned.target}: a process that restores ended without a word, perhaps for "
                "want of memory; run again with fewer --jobs"
            ),
        )
    except (IrrmError, OSError) as error:
        return Failed(planned, error)
