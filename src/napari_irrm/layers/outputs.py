"""How results are shown: the keyword arguments of ``add_image``, data and metadata apart.

Contrast limits are always among them, so that napari does not search the pixels for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irrm_core.engine import RestoreRecord
from napari_irrm.layers.contrast import Limits, dtype_limits, lr_limits, restored_limits
from napari_irrm.layers.geometry import placement_of
from napari_irrm.layers.image import LayerImage
from napari_irrm.layers.provenance import Display, Provenance, readable_provenance

if TYPE_CHECKING:
    from napari.layers import Image


def display_of(layer: Image) -> Display:
    """Return how an original is shown, to be kept in the provenance of its LR."""
    return Display(_limits(layer.contrast_limits))


def lr_arguments(layer: Image, image: LayerImage, record: RestoreRecord) -> dict[str, Any]:
    """Return how the LR of a layer is added to the viewer.

    Parameters
    ----------
    layer : Image
        The original.
    image : LayerImage
        As `image_of` returns it.
    record : RestoreRecord
        Of the LR; hashes are not needed yet.
    """
    is_rgb = record.lr_axes.endswith("S")
    shown = _limits(layer.contrast_limits)
    return {
        "name": f"{image.name} LR x{record.scale}",
        **placement_of(layer).downscaled(record.scale).arguments(),
        **_look(layer),
        "rgb": is_rgb,
        "contrast_limits": dtype_limits(record.lr_dtype) if is_rgb else lr_limits(shown, record),
    }


def restored_arguments(
    layer: Image, record: RestoreRecord, *, of: Image | None = None
) -> dict[str, Any]:
    """Return how the restoration of an LR layer is added to the viewer.

    Parameters
    ----------
    layer : Image
        The LR layer; the restoration lies where it lies, even if it was moved.
    record : RestoreRecord
        By which it is restored.
    of : Image, optional
        The original, if it is still there: the restoration looks like it. Otherwise like the
        LR layer, with the contrast limits that the original had.
    """
    is_rgb = record.axes.endswith("S")
    provenance = readable_provenance(layer)
    source = of.name if of is not None else (provenance and provenance.source) or layer.name
    return {
        "name": f"{source} restored",
        **placement_of(layer).restored(record.scale).arguments(),
        **_look(layer if of is None else of),
        "rgb": is_rgb,
        "contrast_limits": dtype_limits(record.dtype)
        if is_rgb
        else _original_limits(layer, record, of, provenance),
    }


def difference_arguments(original_layer: Image, largest: float) -> dict[str, Any]:
    """Return how the difference to an original is added: signed, one number for each pixel.

    Parameters
    ----------
    original_layer : Image
        Where the difference lies.
    largest : float
        The largest difference to either side.
    """
    limit = float(largest) if largest > 0 else 1.0
    return {
        "name": f"{original_layer.name} difference",
        **placement_of(original_layer).arguments(),
        "rgb": False,
        "colormap": "PiYG",
        "contrast_limits": (-limit, limit),
    }


def _look(layer: Image) -> dict[str, Any]:
    """Return how a layer is drawn, contrast limits apart."""
    look = {
        "colormap": layer.colormap,
        "blending": layer.blending,
        "gamma": layer.gamma,
        "opacity": layer.opacity,
        "rendering": layer.rendering,
        "interpolation3d": layer.interpolation3d,
    }
    if layer.interpolation2d != "custom":
        look["interpolation2d"] = layer.interpolation2d
    return look


def _original_limits(
    layer: Image, record: RestoreRecord, of: Image | None, provenance: Provenance | None
) -> Limits:
    if of is not None:
        return _limits(of.contrast_limits)
    if provenance is not None and provenance.display.contrast_limits is not None:
        return provenance.display.contrast_limits
    return restored_limits(_limits(layer.contrast_limits), record)


def _limits(limits: list[float]) -> Limits:
    low, high = limits
    return float(low), float(high)
