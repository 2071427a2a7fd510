"""The table of scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QColor, QFont, QFontMetrics
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from napari_irrm.comparing import MEASURES, lines, place_headings
from napari_irrm.widgets.parts import AMBER

if TYPE_CHECKING:
    from napari_irrm.comparing import Comparison, Line

_LOOKED_AT = 300
"""Lines that decide how wide columns are."""

_SHORT = {
    "psnr": ("PSNR", "In dB, against the range of the data (255 for 8 bits)"),
    "ssim": ("SSIM", "Structural similarity; 1 where nothing differs"),
    "largest": ("Largest", "Largest absolute error, in the units of the data"),
    "p999": ("99.9 %", "Error that 99.9 % of the values do not exceed, in the units of the data"),
    "bias": ("Bias", "Mean of restored minus original, in the units of the data"),
}


class ScoreTable(QTableView):
    """Lists the scores of all planes, the total on top; sorts by any column.

    Attributes
    ----------
    picked : signal
        Somebody chose a plane, whose number it carries.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Lines(self)
        self.setModel(self._model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.selectionModel().currentRowChanged.connect(self._pick)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """List what was found, or nothing."""
        self._model.show_comparison(comparison)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._fit()

    def take_font(self, font: QFont) -> None:
        """Write with another font; row heights follow."""
        self.setFont(font)
        self.horizontalHeader().setFont(font)
        self._model.take_font(font)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self._fit()

    def sizeHint(self) -> QSize:
        """As high as its lines, up to ten."""
        return QSize(280, self._height(min(max(self._model.rowCount(), 2), 10)))

    def minimumSizeHint(self) -> QSize:
        """As low as some lines."""
        return QSize(180, self._height(min(max(self._model.rowCount(), 2), 5)))

    def _fit(self) -> None:
        # Qt leaves room for an arrow in every heading: too much for a narrow dock.
        room = self.fontMetrics().averageCharWidth() * 2
        for column in range(self._model.columnCount()):
            self.setColumnWidth(column, self._model.width_of(column) + room)
        # A few lines take no more room than they need.
        self.setMaximumHeight(self._height(max(self._model.rowCount(), 2)))
        self.updateGeometry()

    def _height(self, rows: int) -> int:
        line = self.verticalHeader().defaultSectionSize()
        header, bar = self.horizontalHeader(), self.horizontalScrollBar()
        return int(
            header.sizeHint().height()
            + rows * line
            + bar.sizeHint().height()
            + 2 * self.frameWidth()
        )

    def _pick(self, current: QModelIndex, _: QModelIndex) -> None:
        line = self._model.line(current.row()) if current.isValid() else None
        if line is not None and line.plane is not None:
            self.picked.emit(line.plane)


class _Lines(QAbstractTableModel):
    """The lines of a comparison; those that pool others stay on top when sorted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._headings: tuple[str, ...] = ()
        self._original: tuple[Line, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._lowest = math.inf
        self._bold = QFont()

    def take_font(self, font: QFont) -> None:
        """Write pooled lines with a font like this, but bold."""
        self._bold = QFont(font)
        self._bold.setBold(True)

    def width_of(self, column: int) -> int:
        """Return the pixels that the longest text of a column takes at most."""
        texts = [str(self.headerData(column, Qt.Orientation.Horizontal))]
        texts += (self._text(line, column) for line in self._lines[:_LOOKED_AT])
        longest = len(max(texts, key=len))
        metrics = QFontMetrics(self._bold)
        return max(
            int(metrics.horizontalAdvance(text)) for text in {*texts} if len(text) == longest
        )

    def show_comparison(self, comparison: Comparison | None) -> None:
        self.beginResetModel()
        self._headings = place_headings(comparison) if comparison is not None else ()
        self._original = self._lines = lines(comparison) if comparison is not None else ()
        several = comparison is not None and comparison.layout.plane_count > 1
        self._lowest = comparison.worst.score.psnr if comparison and several else math.inf
        self.endResetModel()

    def line(self, row: int) -> Line | None:
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        if parent is not None and parent.isValid():
            return 0
        return len(self._headings) + len(MEASURES)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        place = section < len(self._headings)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section] if place else self._short(section)[0]
        if role == Qt.ItemDataRole.ToolTipRole and not place:
            return self._short(section)[1]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and line.plane is None:
            return self._bold
        worst = line.plane is not None and line.score.psnr == self._lowest < math.inf
        if role == Qt.ItemDataRole.BackgroundRole and worst:
            return _tint()
        if role == Qt.ItemDataRole.ToolTipRole and worst:
            return "Lowest PSNR of all"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._lines = self._original
        if 0 <= column < self.columnCount():
            top = tuple(line for line in self._original if line.plane is None)
            planes = sorted(
                (line for line in self._original if line.plane is not None),
                key=lambda line: self._number(line, column),
                reverse=order == Qt.SortOrder.DescendingOrder,
            )
            self._lines = (*top, *planes)
        self.layoutChanged.emit()

    def _short(self, section: int) -> tuple[str, str]:
        return _SHORT[MEASURES[section - len(self._headings)].key]

    def _text(self, line: Line, column: int) -> str:
        if column < len(self._headings):
            return str(line.place[column])
        return MEASURES[column - len(self._headings)].text(line.score)

    def _number(self, line: Line, column: int) -> tuple[float, str]:
        if column < len(self._headings):
            at = line.place[column]
            return (at, "") if isinstance(at, int) else (0, at)
        value = MEASURES[column - len(self._headings)].of(line.score)
        return (-math.inf if value is None else value, "")


def _tint() -> QColor:
    """Return amber that text of either theme is read on."""
    colour = QColor(AMBER)
    colour.setAlphaF(0.3)
    return colour
