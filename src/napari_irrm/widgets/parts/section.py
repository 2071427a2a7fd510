"""A part of a widget that is opened by those who want it."""

from __future__ import annotations

from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget


class Section(QWidget):
    """A titled part, closed at first.

    Parameters
    ----------
    title : str
        On the button that opens and closes it.
    content : QWidget
        What it shows when open.

    Attributes
    ----------
    button : QPushButton
        Opens and closes it.
    """

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._content = content
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.setStyleSheet("text-align: left; background: transparent; padding-left: 0px;")
        self.button.toggled.connect(self._open)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.button)
        rows.addWidget(content)
        self._open(False)

    def _open(self, opened: bool) -> None:
        self._content.setVisible(opened)
        self.button.setText(f"{'▾' if opened else '▸'} {self._title}")
