"""A stored file's content, checked on the way: from the store to any path, or an error."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from irrm_core.archive.recall.names import delivery_of
from irrm_core.errors import DigestMismatchError, NotRestorableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from irrm_core.archive.catalogue import Entry
    from irrm_core.archive.choice import RescalerPool
    from irrm_core.archive.store import Store
    from irrm_core.engine import RestoreRecord
    from irrm_core.progress import Cancel, Progress

_WEBP_SIDE = 16383
_JPEG_SIDE = 65500


def stored_file(entry: Entry, store: Store) -> Path:
    """Return the path of an entry's file in the store.

    Raises
    ------
    NotRestorableError
        The entry has none: it was kept, or has not come so far.
    """
    if not entry.stored_path:
        raise NotRestorableError(
            f"{os.fsdecode(entry.path)}: is not in the store ({entry.reason or entry.state})"
        )
    return store.stored(entry.stored_path)


def write_content(
    entry: Entry,
    store: Store,
    target: Path,
    pool: RescalerPool,
    *,
    name: str | None = None,
    overwrite: bool = False,
    finish: Callable[[Path], None] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Write what an entry restores to; `target` appears only when all checks have passed.

    The stored file must have the SHA-256 of the catalogue before it is decoded. Of an LR file
    the pixels must have the hash, and their restoration the digest, that its record holds; an
    exact file must have the SHA-256 of the original.

    Parameters
    ----------
    entry : Entry
        Of class ``lr`` or ``exact``.
    store : Store
        That holds its file.
    target : Path
        The file to write; its folder must exist.
    pool : RescalerPool
        Gives the model, which `store_pool` takes from the store.
    name : str, optional
        From `name_of`: decides the format of a restoration; by default the name of `target`.
    overwrite, finish
        As `atomic_output` takes them.
    progress, cancel
        Told of each tile; asked before each.

    Raises
    ------
    NotRestorableError
        The stored file is missing or damaged; or a subclass, as `restore_file` raises them.
    """
    stored = stored_file(entry, store)
    check_stored(entry, stored)
    if entry.storage == "lr":
        from irrm_core.archive.lrfile import read_lr_file
        from irrm_core.archive.restoring import restore_file

        deliver, quality = delivery_of(entry)
        restore_file(
            stored,
            target,
            pool,
            format=format_of(name or target.name, read_lr_file(stored).record, deliver),
            quality=quality,
            overwrite=overwrite,
            finish=finish,
            progress=progress,
            cancel=cancel,
        )
    else:
        from irrm_core.archive.exact import decode_exact
        from irrm_core.imagefile import atomic_output

        with atomic_output(target, overwrite, finish=finish) as stream:
            told = decode_exact(stored, stream, cancel=cancel)
            if told.sha256 != entry.sha256:
                raise DigestMismatchError(
                    f"{stored}: holds another file than {_called(entry)}, whose SHA-256 the "
                    "catalogue knows; nothing was written. `irrm-watch check` says what else is "
                    "wrong"
                )


def check_stored(entry: Entry, stored: Path) -> None:
    """Raise `NotRestorableError` if a stored file is not what the catalogue says."""
    try:
        found = hash_file(stored)
    except OSError as why:
        raise NotRestorableError(
            f"{stored}: the stored file of {_called(entry)} cannot be read "
            f"({why.strerror or why}); bring it back from a backup of the store"
        ) from why
    if found != entry.stored_sha256:
        raise NotRestorableError(
            f"{stored}: the stored file of {_called(entry)} is damaged, its SHA-256 is not that "
            "of the catalogue; bring it back from a backup of the store, and let `irrm-watch "
            "check` look for others"
        )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def format_of(name: str, record: RestoreRecord, deliver: str) -> str:
    """Return the format, as `write_image` knows it, of the restoration called `name`.

    A name may claim a format that cannot hold the image: one that lied before the image was
    archived lies again, and the content is TIFF.
    """
    at = record.axes.index("Y")
    plane = all(size == 1 for size in record.hr_shape[:at])
    side = max(record.hr_shape[at : at + 2])
    suffix = name[name.rfind(".") :].lower()
    if plane and record.dtype == "uint8":
        if deliver == "jpeg" and side <= _JPEG_SIDE:
            return "jpeg"
        if suffix == ".webp" and side <= _WEBP_SIDE:
            return "webp"
    if plane and record.dtype in ("uint8", "uint16") and suffix in (".png", ".webp"):
        return "png"
    return "tiff"


def _called(entry: Entry) -> str:
    return f"{entry.root}/{os.fsdecode(entry.path)}"
