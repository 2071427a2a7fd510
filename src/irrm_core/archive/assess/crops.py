"""Parts of pictures to look at: original, LR, restored, difference, AVIF of the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.archive.codecs import Picture
from irrm_core.engine import Layout
from irrm_core.engine.mapping import HEADROOM

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from irrm_core.archive.assess.trial import Restored
    from irrm_core.archive.codecs import Coding

SIDE = 192
"""Pixels along a side of a crop."""
GAIN = 8
"""By which differences are amplified."""

_STEP = 32


@dataclass(frozen=True)
class Crop:
    """A small picture as a file that browsers show.

    Attributes
    ----------
    width, height : int
        In pixels of the original.
    webp : bytes
        Lossless.
    """

    width: int
    height: int
    webp: bytes


@dataclass(frozen=True)
class CropRow:
    """The same part of one file's pictures, for one model.

    Attributes
    ----------
    model : str
        Its id.
    original, lr, restored, difference : Crop
        The difference of restored and original is amplified by `GAIN`.
    equal : Crop or None
        AVIF of the LR file's bytes; None where AVIF cannot hold the picture.
    """

    model: str
    original: Crop
    lr: Crop
    restored: Crop
    difference: Crop
    equal: Crop | None


class Cropper:
    """Cuts the same part out of every picture of a file: where the original has most detail.

    Of a stack that is the middle plane. 16-bit planes are shown over the range of nearly all
    of their numbers, every picture alike.

    Parameters
    ----------
    picture : Picture
        The original.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._plane = len(picture.planes) // 2
        plane = picture.planes[self._plane]
        self._low, self._high = 0.0, 255.0
        if picture.bits > 8:
            self._low, self._high = (float(v) for v in np.percentile(plane, (0.1, 99.9)))
        self._rows, self._columns = _most_detailed(plane)

    def row(self, restored: Restored, equal: Coding | None) -> CropRow:
        """Cut out what one model made."""
        own = Picture.of(restored.image, restored.lr.record).planes[self._plane]
        original = self._picture.planes[self._plane]
        shown, back = self._show(original), self._show(own)
        difference = np.abs(back.astype(np.int16) - shown) * GAIN
        avif = None if equal is None else self._show(equal.planes(self._picture)[self._plane])
        return CropRow(
            model=restored.model,
            original=self._crop(shown),
            lr=self._lr(restored),
            restored=self._crop(back),
            difference=self._crop(np.minimum(difference, 255).astype(np.uint8)),
            equal=None if avif is None else self._crop(avif),
        )

    def _show(self, plane: NDArray[Any]) -> NDArray[np.uint8]:
        part = plane[self._rows, self._columns]
        if part.dtype == np.uint8:
            return part
        unit = (part - self._low) / max(self._high - self._low, 1)
        out: NDArray[np.uint8] = np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)
        return out

    def _lr(self, restored: Restored) -> Crop:
        record, scale = restored.lr.record, restored.scale
        layout = Layout(record.lr_axes, record.lr_shape)
        place = next(p for p in layout.planes() if p.number == self._plane)
        plane = layout.read(restored.lr.image, place)
        if self._picture.colours == 1:
            plane = plane[..., 0]
        rows, columns = (
            slice(span.start // scale, -(-span.stop // scale))
            for span in (self._rows, self._columns)
        )
        part = plane[rows, columns]
        if part.dtype != np.uint8:
            # As the mapping of intensities has it, then over the range that all are shown in.
            numbers = (part / 65535 - HEADROOM) / (1 - 2 * HEADROOM) * 65535
            unit = (numbers - self._low) / max(self._high - self._low, 1)
            part = np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)
        return Crop(*self._size, _webp(part))

    def _crop(self, shown: NDArray[np.uint8]) -> Crop:
        return Crop(*self._size, _webp(shown))

    @property
    def _size(self) -> tuple[int, int]:
        rows, columns = self._rows, self._columns
        return columns.stop - columns.start, rows.stop - rows.start


def _most_detailed(plane: NDArray[Any]) -> tuple[slice, slice]:
    """Return the part of a plane with the largest sum of differences between neighbours."""
    gray = plane.astype(np.float32)
    if gray.ndim == 3:
        gray = gray.mean(axis=2)
    height, width = gray.shape
    detail = np.zeros((height + 1, width + 1))
    detail[1:height, 1:] += np.abs(np.diff(gray, axis=0))
    detail[1:, 1:width] += np.abs(np.diff(gray, axis=1))
    sums = detail.cumsum(axis=0).cumsum(axis=1)

    def inside(row: int, column: int) -> float:
        bottom, right = min(row + SIDE, height), min(column + SIDE, width)
        return float(sums[bottom, right] - sums[row, right] - sums[bottom, column]) + float(
            sums[row, column]
        )

    corners = [(r, c) for r in _starts(height) for c in _starts(width)]
    row, column = max(corners, key=_by(inside))
    return slice(row, min(row + SIDE, height)), slice(column, min(column + SIDE, width))


def _by(inside: Callable[[int, int], float]) -> Callable[[tuple[int, int]], float]:
    return lambda corner: inside(*corner)


def _starts(length: int) -> range:
    # Multiples of every scale, so that LR pixels are whole.
    return range(0, max(length - SIDE, 0) + 1, _STEP)


def _webp(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "WEBP", lossless=True)
    return stream.getvalue()
