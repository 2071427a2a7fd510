"""The folders and files that a store holds, as they were: built from the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.recall import plan_restore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from irrm_core.archive.catalogue import Entry

TOP = Path("/")


@dataclass
class Folder:
    """A folder of the tree.

    Attributes
    ----------
    children : dict
        Names, and what goes by them.
    mtime_ns : int
        Of the newest file below.
    """

    children: dict[str, Folder | Entry] = field(default_factory=dict)
    mtime_ns: int = 0


def build_tree(entries: Iterable[Entry]) -> Folder:
    """Return the tree ``/<root>/<relative path>`` of what is in the store.

    Files are called as `irrm_core.archive.recall.plan_restore` calls them, so that the mount
    and a restored tree look the same.
    """
    listed = list(entries)
    roots = {entry.root: TOP / entry.root for entry in listed}
    top = Folder()
    for planned in plan_restore(listed, roots=roots):
        folder = top
        *above, name = planned.target.parts[1:]
        for part in above:
            folder.mtime_ns = max(folder.mtime_ns, planned.entry.mtime_ns)
            below = folder.children.setdefault(part, Folder())
            if not isinstance(below, Folder):
                below = folder.children[part] = Folder()  # once a file, now a folder
            folder = below
        folder.mtime_ns = max(folder.mtime_ns, planned.entry.mtime_ns)
        if not isinstance(folder.children.get(name), Folder):
            folder.children[name] = planned.entry
    return top


def find(top: Folder, path: str) -> Folder | Entry | None:
    """Return what lies at an absolute path in the tree."""
    here: Folder | Entry | None = top
    for part in path.split("/"):
        if part:
            here = here.children.get(part) if isinstance(here, Folder) else None
    return here
