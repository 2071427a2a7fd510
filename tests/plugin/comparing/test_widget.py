"""The widget Compare, clicked and looked at."""

from __future__ import annotations

import csv
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QColor, QImage
from qtpy.QtWidgets import QFileDialog

from napari_irrm.comparing import CompareWork
from napari_irrm.jobs import InlineExecutor, session_of
from napari_irrm.widgets import compare_results, saving
from napari_irrm.widgets.compare import CompareWidget

Series = tuple[NDArray[np.uint16], NDArray[np.uint16]]
Click = Callable[[Any], None]
PSNR, LARGEST = 2, 4


@pytest.fixture
def click(qtbot: Any) -> Click:
    """Click a button with the mouse."""

    def click_it(button: Any) -> None:
        assert button.isEnabled()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    return click_it


@pytest.fixture
def pair(viewer_model: ViewerModel, series: Series) -> tuple[Image, Image]:
    """A series and its restoration, whose frame 3 suffered in channel 1."""
    labels = ("t", "c", "y", "x")
    return (
        viewer_model.add_image(series[0], name="cells", axis_labels=labels),
        viewer_model.add_image(series[1], name="cells restored", axis_labels=labels),
    )


@pytest.fixture
def widget(viewer_model: ViewerModel, pair: Any, qtbot: Any) -> CompareWidget:
    """The widget on the screen, beside a viewer without a window."""
    shown = CompareWidget(viewer_model)
    qtbot.addWidget(shown)
    shown.resize(320, 760)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def cells(widget: CompareWidget, column: int) -> list[str]:
    model = widget.results.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def at_point(widget: CompareWidget, x: float, y: float) -> QPoint:
    """Return where in the plot's window a place of its axes is."""
    plot = widget.results.plot.plot
    return plot.mapFromScene(plot.plotItem.vb.mapViewToScene(QPointF(x, y)))


def test_two_layers_are_proposed_and_compared_by_one_click(
    viewer_model: ViewerModel, widget: CompareWidget, pair: Any, click: Click
) -> None:
    assert (widget.original.layer, widget.restored.layer) == pair
    click(widget.run)
    assert widget.results.headline.said.startswith("PSNR ")
    assert widget.results.worst.text().startswith("Worst: T 3, C 1 · ")
    assert len(cells(widget, PSNR)) == 13
    assert [layer.name for layer in viewer_model.layers][2:] == ["cells difference"]
    assert widget.run.isEnabled()


def test_the_worst_plane_is_one_click_away(
    viewer_model: ViewerModel, widget: CompareWidget, click: Click
) -> None:
    click(widget.run)
    click(widget.results.worst)
    assert viewer_model.dims.current_step[:2] == (3, 1)


def test_a_click_in_the_plot_goes_to_the_plane(
    viewer_model: ViewerModel, widget: CompareWidget, click: Click, qtbot: Any
) -> None:
    click(widget.run)
    qtbot.wait(50)
    points = widget.results.plot._lines[0]
    place = at_point(widget, 4.2, points[4].score.psnr)
    qtbot.mouseClick(widget.results.plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: viewer_model.dims.current_step[:2] == (4, 0))


def test_the_table_goes_to_planes_and_sorts_with_the_totals_on_top(
    viewer_model: ViewerModel, widget: CompareWidget, click: Click, qtbot: Any
) -> None:
    click(widget.run)
    totals = cells(widget, LARGEST)[:3]
    header = widget.results.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(PSNR) + 8, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    if cells(widget, PSNR)[3] != min(cells(widget, PSNR)[3:], key=float):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    numbers = [float(text) for text in cells(widget, PSNR)[3:]]
    assert numbers == sorted(numbers)
    assert cells(widget, LARGEST)[:3] == totals
    first = widget.results.table.visualRect(widget.results.table.model().index(3, 0)).center()
    qtbot.mouseClick(widget.results.table.viewport(), Qt.MouseButton.LeftButton, pos=first)
    assert viewer_model.dims.current_step[:2] == (3, 1)


def test_only_layers_that_fit_are_offered_and_compared(
    viewer_model: ViewerModel, widget: CompareWidget
) -> None:
    viewer_model.add_labels(np.zeros((20, 20), int), name="labels")
    small = viewer_model.add_image(np.zeros((20, 20)), name="small")
    names = [widget.original.itemText(i) for i in range(widget.original.count())]
    assert names == ["small", "cells restored", "cells"]
    widget.original.choose(small)
    assert "small has the shape 20 x 20" in widget.hindrance.said
    assert not widget.run.isEnabled()


def test_nothing_to_compare_is_explained(viewer_model: ViewerModel, qtbot: Any) -> None:
    empty = CompareWidget(viewer_model)
    qtbot.addWidget(empty)
    assert "restore a layer" in empty.hindrance.said
    viewer_model.add_image(np.zeros((20, 20)))
    assert "restore a layer" in empty.hindrance.said
    assert not empty.run.isEnabled()
    assert not empty.views.blink.isEnabled()


