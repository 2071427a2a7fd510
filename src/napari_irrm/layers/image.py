"""A layer as an image of named axes that is read plane by plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from irrm_core.engine import ArrayLike, Layout
from napari.layers import Layer
from numpy.typing import NDArray


@dataclass(frozen=True)
class LayerImage:
    """The pixels of a layer, sliced plane by plane and never copied as a whole."""

    name: str
    data: ArrayLike
    axes: str
    layer_shape: tuple[int, ...]
    """Shape of level 0 of the layer; `data` has fewer axes where some had to be merged."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of `data`."""
        return tuple(int(n) for n in self.data.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of `data`."""
        return np.dtype(self.data.dtype)

    @property
    def layout(self) -> Layout:
        """Axes and shape."""
        return Layout(self.axes, self.shape)

    @property
    def colours(self) -> int:
        """Colour samples: 1 or 3."""
        return self.layout.colours

    @property
    def plane_count(self) -> int:
        """How many planes there are."""
        return self.layout.plane_count

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        raise NotImplementedError

    def as_layer(self, result: NDArray[Any]) -> NDArray[Any]:
        """Return an LR or restoration of this image with the dimensions of the layer; a view.

        It is what ``add_image`` takes: where leading axes were merged, they are apart again.
        """
        raise NotImplementedError


def image_of(layer: Layer) -> LayerImage:
    """Return the image of a layer, level 0 of a multiscale one; LayerRefusedError if it has none."""
    raise NotImplementedError


def refusal(layer: Layer) -> str | None:
    """Return why a layer cannot be rescaled, as a sentence with the remedy; None if it can."""
    raise NotImplementedError


def plane_on_screen(layer: Layer, image: LayerImage) -> int:
    """Return the number of the plane, as `Layout.planes` counts, that the viewer shows."""
    raise NotImplementedError
