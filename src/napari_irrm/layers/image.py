"""A layer as an image of named axes that is read plane by plane."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine import ArrayLike, Layout, RestoreRecord
from napari_irrm.layers.axes import Leading, LeadingAxis, name_axes
from napari_irrm.layers.errors import LayerRefusedError
from napari_irrm.layers.provenance import readable_provenance
from napari_irrm.layers.refusal import refusal
from napari_irrm.layers.view import ArrayView

if TYPE_CHECKING:
    from napari.layers import Image, Layer


@dataclass(frozen=True)
class LayerImage:
    """The pixels of a layer, to be sliced plane by plane and never copied as a whole.

    Attributes
    ----------
    name : str
        Of the layer.
    data : array
        Level 0; numpy, dask, zarr or whatever else the layer holds.
    axes : str
        A letter of ``TZCYXS`` for each axis of `data`.
    layer_shape : tuple of int
        Shape of level 0 as the layer has it; `data` has fewer axes where there are more
        leading ones than letters.
    """

    name: str
    data: ArrayLike
    axes: str
    layer_shape: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of `data`."""
        return tuple(int(n) for n in self.data.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of `data`."""
        dtype: np.dtype[Any] = np.dtype(self.data.dtype)
        return dtype

    @property
    def layout(self) -> Layout:
        """Axes and shape."""
        return Layout(self.axes, self.shape)

    @property
    def colours(self) -> int:
        """Colour samples, alpha apart: 1 or 3."""
        return self.layout.colours

    @property
    def plane_count(self) -> int:
        """How many planes there are."""
        return self.layout.plane_count

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        return prod(self.shape) * self.dtype.itemsize

    def as_layer(self, result: NDArray[Any]) -> NDArray[Any]:
        """Return an LR or a restoration of this image with the dimensions of the layer.

        A view; ``add_image`` takes it. Leading axes that are one in `data` are apart again.
        """
        planes = 3 if "S" in self.axes else 2
        return result.reshape(self.layer_shape[:-planes] + result.shape[len(self.shape) - planes :])


def image_of(layer: Layer) -> LayerImage:
    """Return the image of a layer; level 0 of a multiscale one.

    An LR or restored layer has the axes of its record, any other those of `name_axes`.

    Raises
    ------
    LayerRefusedError
        The layer holds no image, or one of a dtype that cannot be rescaled.
    """
    if (why := refusal(layer)) is not None:
        raise LayerRefusedError(why)
    data = level_zero(layer)
    shape = tuple(int(n) for n in data.shape)
    samples = "S" if layer.rgb else ""
    leading = _recorded(layer, shape) or _named(layer, shape)
    merged = leading.start < leading.stop
    if merged or not isinstance(data.dtype, np.dtype):
        data = ArrayView(data, np.dtype(layer.dtype), leading.start, leading.stop)
    return LayerImage(layer.name, data, leading.letters + "YX" + samples, shape)


def level_zero(layer: Image) -> Any:
    """Return the pixels of an image layer in full resolution."""
    return layer.data[0] if layer.multiscale else layer.data


def plane_on_screen(layer: Image, image: LayerImage) -> int:
    """Return the number of the plane, as `Layout.planes` counts, that the viewer shows.

    Of leading axes that are all in view, as in 3-D, the middle is taken.
    """
    sizes = image.layer_shape[: layer.ndim - 2]
    if not sizes:
        return 0
    with warnings.catch_warnings():
        # A rotated layer is sliced as well as napari can, and napari said so already.
        warnings.simplefilter("ignore", UserWarning)
        point = layer._data_slice.point
    place = [
        (size - 1) // 2 if np.isnan(at) else min(max(round(at), 0), size - 1)
        for at, size in zip(point, sizes, strict=False)
    ]
    return int(np.ravel_multi_index(place, sizes))


def _named(layer: Image, shape: tuple[int, ...]) -> Leading:
    labels, scales, units = layer.axis_labels, layer.scale, layer.units
    axes = [
        LeadingAxis(shape[i], labels[i], float(scales[i]), units[i].is_compatible_with("second"))
        for i in range(layer.ndim - 2)
    ]
    return name_axes(axes, colours=layer.rgb)


def _recorded(layer: Image, shape: tuple[int, ...]) -> Leading | None:
    """Return the leading axes that the record of an LR or restored layer names, if they fit."""
    provenance = readable_provenance(layer)
    if provenance is None or provenance.kind == "difference":
        return None
    is_lr = provenance.kind == "lr"
    axes, recorded = _axes_and_shape(provenance.record, lr=is_lr)
    letters, ending = axes[: -2 - layer.rgb], "YXS" if layer.rgb else "YX"
    if letters + ending != axes:
        return None
    sizes = shape[: layer.ndim - 2]
    surplus = len(sizes) - len(letters)
    for start in range(len(letters) if surplus > 0 else 1):
        leading = Leading(letters, start, start + surplus + 1 if surplus > 0 else start)
        if leading.shape(sizes) + shape[layer.ndim - 2 :] == recorded:
            return leading
    return None


def _axes_and_shape(record: RestoreRecord, *, lr: bool) -> tuple[str, tuple[int, ...]]:
    return (record.lr_axes, record.lr_shape) if lr else (record.axes, record.hr_shape)
