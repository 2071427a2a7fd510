"""Rows of a catalogue, without one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from irrm_core.archive.catalogue.entry import Entry
from irrm_core.archive.catalogue.states import State, StorageClass

_ids = count(1)


def make_entry(path: str | bytes, **changes: Any) -> Entry:
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


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Make a committed row of class exact, with changes."""
    return make_entry
