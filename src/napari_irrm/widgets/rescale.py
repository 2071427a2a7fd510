"""The widget "Rescale": downscale a layer, restore it, see what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from irrm_core.errors import IrrmError
from napari_irrm.jobs import session_of
from napari_irrm.jobs.session import unwrapped
from napari_irrm.rescaling import RescaleController
from napari_irrm.widgets.parts import (
    ChoiceBox,
    Column,
    JobList,
    LayerChoice,
    Note,
    Section,
    StillSpinBox,
    Ties,
    form,
    while_alive,
)
from napari_irrm.widgets.rescale_words import (
    DIRECTIONS,
    PRECISIONS,
    VERBS,
    devices,
    models,
    unfitting,
)

if TYPE_CHECKING:
    from napari.components import ViewerModel

_TILES = (64, 8192, 64)


class RescaleWidget(QWidget):
    """Chooses what to do with a layer, says what to expect, and starts it.

    What is chosen and possible is the controller's to know; this shows it.

    Parameters
    ----------
    napari_viewer : napari viewer
        Whose layers are rescaled.
    """

    def __init__(self, napari_viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = unwrapped(napari_viewer)
        self._session = session_of(self._viewer)
        self.controller = RescaleController(self._viewer)
        self._showing = False

        self.layer = LayerChoice(self._viewer)
        self.direction = ChoiceBox()
        self.scale = ChoiceBox()
        self.model = ChoiceBox()
        self.device = ChoiceBox()
        self.precision = ChoiceBox()
        self.seed = StillSpinBox()
        self.tile = StillSpinBox()
        self.estimate = Note()
        self.device_note = Note()
        self.advice = Note()
        self.hindrance = Note(problem=True)
        self.run = QPushButton("Downscale")
        self.release = QPushButton("Release model")
        self.comparison = QPushButton("Open Compare")
        self.jobs = JobList(self._session.queue)
        self._lay_out()
        self._connect()
        self._choose_layer()
        self._show()

    def _lay_out(self) -> None:
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setToolTip("Of the noise that this model is fed when it restores")
        lowest, highest, step = _TILES
        self.tile.setRange(lowest - step, highest)
        self.tile.setSingleStep(step)
        self.tile.setSpecialValueText("Automatic")
        self.tile.setSuffix(" px")
        self.tile.setToolTip(
            "Side of the tiles that planes are cut into: small ones need less memory"
        )
        self.release.setToolTip("Give the memory of the loaded models back")
        self.comparison.setToolTip("The widget with table and plot of what was lost")

        self.fields = fields = form()
        fields.addRow("Layer", self.layer)
        fields.addRow("Direction", self.direction)
        fields.addRow("Scale", self.scale)
        fields.addRow("Model", self.model)
        fields.addRow("Seed", self.seed)
        fields.addRow(self.advice)
        fields.addRow(self.estimate)
        fields.addRow("Device", self.device)
        fields.addRow("Precision", self.precision)
        fields.addRow(self.device_note)
        content = QWidget()
        tiles = form()
        tiles.setContentsMargins(12, 0, 0, 0)
        tiles.addRow("Tile size", self.tile)
        content.setLayout(tiles)
        self.advanced = Section("Advanced", content)
        buttons = QHBoxLayout()
        buttons.addWidget(self.run, 1)
        buttons.addWidget(self.release)

        column = Column()
        column.rows.addLayout(fields)
        column.rows.addWidget(self.advanced)
        column.rows.addWidget(self.hindrance)
        column.rows.addLayout(buttons)
        column.rows.addWidget(self.comparison)
        column.rows.addWidget(self.jobs)
        column.rows.addStretch(1)
        column.fill(self)

    def _connect(self) -> None:
        self.layer.chosen.connect(self._choose_layer)
        for box, name in (
            (self.direction, "direction"),
            (self.scale, "scale"),
            (self.model, "model"),
            (self.device, "device"),
            (self.precision, "precision"),
        ):
            box.chosen.connect(while_alive(self._choose, name))
        self.seed.valueChanged.connect(while_alive(self._choose, "seed"))
        self.tile.valueChanged.connect(self._choose_tile)
        self.run.clicked.connect(self._run)
        self.release.clicked.connect(self._release)
        self.comparison.clicked.connect(self._open_compare)
        Ties(self).tie(self.controller.changed, self._show)

    def _choose_layer(self) -> None:
        self._choose("layer", self.layer.layer)

    def _choose_tile(self, side: int) -> None:
        self._choose("tile", side if side >= _TILES[0] else None)

    def _choose(self, name: str, value: object) -> None:
        # What the controller makes us show is no choice of anybody's.
        if not self._showing:
            setattr(self.controller, name, value)

    def _show(self) -> None:
        self._showing = True
        try:
            self._show_choices()
            self._show_notes()
        finally:
            self._showing = False

    def _show_choices(self) -> None:
        chosen = self.controller
        restoring = chosen.direction == "restore"
        if chosen.layer is not None and chosen.layer is not self.layer.layer:
            self.layer.choose(chosen.layer)
        self.direction.offer(DIRECTIONS, chosen.direction)
        self.scale.offer([(scale, f"× {scale}") for scale in chosen.scales], chosen.scale)
        self.model.offer(models(chosen), chosen.model, hint=unfitting(chosen))
        self._label(self.model).setText("Assumed model" if chosen.needs_assumption else "Model")
        self.device.offer(devices(chosen.device), chosen.device)
        self.precision.offer(PRECISIONS, chosen.precision)
        self.seed.setValue(chosen.seed)
        self.tile.setValue(chosen.tile or 0)
        self._show_row(self.scale, not restoring)
        self._show_row(self.seed, chosen.needs_seed)

    def _show_notes(self) -> None:
        chosen = self.controller
        self.advice.say(chosen.advice)
        self.estimate.say(chosen.estimate_text)
        self.device_note.say(chosen.device_text)
        self.hindrance.say(chosen.hindrance)
        self.run.setText(VERBS[chosen.direction])
        self.run.setEnabled(not chosen.hindrance)
        self.comparison.setVisible(chosen.direction == "roundtrip")

    def _label(self, field: QWidget) -> QLabel:
        return self.fields.labelForField(field)

    def _show_row(self, field: QWidget, visible: bool) -> None:
        field.setVisible(visible)
        self._label(field).setVisible(visible)

    def _run(self) -> None:
        try:
            self.controller.run()
        except IrrmError as error:
            self._session.alarm(str(error))

    def _release(self) -> None:
        self.controller.release_models()
        waits = bool(self._session.queue.tickets)
        self._session.notify(
            "The models are released when the running job has ended."
            if waits
            else "The memory of the models was given back."
        )

    def _open_compare(self) -> None:
        # Only now: it draws with a library that takes a while to import.
        from napari_irrm.widgets.compare_opening import open_compare

        open_compare(self._viewer)
