"""What a comparison found: in a sentence, as a plot, as a table, and as files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from irrm_core.errors import IrrmError
from napari_irrm.comparing import MEASURES, Comparison, Measure, Row, to_csv
from napari_irrm.widgets.compare_plot import ErrorPlot
from napari_irrm.widgets.compare_saving import save_plot
from napari_irrm.widgets.compare_table import ScoreTable
from napari_irrm.widgets.parts import ChoiceBox, Note
from napari_irrm.widgets.saving import ask_where

if TYPE_CHECKING:
    from pathlib import Path


class Results(QWidget):
    """Shows one comparison; hidden while there is none.

    Parameters
    ----------
    alarm : callable
        Shows people why a file could not be written.

    Attributes
    ----------
    picked : signal
        Somebody wants to see a plane, whose number it carries.
    """

    picked = Signal(int)

    def __init__(self, alarm: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alarm = alarm
        self._comparison: Comparison | None = None
        self._plane: int | None = None
        self.headline = Note()
        self.worst = QPushButton()
        self.measure = ChoiceBox()
        self.axis = ChoiceBox()
        self.plot = ErrorPlot()
        self.table = ScoreTable()
        self.save_table = QPushButton("Save CSV…")
        self.save_picture = QPushButton("Save PNG…")
        self._drawn = QWidget()
        self._lay_out()
        self.worst.clicked.connect(self._pick_worst)
        self.measure.chosen.connect(self._draw)
        self.axis.chosen.connect(self._draw)
        self.plot.picked.connect(self._pick_row)
        self.table.picked.connect(self.picked)
        self.save_table.clicked.connect(self._save_table)
        self.save_picture.clicked.connect(self._save_plot)

    def _lay_out(self) -> None:
        self.worst.setToolTip("Go to the plane with the lowest PSNR")
        self.save_table.setToolTip("Every plane and channel as a table")
        self.save_picture.setToolTip("The plot as a picture")
        self.measure.offer([(measure, measure.label) for measure in MEASURES], MEASURES[0])
        choices = QHBoxLayout()
        choices.addWidget(self.measure, 3)
        choices.addWidget(self.axis, 2)
        of_plot = QVBoxLayout(self._drawn)
        of_plot.setContentsMargins(0, 0, 0, 0)
        of_plot.addLayout(choices)
        of_plot.addWidget(self.plot, 1)
        saving = QHBoxLayout()
        saving.addWidget(self.save_table, 1)
        saving.addWidget(self.save_picture, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.headline)
        rows.addWidget(self.worst)
        rows.addWidget(self._drawn, 2)
        rows.addWidget(self.table, 3)
        rows.addLayout(saving)
        rows.addStretch(0)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show what was found, or nothing."""
        if comparison is self._comparison is not None:
            return
        self._comparison = comparison
        self.setVisible(comparison is not None)
        self.table.show_comparison(comparison)
        if comparison is not None:
            self._say(comparison)
            moving = comparison.moving
            self._drawn.setVisible(bool(moving))
            self.save_picture.setVisible(bool(moving))
            axes: list[tuple[str | None, str]] = [(axis, f"along {axis}") for axis in moving]
            if len(axes) > 1:
                axes.append((None, "all planes"))
            self.axis.offer(axes, self.axis.value or moving[:1])
        self._draw()

    def show_place(self, plane: int | None) -> None:
        """Mark the plane that the viewer shows, if any."""
        self._plane = plane
        index = None
        if self._comparison is not None and plane is not None:
            index = self._comparison.index_along(self.axis.value, plane)
        self.plot.show_place(index)

    def _say(self, comparison: Comparison) -> None:
        total, worst = comparison.total, comparison.worst
        self.headline.say(
            " · ".join(
                f"{measure.label.removesuffix(', dB')} {measure.text(total)}"
                + (" dB" if measure.key == "psnr" else "")
                for measure in MEASURES
            )
        )
        where = comparison.place_in_words(worst)
        self.worst.setText(f"Worst: {where} · {MEASURES[0].text(worst.score)} dB")
        self.worst.setVisible(comparison.layout.plane_count > 1)

    def _draw(self) -> None:
        measure: Measure = self.measure.value
        self.plot.show_comparison(self._comparison, measure, self.axis.value)
        self.show_place(self._plane)

    def _pick_worst(self) -> None:
        if self._comparison is not None:
            self.picked.emit(self._comparison.worst.plane)

    def _pick_row(self, row: Row) -> None:
        self.picked.emit(row.plane)

    def _save_table(self) -> None:
        def write(comparison: Comparison, path: Path) -> None:
            to_csv(comparison, path, overwrite=True)

        self._save("Save the table", "errors", "csv", write)

    def _save_plot(self) -> None:
        measure, axis = self.measure.value, self.axis.value

        def write(comparison: Comparison, path: Path) -> None:
            save_plot(comparison, measure, axis, path, overwrite=True)

        self._save("Save the plot", measure.key, "png", write)

    def _save(
        self, title: str, what: str, suffix: str, write: Callable[[Comparison, Path], None]
    ) -> None:
        """Ask where, and write there: the dialog has asked before a file is replaced."""
        found = self._comparison
        if found is None:
            return
        name = re.sub(r"[^\w .-]", "_", f"{found.restored} {what}")
        path = ask_where(self, title, name, suffix)
        if path is None:
            return
        try:
            write(found, path)
        except IrrmError as error:
            self._alarm(str(error))

    def _take_font(self) -> None:
        # napari's style sheet sets the size of letters for labels, not for tables and plots.
        self.headline.ensurePolished()
        self.table.take_font(self.headline.font())
        self.plot.take_font(self.headline.font())

    def changeEvent(self, event: QEvent) -> None:
        """Follow another size of letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._take_font()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the style of the window that this came into."""
        super().showEvent(event)
        self._take_font()
