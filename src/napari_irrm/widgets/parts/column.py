"""The frame of a docked widget: a column that fits a narrow and a low dock."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import QFormLayout, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

# Of the text that a line takes where the dock may be as wide as it likes.
_CHARACTERS = 52
_WIDTH = 380


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

    def fill(self, widget: QWidget) -> None:
        """Take all the room of a widget that has no layout yet."""
        whole = QVBoxLayout(widget)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self)

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest widget and a scroll bar: what is never cut off."""
        return QSize(self._width(self.widget().minimumSizeHint()), 120)

    def sizeHint(self) -> QSize:
        """As high as everything in it."""
        hint = self.widget().sizeHint()
        comfortable = min(_CHARACTERS * self.fontMetrics().averageCharWidth(), _WIDTH)
        return QSize(max(self._width(hint), comfortable), hint.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell the dock when what is in here needs another size, as with another font."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))

    def _width(self, inner: QSize) -> int:
        return int(inner.width() + self.verticalScrollBar().sizeHint().width())


def form() -> QFormLayout:
    """Return an empty form: labels in a column, fields as wide as the dock lets them be."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return layout
