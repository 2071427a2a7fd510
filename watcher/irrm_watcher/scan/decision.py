"""What a scan concludes of a path: the file that stands there against the catalogue's entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue.states import State

if TYPE_CHECKING:
    from irrm_core.archive.catalogue.entry import Entry
    from irrm_watcher.scan.found import Found


class What(StrEnum):
    """Kinds of decisions.

    Attributes
    ----------
    NEW
        The catalogue does not know the path, or knows it as seen only: to be taken.
    TOUCHED
        Of the same size as the entry, with another time or inode: its hash tells whether it
        changed.
    CHANGED
        Of another size than the entry: to be taken again.
    UNCHANGED
        Nothing to do.
    RETURNED
        Was not in its place, and stands there again as it was.
    GONE
        The entry's file is not in its place any more.
    OURS
        Written by irrm, not to be taken.
    """

    NEW = "new"
    TOUCHED = "touched"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETURNED = "returned"
    GONE = "gone"
    OURS = "ours"


TO_TAKE = frozenset({What.NEW, What.TOUCHED, What.CHANGED})
"""What is decided only of files that are quiet, and that nobody writes."""


@dataclass(frozen=True)
class Decision:
    """What is to be done about one path.

    Attributes
    ----------
    what : What
        The kind.
    path : bytes
        Relative to the watched folder.
    found : Found or None
        The file that stands there; None if it is gone.
    entry : Entry or None
        The newest of the path; None if the catalogue does not know it.
    reason : str
        For people; empty where the kind says all.
    """

    what: What
    path: bytes
    found: Found | None = None
    entry: Entry | None = None
    reason: str = ""


def compare(found: Found, entry: Entry | None) -> What:
    """Return what a file is to the catalogue; one of `TO_TAKE` holds only once it is quiet."""
    if entry is None:
        return What.NEW
    # The numbers of devices change from one start of the machine to the next; what is mounted
    # here is told by the root's marker.
    if not entry.stands_as(found.signature._replace(device=entry.device)):
        return What.TOUCHED if found.signature.size == entry.size else What.CHANGED
    if entry.state is State.seen:
        return What.NEW
    if entry.state is State.failed and found.ctime_ns > entry.changed_at * 1e9:
        return What.TOUCHED  # somebody may have changed its permissions or its owner since
    return What.UNCHANGED if entry.present else What.RETURNED
