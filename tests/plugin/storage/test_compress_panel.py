"""The panel Compress folder, clicked."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from napari.components import ViewerModel
from numpy.typing import NDArray
from qtpy.QtCore import Qt

from irrm_core.imagefile import write_image
from napari_irrm.widgets import compress
from napari_irrm.widgets.compress import CompressWidget

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path, pixels: Callable[..., NDArray[Any]], default_models: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    write_image(made / "a.png", pixels(40, 56, 3))
    (made / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    return made


@pytest.fixture
def panel(qtbot: Any, viewer_model: ViewerModel, folder: Path) -> CompressWidget:
    made = CompressWidget(viewer_model)
    qtbot.addWidget(made)
    made.resize(320, 800)
    made.show()
    return made


def lenient(panel: CompressWidget) -> None:
    for box in (panel.fields.psnr, panel.fields.ssim, panel.fields.saving):
        box.setValue(box.minimum())


def test_a_folder_is_tried_out_and_then_compressed(
    qtbot: Any, panel: CompressWidget, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qtpy.QtWidgets import QFileDialog

    assert not panel.try_out.isEnabled() and not panel.files.isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    qtbot.mouseClick(panel.choose_folder, LEFT)
    lenient(panel)
    assert panel.output.said == f"LR files: {folder} LR"
    assert panel.try_out.isEnabled() and not panel.compress.isEnabled()

    qtbot.mouseClick(panel.try_out, LEFT)
    assert "1 would become LR files, 1 would stay" in panel.summary.said
    assert panel.model.rowCount() == 2 and not folder.with_name("pictures LR").exists()
    assert panel.compress.isEnabled()

    qtbot.mouseClick(panel.compress, LEFT)
    assert "1 became LR files, 1 stay" in panel.summary.said
    out = folder.with_name("pictures LR")
    assert [path.name for path in out.iterdir()] == ["a.png.irrm.png"]


def test_other_settings_are_tried_out_first(
    qtbot: Any, panel: CompressWidget, folder: Path
) -> None:
    panel.choose(folder)
    qtbot.mouseClick(panel.try_out, LEFT)
    assert panel.compress.isEnabled()
    panel.fields.psnr.setValue(30)
    assert not panel.compress.isEnabled()
    assert panel.compress.toolTip() == "Try out first what these settings make of the folder"


def test_a_report_is_saved_as_a_table(
    qtbot: Any,
    panel: CompressWidget,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = tmp_path / "report.csv"
    monkeypatch.setattr(compress, "ask_where", lambda *_: table)
    panel.choose(folder, tmp_path / "elsewhere")
    assert not panel.save.isEnabled()
    qtbot.mouseClick(panel.try_out, LEFT)
    qtbot.mouseClick(panel.save, LEFT)
    with table.open() as stream:
        assert [row["file"] for row in csv.DictReader(stream)] == ["a.png", "broken.png"]


def test_a_folder_that_cannot_be_used_is_said(
    qtbot: Any, panel: CompressWidget, folder: Path
) -> None:
    panel.choose(folder, folder)
    qtbot.mouseClick(panel.try_out, LEFT)
    assert "LR files need a folder of their own" in panel.problem.said


def test_fields_mean_a_rule(panel: CompressWidget) -> None:
    rule = panel.fields.rule
    assert (rule.model, rule.scale, rule.floors.psnr, rule.floors.ssim) == (None, 2, 36.0, 0.95)
    assert rule.floors.max_error is None and rule.minimum_saving == pytest.approx(0.1)
    lenient(panel)
    panel.fields.max_error.setValue(10)
    floors = panel.fields.rule.floors
    assert (floors.psnr, floors.ssim, floors.max_error) == (None, None, 0.1)
    labels = [panel.fields.model.itemText(i) for i in range(panel.fields.model.count())]
    assert labels[:2] == ["Default × 2", "Default × 4"]
    assert "irrm-fast-gray-x2@1 (gray, × 2)" in labels
