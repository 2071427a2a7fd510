"""The widget "Compare": what was lost, in which plane, and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from irrm_core.errors import IrrmError
from napari_irrm.comparing import (
    MEASURES,
    CompareWork,
    Comparison,
    Measure,
    Row,
    board_of,
    comparable,
    hindrance,
    pair_of,
    show_plane,
    to_csv,
)
from napari_irrm.jobs import Ticket, session_of
from napari_irrm.jobs.session import unwrapped
from napari_irrm.layers import image_of, plane_on_screen
from napari_irrm.widgets.compare_plot import ErrorPlot
from napari_irrm.widgets.compare_saving import ask_where, save_plot
from napari_irrm.widgets.compare_table import ScoreTable
from napari_irrm.widgets.compare_views import ViewButtons
from napari_irrm.widgets.parts import ChoiceBox, Column, JobList, LayerChoice, Note, Ties, form

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class CompareWidget(QWidget):
    """Compares a restored layer with its original.

    Parameters
    ----------
    napari_viewer : napari viewer
        Of the layers.
    """

    def __init__(self, napari_viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = napari_viewer = unwrapped(napari_viewer)
        self._session = session_of(napari_viewer)
        self._board = board_of(napari_viewer)
        self._ticket: Ticket | None = None
        self._comparison: Comparison | None = None
        self.original = LayerChoice(napari_viewer, comparable)
        self.restored = LayerChoice(napari_viewer, comparable)
        self.run = QPushButton("Compare")
        self.hindrance = Note(problem=True)
        self._jobs = QWidget()
        self.jobs = JobList(self._session.queue)
        self.headline = Note()
        self.worst = QPushButton()
        self.measure = ChoiceBox()
        self.axis = ChoiceBox()
        self.plot = ErrorPlot()
        self.table = ScoreTable()
        self.views = ViewButtons(napari_viewer, self._pair)
        self.save_table = QPushButton("Save CSV…")
        self.save_picture = QPushButton("Save PNG…")
        self._lay_out()
        self._connect()
        self._guess()
        self._theme()
        self._show_jobs()
        self._choose_pair()

    def _lay_out(self) -> None:
        self.run.setToolTip("Measure every plane, and show the difference as a layer")
        self.worst.setToolTip("Go to the plane with the lowest PSNR")
        self.save_table.setToolTip("Every plane and channel as a table")
        self.save_picture.setToolTip("The plot as a picture")
        self.measure.offer([(measure, measure.label) for measure in MEASURES], MEASURES[0])
        self._layers = form()
        self._layers.addRow("Original", self.original)
        self._layers.addRow("Restored", self.restored)
        of_jobs = QVBoxLayout(self._jobs)
        of_jobs.setContentsMargins(0, 0, 0, 0)
        of_jobs.addWidget(self.jobs)
        self._results = QWidget()
        results = QVBoxLayout(self._results)
        results.setContentsMargins(0, 0, 0, 0)
        drawn = QHBoxLayout()
        drawn.addWidget(self.measure, 3)
        drawn.addWidget(self.axis, 2)
        saving = QHBoxLayout()
        saving.addWidget(self.save_table, 1)
        saving.addWidget(self.save_picture, 1)
        self._drawn = QWidget()
        of_plot = QVBoxLayout(self._drawn)
        of_plot.setContentsMargins(0, 0, 0, 0)
        of_plot.addLayout(drawn)
        of_plot.addWidget(self.plot, 1)
        results.addWidget(self.headline)
        results.addWidget(self.worst)
        results.addWidget(self._drawn, 2)
        results.addWidget(self.table, 3)
        results.addLayout(saving)
        results.addStretch(0)

        column = Column()
        rows = column.rows
        rows.addLayout(self._layers)
        rows.addWidget(self.hindrance)
        rows.addWidget(self.run)
        rows.addWidget(self.views)
        rows.addWidget(self._jobs)
        rows.addWidget(self._results, 1)
        rows.addStretch(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(column)

    def _connect(self) -> None:
        self.original.chosen.connect(self._choose_pair)
        self.restored.chosen.connect(self._choose_pair)
        # A person's choice, not one made by what appears: the original is guessed from it.
        self.restored.activated.connect(self._guess_original)
        self.run.clicked.connect(self._run)
        self.worst.clicked.connect(self._go_to_worst)
        self.measure.chosen.connect(self._draw)
        self.axis.chosen.connect(self._draw)
        self.plot.picked.connect(self._go_to_row)
        self.table.picked.connect(self._go_to)
        self.save_table.clicked.connect(self._save_table)
        self.save_picture.clicked.connect(self._save_plot)
        ties = Ties(self)
        ties.tie(self._board.added, self._show_found)
        ties.tie(self._session.queue.ended, self._end)
        ties.tie(self._session.queue.changed, self._show_jobs)
        ties.tie(self._viewer.dims.events.current_step, self._mark_place)
        ties.tie(self._viewer.events.theme, self._theme)

    def _pair(self) -> tuple[Layer, Layer] | None:
        """Return the two layers that are chosen, if they are two."""
        original, restored = self.original.layer, self.restored.layer
        if original is None or restored is None or original is restored:
            return None
        return original, restored

    def _guess(self) -> None:
        pair = pair_of(self._viewer.layers, self._viewer.layers.selection)
        if pair is not None:
            self.original.choose(pair[0])
            self.restored.choose(pair[1])
        elif self.original.layer is self.restored.layer:
            # The lowest layer is as a rule the one that was opened first.
            self.original.setCurrentIndex(self.original.count() - 1)

    def _guess_original(self) -> None:
        restored = self.restored.layer
        pair = pair_of(self._viewer.layers, [restored]) if restored is not None else None
        if pair is not None and pair[1] is restored:
            self.original.choose(pair[0])

    def _choose_pair(self) -> None:
        pair = self._pair()
        self.views.pair_changed()
        running = self._ticket is not None
        alone = self.restored.count() < 2
        why = hindrance(self.original.layer, None if alone else self.restored.layer)
        self.hindrance.say(why)
        self.run.setEnabled(not why and not running)
        self._show(self._board.find(*pair) if pair is not None else None)

    def _run(self) -> None:
        pair = self._pair()
        if pair is None:
            return
        try:
            work = CompareWork(self._viewer, *pair)
        except IrrmError as error:
            self._session.alarm(str(error))
            return
        self.run.setEnabled(False)
        ticket = self._session.queue.submit(work)
        # A queue that does everything at once has ended already.
        self._ticket = None if ticket.ended else ticket
        self._choose_pair()

    def _end(self, ticket: Ticket) -> None:
        # What a layer was made for is known when its job has ended.
        self.original.refresh()
        self.restored.refresh()
        if ticket is self._ticket:
            self._ticket = None
            self._choose_pair()

    def _show_jobs(self) -> None:
        """Leave the room to the results while nothing runs."""
        self._jobs.setVisible(bool(self._session.queue.tickets))

    def _show_found(self, _: Comparison, original: Layer, restored: Layer) -> None:
        """Show what was found of any two layers, whoever asked for it."""
        self.original.refresh()
        self.restored.refresh()
        self.original.choose(original)
        self.restored.choose(restored)
        self._choose_pair()

    def _show(self, comparison: Comparison | None) -> None:
        if comparison is self._comparison and comparison is not None:
            return
        self._comparison = comparison
        self._results.setVisible(comparison is not None)
        self.table.show_comparison(comparison)
        if comparison is None:
            self._draw()
            return
        total = comparison.total
        self.headline.say(
            " · ".join(
                f"{measure.label.removesuffix(', dB')} {measure.text(total)}"
                + (" dB" if measure.key == "psnr" else "")
                for measure in MEASURES
            )
        )
        several = bool(comparison.moving)
        where = comparison.place_in_words(comparison.worst)
        self.worst.setText(f"Worst: {where} · {MEASURES[0].text(comparison.worst.score)} dB")
        self.worst.setVisible(comparison.layout.plane_count > 1)
        self._drawn.setVisible(several)
        self.save_picture.setVisible(several)
        axes: list[tuple[str | None, str]] = [(axis, f"along {axis}") for axis in comparison.moving]
        if len(axes) > 1:
            axes.append((None, "all planes"))
        chosen = self.axis.value
        self.axis.offer(axes, chosen if chosen else comparison.moving[:1])
        self._draw()

    def _draw(self) -> None:
        measure: Measure = self.measure.value
        self.plot.show_comparison(self._comparison, measure, self.axis.value)
        self._mark_place()

    def _mark_place(self, _: object = None) -> None:
        """Mark in the plot what the viewer shows."""
        index, found, pair = None, self._comparison, self._pair()
        if found is not None and pair is not None:
            number = plane_on_screen(pair[0], image_of(pair[0]))
            index = found.index_along(self.axis.value, number)
        self.plot.show_place(index)

    def _go_to_worst(self) -> None:
        if self._comparison is not None:
            self._go_to(self._comparison.worst.plane)

    def _go_to_row(self, row: Row) -> None:
        self._go_to(row.plane)

    def _go_to(self, plane: int) -> None:
        pair = self._pair()
        if pair is not None:
            show_plane(self._viewer, pair[0], image_of(pair[0]), plane)

    def _save_table(self) -> None:
        found = self._comparison
        path = ask_where(self, "Save the table", self._name("errors"), "csv") if found else None
        if found is not None and path is not None:
            # The dialog has asked before a file is replaced.
            self._write(lambda: to_csv(found, path, overwrite=True))

    def _save_plot(self) -> None:
        found, measure, axis = self._comparison, self.measure.value, self.axis.value
        path = ask_where(self, "Save the plot", self._name(measure.key), "png") if found else None
        if found is not None and path is not None:
            self._write(lambda: save_plot(found, measure, axis, path, overwrite=True))

    def _name(self, what: str) -> str:
        restored = self._comparison.restored if self._comparison is not None else ""
        return re.sub(r"[^\w .-]", "_", f"{restored} {what}")

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except IrrmError as error:
            self._session.alarm(str(error))

    def _theme(self, _: object = None) -> None:
        theme = get_theme(self._viewer.theme)
        self.plot.set_theme(theme.background.as_hex(), theme.text.as_hex())

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

    def hideEvent(self, event: QHideEvent) -> None:
        """Show the layers as they were when the widget is closed."""
        self.views.stop()
        super().hideEvent(event)
