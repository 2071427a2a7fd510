"""Small models, and rows of a catalogue without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irrm_core.archive.catalogue import Entry
from irrm_core.archive.store import Store
from irrm_core.imagefile import write_image

from .building import make_entry


@pytest.fixture(autouse=True)
def models(default_models: Path) -> Path:
    return default_models


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Make a committed row of class exact, with changes."""
    return make_entry


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


@pytest.fixture
def watched(tmp_path: Path, pixels: Callable[..., NDArray[Any]]) -> Path:
    """A watched folder with pictures of all sorts and a text."""
    folder = tmp_path / "watched"
    (folder / "2019").mkdir(parents=True)
    write_image(folder / "2019" / "photo.jpg", pixels(60, 80, 3))
    write_image(folder / "drawing.png", pixels(40, 56, 3))
    write_image(folder / "scan.tif", pixels(40, 56, 3), compression=None)
    write_image(folder / "deep.png", pixels(40, 56, dtype="uint16"))
    write_image(folder / "stack.tif", np.stack([pixels(32, 40)] * 3), axes="ZYX")
    (folder / "notes.txt").write_bytes(b"some notes\n" * 200)
    return folder
