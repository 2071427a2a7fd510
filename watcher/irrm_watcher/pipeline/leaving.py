"""The picture that stays in the folder when the original goes: ``leave = "lr"``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import StorageClass
from irrm_core.errors import OutputExistsError
from irrm_core.imagefile.atomic import atomic_output, remove_leftovers
from irrm_watcher.failpoints import reach

if TYPE_CHECKING:
    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.store import Store


def leave_lr(store: Store, entry: Entry, original: Path) -> Path | None:
    """Put a copy of an LR file beside its original, whole or not at all.

    Safe to repeat. A file that has the name already is kept, whatever it is: the archive file
    itself is in the store.

    Returns
    -------
    Path or None
        The copy; None if there is none to leave, or the name is taken.

    Raises
    ------
    ImageFileError
        The folder cannot be written, or there is no room.
    """
    if entry.storage != StorageClass.lr or entry.stored_path is None:
        return None
    archive = store.stored(entry.stored_path)
    copy = original.with_name(archive.name)
    remove_leftovers(copy.parent, {copy.name})
    reach("before-leave")
    try:
        with archive.open("rb") as source, atomic_output(copy) as target:
            shutil.copyfileobj(source, target)
            reach("leave-written")
    except OutputExistsError:
        return None
    reach("after-leave")
    return copy
