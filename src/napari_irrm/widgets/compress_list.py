"""What became of each image of a folder, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, Qt
from qtpy.QtWidgets import QWidget

from napari_irrm.storage.words import printable
from napari_irrm.widgets.archive_rows import LINES

if TYPE_CHECKING:
    from qtpy.QtCore import QPersistentModelIndex

    from napari_irrm.storage.compressing import FileOutcome


class OutcomeModel(QAbstractListModel):
    """Images in the order in which they were looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: list[FileOutcome] = []

    def clear(self) -> None:
        """Begin anew."""
        self.beginResetModel()
        self._files = []
        self.endResetModel()

    def add(self, file: FileOutcome) -> None:
        """Add an image."""
        self.beginInsertRows(QModelIndex(), len(self._files), len(self._files))
        self._files.append(file)
        self.endInsertRows()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return how many images were looked at."""
        return 0 if parent.isValid() else len(self._files)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return what became of an image."""
        if not index.isValid():
            return None
        file = self._files[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return printable(file.path)
        if role == Qt.ItemDataRole.ToolTipRole:
            return file.details
        if role == LINES:
            parent = "" if file.path.parent.name == "" else printable(file.path.parent)
            return printable(file.path.name), file.facts, file.reason or parent
        return None
