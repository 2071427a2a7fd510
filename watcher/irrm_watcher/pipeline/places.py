"""Whether what is written to is still what stands where people look for it.

A file that was removed, or whose disk was unmounted by force, can be written to for as long as
it is open, and everything in it is lost.
"""

from __future__ import annotations

from pathlib import Path

from irrm_core.archive.catalogue.opening import REBUILD
from irrm_core.errors import CatalogueMissingError, StoreError

_NOTHING = (0, 0)


class Places:
    """A store and its catalogue, as they stand now.

    Parameters
    ----------
    store : Path
        The store's folder.
    catalogue : Path
        The catalogue's file.
    """

    def __init__(self, store: Path, catalogue: Path) -> None:
        self._store, self._catalogue = store, catalogue
        self._opened = _identity(store), _identity(catalogue)

    def check(self) -> None:
        """Look whether they stand there still.

        Raises
        ------
        StoreError, CatalogueMissingError
            One was removed, or another one stands in its place.
        """
        store, catalogue = self._opened
        if _identity(self._store) not in (None, store):
            raise StoreError(
                f"{self._store}: the store was removed, or another folder stands in its place; "
                "mount its disk, or put it back, and start again"
            )
        if _identity(self._catalogue) not in (None, catalogue):
            raise CatalogueMissingError(
                f"{self._catalogue}: the catalogue was removed or replaced while it was written; "
                f"put it back, or make it from the store's own records with {REBUILD}, and start "
                "again"
            )


def _identity(place: Path) -> tuple[int, int] | None:
    """Return by what a file or folder is known; None if it cannot be told now."""
    try:
        status = place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _NOTHING
    except OSError:
        return None
    return status.st_dev, status.st_ino
