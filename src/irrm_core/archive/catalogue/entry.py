"""One version of one file, as a catalogue knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from irrm_core.archive.catalogue.states import ARCHIVED, State, StorageClass

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORD_COLUMNS = (
    "root",
    "path",
    "version",
    "storage",
    "size",
    "mtime_ns",
    "mode",
    "sha256",
    "stored_path",
    "stored_size",
    "stored_sha256",
    "model",
    "weights_hash",
    "scale",
    "measured",
    "archived_at",
)
"""What the store's own records tell: a rebuilt catalogue has exactly these again."""


class Signature(NamedTuple):
    """By what a file is known to be unchanged without reading it.

    Attributes
    ----------
    size : int
        In bytes.
    mtime_ns : int
        Of the last modification, in nanoseconds since 1970.
    inode, device : int or None
        Which file of which file system; None if unknown, as after a rebuild.
    """

    size: int
    mtime_ns: int
    inode: int | None = None
    device: int | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row of the catalogue: one version of the file at one path.

    The path's current version is the one with the highest number. A version number is given up
    only when an archive file with it may exist: a file that changes before it is archived keeps
    its row.

    Attributes
    ----------
    id : int
        Of the row; a rebuild numbers anew.
    root : str
        Name of the watched folder.
    path : bytes
        Relative to the watched folder, parts separated by ``/``; need not be valid text.
    version : int
        From 1.
    state : State
        How far the file has come.
    size, mtime_ns, mode : int
        Of the file that is stored, or of the one that stands as long as nothing is.
    inode, device, seen_mtime_ns : int or None
        Of the file as it was last seen in its place; a touched file has another
        `seen_mtime_ns` than the stored `mtime_ns`. None if unknown, as after a rebuild.
    present : bool
        Whether this version of the file was last seen in its place.
    sha256 : str or None
        Of the original's bytes, hexadecimal.
    storage : StorageClass or None
        None as long as it is not decided.
    reason : str
        Why the file is kept, failed or waits; empty otherwise.
    stored_path : bytes or None
        Of the archive file, relative to the store's folder.
    stored_size : int or None
        Of the archive file, in bytes.
    stored_sha256 : str or None
        Of the archive file, whole.
    model, weights_hash, scale
        Of class ``lr``, else None.
    measured : mapping
        What the gate measured, as JSON values.
    quarantine_path : bytes or None
        Of the original in quarantine, relative to the watched folder.
    seen_at, changed_at : float
        When the row was made, and last changed, in seconds since 1970.
    archived_at, quarantined_at, purged_at : float or None
        When that happened, in seconds since 1970.
    attempts : int
        How often it failed in a row.
    retry_at : float or None
        Before which it is not tried again.
    """

    id: int
    root: str
    path: bytes
    version: int
    state: State
    size: int
    mtime_ns: int
    mode: int
    seen_at: float
    changed_at: float
    inode: int | None = None
    device: int | None = None
    seen_mtime_ns: int | None = None
    present: bool = True
    sha256: str | None = None
    storage: StorageClass | None = None
    reason: str = ""
    stored_path: bytes | None = None
    stored_size: int | None = None
    stored_sha256: str | None = None
    model: str | None = None
    weights_hash: str | None = None
    scale: int | None = None
    measured: Mapping[str, Any] = field(default_factory=dict)
    quarantine_path: bytes | None = None
    archived_at: float | None = None
    quarantined_at: float | None = None
    purged_at: float | None = None
    attempts: int = 0
    retry_at: float | None = None

    @property
    def archived(self) -> bool:
        """Whether the store can give this file back."""
        return self.state in ARCHIVED

    @property
    def signature(self) -> Signature:
        """By what the file in its place is known to be unchanged."""
        mtime_ns = self.mtime_ns if self.seen_mtime_ns is None else self.seen_mtime_ns
        return Signature(self.size, mtime_ns, self.inode, self.device)

    def stands_as(self, found: Signature) -> bool:
        """Return whether a file that stands there is the one last seen, unchanged.

        What is unknown of this entry, after a rebuild, is not compared; nor is the device, whose
        number may change when the machine starts.
        """
        known = self.signature
        same = (known.size, known.mtime_ns) == (found.size, found.mtime_ns)
        return same and known.inode in (None, found.inode)


def record_columns(entry: Entry) -> dict[str, Any]:
    """Return what a rebuild from the store's own records must reproduce exactly."""
    return {name: getattr(entry, name) for name in RECORD_COLUMNS}
