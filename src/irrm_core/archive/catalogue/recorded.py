"""From a store's own record to the columns of a catalogue: one way, for writing and rebuilding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irrm_core.archive.catalogue.states import StorageClass


class Recorded(Protocol):
    """What the record in an archive file says; the store's `Provenance` is one."""

    @property
    def root(self) -> str:
        """Name of the watched folder."""

    @property
    def path(self) -> bytes:
        """Relative to the watched folder."""

    @property
    def version(self) -> int:
        """From 1."""

    @property
    def storage(self) -> StorageClass:
        """``lr`` or ``exact``."""

    @property
    def size(self) -> int:
        """Of the original, in bytes."""

    @property
    def mtime_ns(self) -> int:
        """Of the original."""

    @property
    def mode(self) -> int:
        """Of the original."""

    @property
    def sha256(self) -> str:
        """Of the original's bytes."""

    @property
    def archived_at(self) -> float:
        """In seconds since 1970."""

    @property
    def model(self) -> str | None:
        """Of class ``lr``."""

    @property
    def weights_hash(self) -> str | None:
        """Of class ``lr``."""

    @property
    def scale(self) -> int | None:
        """Of class ``lr``."""

    @property
    def measured(self) -> Mapping[str, Any]:
        """What the gate measured."""


def columns_of(
    recorded: Recorded, *, stored_path: bytes, stored_size: int, stored_sha256: str
) -> dict[str, Any]:
    """Return the columns that an archive file gives its entry, but root, path and version.

    Parameters
    ----------
    recorded : Recorded
        The record in the archive file.
    stored_path : bytes
        Of the archive file, relative to the store's folder.
    stored_size : int
        Of the archive file, in bytes.
    stored_sha256 : str
        Of the archive file, whole, hexadecimal.
    """
    return {
        "storage": recorded.storage,
        "size": recorded.size,
        "mtime_ns": recorded.mtime_ns,
        "mode": recorded.mode,
        "sha256": recorded.sha256,
        "stored_path": stored_path,
        "stored_size": stored_size,
        "stored_sha256": stored_sha256,
        "model": recorded.model,
        "weights_hash": recorded.weights_hash,
        "scale": recorded.scale,
        "measured": recorded.measured,
        "archived_at": recorded.archived_at,
    }
