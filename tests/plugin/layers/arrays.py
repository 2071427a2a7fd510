"""Arrays that are no ndarrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class OnlyPlanes:
    """What slices and keeps count; it gives no more than a plane at a time."""

    def __init__(self, array: NDArray[Any], samples: int = 0) -> None:
        self._array = array
        self.shape = array.shape
        self.dtype = array.dtype
        self.ndim = array.ndim
        self.size = array.size
        self.largest = int(np.prod(array.shape[-3:] if samples else array.shape[-2:]))
        self.reads: list[Any] = []

    def __getitem__(self, index: Any) -> NDArray[Any]:
        part = self._array[index]
        assert part.size <= self.largest, f"{index} takes more than one plane"
        self.reads.append(index)
        return part.copy()

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        raise AssertionError("the whole array was asked for")


class ForeignDtype:
    """Like an array of another library: numpy does not know its dtype."""

    class Float:
        def __str__(self) -> str:
            return "torch.float32"

    def __init__(self, array: NDArray[np.float32]) -> None:
        self._array = array
        self.shape = array.shape
        self.ndim = array.ndim
        self.size = array.size
        self.dtype = self.Float()

    def __getitem__(self, index: Any) -> NDArray[Any]:
        return self._array[index]

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        return self._array
