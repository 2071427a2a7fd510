"""How the LR files of a folder are made: model, floors, saving, and how many are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QDoubleSpinBox, QSpinBox, QVBoxLayout, QWidget

from irrm_core.archive.classes import Rule
from irrm_core.archive.gate import Floors
from irrm_core.zoo import list_models
from napari_irrm.storage.compressing.plan import SAMPLE
from napari_irrm.widgets.parts import ChoiceBox, Section, form

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALES = (2, 4)
_NO_FLOOR = "none"


class CompressFields(QWidget):
    """Fields of a rule.

    Attributes
    ----------
    changed : signal
        Another rule is meant.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        defaults = Rule()
        floors = defaults.floors
        self.model = ChoiceBox()
        self.model.offer(_models(), (None, 2))
        self.psnr = _number(0, 99, 1, " dB", floors.psnr)
        self.saving = _number(0, 95, 0, " %", defaults.minimum_saving * 100, none="any")
        self.ssim = _number(0, 1, 3, "", floors.ssim)
        self.max_error = _number(0, 100, 1, " % of range", None)
        self.bias = _number(0, 100, 2, " % of range", None)
        self.sample = QSpinBox()
        self.sample.setRange(0, 100_000)
        self.sample.setValue(SAMPLE)
        self.sample.setSpecialValueText("all images")
        self.sample.setSuffix(" images")
        self._explain()
        self._lay_out()
        self.model.chosen.connect(self._tell)
        for box in (self.psnr, self.saving, self.ssim, self.max_error, self.bias, self.sample):
            box.setKeyboardTracking(False)
            box.valueChanged.connect(self._tell)

    @property
    def rule(self) -> Rule:
        """What LR files must reach."""
        model, scale = self.model.value
        return Rule(
            model=model,
            scale=scale,
            floors=Floors(
                psnr=_floor(self.psnr),
                ssim=_floor(self.ssim),
                max_error=_floor(self.max_error, 100),
                bias=_floor(self.bias, 100),
            ),
            minimum_saving=self.saving.value() / 100,
        )

    @property
    def tried(self) -> int | None:
        """How many images a dry run tries; None for all."""
        return self.sample.value() or None

    def _tell(self, _: object) -> None:
        self.changed.emit()

    def _explain(self) -> None:
        self.model.setToolTip("The default is made for gray images or for colours, as each file is")
        self.psnr.setToolTip("What a restoration must reach in every channel of every plane")
        self.ssim.setToolTip("Structural similarity that it must reach; 1 is identical")
        self.max_error.setToolTip("No value may be off by more than this part of the range")
        self.bias.setToolTip("The mean may be off by at most this part of the range")
        self.saving.setToolTip("Images that would shrink by less stay without an LR file")
        self.sample.setToolTip("Spread over all folders, and the same each time")

    def _lay_out(self) -> None:
        main, more = form(), form()
        main.addRow("Model", self.model)
        main.addRow("PSNR at least", self.psnr)
        main.addRow("Try out", self.sample)
        more.setContentsMargins(12, 0, 0, 0)
        more.addRow("SSIM at least", self.ssim)
        more.addRow("Largest error", self.max_error)
        more.addRow("Bias", self.bias)
        more.addRow("Saving at least", self.saving)
        content = QWidget()
        content.setLayout(more)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(main)
        rows.addWidget(Section("Advanced", content))


def _models() -> Sequence[tuple[Any, str]]:
    defaults = [((None, scale), f"Default × {scale}") for scale in _SCALES]
    named = [
        ((card.id, None), f"{card.id} ({'RGB' if card.channels == 3 else 'gray'}, × {card.scale})")
        for card in list_models()
    ]
    return [*defaults, *named]


def _number(
    low: float, high: float, digits: int, unit: str, value: float | None, *, none: str = _NO_FLOOR
) -> QDoubleSpinBox:
    """Return a field whose lowest value means that nothing is asked for."""
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(digits)
    box.setSingleStep(10.0 ** -min(digits, 2) if high <= 1 else 1)
    box.setSuffix(unit)
    box.setSpecialValueText(none)
    box.setValue(low if value is None else value)
    return box


def _floor(box: QDoubleSpinBox, parts: float = 1) -> float | None:
    value = float(box.value())
    return None if value <= box.minimum() else value / parts
