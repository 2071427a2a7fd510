"""The bundled models on real images, in a real viewer and its threads."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import Qt

from irrm_core.archive import restore_file
from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Floors
from irrm_core.archive.store import Store
from irrm_core.imagefile import SourceMetadata, read_image, write_image
from irrm_core.metrics import psnr
from napari_irrm.jobs import Settings, session_of
from napari_irrm.storage.compressing import CompressPlan, CompressReport, CompressWork, Outcome
from napari_irrm.widgets.archive import ArchiveWidget
from napari_irrm.widgets.compress import CompressWidget

from .conftest import LR, catalogued, keep

PHOTO = Path(__file__).parents[3] / "examples" / "photos" / "chelsea.png"
LEFT = Qt.MouseButton.LeftButton
WAIT = 120_000


def test_a_photograph_comes_back_from_a_store_by_a_click(
    qtbot: Any, viewer: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(PHOTO, folder)
    store = Store.create(tmp_path / "store")
    keep(store, folder, PHOTO.name, LR)
    catalogued(store, folder)
    panel = ArchiveWidget(viewer)
    viewer.window.add_dock_widget(panel)
    panel.open(store.path)
    qtbot.waitUntil(lambda: panel.model.index(0).data() == PHOTO.name, timeout=WAIT)
    panel.entries.selectRow(0)
    qtbot.mouseClick(panel.to_layers, LEFT)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=WAIT)
    assert psnr(read_image(PHOTO)[0], viewer.layers[0].data) > 38
    qtbot.waitUntil(lambda: not session_of(viewer).queue.tickets, timeout=WAIT)


def test_a_folder_is_cancelled_by_a_click_and_leaves_nothing(
    qtbot: Any, viewer: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(PHOTO, folder)
    panel = CompressWidget(viewer)
    viewer.window.add_dock_widget(panel)
    panel.choose(folder)
    panel.run(dry=False)
    assert not panel.try_out.isEnabled()
    qtbot.waitUntil(lambda: bool(session_of(viewer).queue.tickets[0].what), timeout=WAIT)
    qtbot.mouseClick(panel.jobs.rows[0].cancel, LEFT)
    qtbot.waitUntil(lambda: not session_of(viewer).queue.tickets, timeout=WAIT)
    assert panel.report is None and panel.try_out.isEnabled()
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_a_microscope_stack_is_compressed_and_restores_to_what_was_judged(
    viewer_model: Any, shared: Path, tmp_path: Path
) -> None:
    source = shared / "data" / "microscopy" / "xyz_calibrated_16bit__golgi_bfa.tif"
    folder = tmp_path / "stacks"
    folder.mkdir()
    original, info = read_image(source)
    original = original[:4]
    size = SourceMetadata(pixel_size=info.metadata.pixel_size)
    write_image(folder / source.name, original, axes="ZYX", metadata=size)
    rule = Rule(floors=Floors(psnr=25, ssim=None))
    reports: list[CompressReport] = []
    plan = CompressPlan(folder, tmp_path / "small", rule)
    work = CompressWork(
        plan, Settings(device="cpu"), dry=False, told=lambda _: None, done=reports.append
    )
    session_of(viewer_model).queue.submit(work)
    (file,) = reports[0].files
    assert file.outcome == Outcome.lr, file.reason
    lr = plan.output / f"{source.name}.irrm.tif"
    restored, _ = read_image(restore_file(lr, tmp_path / "back.tif", device="cpu").target)
    assert restored.shape == original.shape and restored.dtype == original.dtype
    worst = min(
        psnr(truth, found, peak=float(np.ptp(original)))
        for truth, found in zip(original, restored, strict=True)
    )
    assert worst > 25
