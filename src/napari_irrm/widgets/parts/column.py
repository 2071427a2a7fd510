"""The frame of a docked widget: a column that fits a narrow and a low dock."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QFormLayout, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget


class Column(QScrollArea):
    """Widgets below one another; scrolls up and down where the dock is low, never sideways.

    Attributes
    ----------
    rows : QVBoxLayout
        Takes the widgets.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inner = QWidget()
        self.rows = QVBoxLayout(inner)
        self.rows.setContentsMargins(6, 4, 6, 4)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest widget and a scroll bar: what is never cut off."""
        return QSize(self._width(self.widget().minimumSizeHint()), 120)

    def sizeHint(self) -> QSize:
        """As high as everything in it."""
        hint = self.widget().sizeHint()
        return QSize(self._width(hint), hint.height())

    def _width(self, inner: QSize) -> int:
        return int(inner.width() + self.verticalScrollBar().sizeHint().width())


def form() -> QFormLayout:
    """Return an empty form whose labels go above their fields where the dock is narrow."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return layout
