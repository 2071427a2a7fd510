"""Whether things are well: that means fresh, not alive.

A daemon that runs and archives nothing is as bad as none; one that has nothing to do is well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irrm_watcher.operations.heartbeat import SILENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irrm_core.archive.catalogue import Summary
    from irrm_watcher.operations.heartbeat import Heartbeat


def ill(
    heartbeat: Heartbeat | None,
    summary: Summary,
    folders: Sequence[str],
    *,
    running: bool,
    now: float,
    stale: float,
) -> list[str]:
    """Return why things are not well, in words; nothing if they are.

    Parameters
    ----------
    heartbeat : Heartbeat or None
        Of the daemon that last ran, or of ``once``.
    summary : Summary
        Of the catalogue.
    folders : sequence of str
        Names of the watched folders.
    running : bool
        Whether it runs now.
    now : float
        Seconds since 1970.
    stale : float
        Seconds after which no success while files wait, or no look at a folder, is too long.
    """
    if heartbeat is None:
        return ["nothing was ever watched: start `irrm-watch run`, or `once` from time to time"]
    reasons = []
    if not running and not heartbeat.once:
        how = "was killed or crashed" if heartbeat.ended_at is None else "was ended"
        reasons.append(
            f"the daemon does not run; it {how}, last seen {_ago(now, heartbeat.beat_at)} ago"
        )
    elif running and now - heartbeat.beat_at > SILENT:
        reasons.append(f"the daemon hangs: nothing heard for {_ago(now, heartbeat.beat_at)}")
    if heartbeat.trouble:
        reasons.append(heartbeat.trouble)
    for name in folders:
        beat = heartbeat.folders.get(name)
        if beat is None or beat.scanned_at is None:
            # Just started, the first look is under way.
            if beat is not None and beat.away:
                reasons.append(beat.away)
            elif now - heartbeat.started_at > stale or not running:
                reasons.append(f"the folder {name!r} was never looked at")
        elif now - beat.scanned_at > stale:
            why = f": {beat.away}" if beat.away else ""
            reasons.append(
                f"the folder {name!r} was not looked at for {_ago(now, beat.scanned_at)}{why}"
            )
    oldest = summary.oldest_pending
    if summary.backlog and oldest is not None:
        # What waits since a moment ago is no sign that anything is wrong.
        since = max(oldest, summary.last_success or 0.0)
        if now - since > stale:
            reasons.append(
                f"{summary.backlog} files wait and none was archived for {_ago(now, since)}"
            )
    return reasons


def _ago(now: float, then: float) -> str:
    """Return a duration for people."""
    seconds = max(0.0, now - then)
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
