"""The logic of the Rescale widget: what fits a layer, what to expect, what is chosen."""

from __future__ import annotations

from napari_irrm.rescaling.choices import Choice, fitting_models, unfitting
from napari_irrm.rescaling.controller import RescaleController
from napari_irrm.rescaling.device import device_text
from napari_irrm.rescaling.estimate import Estimate
from napari_irrm.rescaling.offer import Direction

__all__ = [
    "Choice",
    "Direction",
    "Estimate",
    "RescaleController",
    "device_text",
    "fitting_models",
    "unfitting",
]
