"""The panel "Compress folder": small pictures of all images in a folder, tried out first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QPushButton, QWidget

from irrm_core.errors import IrrmError
from napari_irrm.jobs import preferred_settings, session_of
from napari_irrm.storage.compressing import CompressPlan, CompressReport, CompressWork
from napari_irrm.storage.compressing.plan import output_of
from napari_irrm.storage.words import printable
from napari_irrm.widgets.archive_rows import RowTable
from napari_irrm.widgets.compress_fields import CompressFields
from napari_irrm.widgets.compress_list import OutcomeModel
from napari_irrm.widgets.parts import Column, JobList, Note, Ties, while_alive
from napari_irrm.widgets.saving import ask_where

if TYPE_CHECKING:
    import os

    from napari.components import ViewerModel

    from napari_irrm.jobs import Ticket

_EMPTY = (
    "Choose a folder of images. Their LR files go into a folder beside it: small pictures for "
    "every viewer, that restore the large ones. Originals are only read."
)
_FIRST = "Try out first what these settings make of the folder"
_BESIDE = (
    "The command irrm assess sets these sizes beside JPEG, WebP, AVIF and JPEG XL at equal quality."
)


class CompressWidget(QWidget):
    """Says what LR files of a folder would take, and writes them into another folder.

    Only what was tried out with the same settings can be written.

    Parameters
    ----------
    napari_viewer : ViewerModel
        Whose queue the works go into.

    Attributes
    ----------
    report : CompressReport or None
        Of the last work that came to its end.
    """

    def __init__(self, napari_viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session_of(napari_viewer)
        self._folder: Path | None = None
        self._output: Path | None = None
        self._tried: CompressPlan | None = None
        self._ticket: Ticket | None = None
        self.report: CompressReport | None = None

        self.folder = Note()
        self.output = Note()
        self.choose_folder = QPushButton("Folder…")
        self.choose_output = QPushButton("Output…")
        self.fields = CompressFields()
        self.problem = Note(problem=True)
        self.try_out = QPushButton("Try out")
        self.compress = QPushButton("Compress")
        self.summary = Note()
        self.beside = Note()
        self.model = OutcomeModel(self)
        self.files = RowTable(self.model, thumbnails=False)
        self.save = QPushButton("Save report…")
        self.jobs = JobList(self._session.queue)
        self._lay_out()
        self._connect()
        self._show()

    @property
    def plan(self) -> CompressPlan | None:
        """What the fields say; None as long as no folder is chosen."""
        if self._folder is None or self._output is None:
            return None
        return CompressPlan(self._folder, self._output, self.fields.rule, self.fields.tried)

    def choose(
        self, folder: str | os.PathLike[str], output: str | os.PathLike[str] | None = None
    ) -> None:
        """Take a folder to compress; its output goes beside it, as ``<folder> LR``.

        Parameters
        ----------
        folder : path
            With images, in all folders below.
        output : path, optional
            Another folder for LR files.
        """
        self._folder = Path(folder).expanduser().resolve()
        self._output = output_of(self._folder) if output is None else Path(output).resolve()
        self._begin_anew()
        self._show()

    def run(self, *, dry: bool) -> None:
        """Try out some images, or write the LR files of all."""
        plan = self.plan
        if plan is None:
            return
        try:
            work = CompressWork(
                plan,
                preferred_settings(),
                dry=dry,
                told=while_alive(self.model.add),
                done=while_alive(self._done, plan),
            )
        except IrrmError as error:
            self.problem.say(str(error))
            return
        self.problem.say("")
        self._begin_anew()
        self._ticket = self._session.queue.submit(work)
        self._show()

    def save_report(self, path: str | os.PathLike[str]) -> None:
        """Write the last report as a table, a line for each image."""
        from irrm_core.imagefile import atomic_output

        if self.report is None:
            return
        try:
            with atomic_output(path, overwrite=True) as stream:  # the dialog has asked
                stream.write(self.report.to_csv().encode())
        except IrrmError as error:
            self.problem.say(str(error))

    def _begin_anew(self) -> None:
        self.model.clear()
        self.report = None
        self.summary.say("")
        self.beside.say("")
        self.save.setEnabled(False)

    def _done(self, plan: CompressPlan, report: CompressReport) -> None:
        self.report = report
        if report.dry:
            self._tried = replace(plan, sample=None)
        self.summary.say(str(report))
        self.beside.say(_BESIDE if report.dry else "")
        self.save.setEnabled(True)
        self._show()

    def _ended(self, _: Ticket) -> None:
        self._show()

    def _show(self) -> None:
        plan = self.plan
        self.folder.say(_EMPTY if self._folder is None else printable(self._folder))
        self.output.say("" if self._output is None else f"LR files: {printable(self._output)}")
        tried = plan is not None and replace(plan, sample=None) == self._tried
        self.choose_output.setVisible(plan is not None)
        self.fields.setVisible(plan is not None)
        self.files.setVisible(plan is not None)
        self.save.setVisible(plan is not None)
        idle = self._ticket is None or self._ticket.ended
        self.try_out.setEnabled(plan is not None and idle)
        self.compress.setEnabled(tried and idle)
        self.compress.setToolTip("" if tried else _FIRST)

    def _try_out(self) -> None:
        self.run(dry=True)

    def _compress(self) -> None:
        self.run(dry=False)

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of images")
        if folder:
            self.choose(folder)

    def _ask_for_output(self) -> None:
        output = QFileDialog.getExistingDirectory(self, "Folder for LR files")
        if output and self._folder is not None:
            self.choose(self._folder, output)

    def _ask_for_report(self) -> None:
        path = ask_where(self, "Save the report", "report", "csv")
        if path is not None:
            self.save_report(path)

    def _lay_out(self) -> None:
        places = QGridLayout()
        places.setColumnStretch(0, 1)
        places.addWidget(self.folder, 0, 0)
        places.addWidget(self.choose_folder, 0, 1)
        places.addWidget(self.output, 1, 0)
        places.addWidget(self.choose_output, 1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.try_out, 1)
        buttons.addWidget(self.compress, 1)
        column = Column()
        column.rows.addLayout(places)
        column.rows.addWidget(self.fields)
        column.rows.addWidget(self.problem)
        column.rows.addLayout(buttons)
        column.rows.addWidget(self.summary)
        column.rows.addWidget(self.beside)
        column.rows.addWidget(self.files, 1)
        column.rows.addWidget(self.save)
        column.rows.addWidget(self.jobs)
        column.rows.addStretch()  # as long as there is no list
        column.fill(self)

    def _connect(self) -> None:
        self.choose_folder.clicked.connect(self._ask_for_folder)
        self.choose_output.clicked.connect(self._ask_for_output)
        self.try_out.clicked.connect(self._try_out)
        self.compress.clicked.connect(self._compress)
        self.save.clicked.connect(self._ask_for_report)
        self.fields.changed.connect(self._show)
        Ties(self).tie(self._session.queue.ended, self._ended)
