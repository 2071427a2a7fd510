"""Chosen files of a store come back: as layers on their place, or as files that replace none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel

from irrm_core.archive.catalogue import Entry, Search
from irrm_core.archive.recall import Journal
from irrm_core.errors import UsageError
from irrm_core.imagefile import read_image
from irrm_core.metrics import psnr
from napari_irrm.jobs import JobQueue, Settings, State, Ticket
from napari_irrm.layers import provenance_of
from napari_irrm.storage.browser import StoreBrowser
from napari_irrm.storage.to_folder import RestoreToFolderWork, Returned
from napari_irrm.storage.to_layer import ToLayerWork

CPU = Settings(device="cpu")
Find = Callable[[str], Entry]


def test_an_lr_file_becomes_the_layer_that_was_judged(
    viewer_model: ViewerModel, queue: JobQueue, browser: StoreBrowser, entry: Find, watched: Path
) -> None:
    queue.submit(ToLayerWork(viewer_model, browser, entry("beach"), CPU))
    (layer,) = viewer_model.layers
    original, _ = read_image(watched / "2026" / "beach.png")
    assert layer.name == "beach.png restored" and layer.rgb
    assert layer.data.shape == original.shape and layer.data.dtype == np.uint8
    measured = entry("beach").measured["psnr"]
    assert psnr(original, layer.data) >= measured - 0.01
    provenance = provenance_of(layer)
    assert provenance is not None and provenance.kind == "restored"
    assert provenance.source == "beach.png"


def test_a_stack_comes_back_with_its_calibration_and_its_lr_lies_on_it(
    viewer_model: ViewerModel, queue: JobQueue, browser: StoreBrowser, entry: Find, watched: Path
) -> None:
    cells = entry("cells")
    queue.submit(ToLayerWork(viewer_model, browser, cells, CPU))
    queue.submit(ToLayerWork(viewer_model, browser, cells, CPU, small=True))
    restored, lr = viewer_model.layers
    original, _ = read_image(watched / "2026" / "cells.tif")
    assert restored.data.shape == original.shape and restored.data.dtype == np.uint16
    assert tuple(restored.scale) == (2.0, 0.25, 0.25)
    assert restored.axis_labels == ("z", "y", "x")
    assert tuple(lr.scale) == (2.0, 0.5, 0.5)
    assert tuple(lr.translate) == (0.0, 0.125, 0.125)
    assert [layer.contrast_limits[1] > 1000 for layer in (restored, lr)] == [True, True]
    provenance = provenance_of(lr)
    assert provenance is not None and provenance.kind == "lr"


def test_an_exact_picture_becomes_a_layer_of_its_very_pixels(
    viewer_model: ViewerModel, queue: JobQueue, browser: StoreBrowser, entry: Find, watched: Path
) -> None:
    queue.submit(ToLayerWork(viewer_model, browser, entry("plan"), CPU))
    (layer,) = viewer_model.layers
    assert np.array_equal(layer.data, read_image(watched / "2026" / "plan.tif")[0])
    assert layer.name == "plan.tif" and provenance_of(layer) is None


def test_what_is_no_picture_or_has_no_lr_is_refused_with_the_reason(
    viewer_model: ViewerModel, browser: StoreBrowser, entry: Find
) -> None:
    with pytest.raises(UsageError, match=r"notes\.txt: is no picture; restore it to a folder"):
        ToLayerWork(viewer_model, browser, entry("notes"), CPU)
    with pytest.raises(UsageError, match="has no LR"):
        ToLayerWork(viewer_model, browser, entry("plan"), CPU, small=True)


@pytest.mark.parametrize("small", [False, True])
def test_a_damaged_file_becomes_no_layer(
    viewer_model: ViewerModel,
    queue: JobQueue,
    browser: StoreBrowser,
    entry: Find,
    ended: list[Ticket],
    small: bool,
) -> None:
    beach = entry("beach")
    stored = browser.stored(beach)
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.write_bytes(content)
    queue.submit(ToLayerWork(viewer_model, browser, beach, CPU, small=small))
    assert not viewer_model.layers
    assert ended[0].state == State.FAILED and "damaged" in ended[0].error


def test_files_come_back_in_their_tree_and_again_nothing_is_done(
    queue: JobQueue, browser: StoreBrowser, tmp_path: Path, watched: Path
) -> None:
    numbers, out = browser.search(Search()).numbers, tmp_path / "again"
    told: list[Returned] = []
    for _ in range(2):
        queue.submit(RestoreToFolderWork(browser, numbers, out, CPU, told.append))
    first, second = told
    assert (first.written, first.kept, first.failed) == (4, (), ())
    assert (second.written, second.standing) == (0, 4)
    assert (out / "notes.txt").read_bytes() == (watched / "notes.txt").read_bytes()
    assert read_image(out / "2026" / "cells.tif")[0].shape == (3, 32, 40)
    known = Journal(browser.store.path).hashes()
    assert hashlib.sha256((out / "2026" / "beach.png").read_bytes()).hexdigest() in known


def test_nothing_that_stands_there_is_replaced(
    queue: JobQueue, browser: StoreBrowser, tmp_path: Path, entry: Find
) -> None:
    out, told = tmp_path / "again", list[Returned]()
    out.mkdir()
    (out / "notes.txt").write_bytes(b"mine")
    queue.submit(RestoreToFolderWork(browser, [entry("notes").id, 999], out, CPU, told.append))
    assert (out / "notes.txt").read_bytes() == b"mine"
    assert told[0].kept == (out / "notes.txt",)
    assert "1 kept out by another file of the same name (notes.txt)" in str(told[0])
    assert "1 file not in the store any more" in str(told[0])


def test_a_cancelled_restore_leaves_no_half_written_file(
    queue: JobQueue, browser: StoreBrowser, tmp_path: Path, ended: list[Ticket]
) -> None:
    out = tmp_path / "again"
    numbers = browser.search(Search()).numbers

    def cancel(ticket: Ticket) -> None:
        if ticket.done > 1000 and not ticket.cancelling.cancelled:
            ticket.cancel()

    queue.progressed.connect(cancel)
    queue.submit(RestoreToFolderWork(browser, numbers, out, CPU, lambda _: None))
    assert ended[0].state == State.CANCELLED
    left = [path for path in out.rglob("*") if path.is_file()]
    assert len(left) < 4 and not [path for path in left if path.name.endswith(".part")]


def test_a_folder_in_the_store_or_in_a_watched_folder_is_refused(
    browser: StoreBrowser, watched: Path
) -> None:
    (watched / ".irrm-root.json").write_text("{}")
    for folder, reason in (
        (browser.store.path / "files", "lies in the store"),
        (watched / "2026", "lies in the watched folder"),
    ):
        with pytest.raises(UsageError, match=reason):
            RestoreToFolderWork(browser, [1], folder, CPU, lambda _: None)
    with pytest.raises(UsageError, match="no file of the store is chosen"):
        RestoreToFolderWork(browser, [], watched.parent / "x", CPU, lambda _: None)
