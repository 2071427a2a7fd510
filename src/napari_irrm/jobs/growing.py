"""A result that is looked at while it is made."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from napari_irrm.layers import (
    Halve,
    LayerImage,
    Provenance,
    Pyramid,
    allocate,
    halve_by_means,
    plane_on_screen,
    pyramid,
)
from napari_irrm.layers.provenance import KEY

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer
    from numpy.typing import DTypeLike, NDArray

    from irrm_core.engine.layout import PlaneIndex
    from napari_irrm.jobs.work import Context

PERIOD = 0.2
"""Seconds between two looks at what has come, at least: drawing is the viewer's thread's work."""


_Known = TypeVar("_Known")
"""What is known when a plane is done, and how the layer looks depends on: such as the record."""


class GrowingLayer(Generic[_Known]):
    """A layer that is added when its first plane is there, and grows plane by plane.

    Parameters
    ----------
    viewer : ViewerModel
        Where the layer is added.
    source : LayerImage
        What the result is made from; its leading axes are the result's.
    arguments : callable
        Returns the keyword arguments of ``add_image`` for what is known with the first plane.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        source: LayerImage,
        arguments: Callable[[_Known], dict[str, Any]],
    ) -> None:
        self._viewer, self._source, self._arguments = viewer, source, arguments
        self._lock = threading.Lock()
        self._come: set[int] = set()
        self._looked = -math.inf
        self._pyramid: Pyramid | None = None
        self._image: LayerImage | None = None
        self.layer: Image | None = None

    @property
    def there(self) -> bool:
        """Whether the layer is in the viewer: it was added, and nobody has removed it."""
        return self.layer is not None and self.layer in self._viewer.layers

    def allocate(
        self, shape: tuple[int, ...], dtype: DTypeLike, axes: str, halve: Halve = halve_by_means
    ) -> NDArray[Any]:
        """Return the array to be filled; `halve` makes smaller levels. In the work's thread."""
        pixels: NDArray[Any] = allocate(shape, dtype)
        self._pyramid = pyramid(pixels, axes, halve=halve)
        shown = self._source.as_layer(pixels)
        self._image = replace(self._source, data=pixels, axes=axes, layer_shape=shown.shape)
        return pixels

    def plane_done(self, context: Context, plane: PlaneIndex, known: _Known) -> None:
        """Show a plane that was filled, soon; in the work's thread."""
        assert self._pyramid is not None
        self._pyramid.plane_done(plane)
        now = time.monotonic()
        with self._lock:
            self._come.add(plane.number)
            if now - self._looked < PERIOD:
                return
            self._looked = now
        context.show(partial(self._look, known))

    def complete(self, provenance: Provenance | None) -> None:
        """Note where the layer came from and show the last planes; in the viewer's thread."""
        if self.layer is None or not self.there:
            return
        if provenance is not None:
            self.layer.metadata = {**self.layer.metadata, KEY: provenance.to_metadata()}
        # In 3-D, or with Z across, all planes are on screen, and not only the one looked for.
        self.layer.refresh(extent=False)

    def remove(self) -> None:
        """Take the layer back; in the viewer's thread."""
        if self.layer is not None:
            take_back(self._viewer, self.layer)
        self.layer = None

    def _look(self, known: _Known) -> None:
        """Add the layer, or refresh it if what it shows has come meanwhile."""
        assert self._pyramid is not None
        if self.layer is None:
            self._take()
            levels = [self._source.as_layer(level) for level in self._pyramid.levels]
            self.layer = self._viewer.add_image(
                levels if self._pyramid.multiscale else levels[0],
                multiscale=self._pyramid.multiscale,
                **self._arguments(known),
            )
        elif self.there:
            self._refresh()

    def _refresh(self) -> None:
        assert self.layer is not None and self._image is not None
        come = self._take()
        if plane_on_screen(self.layer, self._image) in come:
            self.layer.refresh(extent=False)

    def _take(self) -> set[int]:
        with self._lock:
            come, self._come = self._come, set()
            return come


def take_back(viewer: ViewerModel, layer: Layer) -> None:
    """Remove a layer from a viewer, if it is there, so that nothing keeps its pixels."""
    layers = viewer.layers
    if layer not in layers:
        return
    layers.remove(layer)
    if not layers.selection:
        # napari keeps the layer that was selected last, even when it is gone.
        layers.selection.clear()
        if layers:
            layers.selection.active = layers[-1]
