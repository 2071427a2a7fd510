"""The difference as a layer that is looked at while it is made."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from irrm_core.engine import Layout
from napari_irrm.comparing.difference import difference_dtype, fill_smaller, subtract
from napari_irrm.jobs.growing import take_back
from napari_irrm.layers import (
    LayerImage,
    Provenance,
    allocate,
    difference_arguments,
    plane_on_screen,
    pyramid,
)
from napari_irrm.layers.provenance import KEY

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

_PERIOD = 0.2
"""Seconds between two refreshes, at least: drawing is the viewer's thread's work."""


class DifferenceLayer:
    """Restored minus original, added to the viewer with its first plane.

    The contrast limits are symmetric: 99.9 % of the values of every plane lie within them,
    since a few far ones would leave all others pale.

    Parameters
    ----------
    viewer : ViewerModel
        Where the layer is added.
    original : Image
        On which the difference lies.
    image : LayerImage
        Of the original.
    """

    def __init__(self, viewer: ViewerModel, original: Image, image: LayerImage) -> None:
        self._viewer, self._original, self._source = viewer, original, image
        axes = image.axes.removesuffix("S")
        self._layout = Layout(axes, image.shape[: len(axes)])
        self._planes = list(self._layout.planes())
        self._levels: tuple[NDArray[Any], ...] = ()
        self._layer: Image | None = None
        self._lock = threading.Lock()
        self._come: set[int] = set()
        self._limit = self._shown_limit = 0.0
        self._looked = 0.0

    def allocate(self) -> None:
        """Take the memory that is needed; in the work's thread."""
        largest = allocate(self._layout.shape, difference_dtype(self._source.dtype))
        self._levels = pyramid(largest, self._layout.axes).levels

    def fill(self, number: int, before: NDArray[Any], after: NDArray[Any], limit: float) -> None:
        """Write a plane; in the work's thread.

        Parameters
        ----------
        number : int
            Of the plane.
        before, after : ndarray
            Original and restored, (H, W, colours).
        limit : float
            Which 99.9 % of the differences do not exceed.
        """
        index = self._planes[number].index
        subtract(after, before, self._levels[0][index])
        fill_smaller([level[index] for level in self._levels])
        with self._lock:
            self._come.add(number)
            self._limit = max(self._limit, limit)

    def look(self) -> None:
        """Show what has come meanwhile, now and then; in the viewer's thread."""
        if self._layer is None:
            self._take()
            self._layer = self._add()
        elif time.monotonic() >= self._looked + _PERIOD:
            self._looked = time.monotonic()
            self._refresh(self._layer)

    def complete(self, largest: float, provenance: Provenance | None) -> None:
        """Show the last planes, and note where the layer came from; in the viewer's thread."""
        if self._layer is None or self._layer not in self._viewer.layers:
            return
        self._refresh(self._layer)
        # In 3-D, or with Z across, all planes are on screen, and not only the one looked for.
        self._layer.refresh(extent=False)
        widest = max(largest, self._layer.contrast_limits[1])
        self._layer.contrast_limits_range = (-widest, widest)
        if provenance is not None:
            made = Provenance("difference", provenance.record, source=self._source.name)
            self._layer.metadata = {**self._layer.metadata, KEY: made.to_metadata()}

    def remove(self) -> None:
        """Take the layer back; in the viewer's thread."""
        if self._layer is not None:
            take_back(self._viewer, self._layer)
        self._layer, self._levels = None, ()

    def _add(self) -> Image:
        levels = [self._source.as_layer(level) for level in self._levels]
        multiscale = len(levels) > 1
        self._shown_limit = self._limit
        layer: Image = self._viewer.add_image(
            levels if multiscale else levels[0],
            multiscale=multiscale,
            **difference_arguments(self._original, self._limit),
        )
        return layer

    def _refresh(self, layer: Image) -> None:
        if layer not in self._viewer.layers:
            return
        come, limit = self._take()
        # Whoever has set other limits meanwhile keeps them.
        if limit > self._shown_limit:
            if tuple(layer.contrast_limits) == _symmetric(self._shown_limit):
                layer.contrast_limits_range = layer.contrast_limits = _symmetric(limit)
            self._shown_limit = limit
        pixels = self._levels[0]
        shape = self._source.as_layer(pixels).shape
        image = LayerImage(layer.name, pixels, self._layout.axes, shape)
        if plane_on_screen(layer, image) in come:
            layer.refresh(extent=False)

    def _take(self) -> tuple[set[int], float]:
        with self._lock:
            come, self._come = self._come, set()
            return come, self._limit


def _symmetric(limit: float) -> tuple[float, float]:
    limit = limit or 1.0
    return -limit, limit
