"""The panel "Archive": what a watcher's store holds, and how it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    import os

    from napari.components import ViewerModel


class ArchiveWidget(QWidget):
    """Lists and searches the catalogue of a store, and restores what is chosen.

    Parameters
    ----------
    napari_viewer : ViewerModel
        That restored layers are added to.
    """

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = napari_viewer

    def open(self, place: str | os.PathLike[str]) -> None:
        """Open a store by its folder, or by its catalogue where that lies elsewhere."""
        raise NotImplementedError
