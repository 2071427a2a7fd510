"""Acquisition series: the files of a folder belong together and are taken when it is complete."""

from __future__ import annotations

import os
from dataclasses import dataclass

from irrm_core.archive.catalogue.patterns import path_matches
from irrm_watcher.scan.found import below


@dataclass(frozen=True)
class Series:
    """When the files of a folder may be taken.

    Attributes
    ----------
    sentinel : str or None
        Name or pattern of the file that an instrument writes when it is done: files wait until
        one stands in their folder, or in a folder above within the watched one. None: files wait
        until nothing in their folder has changed for the delay.
    """

    sentinel: str | None = None

    def is_sentinel(self, path: bytes) -> bool:
        """Return whether a file at this relative path says that its folder is complete."""
        return self.sentinel is not None and path_matches(self.sentinel, path)


def has_sentinel(root: bytes, series: Series, folder: bytes, seen: dict[bytes, bool]) -> bool:
    """Return whether a sentinel stands in a folder or above it, within the root.

    Parameters
    ----------
    root : bytes
        The watched folder, absolute.
    series : Series
        Has a sentinel.
    folder : bytes
        Relative to the root.
    seen : dict
        What was found already, by folder; filled further.
    """
    if folder not in seen:
        try:
            with os.scandir(below(root, folder)) as listing:
                names = [entry.name for entry in listing]
        except OSError:
            names = []
        here = any(series.is_sentinel(below(folder, name)) for name in names)
        above = folder.rpartition(b"/")[0]
        seen[folder] = here or (folder != b"" and has_sentinel(root, series, above, seen))
    return seen[folder]
