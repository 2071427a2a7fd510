"""The widget "Compare": what was lost, in which plane, and what it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.theme import get_theme
from qtpy.QtGui import QHideEvent
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from irrm_core.errors import IrrmError
from napari_irrm.comparing import (
    CompareWork,
    Comparison,
    board_of,
    comparable,
    hindrance,
    pair_of,
    show_plane,
)
from napari_irrm.jobs import Ticket, session_of
from napari_irrm.jobs.session import unwrapped
from napari_irrm.layers import image_of, plane_on_screen
from napari_irrm.widgets.compare_results import Results
from napari_irrm.widgets.compare_views import ViewButtons
from napari_irrm.widgets.parts import Column, JobList, LayerChoice, Note, Ties, form

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
        self.original = LayerChoice(napari_viewer, comparable)
        self.restored = LayerChoice(napari_viewer, comparable)
        self.run = QPushButton("Compare")
        self.hindrance = Note(problem=True)
        self._jobs = QWidget()
        self.jobs = JobList(self._session.queue)
        self.views = ViewButtons(napari_viewer, self._pair)
        self.results = Results(self._session.alarm)
        self._lay_out()
        self._connect()
        self._guess()
        self._theme()
        self._show_jobs()
        self._choose_pair()

    def _lay_out(self) -> None:
        self.run.setToolTip("Measure every plane, and show the difference as a layer")
        self._layers = form()
        self._layers.addRow("Original", self.original)
        self._layers.addRow("Restored", self.restored)
        of_jobs = QVBoxLayout(self._jobs)
        of_jobs.setContentsMargins(0, 0, 0, 0)
        of_jobs.addWidget(self.jobs)
        column = Column()
        rows = column.rows
        rows.addLayout(self._layers)
        rows.addWidget(self.hindrance)
        rows.addWidget(self.run)
        rows.addWidget(self.views)
        rows.addWidget(self._jobs)
        rows.addWidget(self.results, 1)
        rows.addStretch(0)
        column.fill(self)

    def _connect(self) -> None:
        self.original.chosen.connect(self._choose_pair)
        self.restored.chosen.connect(self._choose_pair)
        # A person's choice, not one made by what appears: the original is guessed from it.
        self.restored.activated.connect(self._guess_original)
        self.run.clicked.connect(self._run)
        self.results.picked.connect(self._go_to)
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
        self.results.show_comparison(self._board.find(*pair) if pair is not None else None)
        self._mark_place()

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

    def _mark_place(self, _: object = None) -> None:
        """Mark in the results what the viewer shows."""
        pair = self._pair()
        plane = plane_on_screen(pair[0], image_of(pair[0])) if pair is not None else None
        self.results.show_place(plane)

    def _go_to(self, plane: int) -> None:
        pair = self._pair()
        if pair is not None:
            show_plane(self._viewer, pair[0], image_of(pair[0]), plane)

    def _theme(self, _: object = None) -> None:
        theme = get_theme(self._viewer.theme)
        self.results.plot.set_theme(theme.background.as_hex(), theme.text.as_hex())

    def hideEvent(self, event: QHideEvent) -> None:
        """Show the layers as they were when the widget is closed."""
        self.views.stop()
        super().hideEvent(event)
