"""What a free worker gets: originals to take away first, then files to archive, then to purge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State
from irrm_watcher.pipeline.archiving import claim
from irrm_watcher.pipeline.conclusions import previous
from irrm_watcher.pipeline.context import Task
from irrm_watcher.pipeline.jobs import Archive, Hash, Job, Recheck
from irrm_watcher.pipeline.ordering import Queue, takes_last_lane
from irrm_watcher.pipeline.quarantine import due

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_watcher.pipeline.context import Context
    from irrm_watcher.pipeline.room import Room

_AHEAD = 32  # originals to take away that are asked for at once
_EXCLUDED = 86_400.0  # seconds until an original that no rule takes any more is thought of again
_LOOK_FOR_DUE = 60.0  # seconds between two looks at what lies in quarantine


class Assignments:
    """Chooses work and notes it as claimed.

    Parameters
    ----------
    context : Context
        Of the daemon.
    room : Room
        Files that do not fit wait.
    """

    def __init__(self, context: Context, room: Room) -> None:
        self._context = context
        self._room = room
        self._queue = Queue(context.writer)
        self._purges: list[Entry] = []
        self._purges_at = float("-inf")
        self.lacking = 0

    def renew(self) -> None:
        """Ask the catalogue anew: something was learned."""
        self._queue.clear()
        self._purges_at = float("-inf")

    def next(
        self, busy: list[Task], free: int, *, retry_now: bool = False
    ) -> tuple[Task, Job, int] | None:
        """Return a task for a worker, its job, and bytes to be read for it; None if there is none.

        Parameters
        ----------
        busy : list of Task
            What workers are at.
        free : int
            Workers that have nothing to do.
        retry_now : bool
            Do not wait before a file that failed is tried again.
        """
        at_work = {task.entry.id for task in busy}
        return (
            self._move(at_work)
            or self._archive(free, len(busy) + free, retry_now)
            or self._purge(at_work)
        )

    def _move(self, at_work: set[int]) -> tuple[Task, Job, int] | None:
        context = self._context
        for name, watch in context.watches.present.items():
            if not watch.folder.replace:
                continue
            now = context.clock.wall()
            for entry in context.writer.to_quarantine(name, now=now, limit=_AHEAD):
                if not watch.folder.taking.takes(entry.path):
                    context.writer.update(entry, retry_at=now + _EXCLUDED)
                elif entry.id not in at_work:
                    job = Hash(watch.quarantine.original(entry))
                    return Task("move", entry), job, entry.size
        return None

    def _archive(self, free: int, workers: int, retry_now: bool) -> tuple[Task, Job, int] | None:
        context, self.lacking = self._context, 0

        def fits(entry: Entry) -> bool:
            lacking = self._room.lacking(context.store.path, entry.size)
            self.lacking = max(self.lacking, lacking)
            return not lacking and not takes_last_lane(entry, free, workers)

        present = context.watches.present
        now = float("inf") if retry_now else context.clock.wall()
        entry = self._queue.next(present, now, fits) if present else None
        if entry is None:
            return None
        entry = claim(context.writer, entry)
        context.observer.claimed(entry)
        watch = present[entry.root]
        before = previous(context, entry)
        # One in quarantine cannot take a second original: that content is archived again.
        touched = before is not None and before.state is not State.quarantined
        job = Archive(
            watch.quarantine.original(entry),
            entry,
            watch.folder.rule_for(entry.path),
            before.sha256 if before is not None and touched else None,
        )
        return Task("archive", entry), job, entry.size

    def _purge(self, at_work: set[int]) -> tuple[Task, Job, int] | None:
        context, now = self._context, self._context.clock.steady()
        if now - self._purges_at >= _LOOK_FOR_DUE:
            self._purges_at = now
            self._purges = self._due()
        while self._purges:
            entry = self._purges.pop(0)
            watch = context.watches.present.get(entry.root)
            place = None if watch is None else watch.quarantine.place(entry)
            if place is not None and entry.id not in at_work:
                return Task("purge", entry), Recheck(place, entry), 2 * entry.size
        return None

    def _due(self) -> list[Entry]:
        context, wall = self._context, self._context.clock.wall()
        observed = context.observed.seconds()
        return [
            entry
            for name, watch in context.watches.present.items()
            if watch.folder.replace  # in `copy` no original is touched, nor one in quarantine
            for entry in context.writer.to_purge(
                name, before=wall - watch.folder.retention, now=wall
            )
            if due(entry, watch.folder.retention, wall, observed)
        ]
