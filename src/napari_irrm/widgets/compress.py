"""The panel "Compress folder": small pictures of all images in a folder, tried out first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

if TYPE_CHECKING:
    import os

    from napari.components import ViewerModel


class CompressWidget(QWidget):
    """Says what LR files of a folder would take, and writes them into another folder.

    Parameters
    ----------
    napari_viewer : ViewerModel
        Whose queue the works go into.
    """

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = napari_viewer

    def choose(self, folder: str | os.PathLike[str]) -> None:
        """Take a folder to compress; its output goes beside it, as ``<folder> LR``."""
        raise NotImplementedError
