"""A store as the watcher leaves it, with small models, and what runs works at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray

from irrm_core.archive.catalogue import Entry, Search, StorageClass
from irrm_core.archive.classes import Rule, Stored, commit, spool, store_file
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store
from irrm_core.imagefile import PixelSize, SourceMetadata, write_image
from irrm_watcher.catalogue import rebuild
from napari_irrm.jobs import JobQueue, Ticket, session_of
from napari_irrm.storage.browser import StoreBrowser

LR = Rule(
    classes=frozenset({StorageClass.lr}),
    floors=Floors(psnr=0, ssim=None),
    minimum_saving=0,
    precision="fp32",
)
EXACT = Rule(classes=frozenset({StorageClass.exact}), minimum_saving=0)
MICROMETRES = SourceMetadata(pixel_size=PixelSize(0.25, 0.25, 2.0))

FILES = {
    "2026/beach.png": LR,
    "2026/cells.tif": LR,
    "2026/plan.tif": EXACT,
    "notes.txt": EXACT,
}


@pytest.fixture
def watched(tmp_path: Path, pixels: Callable[..., NDArray[Any]]) -> Path:
    """A watched folder with pictures of all sorts and a text."""
    folder = tmp_path / "pictures"
    (folder / "2026").mkdir(parents=True)
    write_image(folder / "2026" / "beach.png", pixels(40, 56, 3))
    stack = np.stack([pixels(32, 40, dtype="uint16") // 8 + 100 * z for z in range(3)])
    write_image(folder / "2026" / "cells.tif", stack, axes="ZYX", metadata=MICROMETRES)
    write_image(folder / "2026" / "plan.tif", pixels(40, 56, 3), compression=None)
    (folder / "notes.txt").write_bytes(b"some notes\n" * 200)
    return folder


@pytest.fixture
def store(tmp_path: Path, watched: Path, default_models: Path) -> Store:
    """A store that holds the watched folder, and its catalogue."""
    made = Store.create(tmp_path / "store")
    for path, rule in FILES.items():
        keep(made, watched, path, rule)
    catalogued(made, watched)
    return made


def keep(store: Store, folder: Path, path: str, rule: Rule, version: int = 1) -> None:
    """Store a file as the daemon does."""
    spooled = spool(folder / path, store)
    facts = spooled.facts(folder.name, os.fsencode(path), version)
    stored = store_file(spooled.path, facts, rule, store, rule.pool(device="cpu", threads=1))
    spooled.remove()
    assert isinstance(stored, Stored), stored
    commit(stored)


def catalogued(store: Store, folder: Path) -> None:
    rebuild(store.catalogue, store, {folder.name: folder}, overwrite=True)


@pytest.fixture
def browser(store: Store) -> Iterator[StoreBrowser]:
    with StoreBrowser.open(store.path) as opened:
        yield opened


@pytest.fixture
def entry(browser: StoreBrowser) -> Callable[[str], Entry]:
    """Find the newest version of a file by its name."""

    def find(name: str) -> Entry:
        (found,) = browser.entries(browser.search(Search(text=name)).numbers)
        return found

    return find


@pytest.fixture
def queue(viewer_model: ViewerModel) -> JobQueue:
    """Does works at once."""
    return session_of(viewer_model).queue


@pytest.fixture
def ended(queue: JobQueue) -> list[Ticket]:
    """The tickets of works that came to an end."""
    tickets: list[Ticket] = []
    queue.ended.connect(tickets.append)
    return tickets
