"""A catalogue made anew from the records in the store's own files, after the old one is lost."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irrm_core.archive.catalogue import State, columns_of
from irrm_core.archive.catalogue.opening import refuse_network
from irrm_core.errors import CatalogueError, IrrmError, OutputExistsError
from irrm_core.imagefile.atomic import sync_folder, temporary_beside
from irrm_core.progress import Cancel, NoProgress, Progress
from irrm_watcher.catalogue.lock import WriterLock
from irrm_watcher.catalogue.originals import Quarantined, standing
from irrm_watcher.catalogue.records import Recorded, Unused, read_records
from irrm_watcher.catalogue.store import check_belongs
from irrm_watcher.catalogue.tables import connect_to_write
from irrm_watcher.catalogue.writing import CatalogueWriter

if TYPE_CHECKING:
    from irrm_core.archive.store import Store

# What the names of the files of one catalogue end with.
_ENDINGS = ("", "-wal", "-shm")


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild made.

    Attributes
    ----------
    path : Path
        The catalogue.
    entries, present, quarantined : int
        How many entries it has, of how many the original stands in its place, and of how many
        it lies in quarantine.
    unused : tuple of Unused
        Archive files that cannot be read, or that are a second one of the same version.
    aside : Path or None
        Where the catalogue is now that was there before.
    """

    path: Path
    entries: int
    present: int
    quarantined: int
    unused: tuple[Unused, ...]
    aside: Path | None


def rebuild(
    path: str | os.PathLike[str],
    store: Store,
    roots: Mapping[str, Path],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    clock: Callable[[], float] = time.time,
) -> Rebuilt:
    """Make the catalogue of a store from the records in its files.

    Every archive file becomes an entry: ``quarantined`` if its original is found in the
    quarantine of its watched folder, else ``committed``, whether its original stands or not.
    The time in quarantine begins anew. What was kept or failed is not in the store; the next
    scan finds it again. The catalogue appears under its name when it is complete.

    Parameters
    ----------
    path : path
        The catalogue's file.
    store : Store
        Of which it will tell; nothing in it is changed.
    roots : mapping of str to Path
        The watched folders by their names; of one that is away nothing is concluded.
    overwrite : bool
        If there is a catalogue, put it aside: ``<name>.before-<date>``.
    progress, cancel
        Steps are archive files.
    clock : callable
        Gives the time in seconds since 1970.

    Raises
    ------
    OutputExistsError
        There is a catalogue, and `overwrite` is false.
    CatalogueError
        Another process writes it, or it cannot be written there.
    """
    place = Path(path)
    refuse_network(place)
    lock = WriterLock(place)
    lock.acquire()
    try:
        if not overwrite and os.path.lexists(place):
            raise OutputExistsError(
                f"{place}: is already there and was kept; --overwrite puts it aside and makes a "
                "new one"
            )
        _remove_leftovers(place)
        stop = cancel or Cancel()
        records, unused = read_records(store, progress=progress or NoProgress(), cancel=stop)
        lying = _in_quarantine(roots, records, stop)
        try:
            temporary = temporary_beside(place)
            counts = _fill(temporary, store, roots, records, lying, clock)
            aside = _put_aside(place, clock())
            temporary.replace(place)
            sync_folder(place.parent)
        finally:
            _remove_leftovers(place)
    except OSError as why:
        if isinstance(why, IrrmError):
            raise
        raise CatalogueError(
            f"{place}: cannot be written ({why.strerror or why}); free some space, or make its "
            "folder writable"
        ) from why
    finally:
        lock.release()
    return Rebuilt(place, *counts, tuple(unused), aside)


def _fill(
    path: Path,
    store: Store,
    roots: Mapping[str, Path],
    records: list[Recorded],
    lying: Mapping[bytes, bytes],
    clock: Callable[[], float],
) -> tuple[int, int, int]:
    newest: dict[tuple[str, bytes], int] = {}
    for record in records:
        told = record.provenance
        key = told.root, told.path
        newest[key] = max(told.version, newest.get(key, 0))
    present = 0
    with closing(CatalogueWriter(path, connect_to_write(path), clock=clock)) as writer:
        check_belongs(writer, store.path)
        with writer.batch():
            for record in records:
                told = record.provenance
                columns = _columns(record, clock())
                last = newest[told.root, told.path] == told.version
                found = standing(roots[told.root], told) if last and told.root in roots else None
                if found is not None:
                    present += 1
                    columns |= {
                        "present": True,
                        "inode": found.st_ino,
                        "device": found.st_dev,
                    }
                if record.path in lying:
                    columns |= {
                        "state": State.quarantined,
                        "quarantine_path": lying[record.path],
                        "quarantined_at": clock(),
                    }
                writer.add(columns)
            writer.read_journal(store.path)
    return len(records), present, len(lying)


def _columns(record: Recorded, now: float) -> dict[str, Any]:
    told = record.provenance
    return {
        "root": told.root,
        "path": told.path,
        "version": told.version,
        "state": State.committed,
        "present": False,
        "seen_at": told.archived_at,
        "changed_at": now,
        **columns_of(
            told,
            stored_path=record.path,
            stored_size=record.size,
            stored_sha256=record.sha256,
        ),
    }


def _in_quarantine(
    roots: Mapping[str, Path], records: list[Recorded], cancel: Cancel
) -> dict[bytes, bytes]:
    """Return where originals lie in quarantine, by the paths of their archive files."""
    sizes = {record.provenance.size for record in records}
    quarantines = {name: Quarantined(root, sizes, cancel) for name, root in roots.items()}
    lying: dict[bytes, bytes] = {}
    for by_name in (True, False):
        for record in records:
            quarantine = quarantines.get(record.provenance.root)
            if quarantine is not None and record.path not in lying:
                path = quarantine.take(record.provenance, by_name=by_name)
                if path is not None:
                    lying[record.path] = path
    return lying


def _put_aside(place: Path, now: float) -> Path | None:
    """Rename what is left of a catalogue; its log goes with it, and must not meet another."""
    if not any(os.path.lexists(_ending(place, ending)) for ending in _ENDINGS):
        return None
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    names = (f"{place.name}.before-{stamp}" + (f"-{n}" if n else "") for n in count())
    aside = next(path for name in names if not os.path.lexists(path := place.with_name(name)))
    for ending in _ENDINGS:
        part = _ending(place, ending)
        if os.path.lexists(part):
            part.rename(_ending(aside, ending))
    return aside


def _remove_leftovers(place: Path) -> None:
    # While the lock is held nobody else is building.
    pattern = f".{glob.escape(place.name[:50])}.*.part*"
    for path in place.parent.glob(pattern):
        path.unlink(missing_ok=True)


def _ending(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
