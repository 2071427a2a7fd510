"""The panel Archive, clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt

from irrm_core.archive.store import Store
from irrm_watcher.catalogue import CatalogueWriter
from irrm_watcher.testing.filling import fill
from napari_irrm.widgets.archive import ArchiveWidget
from napari_irrm.widgets.archive_rows import LINES

LEFT = Qt.MouseButton.LeftButton
WAIT = 20_000


@pytest.fixture
def panel(qtbot: Any, viewer_model: ViewerModel) -> ArchiveWidget:
    made = ArchiveWidget(viewer_model)
    qtbot.addWidget(made)
    made.resize(320, 800)
    made.show()
    return made


@pytest.fixture
def opened(qtbot: Any, panel: ArchiveWidget, store: Store) -> ArchiveWidget:
    panel.open(store.path)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4, timeout=WAIT)
    qtbot.waitUntil(lambda: bool(panel.savings.said), timeout=WAIT)
    return panel


def names(panel: ArchiveWidget) -> list[str]:
    return [panel.model.index(row).data() for row in range(panel.model.rowCount())]


def click(qtbot: Any, panel: ArchiveWidget, row: int, *, add: bool = False) -> None:
    index = panel.model.index(row)
    panel.entries.scrollTo(index)
    modifier = Qt.KeyboardModifier
    place = panel.entries.visualRect(index).center()
    qtbot.mouseClick(
        panel.entries.viewport(),
        LEFT,
        modifier.ControlModifier if add else modifier.NoModifier,
        place,
    )


def test_a_store_is_listed_with_thumbnails_and_savings(qtbot: Any, opened: ArchiveWidget) -> None:
    qtbot.waitUntil(
        lambda: names(opened) == ["beach.png", "cells.tif", "plan.tif", "notes.txt"], timeout=WAIT
    )
    assert "2 files as LR, 2 exact" in opened.savings.said
    assert opened.count.said.startswith("4 files, ")
    picture = Qt.ItemDataRole.DecorationRole
    pictures = [opened.model.index(row) for row in range(3)]
    qtbot.waitUntil(lambda: all(index.data(picture) is not None for index in pictures))
    assert opened.model.index(3).data(picture) is None
    title, facts, place = opened.model.index(0).data(LINES)
    assert (title, place) == ("beach.png", "pictures/2026") and facts.startswith("LR ×2 · ")
    assert "restored by irrm-fast-x2@1" in opened.model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_typing_and_choosing_search(qtbot: Any, opened: ArchiveWidget) -> None:
    qtbot.keyClicks(opened.fields.text, "PLAN")
    qtbot.waitUntil(lambda: opened.model.rowCount() == 1, timeout=WAIT)
    qtbot.waitUntil(lambda: names(opened) == ["plan.tif"], timeout=WAIT)
    opened.fields.text.clear()
    qtbot.keyClicks(opened.fields.text, "*.png")
    qtbot.waitUntil(lambda: names(opened) == ["beach.png"], timeout=WAIT)
    opened.fields.text.clear()
    box = opened.fields.kind
    box.setCurrentIndex(box.findText("Stored exactly"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: names(opened) == ["plan.tif", "notes.txt"], timeout=WAIT)
    box.setCurrentIndex(box.findText("Failed"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: opened.model.rowCount() == 0, timeout=WAIT)


def test_days_bound_a_search(qtbot: Any, opened: ArchiveWidget) -> None:
    qtbot.mouseClick(opened.fields.more.button, LEFT)
    days = opened.fields.days
    days.setCurrentIndex(days.findText("Between two days"))
    days.activated.emit(days.currentIndex())
    assert opened.fields.since.isVisible()
    opened.fields.since.setDate(opened.fields.since.date().addYears(-3))
    opened.fields.until.setDate(opened.fields.until.date().addYears(-2))
    qtbot.waitUntil(lambda: opened.model.rowCount() == 0, timeout=WAIT)
    days.setCurrentIndex(days.findText("Today"))
    days.activated.emit(days.currentIndex())
    qtbot.waitUntil(lambda: opened.model.rowCount() == 4, timeout=WAIT)


def test_chosen_files_are_restored_into_layers(
    qtbot: Any, opened: ArchiveWidget, viewer_model: ViewerModel
) -> None:
    qtbot.waitUntil(lambda: names(opened)[0] == "beach.png", timeout=WAIT)
    assert not opened.to_layers.isEnabled()
    click(qtbot, opened, 0)
    assert "restored by irrm-fast-x2@1" in opened.count.said
    click(qtbot, opened, 3, add=True)
    assert opened.count.said.startswith("2 of 4 files")
    qtbot.mouseClick(opened.to_layers, LEFT)
    qtbot.waitUntil(lambda: len(viewer_model.layers) == 1, timeout=WAIT)
    assert viewer_model.layers[0].name == "beach.png restored"
    assert "notes.txt: is no picture" in opened.problem.said
    click(qtbot, opened, 1)
    qtbot.mouseClick(opened.open_lr, LEFT)
    qtbot.waitUntil(lambda: len(viewer_model.layers) == 2, timeout=WAIT)
    assert viewer_model.layers[1].name == "cells.tif LR x2"


def test_chosen_files_are_restored_to_a_folder(
    qtbot: Any,
    opened: ArchiveWidget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from qtpy.QtWidgets import QFileDialog

    out = tmp_path / "again"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    click(qtbot, opened, 3)
    qtbot.mouseClick(opened.to_folder, LEFT)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]
    opened.restore_to(tmp_path / "store" / "files")
    assert "lies in the store" in opened.problem.said


def test_what_is_no_store_is_said(qtbot: Any, panel: ArchiveWidget, tmp_path: Path) -> None:
    panel.open(tmp_path)
    qtbot.waitUntil(lambda: "is no store" in panel.problem.said, timeout=WAIT)
    assert not panel.entries.isVisible()


def test_what_the_daemon_writes_is_offered_and_the_choice_stays(
    qtbot: Any, opened: ArchiveWidget, store: Store
) -> None:
    click(qtbot, opened, 1)
    with CatalogueWriter.open(store.catalogue) as writer:
        fill(writer, 3)
    opened._look_for_changes()
    qtbot.waitUntil(opened.refresh.isVisible, timeout=WAIT)
    assert opened.model.rowCount() == 4
    qtbot.mouseClick(opened.refresh, LEFT)
    qtbot.waitUntil(lambda: opened.model.rowCount() == 7, timeout=WAIT)
    (span,) = opened.entries.chosen()
    qtbot.waitUntil(lambda: opened.model.index(span[0]).data() == "cells.tif", timeout=WAIT)
    assert not opened.refresh.isVisible()


def test_too_many_files_are_no_layers(
    qtbot: Any, panel: ArchiveWidget, tmp_path: Path, viewer_model: ViewerModel
) -> None:
    store = Store.create(tmp_path / "large")
    with CatalogueWriter.open(store.catalogue) as writer:
        fill(writer, 3000)
    panel.open(store.path)
    qtbot.waitUntil(lambda: panel.model.rowCount() > 2000, timeout=WAIT)
    last = panel.model.rowCount() - 1
    assert panel.model.index(last).data() == "…"
    panel.entries.scrollToBottom()
    qtbot.waitUntil(lambda: panel.model.index(last).data() != "…", timeout=WAIT)
    panel.entries.selectAll()
    assert [len(span) for span in panel.entries.chosen()] == [last + 1]
    qtbot.mouseClick(panel.to_layers, LEFT)
    assert "are too many layers" in panel.problem.said and not viewer_model.layers


def test_a_panel_that_is_closed_lets_go_of_the_store(
    qtbot: Any, viewer_model: ViewerModel, store: Store
) -> None:
    panel = ArchiveWidget(viewer_model)
    panel.show()
    panel.open(store.path)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4, timeout=WAIT)
    holder = panel._holder
    browser = holder.opened.browser
    panel.close()
    panel.deleteLater()
    qtbot.waitUntil(lambda: holder.opened is None, timeout=WAIT)

    def closed() -> bool:
        try:
            browser.changes()
        except Exception:
            return True
        return False

    qtbot.waitUntil(closed, timeout=WAIT)


def test_a_catalogue_outside_its_store_is_asked_for_with_its_folder(
    qtbot: Any,
    panel: ArchiveWidget,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from qtpy.QtWidgets import QFileDialog

    outside = tmp_path / "catalogue.sqlite3"
    store.catalogue.rename(outside)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(outside), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(store.path))
    folder, catalogue = panel.open_button.menu().actions()
    folder.trigger()
    qtbot.waitUntil(lambda: "there is no catalogue here" in panel.problem.said, timeout=WAIT)
    catalogue.trigger()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4, timeout=WAIT)
    assert not panel.problem.said
