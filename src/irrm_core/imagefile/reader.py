"""An open image: an array-like whose planes are decoded when they are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod
from pathlib import Path
from threading import RLock
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from irrm_core.imagefile.metadata import SourceMetadata
from irrm_core.imagefile.source import check_whole, decoding

Array = NDArray[Any]


@dataclass(frozen=True)
class ImageInfo:
    """What is known of an image file before its pixels are decoded.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        From its content: ``"png"``, ``"jpeg"``, ``"webp"``, ``"bmp"``, ``"gif"``, ``"avif"``,
        ``"tiff"``, ``"ome-tiff"`` or ``"imagej-tiff"``.
    shape : tuple of int
        Of the array, after the orientation was applied.
    dtype : dtype
        Of the array, in native byte order.
    axes : str
        One letter for each dimension: time T, slice Z, channel C, row Y, column X, and colour
        samples S (3 or 4) last.
    bits : int
        Bits for each sample in the file: 12-bit data have dtype uint16 and bits 12.
    metadata : SourceMetadata
        All else that the file says.
    """

    path: Path
    format: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    axes: str
    bits: int
    metadata: SourceMetadata = field(default_factory=SourceMetadata)

    @property
    def plane_shape(self) -> tuple[int, ...]:
        """Shape of one plane: (H, W), (H, W, 3) or (H, W, 4)."""
        return self.shape[self.axes.index("Y") :]

    @property
    def leading_shape(self) -> tuple[int, ...]:
        """Shape of the stack of planes; empty for a single picture."""
        return self.shape[: self.axes.index("Y")]

    @property
    def pixels(self) -> int:
        """Pixels in all planes; colour samples do not count."""
        return prod(self.leading_shape) * prod(self.plane_shape[:2])


class ImageReader(ABC):
    """An open image file; use it in a ``with`` statement.

    It has `shape`, `dtype`, `axes` and numpy's basic indexing, and decodes only the planes that
    an index touches; the last plane is kept, so that reading it tile by tile costs one decode.
    Safe to use from several threads.
    """

    def __init__(self, info: ImageInfo, stream: BinaryIO, max_pixels: int) -> None:
        self.info = info
        self._stream = stream
        self._max_pixels = max_pixels
        self._lock = RLock()
        self._kept: tuple[tuple[int, ...], Array] | None = None

    @abstractmethod
    def _decode(self, index: tuple[int, ...]) -> Array:
        """Return the plane at `index` of the leading axes, of `info.plane_shape` and dtype."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole image."""
        return self.info.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the pixels, in native byte order."""
        return self.info.dtype

    @property
    def axes(self) -> str:
        """One letter for each dimension."""
        return self.info.axes

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.info.shape)

    def plane(self, index: tuple[int, ...] = ()) -> Array:
        """Return one plane as a read-only array.

        Parameters
        ----------
        index : tuple of int
            One for each leading axis.

        Raises
        ------
        ImageFileError
            The file is damaged there.
        """
        with self._lock:
            if self._kept is None or self._kept[0] != index:
                self._kept = None  # let the old plane go before the new one is made
                with decoding(self.info.path):
                    pixels = np.ascontiguousarray(self._decode(index), self.info.dtype)
                    if pixels.shape != self.info.plane_shape:
                        raise ValueError(f"a plane has the shape {pixels.shape}")
                pixels.flags.writeable = False
                self._kept = (index, pixels)
            return self._kept[1]

    def planes(self) -> Iterator[Array]:
        """Yield all planes in order."""
        for index in np.ndindex(*self.info.leading_shape):
            yield self.plane(index)

    def read(self) -> Array:
        """Return the whole image as an array of its own.

        Raises
        ------
        ImageFileError
            The file is damaged.
        ImageTooLargeError
            It has more pixels in all than the limit, or than memory holds.
        """
        check_whole(self.info.path, self.info.pixels, self._max_pixels)
        if self.info.leading_shape:
            return self[...]
        with self._lock:
            # Handed over rather than copied: a photograph may be a good part of the memory.
            pixels = self.plane()
            self._kept = None
        if not pixels.flags.owndata:
            return pixels.copy()
        pixels.flags.writeable = True
        return pixels

    def __getitem__(self, key: Any) -> Array:
        chosen, inner = self._split(key)
        if all(isinstance(c, int) for c in chosen):
            return np.array(self.plane(chosen)[inner])
        ranges = [(c,) if isinstance(c, int) else c for c in chosen]
        parts: Array | None = None
        for position, index in enumerate(product(*ranges)):
            part = self.plane(index)[inner]
            if parts is None:
                with decoding(self.info.path):  # for the lack of memory
                    parts = np.empty((prod(map(len, ranges)), *part.shape), part.dtype)
            parts[position] = part
        lengths = tuple(len(c) for c in chosen if not isinstance(c, int))
        if parts is None:
            blank = np.empty(self.info.plane_shape, self.info.dtype)[inner]
            return np.empty((*lengths, *blank.shape), self.info.dtype)
        return parts.reshape((*lengths, *parts.shape[1:]))

    def _split(self, key: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return what `key` chooses of the leading axes, and the index into each plane."""
        keys = list(key) if isinstance(key, tuple) else [key]
        spans = [i for i, k in enumerate(keys) if k is Ellipsis]
        if len(spans) > 1 or len(keys) - len(spans) > self.ndim:
            raise IndexError(f"the index {key!r} does not fit the axes {self.axes}")
        at = spans[0] if spans else len(keys)
        filled = [slice(None)] * (self.ndim - len(keys) + len(spans))
        keys = [*keys[:at], *filled, *keys[at + 1 :]]
        leading = len(self.info.leading_shape)
        chosen = []
        for k, size in zip(keys[:leading], self.info.leading_shape, strict=True):
            if isinstance(k, slice):
                chosen.append(range(*k.indices(size)))
            else:
                chosen.append(range(size)[k])
        return tuple(chosen), tuple(keys[leading:])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.read(), dtype)

    def close(self) -> None:
        """Close the file."""
        self._kept = None
        self._stream.close()

    def __enter__(self) -> ImageReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
