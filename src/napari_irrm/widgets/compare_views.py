"""Buttons to see two layers side by side, or in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QGridLayout, QPushButton, QWidget

from napari_irrm.comparing import Blink, side_by_side
from napari_irrm.widgets.parts import Note, Ties

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

_BLINK_MS = 700

Pair = Callable[[], "tuple[Layer, Layer] | None"]


class ViewButtons(QWidget):
    """Two buttons of which one at most is pressed; released, all is shown as before.

    Parameters
    ----------
    viewer : napari viewer
        Of the layers.
    pair : callable
        Returns the two layers, if there are two.
    """

    def __init__(self, viewer: ViewerModel, pair: Pair, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._pair = pair
        self._shown: tuple[Layer, Layer] | None = None
        self._undo: Callable[[], None] | None = None
        self._blink: Blink | None = None
        self.side_by_side = QPushButton("Side by side")
        self.blink = QPushButton("Blink")
        self.note = Note()
        self.side_by_side.setToolTip("Both layers beside each other; they move and zoom together")
        self.blink.setToolTip("Both layers in turn, at the same place")
        self._timer = QTimer(self)
        self._timer.setInterval(_BLINK_MS)
        self._timer.timeout.connect(self._step)
        for button in (self.side_by_side, self.blink):
            button.setCheckable(True)
        self.side_by_side.clicked.connect(self._press_side_by_side)
        self.blink.clicked.connect(self._press_blink)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.side_by_side, 0, 0)
        grid.addWidget(self.blink, 0, 1)
        grid.addWidget(self.note, 1, 0, 1, 2)
        Ties(self).tie(viewer.layers.events.removed, self._layer_removed)
        self.pair_changed()

    def pair_changed(self) -> None:
        """Stop showing what is no longer chosen."""
        pair = self._pair()
        if self._shown is not None and pair != self._shown:
            self.stop()
        for button in (self.side_by_side, self.blink):
            button.setEnabled(pair is not None)

    def stop(self) -> None:
        """Show all layers as they were before."""
        self._timer.stop()
        self.side_by_side.setChecked(False)
        self.blink.setChecked(False)
        self.note.say("")
        undo, self._undo, self._blink, self._shown = self._undo, None, None, None
        if undo is not None:
            undo()

    def _press_side_by_side(self, pressed: bool) -> None:
        pair = self._begin(pressed)
        if pair is not None:
            self.side_by_side.setChecked(True)
            self._undo = side_by_side(self._viewer, *pair)

    def _press_blink(self, pressed: bool) -> None:
        pair = self._begin(pressed)
        if pair is not None:
            self.blink.setChecked(True)
            self._blink = Blink(self._viewer, *pair)
            self._undo = self._blink.stop
            self.note.say(f"Shown: {pair[0].name}")
            self._timer.start()

    def _begin(self, pressed: bool) -> tuple[Layer, Layer] | None:
        self.stop()
        self._shown = self._pair() if pressed else None
        return self._shown

    def _step(self) -> None:
        shown = self._blink.step() if self._blink is not None else None
        if shown is None:
            self.stop()
        else:
            self.note.say(f"Shown: {shown.name}")

    def _layer_removed(self, _: object) -> None:
        if self._shown is not None and any(
            layer not in self._viewer.layers for layer in self._shown
        ):
            self.stop()
