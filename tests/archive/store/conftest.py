"""A store with files in it, through the doors that the daemon uses."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from irrm_core.archive.catalogue import Entry, State, columns_of
from irrm_core.archive.choice import RescalerPool
from irrm_core.archive.classes import Rule, Stored, commit, spool, store_file
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store

ANY_QUALITY = Floors(psnr=None, ssim=None)
_ids = count(1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def archived(store: Store, tmp_path: Path, pool: RescalerPool) -> Callable[..., Entry]:
    """Store a file and return its row."""
    pytest.importorskip("imagecodecs")
    pytest.importorskip("zstandard")

    def store_it(path: bytes, source: Path, storage: str = "exact", version: int = 1) -> Entry:
        rule = Rule(classes=frozenset({storage}), floors=ANY_QUALITY, minimum_saving=0, scale=2)  # type: ignore[arg-type]
        spooled = spool(source, store)
        stored = store_file(spooled.path, spooled.facts("photos", path, version), rule, store, pool)
        spooled.remove()
        assert isinstance(stored, Stored), stored
        commit(stored)
        columns = columns_of(
            stored.provenance,
            stored_path=store.relative(stored.target),
            stored_size=stored.size,
            stored_sha256=stored.sha256,
        )
        names: dict[str, Any] = {
            "id": next(_ids),
            "root": "photos",
            "path": path,
            "version": version,
            "state": State.committed,
            "seen_at": 0.0,
            "changed_at": 0.0,
        }
        return Entry(**{**columns, **names})

    return store_it


@pytest.fixture
def picture(tmp_path: Path, pixels: Callable[..., NDArray[Any]]) -> Path:
    """A BMP, of which every class makes something smaller."""
    path = tmp_path / "picture.bmp"
    Image.fromarray(np.asarray(pixels(64, 80, 3))).save(path)
    return path
