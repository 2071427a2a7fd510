"""The difference as a layer that is looked at while it is made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from irrm_core.engine import Layout
from napari_irrm.comparing.difference import difference_dtype, halve_by_strongest, subtract
from napari_irrm.jobs.growing import GrowingLayer
from napari_irrm.layers import LayerImage, Provenance, difference_arguments

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_irrm.jobs import Context


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
        self._original, self._source = original, image
        axes = image.axes.removesuffix("S")
        self._layout = Layout(axes, image.shape[: len(axes)])
        self._grown = GrowingLayer(viewer, image, self._arguments)
        self._pixels: NDArray[Any] | None = None
        self._limit = -1.0  # of no plane yet
        self._limits = 0.0, 0.0

    def allocate(self) -> None:
        """Take the memory that is needed; in the work's thread."""
        layout, dtype = self._layout, difference_dtype(self._source.dtype)
        self._pixels = self._grown.allocate(layout.shape, dtype, layout.axes, halve_by_strongest)

    def fill(
        self,
        context: Context,
        number: int,
        before: NDArray[Any],
        after: NDArray[Any],
        limit: float,
    ) -> None:
        """Write a plane and show it soon; in the work's thread.

        Parameters
        ----------
        context : Context
            Of the work.
        number : int
            Of the plane.
        before, after : ndarray
            Original and restored, (H, W, colours).
        limit : float
            Which 99.9 % of the differences do not exceed.
        """
        assert self._pixels is not None
        plane = self._layout.plane(number)
        subtract(after, before, self._pixels[plane.index])
        wider = 0 <= self._limit < limit
        self._limit = max(self._limit, limit)
        self._grown.plane_done(context, plane, self._limit)
        if wider:
            context.show(partial(self._widen, limit))

    def complete(self, largest: float, provenance: Provenance | None) -> None:
        """Show the last planes, and note where the layer came from; in the viewer's thread.

        Parameters
        ----------
        largest : float
            The largest difference, which the limits may be set to.
        provenance : Provenance or None
            Of the restored layer.
        """
        made = provenance and Provenance("difference", provenance.record, source=self._source.name)
        self._grown.complete(made)
        layer = self._grown.layer
        if layer is not None and self._grown.there:
            widest = max(largest, layer.contrast_limits[1])
            layer.contrast_limits_range = (-widest, widest)

    def remove(self) -> None:
        """Take the layer back; in the viewer's thread."""
        self._grown.remove()

    def _arguments(self, limit: float) -> dict[str, Any]:
        arguments = difference_arguments(self._original, limit)
        self._limits = arguments["contrast_limits"]
        return arguments

    def _widen(self, limit: float) -> None:
        """Widen the contrast limits; whoever has set others meanwhile keeps them."""
        layer = self._grown.layer
        if layer is None or not self._grown.there or tuple(layer.contrast_limits) != self._limits:
            return
        limits: tuple[float, float] = difference_arguments(self._original, limit)["contrast_limits"]
        layer.contrast_limits_range = layer.contrast_limits = self._limits = limits
