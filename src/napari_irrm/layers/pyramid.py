"""Smaller levels of results that are too large to be shown whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine import Layout
from irrm_core.engine.layout import PlaneIndex
from napari_irrm.layers.memory import allocate

LARGE = 4096
"""Y or X beyond which a result gets smaller levels: a canvas loads whole planes without them."""

SMALLEST = 1024
"""Y and X of the last level are at most this."""

_BAND = 1 << 20

Halve = Callable[[NDArray[Any], NDArray[Any]], None]
"""Writes a plane (H, W, S) at half its size, rounded up, into another."""


def halve_by_means(larger: NDArray[Any], smaller: NDArray[Any]) -> None:
    """Write the means of 2 x 2 pixels, (H, W, S) to half of that; edge pixels stand for two."""
    band = max(_BAND // (smaller.shape[1] * smaller.shape[2]), 1)
    for start in range(0, smaller.shape[0], band):
        rows = larger[2 * start : 2 * (start + band)]
        smaller[start : start + band] = _block_means(rows)


@dataclass(frozen=True)
class Pyramid:
    """A result and its smaller levels, which are filled plane by plane as planes come.

    Attributes
    ----------
    axes : str
        Of every level.
    levels : tuple of ndarray
        Level 0 is the result itself; Y and X of each other one are half of those of the one
        before, rounded up.
    halve : callable
        What a level is to the one before.
    """

    axes: str
    levels: tuple[NDArray[Any], ...]
    halve: Halve = halve_by_means

    @property
    def multiscale(self) -> bool:
        """Whether there is more than level 0."""
        return len(self.levels) > 1

    def plane_done(self, plane: PlaneIndex) -> None:
        """Fill the smaller levels of a plane, whose level 0 is complete."""
        layouts = [Layout(self.axes, level.shape) for level in self.levels]
        planes = [
            layout.target(level, plane) for layout, level in zip(layouts, self.levels, strict=True)
        ]
        for larger, smaller in pairwise(planes):
            self.halve(larger, smaller)

    def fill(self) -> None:
        """Fill the smaller levels, if there are any, from a complete level 0."""
        if self.multiscale:
            for plane in Layout(self.axes, self.levels[0].shape).planes():
                self.plane_done(plane)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments with which ``add_image`` takes the levels."""
        data = self.levels if self.multiscale else self.levels[0]
        return {"data": data, "multiscale": self.multiscale}


def pyramid(
    result: NDArray[Any],
    axes: str,
    *,
    large: int = LARGE,
    smallest: int = SMALLEST,
    halve: Halve = halve_by_means,
    room: Callable[[tuple[int, ...], np.dtype[Any]], NDArray[Any]] = allocate,
) -> Pyramid:
    """Return a result with room for smaller levels, if its Y or X exceed `large`.

    Raises
    ------
    OutOfMemoryError
        There is no room.
    """
    layout = Layout(axes, result.shape)
    height, width = layout.height, layout.width
    levels = [result]
    if max(height, width) > large:
        while max(height, width) > smallest:
            height, width = -(-height // 2), -(-width // 2)
            sizes = dict(zip(axes, result.shape, strict=True)) | {"Y": height, "X": width}
            levels.append(room(tuple(sizes[axis] for axis in axes), result.dtype))
    return Pyramid(axes, tuple(levels), halve)


def _block_means(pixels: NDArray[Any]) -> NDArray[Any]:
    integer = pixels.dtype.kind in "iu"
    if integer:
        wide = np.dtype(np.int32 if pixels.dtype.itemsize < 4 else np.int64)
    else:
        wide = np.promote_types(pixels.dtype, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        total = _pairs(_pairs(pixels.astype(wide), 0), 1)
        means = (total + 2) >> 2 if integer else total / 4
        return means.astype(pixels.dtype)


def _pairs(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """Return sums of two neighbours along an axis; a last one without neighbour counts twice."""
    values = np.moveaxis(values, axis, 0)
    total = values[::2].copy()
    total[: len(values) // 2] += values[1::2]
    if len(values) % 2:
        total[-1] *= 2
    return np.moveaxis(total, 0, axis)
