"""Where a layer lies in the world, and where its smaller and larger images do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Layer
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Placement:
    """Where the dimensions of an image layer lie; the samples of RGB are no dimension."""

    scale: tuple[float, ...]
    translate: tuple[float, ...]
    rotate: Matrix
    shear: Matrix
    affine: Matrix
    units: tuple[str, ...]
    axis_labels: tuple[str, ...]

    def downscaled(self, s: int) -> Placement:
        """Return the placement of the LR, pixel centres on the centres of their s x s blocks."""
        raise NotImplementedError

    def restored(self, s: int) -> Placement:
        """Return the placement of what was downscaled to this; undoes `downscaled`."""
        raise NotImplementedError

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of ``add_image`` that place a layer here."""
        raise NotImplementedError


def placement_of(layer: Layer) -> Placement:
    """Return where a layer lies."""
    raise NotImplementedError
