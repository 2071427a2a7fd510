"""Opening the panel "Compare" from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_irrm.widgets.compare import CompareWidget

if TYPE_CHECKING:
    from napari.components import ViewerModel

_NAME = "Compare (IRRM)"
"""As napari's own menu calls it, which then finds this one."""


def open_compare(viewer: ViewerModel) -> None:
    """Open the panel in the window of a viewer; where it is open, bring it up."""
    window = viewer.window
    if _NAME in window.dock_widgets:
        dock = window.dock_widgets[_NAME].parent()
    else:
        dock = window.add_dock_widget(CompareWidget(viewer), name=_NAME, tabify=True)
    dock.show()
    dock.raise_()
