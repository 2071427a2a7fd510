"""Where a layer lies in the world, and where its smaller and larger images do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from napari.layers import Layer

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]


@dataclass(frozen=True)
class Placement:
    """Where the dimensions of an image layer lie; the samples of RGB are no dimension.

    A pixel centre x lies at ``affine · (translate + rotate · shear · scale · x)`` in the
    world, in `units`.

    Attributes
    ----------
    scale, translate : tuple of float
        One number for each dimension, Y and X last.
    rotate, shear : tuple of tuple of float
        Square matrices, by rows.
    affine : tuple of tuple of float
        Square, one larger than the number of dimensions, by rows.
    units, axis_labels : tuple of str
        One for each dimension.
    """

    scale: Vector
    translate: Vector
    rotate: Matrix
    shear: Matrix
    affine: Matrix
    units: tuple[str, ...]
    axis_labels: tuple[str, ...]

    def downscaled(self, s: int) -> Placement:
        """Return the placement of the LR: its pixel centres are those of blocks of s x s pixels."""
        offset = self._offset((s - 1) / 2)
        moved = tuple(t + o for t, o in zip(self.translate, offset, strict=True))
        return replace(self, scale=self._scaled(s), translate=moved)

    def restored(self, s: int) -> Placement:
        """Return the placement of the HR image that an LR lying here was; undoes `downscaled`."""
        larger = replace(self, scale=self._scaled(1 / s))
        offset = larger._offset((s - 1) / 2)
        moved = tuple(t - o for t, o in zip(self.translate, offset, strict=True))
        return replace(larger, translate=moved)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments with which ``add_image`` places a layer here."""
        return {
            "scale": self.scale,
            "translate": self.translate,
            "rotate": np.array(self.rotate),
            "shear": np.array(self.shear),
            "affine": np.array(self.affine),
            "units": self.units,
            "axis_labels": self.axis_labels,
        }

    def _scaled(self, factor: float) -> Vector:
        return (*self.scale[:-2], *(side * factor for side in self.scale[-2:]))

    def _offset(self, pixels: float) -> Vector:
        """How far `pixels` along Y and along X lead before the affine."""
        step = np.zeros(len(self.scale))
        step[-2:] = np.multiply(self.scale[-2:], pixels)
        return _vector(np.array(self.rotate) @ np.array(self.shear) @ step)


def placement_of(layer: Layer) -> Placement:
    """Return where an image layer lies."""
    return Placement(
        scale=_vector(layer.scale),
        translate=_vector(layer.translate),
        rotate=_matrix(layer.rotate),
        shear=_matrix(_square(np.asarray(layer.shear), layer.ndim)),
        affine=_matrix(layer.affine.affine_matrix),
        units=tuple(str(unit) for unit in layer.units),
        axis_labels=tuple(layer.axis_labels),
    )


def _square(shear: NDArray[np.float64], ndim: int) -> NDArray[np.float64]:
    """Return shear as a matrix: napari gives the upper triangle alone where there is no other."""
    if shear.ndim == 2:
        return shear
    matrix = np.eye(ndim)
    matrix[np.triu_indices(ndim, k=1)] = shear
    return matrix


def _vector(numbers: NDArray[np.float64]) -> Vector:
    return tuple(float(n) for n in numbers)


def _matrix(rows: NDArray[np.float64]) -> Matrix:
    return tuple(_vector(row) for row in rows)
