"""The table of scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from napari_irrm.comparing import MEASURES, lines, place_headings

if TYPE_CHECKING:
    from napari_irrm.comparing import Comparison, Line

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
        self.setAlternatingRowColors(True)
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
        self.resizeColumnsToContents()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its lines, up to ten."""
        return QSize(280, self._height(min(max(self._model.rowCount(), 2), 10)))

    def minimumSizeHint(self) -> QSize:
        """As low as some lines."""
        return QSize(180, self._height(min(max(self._model.rowCount(), 2), 5)))

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
        self._bold = QFont(parent.font())
        self._bold.setBold(True)

    def show_comparison(self, comparison: Comparison | None) -> None:
        self.beginResetModel()
        self._headings = place_headings(comparison) if comparison is not None else ()
        self._original = self._lines = lines(comparison) if comparison is not None else ()
        self._lowest = comparison.worst.score.psnr if comparison is not None else math.inf
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
        worst = line.plane is not None and line.score.psnr == self._lowest
        if role == Qt.ItemDataRole.FontRole and (worst or line.plane is None):
            return self._bold
        if role == Qt.ItemDataRole.ToolTipRole and worst and math.isfinite(self._lowest):
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
