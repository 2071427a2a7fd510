"""The files of a store as rows: thumbnail, name, how it is stored. Only what is seen is fetched."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, Qt
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QWidget

from napari_irrm.storage.words import details_of, facts_of, place_of, title_of
from napari_irrm.widgets.archive_rows import LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QPersistentModelIndex

    from irrm_core.archive.catalogue import Entry
    from napari_irrm.storage.listing import Listing
    from napari_irrm.storage.thumbnails import Picture, Thumbnails

THUMBNAIL = 112
"""Pixels of a thumbnail as it is made: enough for screens with two pixels to a point."""

_PIXMAPS = 300


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
        return (title_of(entry), facts_of(entry), place_of(entry)) if role == LINES else None

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


def _pixmap(picture: Picture) -> QPixmap:
    height, width, samples = picture.shape
    kind = QImage.Format.Format_RGBA8888 if samples == 4 else QImage.Format.Format_RGB888
    image = QImage(picture.tobytes(), width, height, width * samples, kind)
    return QPixmap.fromImage(image.copy())  # the bytes are gone after this
