"""The plot as a picture in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QBuffer, QIODevice

from irrm_core.imagefile import atomic_output
from napari_irrm.widgets.compare_plot import ErrorPlot

if TYPE_CHECKING:
    from pathlib import Path

    from napari_irrm.comparing import Comparison, Measure

_SIZE = 1200, 600


def save_plot(
    comparison: Comparison, measure: Measure, axis: str | None, path: Path, *, overwrite: bool
) -> None:
    """Draw a measure on white, as for print, and write it as a PNG file.

    Parameters
    ----------
    comparison, measure, axis
        As `ErrorPlot.show_comparison` takes them.
    path : Path
        Of the file.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputExistsError
        The file is there and must not be replaced.
    ImageFileError
        The file cannot be written.
    """
    drawing = ErrorPlot()
    drawing.set_theme("white", "black")
    drawing.show_comparison(comparison, measure, axis)
    drawing.plot.setLabel("left", f"{measure.label}: {comparison.restored}")
    drawing.show_place(None)
    drawing.resize(*_SIZE)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    drawing.grab().save(buffer, "PNG")
    drawing.deleteLater()
    with atomic_output(path, overwrite) as stream:
        stream.write(bytes(buffer.data().data()))
