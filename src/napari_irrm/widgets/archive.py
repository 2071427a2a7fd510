"""The panel "Archive": what a watcher's store holds, and how it comes back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QItemSelection, QModelIndex, QTimer
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from irrm_core.errors import IrrmError
from napari_irrm.jobs import preferred_settings, session_of
from napari_irrm.jobs.session import unwrapped
from napari_irrm.storage.background import Background
from napari_irrm.storage.browser import StoreBrowser
from napari_irrm.storage.opened import OpenedStore
from napari_irrm.storage.to_folder import RestoreToFolderWork, Returned
from napari_irrm.storage.to_layer import MOST_LAYERS, ToLayerWork
from napari_irrm.storage.words import details_of, found_text, printable, savings
from napari_irrm.widgets.archive_holder import StoreHolder, relay
from napari_irrm.widgets.archive_list import THUMBNAIL, EntryModel
from napari_irrm.widgets.archive_opening import OpenStoreButton
from napari_irrm.widgets.archive_rows import RowTable
from napari_irrm.widgets.archive_search import SearchForm
from napari_irrm.widgets.parts import Column, JobList, Note, while_alive

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from napari.components import ViewerModel

    from irrm_core.archive.catalogue import Entry, Found, Summary
    from napari_irrm.jobs import Session

_LOOK_AGAIN = 3000  # milliseconds between looks whether the daemon wrote
_EMPTY = "Open the folder of a store that irrm-watch keeps, to search it and bring files back."


class ArchiveWidget(QWidget):
    """Lists and searches the catalogue of a store, and restores what is chosen.

    Everything is looked up in threads of its own; the daemon may be writing meanwhile.

    Parameters
    ----------
    napari_viewer : ViewerModel
        That restored layers are added to.

    Attributes
    ----------
    fields : SearchForm
        What is looked for.
    entries : RowTable
        What was found.
    """

    def __init__(self, napari_viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = unwrapped(napari_viewer)
        self._session = session_of(napari_viewer)
        self._relay = relay()
        self._holder = StoreHolder(Background(self._relay.call))
        self._found: Found | None = None
        self._changes: int | None = None

        self.open_button = OpenStoreButton()
        self.place = Note()
        self.savings = Note()
        self.problem = Note(problem=True)
        self.fields = SearchForm()
        self.model = EntryModel(self)
        self.entries = RowTable(self.model, thumbnails=True)
        self.count = Note()
        self.refresh = QPushButton("The store has changed: list it anew")
        self.to_layers = QPushButton("Restore")
        self.open_lr = QPushButton("Open LR")
        self.to_folder = QPushButton("Restore to folder…")
        self.jobs = JobList(self._session.queue)
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_AGAIN)
        self._lay_out()
        self._connect()
        self._show_store(None)

    def open(
        self, place: str | os.PathLike[str], *, store: str | os.PathLike[str] | None = None
    ) -> None:
        """Open a store by its folder, or by its catalogue where that lies elsewhere.

        Parameters
        ----------
        place : path
            The folder or the catalogue.
        store : path, optional
            The folder, if `place` is a catalogue outside it.
        """
        self.problem.say("")
        self._holder.opening.ask(
            "open",
            lambda: StoreBrowser.open(place, store=store),
            while_alive(self._opened),
            while_alive(self._failed, "The store cannot be opened"),
        )

    def search(self) -> None:
        """Look for what the fields say; the list follows when it is found."""
        opened = self._holder.opened
        if opened is None:
            return
        search = self.fields.search
        browser = opened.browser
        opened.questions.ask(
            "search",
            lambda: (browser.changes(), browser.search(search)),
            while_alive(self._list),
            while_alive(self._failed, "The catalogue cannot be searched"),
        )
        opened.questions.ask("summary", browser.summary, while_alive(self._sum_up), _nothing)

    def restore_to_layers(self) -> None:
        """Restore what is chosen, each file into a layer of its own."""
        self._bring_in(small=False)

    def open_as_lr(self) -> None:
        """Show the LR of what is chosen, each in a layer that can be restored."""
        self._bring_in(small=True)

    def restore_to(self, folder: str | os.PathLike[str]) -> None:
        """Restore what is chosen into a folder, where nothing is replaced."""
        opened = self._holder.opened
        if opened is None:
            return
        done = partial(_tell, self._session)
        try:
            work = RestoreToFolderWork(
                opened.browser, self._chosen(), Path(folder), preferred_settings(), done
            )
        except IrrmError as error:
            self.problem.say(str(error))
            return
        self.problem.say("")
        self._session.queue.submit(work)

    def _bring_in(self, *, small: bool) -> None:
        opened, numbers = self._holder.opened, self._chosen()
        if opened is None or not numbers:
            return
        if len(numbers) > MOST_LAYERS:
            self.problem.say(
                f"{len(numbers):,} files are too many layers; choose at most {MOST_LAYERS}, or "
                "restore them to a folder"
            )
            return
        browser = opened.browser
        opened.questions.ask(
            "chosen",
            lambda: browser.entries(numbers),
            while_alive(self._submit, small),
            while_alive(self._failed, "The chosen files cannot be looked up"),
        )

    def _submit(self, small: bool, entries: Sequence[Entry]) -> None:
        opened = self._holder.opened
        if opened is None:
            return
        refused, settings = [], preferred_settings()
        for entry in entries:
            try:
                work = ToLayerWork(self._viewer, opened.browser, entry, settings, small=small)
            except IrrmError as error:
                refused.append(str(error))
            else:
                self._session.queue.submit(work)
        self.problem.say("\n".join(refused))

    def _chosen(self) -> list[int]:
        return [n for span in self.entries.chosen() for n in self.model.numbers(span)]

    def _opened(self, browser: StoreBrowser) -> None:
        opened = OpenedStore.of(browser, self._relay.call, THUMBNAIL, while_alive(self._repaint))
        self._holder.hold(opened)
        self.model.show(None, None)
        self._show_store(browser)
        offer = while_alive(self.fields.offer_roots)
        opened.questions.ask("roots", browser.roots, offer, _nothing)
        self.search()

    def _list(self, found: tuple[int, Found]) -> None:
        opened = self._holder.opened
        if opened is None:
            return
        self._changes, self._found = found
        before = set(self._chosen()) if self._few_chosen() else set()
        listing = opened.listing(self._found, while_alive(self.model.arrived))
        self.model.show(listing, opened.thumbnails)
        self.entries.scrollToTop()
        if before:
            numbers = enumerate(self._found.numbers)
            self.entries.choose([row for row, number in numbers if number in before])
        self.problem.say("")
        self.refresh.hide()
        self._show_choice()

    def _few_chosen(self) -> bool:
        return sum(len(span) for span in self.entries.chosen()) <= MOST_LAYERS

    def _sum_up(self, summary: Summary) -> None:
        self.savings.say(savings(summary))

    def _repaint(self, _: Entry) -> None:
        self.entries.viewport().update()

    def _failed(self, what: str, error: Exception) -> None:
        self.problem.say(f"{what}: {error}")

    def _look_for_changes(self) -> None:
        opened = self._holder.opened
        if opened is not None:
            compare = while_alive(self._compare)
            opened.questions.ask("changes", opened.browser.changes, compare, _nothing)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for changes of the store while the panel is seen."""
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        # Python may let go of the widget in a job's thread, where a running timer is fatal.
        self._clock.stop()
        super().hideEvent(event)

    def _compare(self, changes: int) -> None:
        self.refresh.setVisible(self._changes is not None and changes != self._changes)

    def _show_store(self, browser: StoreBrowser | None) -> None:
        self.place.say(_EMPTY if browser is None else printable(browser.store.path))
        for widget in (self.fields, self.entries, self.to_layers, self.open_lr, self.to_folder):
            widget.setVisible(browser is not None)
        self.savings.say("")
        self.refresh.hide()
        self._show_choice()

    def _show_choice(self) -> None:
        """Say what was found and what of it is chosen, and what can be done with that."""
        rows = [row for span in self.entries.chosen() for row in span[:2]]
        count = sum(len(span) for span in self.entries.chosen())
        found = self._found
        if found is None or self._holder.opened is None:
            self.count.say("")
        elif count == 1 and (entry := self.model.entry(rows[0])) is not None:
            self.count.say(details_of(entry))
        else:
            self.count.say(found_text(found, count))
        for button in (self.to_layers, self.open_lr, self.to_folder):
            button.setEnabled(count > 0)

    def _open_named(self, place: str, store: str) -> None:
        self.open(place, store=store or None)

    def _restore_clicked(self, _: QModelIndex) -> None:
        self.restore_to_layers()

    def _chosen_anew(self, *_: QItemSelection) -> None:
        self._show_choice()

    def _ask_where_to(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Restore to a folder")
        if folder:
            self.restore_to(folder)

    def _lay_out(self) -> None:
        self.to_layers.setToolTip("Each chosen file into a layer of its own, checked on the way")
        self.open_lr.setToolTip("The small pictures as layers; Rescale restores them")
        self.to_folder.setToolTip("The chosen files as files; nothing that is there is replaced")
        top = QHBoxLayout()
        top.addWidget(self.place, 1)
        top.addWidget(self.open_button)
        buttons = QGridLayout()
        buttons.addWidget(self.to_layers, 0, 0)
        buttons.addWidget(self.open_lr, 0, 1)
        buttons.addWidget(self.to_folder, 1, 0, 1, 2)
        column = Column()
        column.rows.addLayout(top)
        column.rows.addWidget(self.problem)
        column.rows.addWidget(self.savings)
        column.rows.addWidget(self.fields)
        column.rows.addWidget(self.refresh)
        column.rows.addWidget(self.entries, 1)
        column.rows.addWidget(self.count)
        column.rows.addLayout(buttons)
        column.rows.addWidget(self.jobs)
        column.rows.addStretch()  # as long as there is no list
        column.fill(self)

    def _connect(self) -> None:
        self.open_button.named.connect(self._open_named)
        self.fields.changed.connect(self.search)
        self.refresh.clicked.connect(self.search)
        self.to_layers.clicked.connect(self.restore_to_layers)
        self.open_lr.clicked.connect(self.open_as_lr)
        self.to_folder.clicked.connect(self._ask_where_to)
        self.entries.doubleClicked.connect(self._restore_clicked)
        self.entries.selectionModel().selectionChanged.connect(self._chosen_anew)
        self._clock.timeout.connect(self._look_for_changes)
        self.destroyed.connect(self._holder.close)


def _nothing(_: object) -> None:
    """Leave it as it is."""


def _tell(session: Session, result: Returned) -> None:
    """Say what came back; the panel may be closed by then."""
    (session.alarm if result.failed or result.kept else session.notify)(str(result))
