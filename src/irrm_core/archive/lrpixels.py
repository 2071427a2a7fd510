"""The pixels of an LR file, in the axes of its record."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.engine import RestoreRecord
    from irrm_core.imagefile import ImageReader


class LrPixels:
    """The pixels of an open LR file, sliced by the axes of its record.

    A file may name or order no axes, or drop those of length 1; its planes come in the order
    of the record all the same.

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
        fits = reader.info.plane_shape == record.lr_shape[len(self._leading) :] and prod(
            reader.info.leading_shape
        ) == prod(self._leading)
        #: The record's if the file has these planes, else the file's, which then mismatches.
        self.shape: tuple[int, ...] = record.lr_shape if fits else reader.shape
        self.dtype = reader.dtype

    def __getitem__(self, index: Any) -> NDArray[Any]:
        if self.shape == self._reader.shape:
            return self._reader[index]
        # Only whole planes and stacks of them are ever asked for: leading numbers, then slices.
        keys = index if isinstance(index, tuple) else (index,)
        chosen = tuple(key for key in keys if isinstance(key, int))
        inner = self.shape[len(chosen) :]
        count = prod(inner) // prod(self._reader.info.plane_shape)
        if len(chosen) > len(self._leading) or any(
            not -size <= key < size for key, size in zip(chosen, self.shape, strict=False)
        ):
            raise IndexError(f"index {index!r} does not fit the shape {self.shape}")
        first = sum(
            key % size * prod(self._leading[axis + 1 :])
            for axis, (key, size) in enumerate(zip(chosen, self.shape, strict=False))
        )
        planes = [self._plane(first + number) for number in range(count)]
        return np.stack(planes).reshape(inner)

    def _plane(self, number: int) -> NDArray[Any]:
        leading = self._reader.info.leading_shape
        place = np.unravel_index(number, leading) if leading else ()
        return self._reader.plane(tuple(int(k) for k in place))
