"""A watcher's store, opened to be looked through."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from irrm_core.archive.catalogue import Catalogue
from irrm_core.archive.store import Store
from irrm_core.archive.store.folder import MARKER
from irrm_core.errors import CatalogueError, CatalogueMissingError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irrm_core.archive.catalogue import Entry, Found, Search, Summary

_NOTE = "store"  # under which a catalogue names the store that it tells of


class StoreBrowser:
    """Reads a store and its catalogue, also while the daemon writes both.

    Made by `open`. Every method may take a while: none is for the viewer's thread. Safe to use
    from several threads.

    Attributes
    ----------
    store : Store
        What is looked through.
    """

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store = store
        self._catalogue = catalogue
        self._lock = Lock()

    @classmethod
    def open(
        cls, place: str | os.PathLike[str], *, store: str | os.PathLike[str] | None = None
    ) -> Self:
        """Open a store for reading.

        Parameters
        ----------
        place : path
            The folder of a store, or a catalogue where that lies elsewhere.
        store : path, optional
            The folder of the store, where `place` is a catalogue that does not lie in it.

        Raises
        ------
        StoreError
            There is no store.
        CatalogueError
            There is no catalogue, or it is damaged, of a newer version, or of another store.
        UsageError
            A catalogue outside its store was named alone.
        """
        given = Path(place).expanduser().absolute()
        if given.is_file() and given.name != MARKER:
            if store is None and not (given.parent / MARKER).exists():
                raise UsageError(
                    f"{given}: does not lie in a store; choose the store's folder as well"
                )
            opened, path = Store.open(given.parent if store is None else store), given
        else:
            opened = Store.open(given.parent if given.is_file() else given)
            path = opened.catalogue
        return cls(opened, _catalogue(path, opened))

    def again(self) -> StoreBrowser:
        """Open the same store once more, for a work that may outlast the window."""
        return StoreBrowser(self.store, Catalogue.open(self._catalogue.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def search(self, search: Search) -> Found:
        """Return what a search finds."""
        with self._lock:
            return self._catalogue.search(search)

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """Return entries by their numbers; those that are gone are left out."""
        with self._lock:
            return self._catalogue.numbered(numbers)

    def summary(self) -> Summary:
        """Count and sum all entries."""
        with self._lock:
            return self._catalogue.summary()

    def roots(self) -> list[str]:
        """Return the names of the watched folders."""
        with self._lock:
            return self._catalogue.roots()

    def changes(self) -> int:
        """Return a number that is another one after the daemon wrote something."""
        with self._lock:
            return self._catalogue.changes()

    def stored(self, entry: Entry) -> Path:
        """Return the archive file of an entry.

        Raises
        ------
        StoreError
            It has none, or is none of this store's.
        """
        if not entry.stored_path:
            raise StoreError(
                f"{os.fsdecode(entry.path)}: is not in the store ({entry.reason or entry.state})"
            )
        return self.store.stored(entry.stored_path)

    def close(self) -> None:
        """Close the catalogue."""
        with self._lock:
            self._catalogue.close()


def is_store(folder: Path) -> bool:
    """Return whether a folder looks like a store, without opening it."""
    try:
        return stat.S_ISREG((folder / MARKER).stat().st_mode)
    except OSError:
        return False


def _catalogue(path: Path, store: Store) -> Catalogue:
    try:
        catalogue = Catalogue.open(path)
    except CatalogueMissingError as error:
        raise CatalogueMissingError(
            f"{error}. Where the watcher's configuration names another place for it, open that file"
        ) from error
    try:
        noted = catalogue.note(_NOTE)
        if noted not in (None, store.id):
            raise CatalogueError(
                f"{path}: is the catalogue of another store than {store.path}; open the two that "
                "the watcher's configuration names"
            )
    except BaseException:
        catalogue.close()
        raise
    return catalogue
