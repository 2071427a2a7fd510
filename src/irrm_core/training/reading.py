"""One file's planes in the values that a network will be fed when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from irrm_core.engine.layout import Layout, PlaneIndex
from irrm_core.engine.mapping import IntensityMapping
from irrm_core.engine.scan import scan
from irrm_core.engine.source import HRSource
from irrm_core.training.files import PictureFile, is_ordinary, read_ordinary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from irrm_core.progress import Cancel

# Holes are filled from two pixels around; planes are mapped a few rows at a time.
_ROWS = 512
_AROUND = 2
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Picture:
    """One plane of one channel of a file, or one photograph.

    Attributes
    ----------
    path : Path
        Where it is from.
    pixels : ndarray
        (H, W, 1) or (H, W, 3), uint8 or uint16; divided by the largest code they are what the
        engine would feed a network. Gray pictures keep one channel whatever the network takes.
    """

    path: Path
    pixels: NDArray[Any]

    @property
    def levels(self) -> int:
        """The largest code, of the picture and of its LR: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)

    @property
    def deep(self) -> bool:
        """Whether it was mapped from other than 8-bit data."""
        return self.pixels.dtype != np.uint8

    def middle(self, side: int) -> Picture:
        """Return the middle of a picture that is larger than a side of so many pixels."""
        top, left = (max(n - side, 0) // 2 for n in self.pixels.shape[:2])
        return Picture(self.path, self.pixels[top : top + side, left : left + side])

    def unit(self) -> NDArray[np.float64]:
        """Return the pixels in [0, 1]."""
        return self.pixels / float(self.levels)


def read_planes(
    file: PictureFile, planes: Sequence[int], channels: int, cancel: Cancel
) -> list[Picture]:
    """Read planes of a file.

    8-bit ones are kept as they are. Of all others each channel is scanned and mapped as when it
    is downscaled, and what lies outside the mapping's range is filled from its neighbours.

    Parameters
    ----------
    file : PictureFile
        As `look` found it.
    planes : sequence of int
        Their numbers; the range of a channel is measured on these alone.
    channels : int
        Of the network: colours become luma for one.
    cancel : Cancel
        Looked at between bands of pixels.

    Raises
    ------
    ImageFileError
        The file is damaged.
    """
    cancel.check()
    if not planes:
        return []
    if is_ordinary(file.path):
        return [Picture(file.path, read_ordinary(file.path, channels))]
    from irrm_core.imagefile import open_image

    with open_image(file.path) as image:
        layout = file.layout
        chosen = [layout.plane(number) for number in planes]
        if not file.deep:
            read = [layout.read(image, plane)[..., : layout.colours] for plane in chosen]
            return [Picture(file.path, _bytes(pixels, channels)) for pixels in read]
        mapped: dict[int, NDArray[np.uint16]] = {}
        for channel in sorted({plane.channel for plane in chosen}):
            stack = _Chosen(image, layout, [p for p in chosen if p.channel == channel])
            mapping = scan(stack, stack.layout, "fill", cancel).mappings[0]
            for plane in stack.planes:
                cancel.check()
                pixels = layout.read(image, plane)[..., : layout.colours]
                mapped[plane.number] = _mapped(pixels, mapping, channels)
        return [Picture(file.path, mapped[plane.number]) for plane in chosen]


class _Chosen:
    """The chosen planes of one channel, as an array with the axes TYXS that can be scanned."""

    def __init__(self, image: Any, layout: Layout, planes: list[PlaneIndex]) -> None:
        self._image, self._layout, self.planes = image, layout, planes
        self.shape = (len(planes), *layout.plane_shape)
        self.dtype = image.dtype
        self.layout = Layout("TYXS", self.shape)

    def __getitem__(self, index: tuple[Any, ...]) -> NDArray[Any]:
        number, *inside = index
        plane = self._layout.read(self._image, self.planes[number])
        return np.asarray(plane[tuple(inside)])


def _bytes(pixels: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Return (H, W, 3) or (H, W, 1) as a network of so many channels wants it."""
    if pixels.shape[2] <= channels:
        return np.ascontiguousarray(pixels)
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))[:, :, None]


def _mapped(pixels: NDArray[Any], mapping: IntensityMapping, channels: int) -> NDArray[np.uint16]:
    """Return a deep plane as the engine would feed it, in 16 bits; some rows at a time."""
    height, width, colours = pixels.shape
    out = np.empty((height, width, min(channels, colours)), np.uint16)
    source = HRSource(pixels, mapping, np.arange(height), np.arange(width), colours)
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        first, last = max(top - _AROUND, 0), min(bottom + _AROUND, height)
        unit = source.window(slice(first, last), slice(0, width))[top - first : bottom - first]
        if out.shape[2] < colours:
            unit = (unit @ _LUMA)[:, :, None]
        out[top:bottom] = np.rint(unit * 65535)
    return out
