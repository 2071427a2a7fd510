"""Rows of a catalogue and the files that they are of."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Any

from irrm_core.archive.catalogue import Entry, State, StorageClass, columns_of
from irrm_core.archive.classes import Rule, Stored, commit, spool, store_file
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store

_ids = count(1)

LR = Rule(
    classes=frozenset({StorageClass.lr}),
    floors=Floors(psnr=0, ssim=None),
    minimum_saving=0,
    precision="fp32",
)
EXACT = Rule(classes=frozenset({StorageClass.exact}), minimum_saving=0)


def make_entry(path: str | bytes, **changes: Any) -> Entry:
    """Return a committed row of class exact, with changes."""
    raw = path.encode() if isinstance(path, str) else path
    values: dict[str, Any] = {
        "id": next(_ids),
        "root": "photos",
        "path": raw,
        "version": 1,
        "state": State.committed,
        "size": 1000,
        "mtime_ns": 10**18,
        "mode": 0o640,
        "seen_at": 0.0,
        "changed_at": 0.0,
        "storage": StorageClass.exact,
        "stored_path": b"files/photos/" + raw + b".irrm.zst",
    }
    return Entry(**{**values, **changes})


def archive(
    store: Store, folder: Path, path: str, rule: Rule, *, root: str = "photos", version: int = 1
) -> Entry:
    """Store a file of a watched folder as the daemon does, and return its row."""
    spooled = spool(folder / path, store)
    facts = spooled.facts(root, os.fsencode(path), version)
    stored = store_file(spooled.path, facts, rule, store, rule.pool(device="cpu", threads=1))
    spooled.remove()
    assert isinstance(stored, Stored), stored
    commit(stored)
    columns = columns_of(
        stored.provenance,
        stored_path=store.relative(stored.target),
        stored_size=stored.size,
        stored_sha256=stored.sha256,
    )
    return make_entry(os.fsencode(path), root=root, version=version, **columns)
