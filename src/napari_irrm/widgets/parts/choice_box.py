"""Choosing one of a few values that go by labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QWidget

from napari_irrm.widgets.parts.elided_box import ElidedBox


class ChoiceBox(ElidedBox):
    """A combo box of values; tells only of what people choose, not of what is set.

    Attributes
    ----------
    chosen : signal
        Somebody chose another value, which it carries.
    """

    chosen = Signal(object)
    left_out = Qt.TextElideMode.ElideRight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[Any] = []
        self.activated.connect(self._tell)

    @property
    def value(self) -> Any:
        """The value chosen; None where there is none."""
        index = self.currentIndex()
        return self._values[index] if 0 <= index < len(self._values) else None

    def offer(self, offered: Sequence[tuple[Any, str]], chosen: Any, hint: str = "") -> None:
        """Show values with their labels, one of them chosen.

        Parameters
        ----------
        offered : sequence of (value, label)
            In their order.
        chosen : object
            One of the values; the first is taken where it is none of them.
        hint : str
            Shown where the pointer rests, below the label.
        """
        values = [value for value, _ in offered]
        labels = [label for _, label in offered]
        if labels != [self.itemText(i) for i in range(self.count())] or values != self._values:
            self._values = values
            self.clear()
            for index, label in enumerate(labels):
                self.addItem(label)
                self.setItemData(index, label, Qt.ItemDataRole.ToolTipRole)
        if values:
            self.setCurrentIndex(values.index(chosen) if chosen in values else 0)
        self.setEnabled(bool(values))
        self.setToolTip("\n".join(part for part in (self.currentText(), hint) if part))

    def _tell(self, _: int) -> None:
        self.chosen.emit(self.value)
