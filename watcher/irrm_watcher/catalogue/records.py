"""All records of a store, read from its archive files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from irrm_core.errors import Cancelled, IrrmError

if TYPE_CHECKING:
    from irrm_core.archive.provenance import Provenance
    from irrm_core.archive.store import Store
    from irrm_core.progress import Cancel, Progress


@dataclass(frozen=True)
class Recorded:
    """An archive file that can be read.

    Attributes
    ----------
    path : bytes
        Of the archive file, relative to the store's folder.
    size : int
        In bytes.
    sha256 : str
        Of the archive file, whole, hexadecimal.
    provenance : Provenance
        What its record says of the original.
    """

    path: bytes
    size: int
    sha256: str
    provenance: Provenance


@dataclass(frozen=True)
class Unused:
    """An archive file of which no entry is made.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        Why.
    """

    path: Path
    reason: str


def read_records(
    store: Store, *, progress: Progress, cancel: Cancel
) -> tuple[list[Recorded], list[Unused]]:
    """Read the records of a store: what can be read, one of each version, and the rest.

    Of two archive files of one version, which only a crash leaves, the later counts.
    """
    found: dict[tuple[str, bytes, int], Recorded] = {}
    unused = []
    files = list(store.walk())
    progress.begin("archive files", len(files))
    try:
        for path in files:
            cancel.check()
            try:
                record = _read(store, path)
            except Cancelled:
                raise
            except (IrrmError, OSError) as why:
                unused.append(Unused(path, str(why)))
            else:
                told = record.provenance
                other = found.setdefault((told.root, told.path, told.version), record)
                if other is not record:
                    old, new = sorted((other, record), key=lambda r: r.provenance.archived_at)
                    found[told.root, told.path, told.version] = new
                    reason = f"is of the same version of the same file as {store.stored(new.path)}"
                    unused.append(Unused(store.stored(old.path), reason))
            progress.advance()
    finally:
        progress.end()
    return list(found.values()), unused


def _read(store: Store, path: Path) -> Recorded:
    from irrm_core.archive.store import read_provenance

    provenance = read_provenance(path)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    return Recorded(store.relative(path), size, sha256, provenance)
