"""The parts that the widgets share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.utils._proxies import PublicOnlyProxy
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication, QLabel, QWidget

from napari_irrm.jobs.ticket import State, Ticket
from napari_irrm.widgets.parts import (
    ChoiceBox,
    Column,
    LayerChoice,
    Note,
    Section,
    StillSpinBox,
    job_text,
)


@pytest.fixture
def layers(viewer_model: ViewerModel) -> ViewerModel:
    """A viewer with three layers, the last one active."""
    for name in ("first", "second", "third"):
        viewer_model.add_image(np.zeros((4, 4)), name=name)
    return viewer_model


def test_layers_are_listed_uppermost_first_and_the_active_one_is_chosen(
    qtbot: Any, layers: ViewerModel
) -> None:
    layers.layers.selection.active = layers.layers["second"]
    choice = LayerChoice(layers)
    qtbot.addWidget(choice)
    assert [choice.itemText(i) for i in range(choice.count())] == ["third", "second", "first"]
    assert choice.layer is layers.layers["second"]


def test_the_chosen_layer_stays_chosen_while_others_come_go_and_move(
    qtbot: Any, layers: ViewerModel
) -> None:
    choice = LayerChoice(layers)
    qtbot.addWidget(choice)
    choice.choose(layers.layers["first"])
    with qtbot.assertNotEmitted(choice.chosen):
        layers.add_image(np.zeros((4, 4)), name="fourth")
        layers.layers.remove("second")
        layers.layers.move(0, 2)
        layers.layers["first"].name = "renamed"
    assert choice.layer is layers.layers["renamed"]
    assert choice.currentText() == "renamed"


def test_another_layer_is_chosen_when_the_chosen_one_is_removed(
    qtbot: Any, layers: ViewerModel
) -> None:
    choice = LayerChoice(layers)
    qtbot.addWidget(choice)
    with qtbot.waitSignal(choice.chosen):
        layers.layers.remove("third")
    assert choice.layer is layers.layers["second"]
    layers.layers.clear()
    assert choice.layer is None


def test_a_viewer_in_the_wrapping_that_napari_gives_to_plugins_will_do(
    qtbot: Any, layers: ViewerModel
) -> None:
    choice = LayerChoice(PublicOnlyProxy(layers))
    qtbot.addWidget(choice)
    assert choice.layer is layers.layers["third"]


def test_a_deleted_choice_hears_no_more_of_the_viewer(qtbot: Any, layers: ViewerModel) -> None:
    choice = LayerChoice(layers)
    gone: list[object] = []
    choice.destroyed.connect(lambda *_: gone.append(True))
    choice.deleteLater()
    qtbot.waitUntil(lambda: gone != [])
    layers.add_image(np.zeros((4, 4)))


def test_a_choice_tells_what_people_choose_and_not_what_is_set(qtbot: Any) -> None:
    box = ChoiceBox()
    qtbot.addWidget(box)
    with qtbot.assertNotEmitted(box.chosen):
        box.offer([(2, "× 2"), (4, "× 4")], 4, hint="gray only")
    assert box.value == 4
    assert box.toolTip() == "× 4\ngray only"
    with qtbot.waitSignal(box.chosen) as told:
        qtbot.keyClick(box, Qt.Key.Key_Up)
    assert told.args == [2]
    box.offer([], None)
    assert box.value is None and not box.isEnabled()


def turn_wheel(widget: QWidget) -> None:
    """Turn the mouse wheel one click towards the user."""
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_fields_are_scrolled_past_and_changed_by_the_wheel_after_a_click(qtbot: Any) -> None:
    column, box, spin = Column(), ChoiceBox(), StillSpinBox()
    qtbot.addWidget(column)
    box.offer([(2, "× 2"), (4, "× 4")], 2)
    column.rows.addWidget(box)
    column.rows.addWidget(spin)
    spin.setValue(5)
    with qtbot.waitActive(column):
        column.show()
        column.activateWindow()
    column.setFocus()
    for field in (box, spin):
        turn_wheel(field)
    assert (box.value, spin.value()) == (2, 5)
    box.setFocus()
    turn_wheel(box)
    spin.setFocus()
    turn_wheel(spin)
    assert (box.value, spin.value()) == (4, 4)


def test_a_note_takes_no_room_while_it_is_silent(qtbot: Any) -> None:
    note = Note()
    qtbot.addWidget(note)
    note.say("something")
    assert note.isVisibleTo(None) and note.said == "something"
    note.say("")
    assert note.isHidden()


def test_a_long_name_in_a_note_wraps(qtbot: Any) -> None:
    note = Note()
    qtbot.addWidget(note)
    note.say("a_very_long_layer_name_" * 5)
    one_line = note.fontMetrics().height()
    assert note.heightForWidth(150) > 3 * one_line


def test_a_section_is_opened_and_closed_by_its_button(qtbot: Any) -> None:
    content = QLabel("rare")
    section = Section("Advanced", content)
    qtbot.addWidget(section)
    assert content.isHidden()
    qtbot.mouseClick(section.button, Qt.MouseButton.LeftButton)
    assert not content.isHidden()
    qtbot.mouseClick(section.button, Qt.MouseButton.LeftButton)
    assert content.isHidden()


def test_a_column_is_never_narrower_than_what_is_in_it(qtbot: Any) -> None:
    column = Column()
    qtbot.addWidget(column)
    wide = QWidget()
    column.rows.addWidget(wide)
    column.show()
    wide.setMinimumWidth(555)
    QApplication.processEvents()
    assert column.minimumSizeHint().width() > 555


def test_jobs_are_told_by_plane_and_time_left() -> None:
    ticket = Ticket("Downscale cells")
    assert job_text(ticket) == "Waiting"
    ticket.state, ticket.what = State.RUNNING, "downscale"
    assert job_text(ticket) == "Downscale"
    ticket.done, ticket.total, ticket.planes, ticket.seconds_left = 10, 160, 40, 12
    assert job_text(ticket) == "Downscale · plane 3 of 40 · 12 s left"
    ticket.cancel()
    assert job_text(ticket) == "Stopping after this tile"
    ticket.state = State.CANCELLED
    assert job_text(ticket) == "Cancelled"


def test_a_failed_job_tells_its_reason_without_its_title() -> None:
    ticket = Ticket("Restore cells", State.FAILED, error="Restore cells: no record; choose a model")
    assert job_text(ticket) == "no record; choose a model"
