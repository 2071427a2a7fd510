"""A catalogue full of made-up entries, to see how fast it answers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from irrm_core.archive.catalogue import ARCHIVED, State, StorageClass

if TYPE_CHECKING:
    from irrm_watcher.catalogue import CatalogueWriter

_STATES = (*[State.purged, State.quarantined, State.committed] * 3, State.kept, State.failed)
_MEASURED = {
    "psnr": [38.21, 37.9, 39.4],
    "ssim": [0.981, 0.979, 0.984],
    "max_error": [0.11, 0.13, 0.1],
    "bias": [0.0004, -0.0002, 0.0001],
    "deliver": "lossless",
    "precision": "auto",
}


def fill(writer: CatalogueWriter, count: int, *, root: str = "pictures") -> None:
    """Enter as many files as would be there after months: most archived, some not.

    Parameters
    ----------
    writer : CatalogueWriter
        Open.
    count : int
        How many entries; every eleventh is kept, every eleventh failed.
    root : str
        Name of the watched folder that they are of.
    """
    with writer.batch():
        for number in range(count):
            path = b"2026/%02d/%02d/img-%06d.jpg" % (number % 12 + 1, number % 28 + 1, number)
            state = _STATES[number % len(_STATES)]
            hashed = hashlib.sha256(path).hexdigest()
            size = 1_000_000 + number * 37
            columns = {
                "root": root,
                "path": path,
                "version": 1,
                "state": state,
                "size": size,
                "mtime_ns": number,
                "mode": 0o100644,
                "sha256": hashed,
                "seen_at": float(number),
                "changed_at": float(number),
            }
            if state in ARCHIVED:
                columns |= {
                    "storage": (StorageClass.lr, StorageClass.exact)[number % 2],
                    "stored_path": b"files/%b/%b.irrm.png" % (root.encode(), path),
                    "stored_size": size // 3,
                    "stored_sha256": hashed,
                    "measured": _MEASURED,
                    "archived_at": float(number),
                    "quarantined_at": None if state is State.committed else float(number),
                }
            else:
                columns["reason"] = "too small a saving (4 %)"
            writer.add(columns)
