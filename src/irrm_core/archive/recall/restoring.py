"""One planned file: look at what stands there, restore, note it, let it take its name."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from irrm_core.archive.recall.attributes import give_attributes
from irrm_core.archive.recall.content import hash_file, write_content
from irrm_core.archive.recall.journal import Journal
from irrm_core.archive.recall.planned import Outcome, Overwrite, Restored
from irrm_core.errors import ImageFileError, OutputExistsError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.recall.planned import Planned
    from irrm_core.archive.store import Store
    from irrm_core.progress import Cancel, Progress

_IN_DOUBT = "; in doubt it is kept"


def restore_entry(
    planned: Planned,
    store: Store,
    pool: RescalerPool,
    *,
    journal: Journal | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Restored:
    """Restore one file, or keep what stands there.

    The file appears whole, with the mode, times and extended attributes of the original, after
    its hash was noted in the journal of the store. The archived original itself, where it
    still stands, is never replaced: it is better than any restoration.

    Parameters
    ----------
    planned : Planned
        From `plan_restore`.
    store : Store
        That holds the file.
    pool : RescalerPool
        From `store_pool`.
    journal : Journal, optional
        By default that of the store.
    progress, cancel
        Told of each tile; asked before each.

    Raises
    ------
    NotRestorableError
        The stored file is missing or damaged, or its restoration is not what was measured; see
        `write_content`. Nothing was written.
    ImageFileError
        The file system refused.
    UsageError
        A symbolic link on the way leads out of the folder.
    Cancelled
        Nothing was written.
    """
    journal = journal or Journal(store.path)
    standing = look(planned, journal)
    if standing is not None:
        return standing
    _make_folder(planned)
    entry, target = planned.entry, planned.target
    written: dict[str, tuple[int, str]] = {}

    def finish(temporary: Path) -> None:
        sha256, size = hash_file(temporary), temporary.stat().st_size
        if planned.overwrite is Overwrite.if_changed and _hash_of(target) == sha256:
            raise _Same
        give_attributes(temporary, entry, store)
        journal.append(sha256, target)
        written["file"] = size, sha256

    try:
        write_content(
            entry,
            store,
            target,
            pool,
            overwrite=planned.overwrite is not Overwrite.never,
            finish=finish,
            progress=progress,
            cancel=cancel,
        )
    except _Same:
        return _standing(planned, Outcome.there, "what would be restored stands there already")
    except OutputExistsError:
        return _standing(planned, Outcome.kept, "another file appeared there meanwhile")
    size, sha256 = written["file"]
    return Restored(planned, target, Outcome.restored, size, sha256)


def look(planned: Planned, journal: Journal) -> Restored | None:
    """Return what becomes of a file that is not restored; None for one that is.

    Under ``if-changed`` a restoration may still turn out to be what stands there already.
    """
    entry, target = planned.entry, planned.target
    try:
        status = os.lstat(target)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as why:
        raise ImageFileError(
            f"{target}: cannot be looked at ({why.strerror or why}); check its folder"
        ) from why
    if not stat.S_ISREG(status.st_mode):
        return _standing(planned, Outcome.kept, "something that is no file stands there")
    same_time = status.st_mtime_ns == entry.mtime_ns
    if status.st_size == entry.size:
        if same_time and planned.overwrite is Overwrite.never:
            reason = "a file of the same size and time stands there"
            return _standing(planned, Outcome.there, reason)
        if _hash_of(target) == entry.sha256:
            return _standing(planned, Outcome.there, "the archived file stands there")
    if planned.overwrite is Overwrite.always:
        return None
    if planned.overwrite is Overwrite.never:
        if same_time:
            return _standing(planned, Outcome.there, "a file of the same time stands there")
        reason = "another file stands there; --overwrite if-changed or always replaces it"
        return _standing(planned, Outcome.kept, reason)
    standing = _hash_of(target)
    if standing is None:
        return _standing(planned, Outcome.kept, f"the file there cannot be read{_IN_DOUBT}")
    if same_time and journal.knows(standing, target):
        return _standing(planned, Outcome.there, "was restored before")
    return None


class _Same(Exception):
    """The restored file is the one that stands there."""


def _standing(planned: Planned, outcome: Outcome, reason: str) -> Restored:
    try:
        size = os.lstat(planned.target).st_size
    except OSError:
        size = 0
    return Restored(planned, planned.target, outcome, size, reason=reason)


def _hash_of(path: Path) -> str | None:
    """Return the SHA-256 of a file that may be missing or unreadable."""
    try:
        return hash_file(path)
    except OSError:
        return None


def _make_folder(planned: Planned) -> None:
    base, folder = planned.base, planned.target.parent
    try:
        if folder != base and not base.is_dir():
            base.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        inside = folder.resolve().is_relative_to(base.resolve())
    except OSError as why:
        raise ImageFileError(
            f"{folder}: the folder cannot be made ({why.strerror or why}); choose another with --to"
        ) from why
    if not inside:
        raise UsageError(
            f"{planned.target}: a symbolic link on the way leads out of {base}; remove the link, "
            "or restore to another folder with --to"
        )
