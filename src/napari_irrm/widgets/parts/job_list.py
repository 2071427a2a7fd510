"""The jobs of a viewer: one runs, others wait, the last ones have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QGridLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_irrm.widgets.parts.job_text import job_text
from napari_irrm.widgets.parts.note import Note
from napari_irrm.widgets.parts.ties import Ties

if TYPE_CHECKING:
    from napari_irrm.jobs import JobQueue, Ticket

_ENDED_SHOWN = 3


class JobList(QWidget):
    """Shows the jobs of a queue, whoever submitted them, each with progress and cancel.

    Parameters
    ----------
    queue : JobQueue
        Of the viewer's session.
    """

    def __init__(self, queue: JobQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._ended: list[Ticket] = []
        self._rows: dict[Ticket, JobRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        ties = Ties(self)
        ties.tie(queue.changed, self._list)
        ties.tie(queue.progressed, self._progress)
        ties.tie(queue.ended, self._end)
        self._list()

    @property
    def rows(self) -> list[JobRow]:
        """What is shown, in the order of the jobs."""
        return list(self._rows.values())

    def _list(self) -> None:
        shown = [*self._ended, *(t for t in self._queue.tickets if t not in self._ended)]
        for ticket in [ticket for ticket in self._rows if ticket not in shown]:
            row = self._rows.pop(ticket)
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        for ticket in shown:
            if ticket not in self._rows:
                self._rows[ticket] = JobRow(ticket)
                self._layout.addWidget(self._rows[ticket])
            self._rows[ticket].update_text()
        self.setVisible(bool(shown))

    def _progress(self, ticket: Ticket) -> None:
        if ticket in self._rows:
            self._rows[ticket].update_text()

    def _end(self, ticket: Ticket) -> None:
        self._ended = [*self._ended, ticket][-_ENDED_SHOWN:]
        self._list()


class JobRow(QWidget):
    """One job.

    Attributes
    ----------
    ticket : Ticket
        The job.
    cancel : QPushButton
        Stops it; hidden when it has ended.
    """

    def __init__(self, ticket: Ticket, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ticket = ticket
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self._cancel)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.text = Note()
        title = Note()
        title.say(ticket.title)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setColumnStretch(0, 1)
        grid.addWidget(title, 0, 0)
        grid.addWidget(self.cancel, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.bar, 1, 0, 1, 2)
        grid.addWidget(self.text, 2, 0, 1, 2)
        self.update_text()

    def update_text(self) -> None:
        """Show how the job stands."""
        ticket = self.ticket
        self.text.say(job_text(ticket))
        self.cancel.setVisible(not ticket.ended)
        self.cancel.setEnabled(not ticket.cancelling.cancelled)
        self.bar.setVisible(ticket.state == "running")
        # A bar of no length moves to and fro.
        self.bar.setRange(0, ticket.total)
        self.bar.setValue(ticket.done)

    def _cancel(self) -> None:
        self.ticket.cancel()
        if not self.ticket.ended:
            self.update_text()