def test_a_comparison_that_others_asked_for_is_shown(
    viewer_model: ViewerModel, widget: CompareWidget, pair: Any
) -> None:
    original, restored = pair
    widget.restored.choose(original)
    session_of(viewer_model).queue.submit(CompareWork(viewer_model, original, restored))
    assert (widget.original.layer, widget.restored.layer) == pair
    assert "T 3, C 1" in widget.results.worst.text()


def test_what_was_found_comes_back_with_its_layers(
    viewer_model: ViewerModel, widget: CompareWidget, pair: Any, click: Click
) -> None:
    click(widget.run)
    other = viewer_model.add_image(pair[1].data, name="other")
    widget.restored.choose(other)
    assert not widget.results.table.isVisible()
    widget.restored.choose(pair[1])
    assert widget.results.table.isVisible()


def test_the_plot_shows_where_the_viewer_is_and_what_people_choose(
    viewer_model: ViewerModel, widget: CompareWidget, click: Click, qtbot: Any
) -> None:
    click(widget.run)
    viewer_model.dims.set_current_step(0, 2)
    assert widget.results.plot._here.value() == 2
    widget.results.measure.setFocus()
    qtbot.keyClick(widget.results.measure, Qt.Key.Key_Down)
    assert widget.results.measure.value.key == "ssim"
    plot = widget.results.plot
    assert plot._worst.data["y"][0] == pytest.approx(plot._lines[1][3].score.ssim)


def test_side_by_side_and_blink_are_undone_when_released_or_closed(
    viewer_model: ViewerModel, widget: CompareWidget, click: Click, qtbot: Any
) -> None:
    click(widget.run)
    original, restored, difference = viewer_model.layers
    click(widget.views.side_by_side)
    assert viewer_model.canvas.grid.enabled and not difference.visible
    click(widget.views.blink)
    assert not viewer_model.canvas.grid.enabled
    assert (original.visible, restored.visible) == (True, False)
    assert widget.views.note.said == "Shown: cells"
    qtbot.waitUntil(lambda: restored.visible and not original.visible)
    assert widget.views.note.said == "Shown: cells restored"
    click(widget.views.blink)
    assert original.visible and restored.visible and difference.visible
    click(widget.views.side_by_side)
    widget.close()
    assert not viewer_model.canvas.grid.enabled
    assert not widget.views.side_by_side.isChecked()


def test_removing_a_layer_ends_what_shows_it(
    viewer_model: ViewerModel, widget: CompareWidget, pair: Any, click: Click
) -> None:
    click(widget.views.side_by_side)
    viewer_model.layers.remove(pair[1])
    assert not viewer_model.canvas.grid.enabled
    assert not widget.views.side_by_side.isChecked()


