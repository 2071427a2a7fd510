"""Which paths of a watched folder may be taken, told from the path alone."""

from __future__ import annotations

from dataclasses import dataclass

from irrm_core.archive.catalogue.patterns import path_matches
from irrm_watcher.scan.junk import is_junk
from irrm_watcher.scan.root import MARKER

QUARANTINE = b".irrm-quarantine"
"""Name of the folder, in a watched one, where originals wait to be purged."""


@dataclass(frozen=True)
class Taking:
    """Rules of one watched folder.

    Attributes
    ----------
    include, exclude : tuple of str
        Patterns as `path_matches` takes them, in any case: a file is taken if any of the first
        and none of the second matches.
    hidden : bool
        Take files and folders whose names begin with a dot, too.
    barred : frozenset of bytes
        Absolute real paths of folders that are never entered: the store, mount points.
    """

    include: tuple[str, ...] = ("**",)
    exclude: tuple[str, ...] = ()
    hidden: bool = False
    barred: frozenset[bytes] = frozenset()

    def file(self, path: bytes) -> bool:
        """Return whether a file at this relative path is taken, its folders being entered."""
        name = path.rpartition(b"/")[2]
        return (
            not self._ignored(name)
            and not is_junk(name)
            and any(path_matches(pattern, path, any_case=True) for pattern in self.include)
            and not any(path_matches(pattern, path, any_case=True) for pattern in self.exclude)
        )

    def takes(self, path: bytes) -> bool:
        """Return whether a file at this relative path is taken, by its folders' names, too."""
        folders = path.split(b"/")[:-1]
        return self.file(path) and not any(map(self._ignored, folders))

    def folder(self, path: bytes, absolute: bytes) -> bool:
        """Return whether a folder is entered, those above it being so."""
        return absolute not in self.barred and not self._ignored(path.rpartition(b"/")[2])

    def _ignored(self, name: bytes) -> bool:
        if name == QUARANTINE or name == MARKER.encode():
            return True
        return name.startswith(b".") and not self.hidden
