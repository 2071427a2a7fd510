"""Named axes: how an array of any dimensions is a series of planes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from irrm_core.errors import UsageError

AXES = "TZCYXS"


class ArrayLike(Protocol):
    """What is sliced plane by plane: ndarray, memmap, zarr or dask array, image reader."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    @property
    def dtype(self) -> Any:
        """Its dtype."""

    def __getitem__(self, index: Any, /) -> Any:
        """Return a part that `numpy.asarray` takes."""


@dataclass(frozen=True)
class PlaneIndex:
    """One plane of an array.

    Attributes
    ----------
    number : int
        Of the plane, in the order of the axes other than Y, X and S.
    index : tuple
        Takes the plane, (H, W) or (H, W, S), out of the array.
    channel : int
        Its index on the C axis, 0 where there is none.
    """

    number: int
    index: tuple[int | slice, ...]
    channel: int


@dataclass(frozen=True)
class Layout:
    """Axes and shape of an array.

    Attributes
    ----------
    axes : str
        From ``TZCYXS``, in the order of the array; Y before X, S last.
    shape : tuple of int
        As many numbers, all positive.
    """

    axes: str
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        axes, shape = self.axes, self.shape
        if len(axes) != len(shape):
            raise UsageError(f"axes {axes!r} name {len(axes)} axes, the array has {len(shape)}")
        if set(axes) - set(AXES) or len(set(axes)) != len(axes):
            raise UsageError(f"axes {axes!r} must be different letters of {AXES}")
        if not 0 <= axes.find("Y") < axes.find("X"):
            raise UsageError(f"axes {axes!r} must name Y and then X; transpose the array first")
        if "S" in axes and (not axes.endswith("S") or shape[-1] > 4):
            raise UsageError(
                f"axes {axes!r} of shape {shape}: S holds 1 to 4 colour samples and comes last; "
                "name independent channels C"
            )
        if min(shape) < 1:
            raise UsageError(f"an image of shape {shape} has no pixels")

    @classmethod
    def of(cls, shape: tuple[int, ...], axes: str | None = None) -> Layout:
        """Name the axes of a shape: as given, else YX, or YXS where the last axis is 3 or 4."""
        shape = tuple(int(n) for n in shape)
        if axes is None:
            axes = {2: "YX", 3: "YXS"}.get(len(shape), "")
            if not axes or (axes == "YXS" and shape[-1] not in (3, 4)):
                raise UsageError(
                    f"an array of shape {shape} may mean many things; name its axes, "
                    "for example axes='ZCYX'"
                )
        return cls(axes.upper(), shape)

    @property
    def height(self) -> int:
        """Length of Y."""
        return self.shape[self.axes.index("Y")]

    @property
    def width(self) -> int:
        """Length of X."""
        return self.shape[self.axes.index("X")]

    @property
    def samples(self) -> int:
        """Length of S; 1 without it."""
        return self.shape[-1] if "S" in self.axes else 1

    @property
    def colours(self) -> int:
        """Samples without alpha: 1 or 3."""
        return 3 if self.samples >= 3 else 1

    @property
    def has_alpha(self) -> bool:
        """Whether the last sample is alpha: there are two or four."""
        return self.samples in (2, 4)

    @property
    def channels(self) -> int:
        """Length of C; 1 without it."""
        return self.shape[self.axes.index("C")] if "C" in self.axes else 1

    @property
    def plane_shape(self) -> tuple[int, int, int]:
        """(H, W, S) of every plane."""
        return self.height, self.width, self.samples

    @property
    def plane_count(self) -> int:
        """How many planes there are."""
        return math.prod(self.shape) // math.prod(self.plane_shape)

    def planes(self, first: int = 0) -> Iterator[PlaneIndex]:
        """Iterate over the planes: the one with the number `first`, then the others in order."""
        if not 0 <= first < self.plane_count:
            raise UsageError(
                f"there is no plane {first}: the planes are 0 to {self.plane_count - 1}"
            )
        yield self.plane(first)
        for number in range(self.plane_count):
            if number != first:
                yield self.plane(number)

    def plane(self, number: int) -> PlaneIndex:
        """Return the plane with a number."""
        whole = slice(None)
        stacked = [n for axis, n in zip(self.axes, self.shape, strict=True) if axis not in "YXS"]
        place = [int(n) for n in np.unravel_index(number, stacked)] if stacked else []
        left = iter(place)
        index = tuple(whole if axis in "YXS" else next(left) for axis in self.axes)
        channel = place[self._stacked_axes.index("C")] if "C" in self.axes else 0
        return PlaneIndex(number, index, channel)

    @property
    def _stacked_axes(self) -> str:
        return "".join(axis for axis in self.axes if axis not in "YXS")

    def read(self, array: ArrayLike, plane: PlaneIndex) -> NDArray[Any]:
        """Return a plane of the array as (H, W, S) in native byte order; a view if it can."""
        pixels = np.asarray(array[plane.index])
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
        return pixels.reshape(self.plane_shape)

    def target(self, array: Any, plane: PlaneIndex) -> NDArray[Any]:
        """Return (H, W, S) pixels to write a plane into: a view of an ndarray, else a buffer."""
        if isinstance(array, np.ndarray):
            return array[plane.index].reshape(self.plane_shape)
        return np.empty(self.plane_shape, np.dtype(array.dtype))

    def store(self, array: Any, plane: PlaneIndex, pixels: NDArray[Any]) -> None:
        """Put what was written into a `target` where it belongs."""
        if not isinstance(array, np.ndarray):
            array[plane.index] = pixels if "S" in self.axes else pixels[..., 0]
