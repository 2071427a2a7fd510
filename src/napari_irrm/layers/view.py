"""An array seen with some adjacent axes as one; nothing is read or copied."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from irrm_core.engine import ArrayLike


@dataclass(frozen=True)
class ArrayView:
    """An array that is sliced, with its axes from `start` to before `stop` as one.

    Attributes
    ----------
    array : array
        Anything that slices.
    dtype : numpy.dtype
        Of the array, as numpy calls it.
    start, stop : int
        Axes that are one, in C order; none if equal.
    """

    array: ArrayLike
    dtype: np.dtype[Any]
    start: int = 0
    stop: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape with fewer axes."""
        sizes = tuple(int(n) for n in self.array.shape)
        if self.start == self.stop:
            return sizes
        return (*sizes[: self.start], prod(self._merged), *sizes[self.stop :])

    def __getitem__(self, index: Any) -> Any:
        """Return the part that integers and slices take, as numpy would."""
        given = index if isinstance(index, tuple) else (index,)
        if self.start == self.stop:
            return np.asarray(self.array[given])
        full = given + (slice(None),) * (len(self.shape) - len(given))
        place = full[self.start]
        if not isinstance(place, slice):
            return self._take(full, place)
        numbers = range(*place.indices(prod(self._merged)))
        before = sum(isinstance(i, slice) for i in full[: self.start])
        return np.stack([self._take(full, number) for number in numbers], axis=before)

    @property
    def _merged(self) -> tuple[int, ...]:
        return tuple(int(n) for n in self.array.shape[self.start : self.stop])

    def _take(self, index: tuple[Any, ...], number: int) -> Any:
        apart = tuple(int(n) for n in np.unravel_index(number, self._merged))
        taken = self.array[(*index[: self.start], *apart, *index[self.start + 1 :])]
        return np.asarray(taken)
