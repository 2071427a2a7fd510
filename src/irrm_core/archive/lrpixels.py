"""The pixels of an LR file, in the axes of its record."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.errors import PixelsChangedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.engine import RestoreRecord
    from irrm_core.imagefile import ImageReader


class LrPixels:
    """The pixels of an open LR file, sliced by the axes of its record.

    A file may name or order no axes, or drop those of length 1; its planes come in the order
    of the record all the same. WebP gives gray back as three equal colours, which become gray
    again.

    Parameters
    ----------
    reader : ImageReader
        Of the LR file.
    record : RestoreRecord
        Of the same file.
    """

    def __init__(self, reader: ImageReader, record: RestoreRecord) -> None:
        self._reader = reader
        self._leading = record.lr_shape[: record.lr_axes.index("Y")]
        plane = record.lr_shape[len(self._leading) :]
        self._colourless = len(plane) == 2 and reader.info.plane_shape == (*plane, 3)
        #: Whether the file has the planes of the record.
        self.fits = prod(reader.info.leading_shape) == prod(self._leading) and (
            self._colourless or reader.info.plane_shape == plane
        )
        #: The record's if it fits, else the file's, which then mismatches.
        self.shape: tuple[int, ...] = record.lr_shape if self.fits else reader.shape
        self.dtype = reader.dtype
        self._kept: tuple[int, NDArray[Any]] | None = None

    def __getitem__(self, index: Any) -> NDArray[Any]:
        if self.shape == self._reader.shape:
            return self._reader[index]
        keys = index if isinstance(index, tuple) else (index,)
        if self._leading and isinstance(keys[0], slice):
            # Only the planes that are asked for: hashing goes over a long stack in parts.
            places = range(self._leading[0])[keys[0]]
            return np.stack([self[(place, *keys[1:])] for place in places])
        chosen: tuple[int, ...] = ()
        for key, size in zip(keys, self._leading, strict=False):
            if not isinstance(key, int):
                break
            chosen = (*chosen, range(size)[key])
        rest = self._leading[len(chosen) :]
        first = sum(key * prod(self._leading[axis + 1 :]) for axis, key in enumerate(chosen))
        planes = [self._plane(first + number) for number in range(prod(rest))]
        stack = np.stack(planes) if rest else planes[0]
        return stack.reshape(self.shape[len(chosen) :])[keys[len(chosen) :]]

    def _plane(self, number: int) -> NDArray[Any]:
        if self._kept is None or self._kept[0] != number:
            self._kept = (number, self._read(number))
        return self._kept[1]

    def _read(self, number: int) -> NDArray[Any]:
        leading = self._reader.info.leading_shape
        place = np.unravel_index(number, leading) if leading else ()
        pixels = self._reader.plane(tuple(int(k) for k in place))
        if not self._colourless:
            return pixels
        if (pixels != pixels[..., :1]).any():
            raise PixelsChangedError(
                "the LR has colours and the record is of a gray one; the file was edited: find "
                "the unedited file"
            )
        return np.ascontiguousarray(pixels[..., 0])
