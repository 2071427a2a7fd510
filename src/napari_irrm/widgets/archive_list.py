"""The list of a store's files: thumbnail, name, how it is stored. Only what is seen is fetched."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
)
from qtpy.QtGui import QImage, QPalette, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from napari_irrm.storage.words import details_of, facts_of, place_of, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QPersistentModelIndex
    from qtpy.QtGui import QPainter, QShowEvent

    from irrm_core.archive.catalogue import Entry
    from napari_irrm.storage.listing import Listing
    from napari_irrm.storage.thumbnails import Picture, Thumbnails

THUMBNAIL = 112
"""Pixels of a thumbnail as it is made: enough for screens with two pixels to a point."""

_SIDE = 56  # as it is shown
_MARGIN = 4
_PIXMAPS = 300
_ENTRY = Qt.ItemDataRole.UserRole


class EntryModel(QAbstractListModel):
    """The entries of a `Listing`, which is all that a row number means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing: Listing | None = None
        self._thumbnails: Thumbnails | None = None
        self._pixmaps: OrderedDict[str, QPixmap] = OrderedDict()

    def show(self, listing: Listing | None, thumbnails: Thumbnails | None) -> None:
        """List something else."""
        self.beginResetModel()
        self._listing, self._thumbnails = listing, thumbnails
        self.endResetModel()

    def arrived(self, first: int, end: int) -> None:
        """Have rows painted anew whose entries are known now."""
        if self._listing is not None and first < len(self._listing):
            last = min(end, len(self._listing)) - 1
            self.dataChanged.emit(self.index(first), self.index(last))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return how many entries were found."""
        return 0 if self._listing is None or parent.isValid() else len(self._listing)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return what is known of an entry; nothing while it is fetched."""
        if self._listing is None or not index.isValid():
            return None
        entry = self._listing.entry(index.row())
        if entry is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return details_of(entry)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pixmap(entry)
        return entry if role == _ENTRY else None

    def entry(self, row: int) -> Entry | None:
        """Return the entry of a row, if it is known."""
        return None if self._listing is None else self._listing.entry(row)

    def numbers(self, rows: Sequence[int]) -> Sequence[int]:
        """Return the numbers of the entries of rows."""
        return [] if self._listing is None else self._listing.numbers(rows)

    def _pixmap(self, entry: Entry) -> QPixmap | None:
        key = entry.stored_sha256
        if key is None or self._thumbnails is None:
            return None
        if key in self._pixmaps:
            self._pixmaps.move_to_end(key)
            return self._pixmaps[key]
        picture = self._thumbnails.of(entry)
        if picture is None:
            return None
        self._pixmaps[key] = _pixmap(picture)
        while len(self._pixmaps) > _PIXMAPS:
            self._pixmaps.popitem(last=False)
        return self._pixmaps[key]


class EntryDelegate(QStyledItemDelegate):
    """Paints an entry: a thumbnail, and three lines of text."""

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
        self._paint_text(painter, area.adjusted(_SIDE + 2 * _MARGIN, 0, 0, 0), option, index)
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
        entry: Entry | None = index.data(_ENTRY)
        title = str(index.data())
        lines = [title] if entry is None else [title, facts_of(entry), place_of(entry)]
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        height = option.fontMetrics.height()
        top = room.top() + max(room.height() - height * 3, 0) // 2
        for number, line in enumerate(lines):
            # The ends of names tell them apart; of facts the first come first.
            cut = Qt.TextElideMode.ElideRight if number == 1 else Qt.TextElideMode.ElideMiddle
            elided = option.fontMetrics.elidedText(line, cut, room.width())
            painter.setOpacity(1.0 if number == 0 else 0.75)
            painter.drawText(
                QRect(room.left(), top + number * height, room.width(), height),
                int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
                elided,
            )


class EntryList(QTableView):
    """Shows an `EntryModel`; any number of rows may be chosen.

    A table of one column: Qt's lists and trees ask for every row when they lay themselves out.
    """

    def __init__(self, model: EntryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(EntryDelegate(self))
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
        height = max(3 * self.fontMetrics().height(), _SIDE) + 2 * _MARGIN
        self.verticalHeader().setDefaultSectionSize(height)
        self.setMinimumHeight(3 * height)

    def chosen(self) -> list[range]:
        """Return the rows that are chosen: a range may hold all of a large catalogue."""
        selection = self.selectionModel().selection()
        spans = [(span.top(), span.bottom() + 1) for span in selection]
        return [range(first, end) for first, end in sorted(spans)]

    def choose(self, numbers: Sequence[int], chosen: set[int]) -> None:
        """Choose the rows of some entries, where `numbers` are those of all rows."""
        selection = QItemSelection()
        for row, number in enumerate(numbers):
            if number in chosen:
                index = self.model().index(row, 0)
                selection.select(index, index)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def _pixmap(picture: Picture) -> QPixmap:
    height, width, samples = picture.shape
    kind = QImage.Format.Format_RGBA8888 if samples == 4 else QImage.Format.Format_RGB888
    image = QImage(picture.tobytes(), width, height, width * samples, kind)
    return QPixmap.fromImage(image.copy())  # the bytes are gone after this
