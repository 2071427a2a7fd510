"""Tables of rows with a few lines of text each, and a thumbnail: quick however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QItemSelection, QItemSelectionModel, QRect, QSize, Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QAbstractItemModel
    from qtpy.QtGui import QPainter, QShowEvent

LINES = Qt.ItemDataRole.UserRole
"""Role of the lines of a row: a name, facts, and where it is or why."""

_SIDE = 56  # of a thumbnail
_MARGIN = 4
_LINES = 3


class _Delegate(QStyledItemDelegate):
    """Paints a row."""

    def __init__(self, parent: QWidget, *, thumbnails: bool) -> None:
        super().__init__(parent)
        self._indent = _SIDE + 2 * _MARGIN if thumbnails else 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        """Paint a row."""
        style = option.widget.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        area = option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter.save()
        painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform)
        self._paint_thumbnail(painter, QRect(area.topLeft(), QSize(_SIDE, area.height())), index)
        self._paint_text(painter, area.adjusted(self._indent, 0, 0, 0), option, index)
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, room: QRect, index: Any) -> None:
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if pixmap is None:
            return
        size = pixmap.size().scaled(QSize(_SIDE, _SIDE), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(room.topLeft(), size)
        place.moveCenter(room.center())
        painter.drawPixmap(place, pixmap)

    def _paint_text(
        self, painter: QPainter, room: QRect, option: QStyleOptionViewItem, index: Any
    ) -> None:
        lines: Sequence[str] = index.data(LINES) or [str(index.data())]
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        height = option.fontMetrics.height()
        top = room.top() + max(room.height() - height * _LINES, 0) // 2
        for number, line in enumerate(lines):
            # The ends of names tell them apart; of all else the beginning says most.
            cut = Qt.TextElideMode.ElideRight if number else Qt.TextElideMode.ElideMiddle
            elided = option.fontMetrics.elidedText(line, cut, room.width())
            painter.setOpacity(1.0 if number == 0 else 0.75)
            painter.drawText(
                QRect(room.left(), top + number * height, room.width(), height),
                (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value,
                elided,
            )


class RowTable(QTableView):
    """Shows a list model; any number of rows may be chosen.

    A table of one column: Qt's lists and trees ask for every row when they lay themselves out.

    Parameters
    ----------
    model : QAbstractItemModel
        Gives `LINES`, and thumbnails as decorations.
    thumbnails : bool
        Leave room for them.
    """

    def __init__(
        self, model: QAbstractItemModel, *, thumbnails: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_Delegate(self, thumbnails=thumbnails))
        self._picture = _SIDE if thumbnails else 0
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # napari's style sheet sets the size of letters for labels, and not for tables.
        self._lettering = QLabel(self)
        self._lettering.hide()
        self._fit_rows()

    def changeEvent(self, event: QEvent) -> None:
        """Follow another size of letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._take_font()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the style of the window that this came into."""
        super().showEvent(event)
        self._take_font()

    def _take_font(self) -> None:
        self._lettering.ensurePolished()
        self.setFont(self._lettering.font())
        self._fit_rows()

    def _fit_rows(self) -> None:
        height = max(_LINES * self.fontMetrics().height(), self._picture) + 2 * _MARGIN
        self.verticalHeader().setDefaultSectionSize(height)
        self.setMinimumHeight(3 * height)

    def chosen(self) -> list[range]:
        """Return the rows that are chosen: a range may hold all of a large catalogue."""
        selection = self.selectionModel().selection()
        spans = [(span.top(), span.bottom() + 1) for span in selection]
        return [range(first, end) for first, end in sorted(spans)]

    def choose(self, rows: Sequence[int]) -> None:
        """Choose rows and no others."""
        selection = QItemSelection()
        for row in rows:
            index = self.model().index(row, 0)
            selection.select(index, index)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
