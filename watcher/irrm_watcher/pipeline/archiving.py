"""The daemon's steps from a verified archive file to a committed one; each may be repeated."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import State, columns_of
from irrm_core.archive.classes import Kept, commit
from irrm_core.imagefile.atomic import sync_folder
from irrm_watcher.failpoints import reach

if TYPE_CHECKING:
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.store import Store
    from irrm_watcher.catalogue import CatalogueWriter
    from irrm_watcher.pipeline.jobs import Archived


def claim(writer: CatalogueWriter, entry: Entry) -> Entry:
    """Note that a worker has the file: what it leaves behind if it is killed is looked for."""
    reach("before-claim")
    entry = writer.advance(entry, State.claimed)
    reach("after-claim")
    return entry


def encoded(writer: CatalogueWriter, entry: Entry) -> Entry:
    """Note that an archive file is written, and that the gate looks at it."""
    entry = writer.advance(entry, State.encoded)
    reach("after-encoded")
    return entry


def settle_outcome(
    writer: CatalogueWriter, store: Store, entry: Entry, archived: Archived
) -> Entry:
    """Take a claimed file to ``committed`` or ``kept``, whichever its worker came to.

    Raises
    ------
    CatalogueError, StoreWriteError
        Somewhere there is no room; `recovery.settle` goes on from wherever that was.
    OutputExistsError
        The archive file's name is taken by a file that the catalogue does not know.
    """
    seen = {
        "sha256": archived.sha256,
        "inode": archived.look.inode,
        "device": archived.look.device,
        "seen_mtime_ns": archived.look.mtime_ns,
    }
    outcome = archived.outcome
    if isinstance(outcome, Kept):
        return writer.advance(entry, State.kept, reason=outcome.reason, **seen)
    columns = columns_of(
        outcome.provenance,
        stored_path=store.relative(outcome.target),
        stored_size=outcome.size,
        stored_sha256=outcome.sha256,
    )
    reach("before-verified")
    entry = writer.advance(entry, State.verified, reason=outcome.reason, **{**columns, **seen})
    reach("after-verified")
    reach("before-rename")
    commit(outcome)
    reach("after-rename")
    return committed(writer, entry)


def committed(writer: CatalogueWriter, entry: Entry) -> Entry:
    """Take a verified file, whose archive file has its name, to ``committed``."""
    reach("before-committed")
    entry = writer.advance(entry, State.committed)
    reach("after-committed")
    return entry


def adopt(writer: CatalogueWriter, store: Store, entry: Entry) -> Entry | None:
    """Commit a verified file if its archive file has taken its name, whole; else return None."""
    assert entry.stored_path is not None
    target = store.stored(entry.stored_path)
    if _hash_of(target) != entry.stored_sha256:
        return None
    sync_folder(target.parent)
    return committed(writer, entry)


def _hash_of(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
