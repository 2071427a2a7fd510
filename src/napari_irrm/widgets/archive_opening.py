"""The button that asks which store to open."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget


class OpenStoreButton(QPushButton):
    """Asks for the folder of a store, or for its catalogue where that lies elsewhere.

    Attributes
    ----------
    named : signal
        Somebody named a folder, or a catalogue and the folder of its store, which is empty in the
        first case.
    """

    named = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Open store", parent)
        menu = QMenu(self)
        menu.addAction("Folder of a store…", self.ask_for_store)
        menu.addAction("Catalogue outside its store…", self.ask_for_catalogue)
        self.setMenu(menu)

    def ask_for_store(self) -> None:
        """Ask for the folder of a store."""
        folder = QFileDialog.getExistingDirectory(self, "Folder of a store")
        if folder:
            self.named.emit(folder, "")

    def ask_for_catalogue(self) -> None:
        """Ask for a catalogue, and for the folder of the store that it tells of."""
        path, _ = QFileDialog.getOpenFileName(self, "Catalogue", "", "Catalogues (*.sqlite3);;*")
        if not path:
            return
        folder = QFileDialog.getExistingDirectory(self, "Folder of the store that it tells of")
        if folder:
            self.named.emit(path, folder)
