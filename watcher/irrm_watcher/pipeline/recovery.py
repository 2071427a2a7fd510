"""After a crash, or a step that the disk refused: finish each file, or roll it back.

Only while no worker is at work. Every step may be repeated, as a crash may come here, too.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import UNFINISHED, WAITING, State
from irrm_core.archive.recall.names import name_of
from irrm_core.imagefile.atomic import is_temporary, remove_leftovers
from irrm_watcher.failpoints import reach
from irrm_watcher.pipeline.archiving import adopt
from irrm_watcher.scan import LEFTOVER, MARKER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from irrm_core.archive.catalogue import Catalogue, Entry
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.pipeline.folders import Folder
    from irrm_watcher.pipeline.quarantine import Quarantine
    from irrm_watcher.scan import Passed

LEFTOVER_SUFFIXES = (".png", ".tif", ".webp", ".jxl", ".zst")


def recover(
    writer: CatalogueWriter, store: Store, folders: Iterable[tuple[Folder, Quarantine]]
) -> dict[str, int]:
    """Bring everything that was under way to a state of rest.

    Parameters
    ----------
    writer : CatalogueWriter
        Whose lock says that nobody else is at work.
    store : Store
        Whose spool and temporary files are removed.
    folders : iterable of (Folder, Quarantine)
        Watched folders that are there now; what is under way in others waits until they are.

    Returns
    -------
    dict
        How many were ``adopted``, ``rolled back``, ``moved``, ``moved back``, ``purged``.
    """
    reach("before-recovery")
    unfinished = writer.entries(states=UNFINISHED)
    remove_temporaries(store, unfinished)
    reach("after-leftovers")
    done: Counter[str] = Counter()
    for entry in unfinished:
        done["adopted" if _settled(writer, store, entry).archived else "rolled back"] += 1
    for folder, quarantine in folders:
        done.update(_settle_folder(writer, store, folder, quarantine))
    reach("after-recovery")
    return dict(done)


def _settled(writer: CatalogueWriter, store: Store, entry: Entry) -> Entry:
    if entry.state is State.verified and entry.stored_path is not None:
        adopted = adopt(writer, store, entry)
        if adopted is not None:
            return adopted
    return writer.advance(entry, State.stable, reason=entry.reason)


def _settle_folder(
    writer: CatalogueWriter, store: Store, folder: Folder, quarantine: Quarantine
) -> Counter[str]:
    done: Counter[str] = Counter()
    remove_leftovers(folder.path, {MARKER})
    if folder.leave_lr:
        # Copies that were being made; the originals of these have not been moved away.
        for entry in writer.entries(root=folder.name, states={State.committed}):
            if entry.stored_path is not None:
                original = quarantine.original(entry)
                remove_leftovers(original.parent, {store.stored(entry.stored_path).name})
    for entry in writer.moving(folder.name):
        settled = quarantine.settle(entry)
        done["moved" if settled.state is State.quarantined else "moved back"] += 1
    for entry in writer.entries(root=folder.name, states={State.quarantined}):
        settled = quarantine.settle(entry)
        done["purged"] += settled.state is State.purged
        done["moved back"] += settled.state is State.committed
    quarantine.drop_empty_slots()
    return +done


def forget_unwatched(writer: CatalogueWriter, names: Collection[str]) -> None:
    """Remove files that wait in folders that are watched no more; a scan finds them again."""
    waiting = [entry for entry in writer.entries(states=WAITING) if entry.root not in names]
    with writer.batch():
        for entry in waiting:
            writer.forget(entry)


def remove_temporaries(store: Store, entries: Iterable[Entry]) -> None:
    """Remove copies in the spool, and what was being written beside archive files."""
    for path in list(store.spool.iterdir()):
        with suppress(OSError):
            path.unlink()
    folders = {
        store.target(entry.root, entry.path, entry.version, suffix).parent
        for entry in entries
        for suffix in LEFTOVER_SUFFIXES
    }
    for folder in {store.path, *folders}:
        _remove_temporaries_in(folder)


def remove_interrupted(folder: Folder, known: Catalogue, passed: Iterable[Passed]) -> list[Passed]:
    """Remove what a `restore` that was killed left in a watched folder; return all else.

    That is a file called like a temporary one of an archived file of the same folder, which no
    process holds.
    """
    rest = []
    for thing in passed:
        if thing.reason == LEFTOVER:
            place = thing.path.rpartition(b"/")[0]
            names = {
                name_of(entry, os.fsdecode(entry.path.rpartition(b"/")[2]))
                for entry in known.entries(root=folder.name, below=place)
                if entry.archived and entry.path.rpartition(b"/")[0] == place
            }
            path = folder.path / os.fsdecode(thing.path)
            remove_leftovers(path.parent, names)
            if not os.path.lexists(path):
                continue
        rest.append(thing)
    return rest


def _remove_temporaries_in(folder: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in list(folder.iterdir()):
            if is_temporary(path.name):
                path.unlink(missing_ok=True)
