"""The Rescale widget in a window, and what tests do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from qtpy.QtCore import Qt

from napari_irrm.jobs import session_of

if TYPE_CHECKING:
    from napari_irrm.widgets.parts import ChoiceBox
    from napari_irrm.widgets.rescale import RescaleWidget


@pytest.fixture
def opened(viewer: Any) -> Callable[[], RescaleWidget]:
    """Open the widget as the Plugins menu does."""

    def open_widget() -> RescaleWidget:
        _, widget = viewer.window.add_plugin_dock_widget("napari-irrm", "Rescale")
        return widget

    return open_widget


@pytest.fixture
def click(qtbot: Any) -> Callable[[Any], None]:
    """Click a button with the mouse."""

    def click_it(button: Any) -> None:
        assert button.isEnabled()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    return click_it


@pytest.fixture
def pick(qtbot: Any) -> Callable[[ChoiceBox, str], None]:
    """Choose an entry of a combo box with the keyboard."""

    def pick_it(box: ChoiceBox, label: str) -> None:
        wanted = box.findText(label)
        assert wanted >= 0, [box.itemText(i) for i in range(box.count())]
        while box.currentIndex() != wanted:
            down = box.currentIndex() < wanted
            qtbot.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)

    return pick_it


@pytest.fixture
def idle(qtbot: Any, viewer: Any) -> Callable[[], None]:
    """Wait until no job runs and none waits."""

    def wait() -> None:
        qtbot.waitUntil(lambda: not session_of(viewer).queue.tickets, timeout=60_000)

    return wait
