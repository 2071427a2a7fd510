"""Sentences in a widget: they wrap, and take no room while there is nothing to say."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy, QWidget

_BREAKS = str.maketrans({letter: f"{letter}\u200b" for letter in "_/\\-.@"})
AMBER = "#d39a00"
"""Warns: it is told from the dark theme's background and from the light one's."""

_PROBLEM = f"border-left: 3px solid {AMBER}; padding-left: 5px;"


class Note(QLabel):
    """A sentence that wraps, hidden while it is empty.

    Parameters
    ----------
    problem : bool
        Whether what it says stands in the way of something: it is marked then.
    parent : QWidget, optional
        Of it.
    """

    def __init__(self, *, problem: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ""
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        if problem:
            self.setStyleSheet(_PROBLEM)
        self.hide()

    def say(self, text: str) -> None:
        """Show `text`; hide if it is empty."""
        if text != self._said:
            self._said = text
            # Names of files and layers have no blanks to wrap at.
            self.setText(text.translate(_BREAKS))
        self.setVisible(bool(text))

    @property
    def said(self) -> str:
        """What it says now."""
        return self._said
