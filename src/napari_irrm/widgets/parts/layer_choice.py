"""Choosing one of a viewer's layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QWidget

from napari_irrm.jobs.session import unwrapped
from napari_irrm.widgets.parts.elided_box import ElidedBox
from napari_irrm.widgets.parts.ties import Ties

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

# What may change the list; napari's layer list passes all events of its layers on.
_CHANGES = ("inserted", "removed", "reordered", "name")


class LayerChoice(ElidedBox):
    """A list of layers, uppermost first as in napari's own.

    A layer that appears is not chosen by itself, but where none was before.

    Parameters
    ----------
    viewer : napari viewer
        Whose layers.
    offers : callable, optional
        Says which layers are listed; all, if left out.

    Attributes
    ----------
    chosen : signal
        Another layer is chosen, or none is left.
    """

    chosen = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        offers: Callable[[Layer], bool] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer = unwrapped(viewer)
        self._offers = offers or (lambda _: True)
        self._listed: list[int] = []
        self._list(choose=self._viewer.layers.selection.active)
        self.currentIndexChanged.connect(self._tell)
        ties = Ties(self)
        ties.tie(self._viewer.layers.events, self._follow)

    @property
    def layer(self) -> Layer | None:
        """The chosen layer."""
        if not 0 <= self.currentIndex() < len(self._listed):
            return None
        chosen = self._listed[self.currentIndex()]
        return next((layer for layer in self._viewer.layers if id(layer) == chosen), None)

    def choose(self, layer: Layer) -> None:
        """Choose a layer; nothing happens if it is not listed."""
        if id(layer) in self._listed:
            self.setCurrentIndex(self._listed.index(id(layer)))

    def refresh(self) -> None:
        """Ask again which layers are offered."""
        before = self.layer
        self.blockSignals(True)
        self._list(choose=before)
        self.blockSignals(False)
        if self.layer is not before or before is None:
            self._tell()

    def _follow(self, event: Any) -> None:
        if event.type in _CHANGES:
            self.refresh()

    def _list(self, choose: Layer | None) -> None:
        offered = [layer for layer in reversed(self._viewer.layers) if self._offers(layer)]
        # Ids, not layers: a combo box would keep the pixels of a removed layer.
        self._listed = [id(layer) for layer in offered]
        self.clear()
        for layer in offered:
            self.addItem(layer.name)
            self.setItemData(self.count() - 1, layer.name, Qt.ItemDataRole.ToolTipRole)
        if choose is not None:
            self.choose(choose)

    def _tell(self) -> None:
        self.setToolTip(self.currentText())
        self.chosen.emit()
