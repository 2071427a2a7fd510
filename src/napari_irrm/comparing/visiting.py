"""Bring a plane onto the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

    from napari_irrm.layers import LayerImage


def show_plane(viewer: ViewerModel, layer: Layer, image: LayerImage, number: int) -> None:
    """Move the viewer's sliders to one plane of a layer.

    Parameters
    ----------
    viewer : ViewerModel
        Of the layer.
    layer : Layer
        Whose plane is meant.
    image : LayerImage
        Of the layer.
    number : int
        Of the plane, as `plane_on_screen` counts.
    """
    sizes = image.layer_shape[: layer.ndim]
    place = np.unravel_index(number, sizes[:-2]) if layer.ndim > 2 else ()
    middle = [(size - 1) / 2 for size in sizes[-2:]]
    world = layer.data_to_world((*(float(at) for at in place), *middle))
    earlier = viewer.dims.ndim - layer.ndim
    for axis in viewer.dims.not_displayed:
        if axis >= earlier:
            viewer.dims.set_point(axis, float(world[axis - earlier]))
