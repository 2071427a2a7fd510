"""Nothing is cut off, in a window of 1200 by 800, in both themes, at small and large fonts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from napari.settings import get_settings
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from napari_irrm.widgets.parts import Column, Note


def visible(widget: QWidget, *kinds: type[QWidget]) -> Iterator[Any]:
    for kind in kinds:
        yield from (child for child in widget.findChildren(kind) if child.isVisible())


def cut_off(widget: QWidget) -> list[str]:
    """Return what is not to be seen whole, as sentences."""
    faults = []
    for label in visible(widget, QLabel):
        if label.wordWrap():
            missing = label.heightForWidth(label.width()) - label.height()
        else:
            missing = label.fontMetrics().horizontalAdvance(label.text()) - label.width()
        if missing > 0:
            faults.append(f"{label.text()!r} lacks {missing} pixels")
    for button in visible(widget, QPushButton, QCheckBox):
        missing = button.minimumSizeHint().width() - button.width()
        if missing > 0 and button.text():
            faults.append(f"{button.text()!r} lacks {missing} pixels")
    for column in visible(widget, Column):
        inside = column.viewport().width()
        for child in visible(column.widget(), QLabel, QAbstractButton, QComboBox, QSpinBox):
            if any(isinstance(over, QScrollArea) and over is not column for over in above(child)):
                continue
            right = child.mapTo(column.widget(), QPoint(child.width(), 0)).x()
            if right > inside:
                faults.append(f"{type(child).__name__} is cut off by {right - inside} pixels")
    return faults


def assert_legible(qtbot: Any, widget: QWidget) -> None:
    """Give the layout the time that it takes on a busy machine, then look."""
    with suppress(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: not cut_off(widget), timeout=3000)
    assert cut_off(widget) == []
    window = widget.window()
    assert (window.width(), window.height()) == (1200, 800)


def above(widget: QWidget) -> Iterator[QWidget]:
    while (widget := widget.parentWidget()) is not None:
        yield widget


@pytest.mark.parametrize(
    ("theme", "font"), [("dark", 9), ("light", 9), ("dark", 16), ("light", 20)]
)
def test_nothing_of_rescale_is_cut_off(
    qtbot: Any, shown_viewer: Any, pixels: Any, theme: str, font: int, default_models: Any
) -> None:
    appearance = get_settings().appearance
    appearance.theme, appearance.font_size = theme, font
    viewer = shown_viewer
    viewer.add_image(pixels(48, 64, dtype="uint16"), name="a_layer_with_a_long_name_C0_T01.tif")
    _, widget = viewer.window.add_plugin_dock_widget("napari-irrm", "Rescale")
    widget.advanced.button.click()
    widget.run.click()
    widget.direction.chosen.emit("restore")
    qtbot.waitUntil(lambda: widget.jobs.rows[0].ticket.ended)
    assert list(visible(widget, Note))
    assert_legible(qtbot, widget)


@pytest.mark.parametrize("name", ["Compare", "Archive", "Compress folder…"])
@pytest.mark.parametrize(("theme", "font"), [("dark", 9), ("light", 16)])
def test_nothing_of_the_other_widgets_is_cut_off(
    qtbot: Any, shown_viewer: Any, name: str, theme: str, font: int
) -> None:
    appearance = get_settings().appearance
    appearance.theme, appearance.font_size = theme, font
    _, widget = shown_viewer.window.add_plugin_dock_widget("napari-irrm", name)
    assert_legible(qtbot, widget)
