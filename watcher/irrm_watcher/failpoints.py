"""Named points at which a test can end the daemon, as a power cut would.

Each durable action has a point before and after it. Set ``IRRM_WATCH_FAILPOINT`` to the name
of one, and the daemon dies by SIGKILL when it is reached, with the worker that reached it.
Unset, as always outside tests, a point costs one comparison.
"""

from __future__ import annotations

import multiprocessing
import os
import signal

VARIABLE = "IRRM_WATCH_FAILPOINT"
"""``name``, ``name:3`` for the third time in a process, ``name:1:alone`` to kill a worker only."""

WORKER = (
    "before-spool",
    "after-spool",
    "before-candidate",
    "lr-written",
    "exact-written",
    "judged",
    "measured",
    "after-candidate",
    "before-hash",
    "after-hash",
    "before-recheck",
    "after-recheck",
)
"""Points that a worker reaches."""

ARCHIVING = (
    "before-claim",
    "after-claim",
    "after-encoded",
    "before-verified",
    "after-verified",
    "before-rename",
    "after-rename",
    "before-committed",
    "after-committed",
)
"""Points on the way to an archive file, in order."""

LEAVING = ("before-leave", "leave-written", "after-leave")
"""Points around the LR file that is left in the folder."""

QUARANTINE = (
    "before-quarantine",
    "after-quarantine-folder",
    "after-quarantine-intent",
    "after-quarantine-move",
    "after-quarantine-sync",
    "after-quarantined",
)
"""Points on the original's way into quarantine, in order."""

PURGE = (
    "before-purge",
    "after-purge-delete",
    "after-purge-sync",
    "after-purged",
)
"""Points on the way to the original's end, in order."""

RETURN = (
    "before-return",
    "after-return-link",
    "after-return-move",
    "after-return-sync",
    "after-returned",
)
"""Points on the original's way back from quarantine to its place, in order."""

RECOVERY = ("before-recovery", "after-leftovers", "after-recovery")
"""Points of the start after a crash, which may crash too."""

NAMES = (*WORKER, *ARCHIVING, *LEAVING, *QUARANTINE, *PURGE, *RETURN, *RECOVERY)
"""Every point."""

_counts: dict[str, int] = {}


def reach(name: str) -> None:
    """Die here, if the environment says so."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    target, _, rest = wanted.partition(":")
    count, _, how = rest.partition(":")
    if target != name:
        return
    _counts[name] = _counts.get(name, 0) + 1
    if _counts[name] < int(count or 1):
        return
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None and how != "alone":
        os.kill(parent.pid, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
