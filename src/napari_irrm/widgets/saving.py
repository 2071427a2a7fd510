"""Asking where a file shall go."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QWidget


def ask_where(parent: QWidget, title: str, name: str, suffix: str) -> Path | None:
    """Ask for a file to write; the dialog asks again before one is replaced.

    Parameters
    ----------
    parent : QWidget
        Above which the dialog opens.
    title : str
        Of the dialog.
    name : str
        Proposed, without suffix.
    suffix : str
        Such as ``"csv"``; added where it is left out, before the dialog looks whether the
        file is there.

    Returns
    -------
    Path or None
        None when nothing was chosen.
    """
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilter(f"{suffix.upper()} files (*.{suffix})")
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(f"{name}.{suffix}")
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None
