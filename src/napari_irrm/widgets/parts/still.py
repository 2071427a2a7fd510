"""Fields that stay as they are while a column is scrolled with the wheel over them."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QSpinBox, QWidget


def leave_to_column(field: QWidget, event: QWheelEvent) -> bool:
    """Whether the wheel is meant for the column: nobody has clicked into the field."""
    if field.hasFocus():
        return False
    event.ignore()
    return True


class StillSpinBox(QSpinBox):
    """A spin box that the wheel changes only after a click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the value, or let the column scroll."""
        if not leave_to_column(self, event):
            super().wheelEvent(event)
