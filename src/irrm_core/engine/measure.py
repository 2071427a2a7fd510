"""What is measured of a restoration: its block means, and how far it is from the original."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irrm_core.engine.layout import Layout
from irrm_core.engine.mapping import FullRangeMapping, IntensityMapping
from irrm_core.engine.record import RestoreRecord

GRID = 4
"""Blocks along each side of an image; fewer where it has fewer pixels."""

_BAND = 1 << 20
_STEPS = 65535


class Digest:
    """Block means of a restoration, by which a later restoration can be checked.

    The image is cut into a grid of 4x4 blocks. The mean of each block and colour sample over
    all planes, on the mapped scale of [0, 1], is kept in 16 bits: 96 bytes for RGB.

    Parameters
    ----------
    layout : Layout
        Of the restored image.
    """

    def __init__(self, layout: Layout) -> None:
        self._rows = _starts(layout.height)
        self._columns = _starts(layout.width)
        # By plane, so that the order in which they come does not change the sum.
        self._planes: dict[int, NDArray[np.float64]] = {}
        areas = np.outer(_sizes(self._rows, layout.height), _sizes(self._columns, layout.width))
        self._count = np.repeat(areas[..., None] * layout.plane_count, layout.colours, axis=2)

    def add(
        self, plane: int, pixels: NDArray[Any], mapping: IntensityMapping | FullRangeMapping
    ) -> None:
        """Count the plane of a number, (H, W, colours), in its own units."""
        sums = self._planes[plane] = np.zeros_like(self._count, np.float64)
        height = pixels.shape[0]
        band = max(_BAND // pixels[0].size, 1)
        for k, start in enumerate(self._rows):
            stop = self._rows[k + 1] if k + 1 < self._rows.size else height
            for row in range(start, stop, band):
                unit = mapping.to_unit(pixels[row : min(row + band, stop)])
                columns = unit.sum(axis=0, dtype=np.float64)
                sums[k] += np.add.reduceat(columns, self._columns, axis=0)

    def to_bytes(self) -> bytes:
        """Return the means, row by row, as big-endian 16-bit numbers."""
        total = sum((self._planes[plane] for plane in sorted(self._planes)), np.zeros(()))
        return np.rint(total / self._count * _STEPS).astype(">u2").tobytes()


def digest_tolerance(record: RestoreRecord) -> float:
    """Return by how much block means may differ between devices and precisions.

    On the mapped scale. 8-bit images may be downscaled in bfloat16 and restored in float32:
    two levels, and eight by the square root of the pixels that a mean is taken of (on FIRN,
    the most sensitive, 0.9 levels were seen in blocks of 1024 pixels and 4 in single
    pixels). All others are restored in float32: 1e-4, and what it takes that a few values
    are rounded to the next number of the dtype.
    """
    layout = Layout(record.axes, record.hr_shape)
    smallest = layout.plane_count * math.prod(n // min(n, GRID) for n in layout.plane_shape[:2])
    if not record.mappings:
        return (2 + 8 / math.sqrt(smallest)) / 255
    level = max(_level(mapping, np.dtype(record.dtype)) for mapping in record.mappings)
    return 1e-4 + level * (0.005 + 2 / smallest)


def _level(mapping: IntensityMapping, dtype: np.dtype[Any]) -> float:
    """Return the distance between neighbouring numbers of a dtype on the mapped scale."""
    half = mapping.high * 0.5 - mapping.low * 0.5
    if not half:
        return 0.0
    if dtype.kind in "iu":
        return 0.5 / half
    return 0.5 * float(np.spacing(dtype.type(max(abs(mapping.low), abs(mapping.high))))) / half


def digest_difference(one: bytes, other: bytes) -> float:
    """Return the largest difference between two digests; infinity if their sizes differ."""
    if len(one) != len(other) or len(one) % 2:
        return math.inf
    a, b = (np.frombuffer(d, ">u2").astype(np.int64) for d in (one, other))
    return float(np.abs(a - b).max()) / _STEPS


class Error:
    """Squared error of a restoration, in parts of the range of its mapping."""

    def __init__(self) -> None:
        self._sums: list[float] = []
        self._count = 0

    def add(
        self,
        restored: NDArray[Any],
        original: NDArray[Any],
        mapping: IntensityMapping | FullRangeMapping,
    ) -> None:
        """Count a plane, (H, W, colours); pixels outside the mapping's range are left out."""
        low, high = (
            (mapping.low, mapping.high) if isinstance(mapping, IntensityMapping) else (0, 255)
        )
        # Halves cannot overflow where the range is wider than the largest float.
        span = high * 0.5 - low * 0.5
        band = max(_BAND // restored[0].size, 1)
        for row in range(0, restored.shape[0], band):
            truth = original[row : row + band]
            inside = (truth >= low) & (truth <= high)
            difference = restored[row : row + band].astype(np.float64) * 0.5
            difference -= truth.astype(np.float64) * 0.5
            if span:
                difference /= span
            squares = np.square(difference, where=inside, out=np.zeros(truth.shape))
            self._sums.append(float(squares.sum()))
            self._count += int(inside.sum())

    def psnr(self) -> float:
        """Return the PSNR in dB with the mapping's range as peak; at most 99.99."""
        # Rounded once: the same in whatever order the planes came.
        total = math.fsum(self._sums)
        if not total:
            return 99.99
        return min(-10 * math.log10(total / self._count), 99.99)


def _starts(size: int) -> NDArray[np.intp]:
    count = min(size, GRID)
    return np.arange(count) * size // count


def _sizes(starts: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    return np.diff(starts, append=size)