def test_table_and_plot_are_saved(
    widget: CompareWidget, click: Click, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[str] = []

    def answer(_: Any, title: str, name: str, suffix: str) -> Path:
        proposed.append(name)
        return tmp_path / f"out.{suffix}"

    monkeypatch.setattr(compare_results, "ask_where", answer)
    click(widget.run)
    click(widget.results.save_table)
    click(widget.results.save_picture)
    assert proposed == ["cells restored errors", "cells restored psnr"]
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        assert len(list(csv.reader(stream))) == 14
    picture = QImage(str(tmp_path / "out.png"))
    assert (picture.width(), picture.height()) == (1200, 600)
    assert picture.pixelColor(5, 5).name() == "#ffffff"
    drawn = {picture.pixelColor(x, y).hsvHue() // 10 for x in range(1200) for y in range(600)}
    assert {QColor(line).hsvHue() // 10 for line in ("#56b4e9", "#e69f00")} <= drawn


def test_what_cannot_be_written_is_told(
    viewer_model: ViewerModel,
    widget: CompareWidget,
    click: Click,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(widget.results, "_alarm", told.append)
    monkeypatch.setattr(compare_results, "ask_where", lambda *_: tmp_path / "missing" / "out.csv")
    click(widget.run)
    click(widget.results.save_table)
    assert "out.csv: cannot be written" in told[0]


def test_the_dialog_asks_before_it_replaces_a_file(
    widget: CompareWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogs: list[QFileDialog] = []

    def accept(dialog: QFileDialog) -> int:
        dialogs.append(dialog)
        assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
        assert dialog.defaultSuffix() == "csv"
        dialog.setDirectory(str(tmp_path))
        return 1

    monkeypatch.setattr(QFileDialog, "exec", accept)
    path = saving.ask_where(widget, "Save", "errors of cells", "csv")
    assert path is not None and path.name == "errors of cells.csv"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 0)
    assert saving.ask_where(widget, "Save", "errors", "csv") is None


def test_the_plot_takes_the_colours_of_the_theme(
    viewer_model: ViewerModel, widget: CompareWidget
) -> None:
    from napari.utils.theme import get_theme

    for theme in ("light", "dark"):
        viewer_model.theme = theme
        brush = widget.results.plot.plot.backgroundBrush().color().name()
        assert brush == get_theme(theme).background.as_hex(format="long")


def test_a_closed_widget_is_let_go(viewer_model: ViewerModel, pair: Any, qtbot: Any) -> None:
    shown = CompareWidget(viewer_model)
    shown.run.click()
    kept = weakref.ref(shown)
    shown.close()
    shown.deleteLater()
    del shown
    qtbot.wait(10)
    gc.collect()
    assert kept() is None


def test_in_a_window_a_job_is_shown_and_cancelled(
    viewer: Any, series: Series, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from napari_irrm.comparing import measure_planes

    many = [np.tile(array, (1, 1, 4, 4)) for array in series]
    viewer.add_image(many[0], name="cells")
    viewer.add_image(many[1], name="cells restored")
    _, widget = viewer.window.add_plugin_dock_widget("napari-irrm", "Compare")
    going = threading.Event()

    def slowly(*arguments: Any, see: Any, **options: Any) -> Any:
        def see_and_wait(*seen: Any) -> None:
            see(*seen)
            assert going.wait(30)

        return measure_planes(*arguments, see=see_and_wait, **options)

    monkeypatch.setattr("napari_irrm.comparing.work.measure_planes", slowly)
    qtbot.mouseClick(widget.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(viewer.layers) == 3)
    assert not widget.run.isEnabled()
    (row,) = widget.jobs.rows
    assert "plane" in row.text.said
    qtbot.mouseClick(row.cancel, Qt.MouseButton.LeftButton)
    going.set()
    qtbot.waitUntil(lambda: not session_of(viewer).queue.tickets)
    assert [layer.name for layer in viewer.layers] == ["cells", "cells restored"]
    assert widget.run.isEnabled()
    qtbot.mouseClick(widget.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: "T" in widget.results.worst.text() or "C" in widget.results.worst.text()
    )
    qtbot.waitUntil(lambda: not session_of(viewer).queue.tickets)
    assert len(viewer.layers) == 3


@pytest.mark.usefixtures("default_models")
def test_a_round_trip_ends_with_the_psnr_of_its_record(
    viewer_model: ViewerModel, qtbot: Any, pixels: Callable[..., NDArray[Any]]
) -> None:
    from napari_irrm.jobs import RoundtripWork, Settings
    from napari_irrm.layers import provenance_of

    frames = np.stack([pixels(48, 64, dtype="uint16") // (k + 1) for k in range(3)])
    original = viewer_model.add_image(frames, name="cells", axis_labels=("t", "y", "x"))
    widget = CompareWidget(viewer_model)
    qtbot.addWidget(widget)
    session = session_of(viewer_model)
    assert isinstance(session.executor, InlineExecutor)
    session.queue.submit(RoundtripWork(viewer_model, original, Settings(scale=2)))
    assert [layer.name for layer in viewer_model.layers][2:] == [
        "cells restored",
        "cells difference",
    ]
    record = provenance_of(widget.restored.layer).record
    assert widget.original.layer is original
    assert widget.results.headline.said.startswith(f"PSNR {record.quality['psnr']:.2f} dB")
    assert provenance_of(viewer_model.layers[-1]).kind == "difference"


def test_in_a_real_series_the_frame_that_was_spoilt_is_found(
    viewer_model: ViewerModel, qtbot: Any, shared: Path
) -> None:
    from tifffile import imread

    from napari_irrm.jobs import RoundtripWork, Settings

    path = shared / "data/microscopy/xyt_calibrated_16bit__golgi_bfa_sum_projection.tif"
    frames = imread(path)[:4, :96, :128]
    original = viewer_model.add_image(frames, name="golgi", axis_labels=("t", "y", "x"))
    widget = CompareWidget(viewer_model)
    qtbot.addWidget(widget)
    session_of(viewer_model).queue.submit(RoundtripWork(viewer_model, original, Settings()))
    restored = widget.restored.layer
    psnr = [float(text) for text in cells(widget, 1)]
    assert psnr[0] > 35
    restored.data[2] *= 0.5
    widget.run.click()
    assert widget.results.worst.text().startswith("Worst: T 2 · ")
    again = [float(text) for text in cells(widget, 1)]
    assert again[3] < psnr[3] - 1
    assert [again[k] for k in (1, 2, 4)] == [psnr[k] for k in (1, 2, 4)]


def test_perfect_restorations_have_an_empty_plot(
    viewer_model: ViewerModel, qtbot: Any, recwarn: pytest.WarningsRecorder
) -> None:
    frames = np.arange(3 * 20 * 20, dtype=np.uint16).reshape(3, 20, 20)
    viewer_model.add_image(frames, name="cells")
    viewer_model.add_image(frames.copy(), name="cells restored")
    widget = CompareWidget(viewer_model)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.run.click()
    qtbot.wait(20)
    assert widget.results.headline.said.startswith("PSNR ∞ dB · SSIM 1.0000")
    assert not [warning for warning in recwarn if issubclass(warning.category, RuntimeWarning)]
