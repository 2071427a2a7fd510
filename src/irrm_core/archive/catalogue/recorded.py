"""From a store's own record to the columns of a catalogue: one way, for writing and rebuilding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from irrm_core.archive.provenance import Provenance


def columns_of(
    provenance: Provenance, *, stored_path: bytes, stored_size: int, stored_sha256: str
) -> dict[str, Any]:
    """Return the columns that an archive file gives its entry, but root, path and version.

    Parameters
    ----------
    provenance : Provenance
        The record in the archive file.
    stored_path : bytes
        Of the archive file, relative to the store's folder.
    stored_size : int
        Of the archive file, in bytes.
    stored_sha256 : str
        Of the archive file, whole, hexadecimal.
    """
    return {
        "storage": provenance.storage,
        "size": provenance.size,
        "mtime_ns": provenance.mtime_ns,
        "mode": provenance.mode,
        "sha256": provenance.sha256,
        "stored_path": stored_path,
        "stored_size": stored_size,
        "stored_sha256": stored_sha256,
        "model": provenance.model,
        "weights_hash": provenance.weights_hash,
        "scale": provenance.scale,
        "measured": provenance.measured,
        "archived_at": provenance.archived_at,
    }
