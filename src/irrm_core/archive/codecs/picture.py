"""What codecs are given: an image as planes of 8 or 16 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from irrm_core.engine import Layout
from irrm_core.engine.mapping import IntensityMapping, mapping_of
from irrm_core.metrics import psnr
from irrm_core.metrics.psnr import decibels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from irrm_core.engine import RestoreRecord


@dataclass(frozen=True)
class Picture:
    """An image whose planes a codec for pictures can take, one by one.

    8-bit images are taken as they are. All others become 16-bit numbers over the range that
    their channel was mapped from when it was downscaled: what lies outside of it (hot pixels)
    is kept exactly beside an LR, and is no error of anybody's here.

    Attributes
    ----------
    planes : tuple of ndarray
        Each (H, W) or (H, W, 3), uint8 or uint16.
    alpha : tuple of ndarray
        Their alpha planes; empty where there is none, or it is the same everywhere.
    channels : tuple of int
        The channel that each plane is of; all 0 without such an axis.
    """

    planes: tuple[NDArray[Any], ...]
    alpha: tuple[NDArray[Any], ...] = ()
    channels: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, image: NDArray[Any], record: RestoreRecord) -> Picture:
        """Take an image apart by the axes and mappings of its restore record."""
        layout = Layout(record.axes, record.hr_shape)
        planes, alpha, channels = [], [], []
        for place in layout.planes():
            pixels = layout.read(image, place)
            colours = _numbers(pixels[..., : layout.colours], record, place.channel)
            planes.append(colours[..., 0] if layout.colours == 1 else colours)
            channels.append(place.channel)
            if layout.has_alpha:
                alpha.append(pixels[..., -1])
        plain = not alpha or all(np.ptp(plane) == 0 for plane in alpha)
        return cls(tuple(planes), () if plain else tuple(alpha), tuple(channels))

    @property
    def bits(self) -> int:
        """8 or 16."""
        return self.planes[0].dtype.itemsize * 8

    @property
    def peak(self) -> float:
        """The largest number: 255 or 65535."""
        return float(np.iinfo(self.planes[0].dtype).max)

    @property
    def colours(self) -> int:
        """1 or 3."""
        return 1 if self.planes[0].ndim == 2 else 3

    @property
    def values(self) -> int:
        """How many numbers there are in all planes, alpha not counted."""
        return sum(plane.size for plane in self.planes)

    def psnr(self, planes: Iterable[NDArray[Any]]) -> float:
        """Return the PSNR of other planes against these in dB: one mean over all values."""
        total = 0.0
        for own, other in zip(self.planes, planes, strict=True):
            ratio = psnr(own, other, peak=self.peak)
            total += own.size * 10 ** (-ratio / 10)
        return decibels(total / self.values, 1.0)


def _numbers(pixels: NDArray[Any], record: RestoreRecord, channel: int) -> NDArray[Any]:
    mapping = mapping_of(record.mappings, channel)
    if not isinstance(mapping, IntensityMapping):
        return np.ascontiguousarray(pixels)
    if mapping.low == mapping.high:
        return np.zeros(pixels.shape, np.uint16)
    half = pixels.astype(np.float64) * 0.5
    half -= mapping.low * 0.5
    half /= mapping.high * 0.5 - mapping.low * 0.5
    out: NDArray[Any] = np.rint(np.clip(half, 0, 1) * 65535).astype(np.uint16)
    return out
