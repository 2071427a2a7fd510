"""What a worker's result means for its file: the next durable step, a retry, or an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State
from irrm_core.errors import (
    CatalogueError,
    ImageFileError,
    OutputExistsError,
    QuarantineError,
    SourceChangedError,
)
from irrm_watcher.pipeline.archiving import encoded, settle_outcome
from irrm_watcher.pipeline.finding import stand_again
from irrm_watcher.pipeline.jobs import Archived, Encoded, Failure, Hashed, Result, Same
from irrm_watcher.pipeline.leaving import leave_lr
from irrm_watcher.pipeline.look import look_at
from irrm_watcher.pipeline.room import NO_ROOM

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.pipeline.context import Context, Task
    from irrm_watcher.pipeline.look import Look

FIRST_RETRY, LONGEST_RETRY = 10.0, 3600.0
"""Seconds until a file that failed is tried again, fourfold each time."""

MOVE_AGAIN = 60.0
"""Seconds until an original that could not be moved into quarantine is looked at again."""

PURGE_AGAIN = 86_400.0
"""Seconds until an original that the store does not give back is compared again."""


class StoreTrouble(Exception):
    """The store or the catalogue cannot be written now; the text says why."""


def retry_after(attempts: int) -> float:
    """Return how many seconds to wait after the given number of failures."""
    return min(FIRST_RETRY * 4.0 ** (attempts - 1), LONGEST_RETRY)


def conclude(context: Context, task: Task, result: Result | Encoded) -> None:
    """Take a file to where its worker's result leads.

    Raises
    ------
    StoreTrouble
        Nothing is the file's fault. It waits in a state that `recovery.recover` understands.
    """
    entry = context.writer.entry(task.entry.id)
    if entry is None:
        return
    try:
        if isinstance(result, Encoded):
            encoded(context.writer, entry)
        elif isinstance(result, Failure):
            _failed(context, task, entry, result)
        elif isinstance(result, Archived):
            _archived(context, entry, result)
        elif isinstance(result, Same):
            _same(context, entry, result)
        elif task.kind == "move":
            _may_move(context, entry, result)
        else:
            _may_purge(context, entry, result)
    except (CatalogueError, OSError) as why:
        raise StoreTrouble(str(why)) from why


def _archived(context: Context, entry: Entry, result: Archived) -> None:
    try:
        entry = settle_outcome(context.writer, context.store, entry, result)
    except OutputExistsError as why:
        _give_up(context, entry, f"{why}; let `irrm-watch check` look at the store")
        return
    if entry.state is State.kept:
        context.observer.kept(entry)
        return
    context.observer.committed(entry)
    take_away(context, entry, result.look)


def take_away(context: Context, entry: Entry, look: Look) -> None:
    """Move the original of a committed file into quarantine, if its folder asks for that."""
    watch = context.watches.present.get(entry.root)
    if watch is None or not watch.folder.replace:
        return
    try:
        if watch.folder.leave_lr:
            leave_lr(context.store, entry, watch.quarantine.original(entry))
        entry = watch.quarantine.take(entry, look, context.observed.seconds())
    except SourceChangedError as why:
        _later(context, entry, str(why), MOVE_AGAIN)
        context.watches.again(entry.root, entry.path)
        context.observer.returned(entry, str(why))
    except (QuarantineError, ImageFileError) as why:
        _later(context, entry, str(why), MOVE_AGAIN)
        context.observer.trouble(str(why))
    else:
        context.observer.quarantined(entry)


def _may_move(context: Context, entry: Entry, result: Hashed) -> None:
    if result.sha256 == entry.sha256:
        take_away(context, entry, result.look)
        return
    # The same look and other bytes: somebody set the times back. It is a new version.
    with context.writer.batch():
        context.writer.update(entry, present=False)
        found = context.writer.see(
            entry.root, entry.path, result.look.signature, result.look.mode & 0o7777
        )
        context.writer.advance(found, State.stable)


def _may_purge(context: Context, entry: Entry, result: Hashed) -> None:
    watch = context.watches.present.get(entry.root)
    if watch is None:
        return
    try:
        entry = watch.quarantine.purge(entry, result.look)
    except SourceChangedError as why:
        _later(context, entry, str(why), PURGE_AGAIN)
        context.observer.failed(entry, str(why))
    else:
        context.observer.purged(entry)


def _same(context: Context, entry: Entry, result: Same) -> None:
    """Give up a version whose content the store has: it was only touched, or restored."""
    writer, found = context.writer, result.look.signature
    before = previous(context, entry)
    with writer.batch():
        if before is None or before.sha256 != result.sha256:
            reason = "already ours: was restored from the store"
            entry = writer.advance(entry, State.kept, reason=reason, sha256=result.sha256)
        else:
            writer.forget(entry)
            if before.state is State.purged:
                stays = before.quarantined_at if result.restored else None
                before = stand_again(writer, before, stays)
            entry = writer.touch(before, found)
    if entry.state is State.kept:
        context.observer.kept(entry)


def previous(context: Context, entry: Entry) -> Entry | None:
    """Return the archived version before an entry, if there is one."""
    older = context.writer.versions(entry.root, entry.path)
    archived = [other for other in older if other.archived and other.version < entry.version]
    return archived[-1] if archived else None


def _failed(context: Context, task: Task, entry: Entry, failure: Failure) -> None:
    if task.kind != "archive":
        _not_taken_away(context, task, entry, failure)
    elif failure.kind == "changed":
        _changed(context, entry, failure.reason)
    elif failure.kind in ("cancelled", "store"):
        entry = context.writer.advance(entry, State.stable)
        context.observer.returned(entry, failure.reason)
    elif failure.kind == "content" or entry.attempts >= context.retries:
        _give_up(context, entry, failure.reason)
    else:
        attempts = entry.attempts + 1
        entry = context.writer.advance(
            entry,
            State.stable,
            attempts=attempts,
            retry_at=context.clock.wall() + retry_after(attempts),
            reason=failure.reason,
        )
        context.observer.retrying(entry, failure.reason)
    if failure.kind == "store":
        raise StoreTrouble(failure.reason)


def _not_taken_away(context: Context, task: Task, entry: Entry, failure: Failure) -> None:
    """Leave an original where it is, and look at it again later."""
    if failure.kind in ("cancelled", "store"):
        return
    if failure.kind == "changed" and task.kind == "move":
        _later(context, entry, "", MOVE_AGAIN)
        context.watches.again(entry.root, entry.path)
        return
    wait = MOVE_AGAIN if task.kind == "move" else PURGE_AGAIN
    _later(context, entry, failure.reason, wait)
    context.observer.failed(entry, failure.reason)


def _changed(context: Context, entry: Entry, reason: str) -> None:
    watch = context.watches.present.get(entry.root)
    gone = watch is not None and look_at(watch.quarantine.original(entry)) is None
    if gone:
        context.writer.advance(entry, State.seen)
        context.writer.forget(entry)
    else:
        entry = context.writer.advance(entry, State.seen)
        context.watches.again(entry.root, entry.path)
        context.observer.returned(entry, reason)


def _give_up(context: Context, entry: Entry, reason: str) -> None:
    entry = context.writer.advance(
        entry, State.failed, reason=reason, attempts=entry.attempts + 1, retry_at=None
    )
    context.observer.failed(entry, reason)


def _later(context: Context, entry: Entry, reason: str, seconds: float) -> None:
    context.writer.update(entry, retry_at=context.clock.wall() + seconds, reason=reason)


def out_of_room(error: BaseException) -> bool:
    """Return whether an error, or one behind it, says that a disk is full."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in NO_ROOM:
            return True
        cause = cause.__cause__
    return False
